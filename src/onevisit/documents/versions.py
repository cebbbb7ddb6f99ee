"""Saving an edited template: nobody's change is lost, and every former text is kept under a number.

The former texts of notices/receipt.html are .versions/notices/receipt/0001.html, … below the
templates' folder; beside each a JSON file tells who replaced it and when.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from onevisit.documents import shelf, whole_file
from onevisit.documents.shelf import SUFFIX

FOLDER = ".versions"


@dataclass(frozen=True)
class Version:
    """A former text of a template: its number from 1 on, until when it held, who replaced it."""

    number: int
    until: datetime | None
    replaced_by: str


class Changed(Exception):
    """这个模板在您打开之后已经被别人改过。"""


class OthersChanged(Exception):
    """检查的同时有别的模板刚刚保存，请再保存一次。"""


def mark(text: str) -> str:
    """What the page carries to tell whether the file is still as it was shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def history(templates: Path, name: str) -> tuple[Version, ...]:
    """The former texts of a template, the newest first."""
    place = _place(templates, name)
    numbers = sorted((int(path.stem) for path in place.glob(f"[0-9]*{SUFFIX}")), reverse=True)
    return tuple(_version(place, number) for number in numbers)


def former(templates: Path, name: str, number: int) -> str:
    """The text of a version; FileNotFoundError when there is none of that number."""
    return _file(_place(templates, name), number).read_text(encoding="utf-8")


def save(  # noqa: PLR0917 -- what a save is about, each once
    templates: Path, name: str, text: str, seen: str, checked: str, by: str, now: datetime
) -> int:
    """Put `text` in the place of the template and keep what was there; the kept text's number.

    seen: the mark of the text that the page showed, else Changed is raised; checked: the digest of
    all templates when the new text was tried, else OthersChanged. Whole or not at all, also when
    the machine stops, and one after the other, also from several processes of one machine.
    """
    with _alone(templates):
        path = shelf.located(templates, name + SUFFIX)
        old = path.read_text(encoding="utf-8")
        if mark(old) != seen:
            raise Changed(Changed.__doc__)
        if shelf.digest(templates) != checked:
            raise OthersChanged(OthersChanged.__doc__)
        place = _place(templates, name)
        number = max((each.number for each in history(templates, name)), default=0) + 1
        told = {"until": now.isoformat(timespec="seconds"), "replaced_by": by}
        whole_file.write(
            _file(place, number).with_suffix(".json"), json.dumps(told, ensure_ascii=False)
        )
        whole_file.write(_file(place, number), old)
        whole_file.write(path, text)
    return number


@contextmanager
def _alone(templates: Path) -> Iterator[None]:
    """Only one save at a time."""
    folder = templates / FOLDER
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _place(templates: Path, name: str) -> Path:
    if not shelf.is_template(name):
        raise FileNotFoundError(name)
    return templates / FOLDER / name


def _file(place: Path, number: int) -> Path:
    return place / f"{number:04d}{SUFFIX}"


def _version(place: Path, number: int) -> Version:
    try:
        told = json.loads(_file(place, number).with_suffix(".json").read_text(encoding="utf-8"))
        return Version(number, datetime.fromisoformat(told["until"]), told["replaced_by"])
    except (OSError, ValueError, KeyError):  # put there by hand
        return Version(number, None, "")
