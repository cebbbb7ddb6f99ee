"""What is sealed is made small first: notices of one case say much the same, and a sealed value can
be made no smaller by anybody else.

A packed value is PACKED, the number of its dictionary, and raw DEFLATE (RFC 1951) that begins from
that dictionary: a text of what such values say again and again. Values that were sealed before
there was packing, and short ones that would not get smaller, are kept as they are.
"""

import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

PACKED: Final = b"\xff"
"""With what no UTF-8 text begins, and so no value that is not packed."""
NEWEST: Final = 1
DICTIONARIES: Final[Mapping[int, str]] = {1: "packed_1.txt"}
"""The dictionaries by number. A file is never changed once a value was packed with it: whoever
knows better writes the next one."""
SHORTEST: Final = 24
"""Bytes below which nothing is gained."""
WINDOW: Final = -15
"""Raw DEFLATE over the largest window; the seal around it finds what was changed."""


def pack(plain: bytes) -> bytes:
    """The bytes of a UTF-8 text, smaller where that is possible."""
    if len(plain) < SHORTEST:
        return plain
    packing = _packer().copy()  # a third of the time that a new one takes
    small = PACKED + bytes([NEWEST]) + packing.compress(plain) + packing.flush()
    return small if len(small) < len(plain) else plain


def unpack(kept: bytes) -> bytes:
    """What was packed; LookupError for a dictionary of a later version of the program."""
    if not kept.startswith(PACKED):
        return kept
    unpacking = zlib.decompressobj(WINDOW, _dictionary(kept[1]))
    return unpacking.decompress(kept[2:]) + unpacking.flush()


@cache
def _packer() -> "zlib._Compress":
    level, dictionary = zlib.Z_DEFAULT_COMPRESSION, _dictionary(NEWEST)
    return zlib.compressobj(level, zlib.DEFLATED, WINDOW, zdict=dictionary)


@cache
def _dictionary(number: int) -> bytes:
    name = DICTIONARIES.get(number)
    if name is None:
        raise LookupError(f"packed with dictionary {number}, which this version does not have")
    return Path(__file__).with_name(name).read_bytes()
