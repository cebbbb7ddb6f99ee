"""The tree over leaves: as RFC 6962 builds it, and proofs that hold for nothing else."""

import hashlib

import pytest

from onevisit.store import merkle

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(13)]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    parts = by_definition(leaves[:split]) + by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + parts).digest()


@pytest.mark.parametrize("size", range(14))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]) == by_definition(LEAVES[:size])


@pytest.mark.parametrize("size", range(1, 14))
def test_every_leaf_is_proven_and_no_other(size: int) -> None:
    leaves = LEAVES[:size]
    root = merkle.root_of(leaves)
    for index, leaf in enumerate(leaves):
        steps = merkle.path(index, leaves)
        assert len(steps) <= 4
        assert merkle.leads_to(root, leaf, index, size, steps)
        assert not merkle.leads_to(root, merkle.leaf_hash(b"other"), index, size, steps)
        assert not merkle.leads_to(root, leaf, index + size, size, steps)
        assert not merkle.leads_to(root, leaf, index, size, [*steps, leaf])
        if steps:
            assert not merkle.leads_to(root, leaf, index, size, steps[:-1])
