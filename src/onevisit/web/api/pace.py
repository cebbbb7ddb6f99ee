"""How fast one key may ask: so many requests a minute, kept by each process in memory.

One department's system that runs wild must not make the others wait. There are as many counters as
there are keys, so nobody can make them grow.
"""

import time
from collections.abc import Callable
from math import ceil
from threading import Lock
from uuid import UUID

PER_MINUTE = 600
MINUTE = 60.0


class TooFast(Exception):
    """这个密钥的请求太多，请放慢。`seconds`: how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"这个密钥一分钟内的请求太多，请 {seconds} 秒后再发")
        self.seconds = seconds


class Pace:
    """A bucket for each key that holds `most` requests and fills up again within a minute."""

    def __init__(self, most: int = PER_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._left: dict[UUID, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, key_id: UUID) -> None:
        """Take one request; TooFast when none is left."""
        with self._lock:
            now = self._clock()
            since, left = self._left.get(key_id, (now, float(self._most)))
            left = min(self._most, left + (now - since) * self._most / MINUTE)
            if left < 1:
                raise TooFast(ceil((1 - left) * MINUTE / self._most))
            self._left[key_id] = (now, left - 1)
