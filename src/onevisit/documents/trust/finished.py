"""Waits for what the signing library does asynchronously, wherever the caller stands."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Found = TypeVar("Found")


def finished(work: Coroutine[Any, Any, Found]) -> Found:
    """The outcome of `work`, on an event loop of its own: in a thread of its own where this one is
    running a loop already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()
