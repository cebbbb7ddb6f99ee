"""File names that people can read, on every operating system, whatever somebody typed."""

import re
import unicodedata
from pathlib import PurePosixPath

_UNSAFE = re.compile(r'(?:[\\/:*?"<>|\s]|\.\.+)+')
LONGEST = 180
"""Bytes in UTF-8; file systems allow 255, and a folder is copied to deeper places."""


def safe_name(*parts: str, suffix: str = "") -> str:
    """The parts joined by `-`, without what a file system or a terminal does not like.

    `suffix` (".pdf") is kept whole when the rest is shortened.
    """
    text = "-".join(filter(None, (_safe(each) for each in parts)))
    text = text.encode()[: LONGEST - len(suffix.encode())].decode(errors="ignore")
    return text.strip(" ._-") + suffix


def _safe(part: str) -> str:
    text = _UNSAFE.sub("_", unicodedata.normalize("NFC", part))
    return "".join(each for each in text if each.isprintable()).strip(" ._-")


def suffix_of(filename: str, content_type: str) -> str:
    """The ending by what the content is, not by what somebody called it."""
    known = {
        "application/pdf": ".pdf",
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "application/ofd": ".ofd",
    }
    return known.get(content_type, PurePosixPath(filename).suffix[:10] or ".bin")
