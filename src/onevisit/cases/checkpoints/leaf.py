"""What a checkpoint says, and what its leaves say: their exact texts, hashed and signed."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from onevisit.store import merkle
from onevisit.store.tables import GENESIS

FORMAT = 1


class Leaf(NamedTuple):
    """The head of one chain: `seq` entries in `chain` of `subject` (called `label`) of a `log`,
    the last with this `hash`."""

    log: str
    subject: str
    label: str
    chain: str
    seq: int
    hash: str

    @property
    def text(self) -> str:
        """The leaf as it is hashed and kept: a JSON list."""
        return json.dumps(list(self), ensure_ascii=False, separators=(",", ":"))

    @property
    def digest(self) -> bytes:
        """Its hash in the tree."""
        return merkle.leaf_hash(self.text.encode())

    @staticmethod
    def read(text: str) -> "Leaf":
        """The leaf that a line says; ValueError."""
        found = json.loads(text)
        if not isinstance(found, list) or len(found) != len(Leaf._fields):
            raise ValueError("not a leaf")
        return Leaf(*found)


@dataclass(frozen=True)
class Said:
    """What a checkpoint says. `previous` is the hash of the one before; `total` counts leaves so
    far. After a restored backup `lost` names the checkpoints (first, last) that were made in what
    was lost, and `why` tells how that came."""

    number: int
    made_at: datetime
    previous: str
    leaves: int
    total: int
    root: str
    lost: tuple[int, int] | None = None
    why: str = ""

    @property
    def text(self) -> str:
        """The text that is signed: canonical JSON."""
        made_at = self.made_at.astimezone(UTC).isoformat(timespec="microseconds")
        number, _, previous, leaves, total, root, *_ = astuple(self)
        said: dict[str, Any] = {
            "format": FORMAT, "number": number, "made_at": made_at, "previous": previous,
            "leaves": leaves, "total": total, "root": root,
        }  # fmt: skip
        if self.lost is not None:
            said |= {"lost": list(self.lost), "why": self.why}
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def read(text: str) -> "Said":
        """What the text says; ValueError, KeyError or TypeError where it is no checkpoint."""
        said = json.loads(text)
        lost = said.get("lost")
        return Said(
            number=int(said["number"]),
            made_at=datetime.fromisoformat(said["made_at"]),
            previous=str(said["previous"]),
            leaves=int(said["leaves"]),
            total=int(said["total"]),
            root=str(said["root"]),
            lost=(int(lost[0]), int(lost[1])) if lost else None,
            why=str(said.get("why", "")),
        )


NOTHING_BEFORE = GENESIS


def hash_of(body: str) -> str:
    """SHA-256 (hex) of the text of a checkpoint, which the next one binds."""
    return hashlib.sha256(body.encode()).hexdigest()


def root_of(leaves: Iterable[Leaf]) -> str:
    """The root over leaves in their order, as hexadecimal digits."""
    return merkle.root_of(each.digest for each in leaves).hex()
