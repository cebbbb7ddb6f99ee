"""Publishing one service from the browser: what it would be, why it is refused, and putting it in
force so that no restart undoes it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from onevisit.catalog import authored
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder, Refusal, load, read_texts
from onevisit.catalog.promises import with_promises_proven
from onevisit.catalog.published import Published, workflow_path
from onevisit.catalog.templates import with_templates_tried
from onevisit.definition.problem import DefinitionError
from onevisit.store.studio_tables import Publication
from onevisit.store.tables import Case, WorkflowVersion


@dataclass(frozen=True)
class Proposal:
    """A service as it would be published, and against which version it was held (a hash)."""

    service: Published
    files: Mapping[str, str]
    against: str | None


class Refused(Exception):
    """The texts cannot be published; `refusal` says why, with files, lines and columns."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.path)
        self.refusal = refusal


class Overtaken(Exception):
    """另一个版本刚刚发布。"""


def propose(
    catalog: Catalog,
    session: Session,
    root: Path,
    workflow_id: str,
    files: Mapping[str, str],
    *,
    may_ask_more: bool = False,
) -> Proposal:
    """The service that `files` make among the other texts of today, its templates tried and its
    promises proven; Refused otherwise. may_ask_more: without holding it to the version in force.
    """
    texts = catalog.texts(session, root)[0] | {p: t for p, t in files.items() if t.strip()}
    path = workflow_path(workflow_id)
    before = _current(catalog, session, workflow_id)
    try:
        service = load(path, texts)
    except DefinitionError as error:
        raise Refused(Refusal(path, error.problems, texts)) from None
    folder = with_templates_tried(Folder((service,), ()), root / "templates")
    held_to = {before.hash: before} if before and not may_ask_more else {}
    folder = with_promises_proven(folder, held_to)
    if folder.refused:
        raise Refused(folder.refused[0])
    return Proposal(service, dict(files), before.hash if before else None)


def put_in_force(  # noqa: PLR0917 -- a publication, each part once
    catalog: Catalog,
    session: Session,
    root: Path,
    proposal: Proposal,
    now: datetime,
    by: uuid.UUID,
    how: str,
    basis: str | None = None,
) -> bool:
    """Makes the proposal the version in force; whether it was another. Does not commit.

    Overtaken when another version has come into force since it was proven.
    """
    workflow_id = proposal.service.definition.workflow.id
    before = _current(catalog, session, workflow_id)
    if (before.hash if before else None) != proposal.against:
        raise Overtaken(Overtaken.__doc__)
    found = read_texts(root)[0]
    for path, text in proposal.files.items():
        if text.strip():
            authored.keep(session, path, text, found.get(path), now, by)
    return catalog.put_in_force(session, proposal.service, now, by, how, basis)


def versions(session: Session, workflow_id: str) -> list[WorkflowVersion]:
    """All versions of a service, the newest first; their texts stay where they are."""
    statement = (
        select(WorkflowVersion)
        .options(defer(col(WorkflowVersion.content)))  # type: ignore[arg-type]  # a mapped column
        .where(WorkflowVersion.workflow_id == workflow_id)
        .order_by(col(WorkflowVersion.published_at).desc())
        .limit(100)
    )
    return list(session.exec(statement))


def in_force(session: Session, workflow_id: str) -> WorkflowVersion | None:
    """The version in force, None for a service that is new."""
    statement = select(WorkflowVersion).where(
        WorkflowVersion.workflow_id == workflow_id, col(WorkflowVersion.current)
    )
    return session.exec(statement).one_or_none()


def publications(session: Session, workflow_id: str) -> list[Publication]:
    """When which version came into force, the newest first."""
    statement = (
        select(Publication)
        .where(Publication.workflow_id == workflow_id)
        .order_by(col(Publication.id).desc())
        .limit(100)
    )
    return list(session.exec(statement))


def running(session: Session, hashes: list[str]) -> dict[str, int]:
    """How many cases that were handed in and are not concluded run on each of these versions."""
    statement = (
        select(Case.version_hash, func.count())
        .where(
            col(Case.version_hash).in_(hashes),
            col(Case.number).is_not(None),
            col(Case.concluded_at).is_(None),
        )
        .group_by(Case.version_hash)
    )
    return {version: count for version, count in session.exec(statement)}  # noqa: C416 -- typed


def running_cases(session: Session, version_hash: str, most: int) -> list[str]:
    """The numbers of the first cases that run on a version, the newest first."""
    statement = (
        select(Case.number)
        .where(
            Case.version_hash == version_hash,
            col(Case.number).is_not(None),
            col(Case.concluded_at).is_(None),
        )
        .order_by(col(Case.id).desc())
        .limit(most)
    )
    return [number for number in session.exec(statement) if number]


def _current(catalog: Catalog, session: Session, workflow_id: str) -> Published | None:
    try:
        return catalog.current(workflow_id, session)
    except KeyError:
        return None
