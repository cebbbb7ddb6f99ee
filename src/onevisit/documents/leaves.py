"""Shows pages of handed-in files as pictures, drawn in a process that limits itself: what strangers
hand in is neither opened in a browser's plug-in nor in the memory of the server.

The process is leaf_process.py, run as a script; jobs and answers are lines of JSON.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from onevisit.documents.apart import Apart

PATIENCE = 30
"""Seconds until a page is given up, however busy the machine is."""
WIDTH, SMALL = 1240, 180
"""Pixels across: A4 at 150 dots an inch, and a thumbnail."""
SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""What can be shown; other kinds (OFD) can only be downloaded."""
_SCRIPT = str(Path(__file__).with_name("leaf_process.py"))  # not -m: the package loads the press
_apart = Apart("-P", _SCRIPT, patience=PATIENCE)


@dataclass(frozen=True)
class Leaf:
    """One page as a JPEG, and of how many it is one."""

    jpeg: bytes
    count: int


def leaf(path: Path, content_type: str, number: int, *, small: bool = False) -> Leaf | None:
    """Page `number` (from 1) of a file; None when it cannot be drawn or there is no such page."""
    if content_type not in SHOWN:
        return None
    width = SMALL if small else WIDTH
    job = json.dumps([str(path), content_type, number, width]).encode()
    answer = _apart.ask(job)
    found = json.loads(answer) if answer else None
    return Leaf(base64.b64decode(found[0]), found[1]) if found else None
