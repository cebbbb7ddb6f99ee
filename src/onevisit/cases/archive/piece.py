"""One file of an archive, before it is written."""

from dataclasses import dataclass
from pathlib import Path

from onevisit.store.files import Stored


@dataclass(frozen=True)
class Piece:
    """Its place in the archive, what it is, and its content or where that lies."""

    path: str
    what: str
    content: bytes | Path | Stored
