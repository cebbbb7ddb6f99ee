"""What was published in the browser, laid over the service folder: no restart, no other node and no
older copy of the folder undoes it; a file that somebody edits afterwards does (ADR 0015)."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session, func, select

from onevisit.documents import whole_file
from onevisit.store.studio_tables import AuthoredText


def laid_over(session: Session, found: Mapping[str, str]) -> dict[str, str]:
    """The texts of a service folder by path, with what was published in the browser in the place
    of each file that still says what was there before."""
    texts = dict(found)
    for row in session.exec(select(AuthoredText)):
        there = found.get(row.path)
        if there is None or digest(there) in row.replaces:
            texts[row.path] = row.content
    return texts


def mark(session: Session) -> tuple[object, ...]:
    """What changes with every publication in a browser."""
    statement = select(func.count(), func.max(AuthoredText.published_at))
    return tuple(session.exec(statement.select_from(AuthoredText)).one())


def keep(  # noqa: PLR0917 -- one row, each column once
    session: Session,
    path: str,
    content: str,
    found: str | None,
    now: datetime,
    by: uuid.UUID,
) -> None:
    """Remembers that `content` was published for the file `path`, where the folder says `found`.

    Every text that the path has had since is one that a node with an older folder may still have.
    """
    row = session.get(AuthoredText, path, with_for_update=True)
    before = set(row.replaces) | {digest(row.content)} if row else set()
    before |= {digest(found)} if found is not None else set()
    if row is None:
        row = AuthoredText(path=path, content="", replaces=[], published_at=now, published_by=by)
    row.content, row.replaces = content, sorted(before - {digest(content)})
    row.published_at, row.published_by = now, by
    session.add(row)
    session.flush()


def digest(text: str) -> str:
    """SHA-256 of a text, 64 hex digits."""
    return sha256(text.encode()).hexdigest()


def write_out(root: Path, texts: Mapping[str, str]) -> bool:
    """Writes the published texts into the folder too, for whoever reads files there; each whole or
    not at all. False when the folder cannot be written: the database alone then holds them."""
    try:
        for path, text in texts.items():
            file = root / path
            if not file.exists() or file.read_text(encoding="utf-8-sig") != text:
                whole_file.write(file, text)
    except OSError:
        return False
    return True
