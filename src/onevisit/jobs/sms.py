"""SMS through a provider's HTTP gateway: a signed JSON POST that may be repeated under its key.

The request: `{"id", "to", "text"}` with the headers Idempotency-Key (the same for every attempt),
X-Timestamp (seconds) and X-Signature (`v1=` and the hexadecimal HMAC-SHA256 of
`<timestamp>.<body>` with the shared key). The answers: 2xx with `{"id": …}` accepted; 409
accepted before under this key; 408, 425, 429 and 5xx later, after Retry-After if it is there; 401
and 403 until the operator has put the key right; any other refusal is final. Of an answer only the
first LARGEST bytes are read, and for no longer than PATIENCE.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx

from onevisit.cases.outbox.sending import NotSent, Outgoing

PATIENCE = 8.0
"""Seconds for each of connecting, writing and reading; together less than a claim lasts."""
ACCEPTED_BEFORE = 409
KEPT = ("content-type", "retry-after")
"""Headers of an answer that say something to us."""
LATER = frozenset({401, 403, 408, 425, 429})
LONGEST_WAIT = 24 * 60 * 60
LARGEST = 64 * 1024
"""Bytes of an answer that are read; a reference fits a thousand times."""


@dataclass(frozen=True)
class Sms:
    """The way out by SMS; `centre` is the signature that stands before the text."""

    url: str
    key: str
    centre: str
    patience: float = PATIENCE
    clock: Callable[[], float] = time.time

    def __call__(self, outgoing: Outgoing) -> str:
        """Hand one message to the gateway and return its reference; NotSent."""
        text = f"【{self.centre}】{outgoing.text}"
        said = {"id": str(outgoing.id), "to": outgoing.address, "text": text}
        body = json.dumps(said, ensure_ascii=False).encode()
        try:
            answer = self._post(body, self._headers(said["id"], body))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotSent(f"{type(error).__name__}: {error}") from None
        if answer.is_success or answer.status_code == ACCEPTED_BEFORE:
            return _reference(answer) or said["id"]
        raise _refused(answer)

    def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """The answer with as much of its text as is worth reading: whoever accepted a message and
        then talks without end has accepted it all the same."""
        began, said = time.monotonic(), bytearray()
        with httpx.stream(
            "POST", self.url, content=body, headers=headers, timeout=self.patience
        ) as answer:
            for part in answer.iter_raw():
                said += part[: LARGEST - len(said)]
                if len(said) >= LARGEST or time.monotonic() - began > self.patience:
                    break
        kept = {each: answer.headers[each] for each in KEPT if each in answer.headers}
        return httpx.Response(answer.status_code, headers=kept, content=bytes(said))

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        stamp = str(int(self.clock()))
        signature = hmac.new(self.key.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Accept-Encoding": "identity",
            "Idempotency-Key": key,
            "X-Timestamp": stamp,
            "X-Signature": f"v1={signature.hexdigest()}",
        }


def _reference(answer: httpx.Response) -> str:
    """The gateway's own number for the message, if it gives one."""
    try:
        found = answer.json()
    except ValueError:
        return ""
    return str(found.get("id") or "") if isinstance(found, dict) else ""


def _refused(answer: httpx.Response) -> NotSent:
    code = answer.status_code
    later = code in LATER or not 400 <= code < 500
    return NotSent(f"HTTP {code} {answer.text[:200]}", permanent=not later, wait=_wait(answer))


def _wait(answer: httpx.Response) -> timedelta | None:
    """What Retry-After asks for in seconds (RFC 9110 section 10.2.3), at most a day."""
    text = answer.headers.get("retry-after", "")
    if not text.isascii() or not text.isdigit():
        return None
    return timedelta(seconds=min(int(text), LONGEST_WAIT))
