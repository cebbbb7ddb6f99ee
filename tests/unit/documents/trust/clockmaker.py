"""A time-stamping authority for tests, which answers over HTTP and can be made to lie."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import keys, tsp, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps import DummyTimeStamper

from unit.documents.trust import authority
from unit.documents.trust.authority import Held

NOW = datetime(2026, 11, 21, 10, 0, 7, tzinfo=UTC)


@dataclass
class Clockmaker:
    """A time-stamping authority on a port of this machine; `spoil` what it answers."""

    own: Held
    url: str = ""
    asked: int = 0
    status: int = 200
    spoil: Callable[[bytes], bytes] = field(default=lambda answer: answer)
    change: Callable[[tsp.TimeStampReq], tsp.TimeStampReq] = field(default=lambda asked: asked)

    def answer(self, body: bytes) -> bytes:
        """The stamp of what is asked."""
        self.asked += 1
        der = self.own.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        certificate = x509.Certificate.load(self.own.certificate.public_bytes(Encoding.DER))
        maker = DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(der), fixed_dt=NOW)
        request = self.change(tsp.TimeStampReq.load(body))
        dumped: bytes = maker.request_tsa_response(request).dump()
        return self.spoil(dumped)


@contextmanager
def answering(root: Held) -> Iterator[Clockmaker]:
    """An authority under this root, which answers over HTTP as long as this lasts."""
    maker = Clockmaker(authority.time_stamping(root))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = maker.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(maker.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    maker.url = f"http://127.0.0.1:{server.server_port}/"
    yield maker
    server.shutdown()
    server.server_close()
