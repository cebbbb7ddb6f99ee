"""One hash over any number of leaves, and a short proof that one of them is among them.

The tree is that of RFC 6962 section 2.1 (certificate transparency): SHA-256, with another first
byte for leaves than for nodes, so that neither can pass for the other.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Tree:
    """Takes leaf after leaf and keeps no more than one hash for each doubling of their number."""

    size: int = 0
    _whole: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """The hash of the next leaf."""
        self.size += 1
        self._whole.append((0, leaf))
        while len(self._whole) > 1 and self._whole[-1][0] == self._whole[-2][0]:
            height, right = self._whole.pop()
            self._whole[-1] = (height + 1, _node(self._whole[-1][1], right))

    @property
    def root(self) -> bytes:
        """The hash over all leaves so far."""
        if not self._whole:
            return EMPTY
        *before, (_, root) = self._whole
        for _, left in reversed(before):
            root = _node(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    tree = Tree()
    for each in leaves:
        tree.add(each)
    return tree.root


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from a leaf (its index from 0) to the root (RFC 6962 section 2.1.1)."""
    if len(leaves) <= 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*path(index, left), root_of(right)]
    return [*path(index - split, right), root_of(left)]


def leads_to(root: bytes, leaf: bytes, index: int, size: int, steps: Sequence[bytes]) -> bool:
    """Whether a path proves that the leaf is in the tree of this size (RFC 9162 section 2.1.3.2)"""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in steps:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = _node(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = _node(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root
