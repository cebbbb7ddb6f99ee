"""What people paste is cleaned of what nobody can see; endless bodies come to an end."""

from collections.abc import AsyncIterator

import pytest

from onevisit.documents.trust.finished import finished
from onevisit.web.incoming import DRAIN_FACTOR, OverLimit, limited, plain


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("示例市\x00演示\x1b[31m小馆", "示例市演示[31m小馆"),
        ("演示\u200b\ufeff小馆\u2060", "演示小馆"),
        ("\u202e馆小\u202c", "馆小"),
        ("一\r\n二\r三\u2028四\n五", "一\n二\n三\n四\n五"),
        ("\ud800高", "高"),
        ("\U000e0041标签\uffff", "标签"),
        ("名\t称　 ", "名\t称　 "),
        ("👨‍👩‍👧 𠮷 e\u0301 می‌خواهم", "👨‍👩‍👧 𠮷 e\u0301 می‌خواهم"),
    ],
)
def test_only_what_can_be_seen_is_kept(sent: str, kept: str) -> None:
    assert plain(sent) == kept


def read(pieces: list[bytes], limit: int) -> tuple[bytes, int]:
    """What passes through, and how many pieces were read off the sender."""
    taken = 0

    async def sender() -> AsyncIterator[bytes]:
        nonlocal taken
        for piece in pieces:
            taken += 1
            yield piece

    async def passed() -> bytes:
        return b"".join([chunk async for chunk in limited(sender(), limit)])

    try:
        return finished(passed()), taken
    except OverLimit:
        return b"", taken


def test_a_body_up_to_the_limit_passes() -> None:
    assert read([b"12345", b"67890"], 10) == (b"1234567890", 2)


def test_a_little_too_much_is_read_to_its_end_and_refused() -> None:
    assert read([b"12345", b"67890", b"1"], 10) == (b"", 3)


def test_far_too_much_is_not_read_to_its_end() -> None:
    assert read([b"12345"] * 1000, 10) == (b"", DRAIN_FACTOR * 2 + 1)
