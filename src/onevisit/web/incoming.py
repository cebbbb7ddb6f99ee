"""What comes in from outside, made harmless: no endless bodies, no characters nobody can see."""

import re
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.formparsers import MultiPartException

DRAIN_FACTOR = 8
"""How many times the limit is read and thrown away, so that the sender hears why it was refused."""

LINE_END = re.compile("\r\n?|[\u2028\u2029]")
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls; NUL is what PostgreSQL cannot keep
    "\u00ad\u180e\u200b\u2060-\u2064\ufeff"  # nothing is drawn for them: two names look the same
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the reading direction: 01 shows as 10
    "\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"  # no characters at all
    "\U000e0000-\U000e007f]"  # invisible tags
)
"""Joiners (U+200C, U+200D) stay: minority scripts and family emoji need them."""


class OverLimit(MultiPartException):
    """Raised inside a form parser, which closes and so deletes what it had spooled."""


def plain(text: str) -> str:
    """The text with one kind of line end and without what cannot be seen."""
    return UNSEEN.sub("", LINE_END.sub("\n", text))


async def limited(stream: AsyncIterator[bytes], limit: int) -> AsyncGenerator[bytes, None]:
    """The stream up to `limit` bytes; what is beyond is read off and refused with OverLimit."""
    total = 0
    async for chunk in stream:
        total += len(chunk)
        if total <= limit:
            yield chunk
        elif total > limit * DRAIN_FACTOR:
            break
    if total > limit:
        raise OverLimit("over the limit")
