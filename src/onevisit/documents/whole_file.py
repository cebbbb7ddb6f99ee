"""Writes a text file whole or not at all, also when the machine stops in between."""

import os
import tempfile
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Put `text` in the place of the file, which keeps its mode; raises OSError and leaves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(beside).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
