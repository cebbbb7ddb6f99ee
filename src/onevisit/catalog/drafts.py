"""Drafts of services in the database: begun from a service, saved at every pause, shared by all
admins, and never lost to one another."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from onevisit.catalog.catalog import Catalog
from onevisit.catalog.published import Published, workflow_path
from onevisit.definition.scenario_file import scenario_path
from onevisit.store.studio_tables import Draft, DraftText

TOGETHER = timedelta(minutes=10)
"""Within which what was saved by itself replaces what was saved by itself before."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
RESERVED = frozenset(
    {"drafts", "templates", "accounts", "departments", "calendars", "jurisdictions", "roles",
     "places", "publish", "schema", "directory", "new"}
)  # fmt: skip
"""Addresses of the studio and names of files that no service can have as its id."""


class Overtaken(Exception):
    """Somebody else saved the draft since the page was opened; `draft` is as it is now."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(f"revision {draft.revision}")
        self.draft = draft


@dataclass(frozen=True)
class Copy:
    """What a new service is to be called."""

    id: str
    title: str


def open_drafts(session: Session) -> Sequence[Draft]:
    """All drafts that are neither published nor given up, the last changed first."""
    statement = (
        select(Draft)
        .where(col(Draft.closed_at).is_(None))
        .order_by(col(Draft.changed_at).desc())
        .limit(200)
    )
    return session.exec(statement).all()


def draft_of(session: Session, workflow_id: str) -> Draft | None:
    """The open draft of a service, if somebody is writing one."""
    statement = select(Draft).where(
        Draft.workflow_id == workflow_id, col(Draft.closed_at).is_(None)
    )
    return session.exec(statement.limit(1)).one_or_none()


def take_up(  # noqa: PLR0917 -- what a draft is made from, each once
    session: Session,
    catalog: Catalog,
    root: Path,
    workflow_id: str,
    copy: Copy | None,
    now: datetime,
    by: uuid.UUID,
) -> Draft:
    """A draft of the service (the one that is open already), or of a new one copied from it.

    KeyError when there is no such service.
    """
    known = draft_of(session, copy.id if copy else workflow_id)
    if known is not None:
        return known
    found = catalog.current(workflow_id, session)
    texts = catalog.texts(session, root)[0]
    workflow = found.definition.workflow
    files = files_of(found, texts.get(scenario_path(workflow_id), ""))
    files = renamed(files, found, copy) if copy else numbered(files, found)
    draft = Draft(
        workflow_id=copy.id if copy else workflow_id,
        title=copy.title if copy else workflow.title,
        files=files,
        began_from=None if copy else found.hash,
        created_at=now,
        created_by=by,
        changed_at=now,
        changed_by=by,
    )
    session.add(draft)
    session.flush()
    _remember(session, draft, by_itself=False)
    return draft


def files_of(service: Published, scenarios: str) -> dict[str, str]:
    """The files of a service that are its own, by path: workflow, form, scenarios."""
    workflow = service.definition.workflow
    form = f"forms/{workflow.form}.yaml"
    path = workflow_path(workflow.id)
    return {
        path: service.content[path],
        form: service.content[form],
        scenario_path(workflow.id): scenarios,
    }


def numbered(files: Mapping[str, str], service: Published) -> dict[str, str]:
    """The files with the next version number: 1.0 → 1.1."""
    workflow = service.definition.workflow
    head, _, last = workflow.version.rpartition(".")
    following = f"{head}.{int(last) + 1}" if head and last.isdigit() else f"{workflow.version}.1"
    return dict(files) | _set(files, workflow_path(workflow.id), "version", f'"{following}"')


def renamed(files: Mapping[str, str], service: Published, copy: Copy) -> dict[str, str]:
    """The files as those of another service; its form is its own."""
    old = service.definition.workflow
    paths = {
        workflow_path(old.id): workflow_path(copy.id),
        f"forms/{old.form}.yaml": f"forms/{copy.id}.yaml",
        scenario_path(old.id): scenario_path(copy.id),
    }
    new = {paths[path]: text for path, text in files.items()}
    path = workflow_path(copy.id)
    for key, value in (("id", copy.id), ("title", _quoted(copy.title)), ("version", '"1.0"'),
                       ("form", copy.id)):  # fmt: skip
        new |= _set(new, path, key, value)
    new |= _set(new, f"forms/{copy.id}.yaml", "$id", copy.id)
    return new | _set(new, scenario_path(copy.id), "workflow", copy.id)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _set(files: Mapping[str, str], path: str, key: str, value: str) -> dict[str, str]:
    """The file with the value of a key of its outermost level replaced, where it has one line."""
    pattern = re.compile(rf"^({re.escape(key)}:[ \t]+)([^\n#]*?)([ \t]*#[^\n]*)?$", re.MULTILINE)
    return {path: pattern.sub(lambda m: m[1] + value + (m[3] or ""), files[path], count=1)}


def save(  # noqa: PLR0917 -- what a save is about, each once
    session: Session,
    draft_id: uuid.UUID,
    revision: int,
    files: Mapping[str, str],
    now: datetime,
    by: uuid.UUID,
    *,
    by_itself: bool = False,
) -> Draft:
    """Saves what was typed into the files that the draft has; KeyError when there is no open draft.

    Overtaken when somebody saved something else since `revision`. Saving the same changes nothing.
    """
    draft = session.get(Draft, draft_id, with_for_update=True)
    if draft is None or draft.closed_at is not None:
        raise KeyError(draft_id)
    typed = {path: files.get(path, text) for path, text in draft.files.items()}
    if typed == draft.files:
        return draft
    if revision != draft.revision:
        raise Overtaken(draft)
    last = session.get(DraftText, (draft_id, draft.revision))
    typing_on = by_itself and last and last.by_itself and last.saved_by == by
    if typing_on and last and now - last.saved_at < TOGETHER:
        session.delete(last)
    draft.files, draft.revision = typed, draft.revision + 1
    draft.changed_at, draft.changed_by = now, by
    session.add(draft)
    session.flush()
    _remember(session, draft, by_itself=by_itself)
    return draft


def close(session: Session, draft: Draft, now: datetime, published: str | None = None) -> None:
    """The draft is done with: published, or given up. Its texts are kept."""
    draft.closed_at, draft.published = now, published
    session.add(draft)
    session.flush()


def said_at(session: Session, draft_id: uuid.UUID, revision: int) -> DraftText | None:
    """What the draft said at a revision, or at the last one kept before it."""
    statement = (
        select(DraftText)
        .where(DraftText.draft_id == draft_id, col(DraftText.revision) <= revision)
        .order_by(col(DraftText.revision).desc())
    )
    return session.exec(statement.limit(1)).one_or_none()


def history(session: Session, draft_id: uuid.UUID) -> Sequence[DraftText]:
    """The texts that were kept, the newest first."""
    statement = (
        select(DraftText)
        .where(DraftText.draft_id == draft_id)
        .order_by(col(DraftText.revision).desc())
    )
    return session.exec(statement.limit(50)).all()


def _remember(session: Session, draft: Draft, *, by_itself: bool) -> None:
    session.add(
        DraftText(
            draft_id=draft.id,
            revision=draft.revision,
            files=dict(draft.files),
            saved_at=draft.changed_at,
            saved_by=draft.changed_by,
            by_itself=by_itself,
        )
    )
    session.flush()
