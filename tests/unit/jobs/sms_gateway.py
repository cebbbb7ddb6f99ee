"""A real HTTP gateway for the tests: it checks the signature and knows a repeated key again."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "shared-with-the-gateway"


@dataclass
class Gateway:
    """What was accepted by key, how often each key came, and what to answer instead for a while:
    `answers` are (status, headers, body), used up one by one."""

    accepted: dict[str, dict[str, str]] = field(default_factory=dict)
    came: list[str] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    url: str = ""

    def receive(self, headers: Any, body: bytes) -> tuple[int, dict[str, str], str]:
        """The answer to one request."""
        stamp = headers["X-Timestamp"]
        signed = hmac.new(KEY.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if headers["X-Signature"] != f"v1={signed}":
            return 401, {}, '{"error": "signature"}'
        key = headers["Idempotency-Key"]
        self.came.append(key)
        if self.answers:
            return self.answers.pop(0)
        if key in self.accepted:
            return 409, {}, json.dumps({"id": f"sms-{key}"})
        self.accepted[key] = json.loads(body)
        return 202, {}, json.dumps({"id": f"sms-{key}"})


@contextmanager
def sms_gateway() -> Iterator[Gateway]:
    """Listens from here to the end of the block."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, text = gateway.receive(self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as above
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        gateway.url = f"http://127.0.0.1:{server.server_port}/send"
        yield gateway
        server.shutdown()
        thread.join()
