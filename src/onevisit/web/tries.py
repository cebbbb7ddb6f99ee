"""How often a stranger may guess: a small counter in memory that no flood of guesses can grow.

It is kept by each process and not in the database on purpose: whoever guesses must not be able to
make the database write. With N processes somebody has N times as many tries, which is still far
from the ten thousand that four digits need. Subjects share a fixed number of places, chosen by a
keyed hash, so that the memory is bounded and nobody can aim at another's place.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import blake2b
from threading import Lock

from starlette.requests import Request

PERIOD = timedelta(hours=1)
MOST = 5
"""Wrong tries of one subject within the period."""
MOST_FROM_ONE_PLACE = 60
"""The same of an address or a terminal, which many people may share."""


class TooOften(Exception):
    """试错的次数太多，请一小时后再试。"""


class Tries:
    """The tries of this process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._taken: dict[bytes, tuple[datetime, int]] = {}
        self._lock = Lock()

    def take(self, subject: str, now: datetime, most: int = MOST) -> bool:
        """Take one of `most` tries for `subject` before looking; False when none is left until
        later.

        It is taken before the answer is known, so that many at once are no way around.
        """
        with self._lock:
            since, taken = self._of(subject, now)
            if taken >= most:
                return False
            self._taken[self._place(subject)] = (since, taken + 1)
            return True

    def give_back(self, subject: str, now: datetime) -> None:
        """The try was right: it does not count."""
        with self._lock:
            since, taken = self._of(subject, now)
            self._taken[self._place(subject)] = (since, max(taken - 1, 0))

    def _of(self, subject: str, now: datetime) -> tuple[datetime, int]:
        since, taken = self._taken.get(self._place(subject), (now, 0))
        return (now, 0) if abs(now - since) >= PERIOD else (since, taken)

    def _place(self, subject: str) -> bytes:
        """One of 65,536 places."""
        return blake2b(subject.encode(), digest_size=2, key=self._key).digest()


def tries_of(request: Request) -> Tries:
    """The tries that this application counts."""
    found = request.app.state.tries
    assert isinstance(found, Tries)
    return found
