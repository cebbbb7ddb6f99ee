"""The published services: running cases stay on the version they were started on."""

import uuid
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from onevisit.catalog import authored, rules
from onevisit.catalog.folder import Folder, Refusal, from_texts, read_texts
from onevisit.catalog.promises import with_promises_proven
from onevisit.catalog.published import Published, workflow_path
from onevisit.catalog.templates import with_templates_tried
from onevisit.definition.problem import DefinitionError, Problem
from onevisit.store.session import reading
from onevisit.store.studio_tables import Publication
from onevisit.store.tables import WorkflowVersion

MAX_VERSIONS = 64


@dataclass(frozen=True)
class Listed:
    """A current version with when it was published and by whom (None: at first start)."""

    published: Published
    published_at: datetime
    published_by: uuid.UUID | None


class Catalog:
    """The services of one database. Parsed versions are kept, since content never changes; over
    each lie the calendar and the rules of its place that are in force, which are read afresh in
    every session, so that every node follows when they change.

    Whoever is in a session hands it in: one who holds a connection must not wait for a second.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._versions: OrderedDict[str, Published] = OrderedDict()
        self._in_force = rules.InForce()
        self._laid: dict[str, Published] = {}
        self._lock = Lock()
        self._refused: tuple[Refusal, ...] | None = None
        self._looked_at: object = None
        self._unreadable: dict[str, Refusal] = {}

    def listed(self, session: Session | None = None) -> tuple[Listed, ...]:
        """The current version of each service, by id."""
        statement = (
            select(WorkflowVersion)
            .where(col(WorkflowVersion.current))
            .order_by(col(WorkflowVersion.workflow_id))
        )
        with self._looking(session) as at:
            rows = at.exec(statement).all()
            found = [(row, self._readable(at, row)) for row in rows]
        return tuple(
            Listed(published, row.published_at, row.published_by)
            for row, published in found
            if published is not None
        )

    def list(self, session: Session | None = None) -> tuple[Published, ...]:
        """The current version of each service, by id."""
        return tuple(each.published for each in self.listed(session))

    def current(self, workflow_id: str, session: Session | None = None) -> Published:
        """The version that new cases start on; KeyError when there is none."""
        statement = select(WorkflowVersion.hash).where(
            col(WorkflowVersion.current), WorkflowVersion.workflow_id == workflow_id
        )
        with self._looking(session) as at:
            version_hash = at.exec(statement).one_or_none()
            if version_hash is None:
                raise KeyError(workflow_id)
            return self.version(at, version_hash)

    def version(self, session: Session, version_hash: str) -> Published:
        """The version with this hash, current or not; KeyError when there is none."""
        with self._lock:
            known = self._versions.get(version_hash)
            if known is not None:
                self._versions.move_to_end(version_hash)
        if known is None:
            row = session.get(WorkflowVersion, version_hash)
            if row is None:
                raise KeyError(version_hash)
            known = self._parsed(row)
        return self._laid_over(session, known)

    def refused(self, root: Path) -> tuple[Refusal, ...]:
        """What was refused when the folder was last looked at; looks when nobody has yet, or when
        something was published in a browser since, on whichever node."""
        with reading(self._engine) as session:
            published = authored.mark(session)
        known = self._refused if self._looked_at == published else None
        refused = self.inspect(root).refused if known is None else known
        return refused + tuple(self._unreadable.values())

    def forget_refused(self) -> None:
        """Whoever asks next what is refused looks at the folder anew."""
        self._refused = None

    def inspect(self, root: Path, session: Session | None = None) -> Folder:
        """Looks at the folder without publishing and remembers what would be refused.

        `root` holds workflows/, forms/ and templates/; what was published in the browser lies over
        it. Refused is what cannot be read, whose certificates cannot be made, or whose promise is
        refuted.
        """
        with self._looking(session) as at:
            self._looked_at = authored.mark(at)
            texts, unreadable = self.texts(at, root)
            current = {each.hash: each for each in self.list(at)}
        folder = with_templates_tried(from_texts(texts, unreadable), root / "templates")
        folder = with_promises_proven(folder, current)
        self._refused = folder.refused
        return folder

    def texts(self, session: Session, root: Path) -> tuple[dict[str, str], Sequence[Problem]]:
        """The texts of the folder by path, with what was published in the browser over them; and
        the files that are no text."""
        found, unreadable = read_texts(root)
        return authored.laid_over(session, found), unreadable

    def publish_folder(
        self, session: Session, root: Path, now: datetime, published_by: uuid.UUID | None = None
    ) -> Folder:
        """Publishes what is new in the folder and remembers what was refused.

        A refused file leaves the version that is being served untouched. Calendars and rules of
        places are in force at once for all that is open. Does not commit.
        """
        folder = self.inspect(root, session)
        rules.keep(session, self.texts(session, root)[0], now)
        for service in folder.services:
            self.put_in_force(session, service, now, published_by)
        return folder

    def _looking(self, session: Session | None) -> AbstractContextManager[Session]:
        return reading(self._engine) if session is None else nullcontext(session)

    def put_in_force(  # noqa: PLR0917 -- a publication, each column once
        self,
        session: Session,
        service: Published,
        now: datetime,
        published_by: uuid.UUID | None = None,
        how: str = "folder",
        basis: str | None = None,
    ) -> bool:
        """Makes a version the current one, unless it is; whether it was not. Does not commit.

        `how` and `basis` as in Publication.
        """
        workflow = service.definition.workflow
        before = session.exec(
            select(WorkflowVersion)
            .where(col(WorkflowVersion.workflow_id) == workflow.id, col(WorkflowVersion.current))
            .with_for_update()
        ).one_or_none()
        if before is not None and before.hash == service.hash:
            return False
        if before is not None:  # at most one version is current: step the other down first
            before.current = False
            session.add(before)
            session.flush()
        row = session.get(WorkflowVersion, service.hash) or WorkflowVersion(
            hash=service.hash,
            workflow_id=workflow.id,
            version=workflow.version,
            title=workflow.title,
            content=dict(service.content),
            published_at=now,
            published_by=published_by,
        )
        row.current = True
        session.add(row)
        session.flush()
        session.add(
            Publication(
                workflow_id=workflow.id,
                hash=service.hash,
                replaced=before.hash if before else None,
                how=how,
                basis=basis,
                published_at=now,
                published_by=published_by,
            )
        )
        session.flush()
        return True

    def _laid_over(self, session: Session, published: Published) -> Published:
        """The version under the rules that are in force."""
        in_force = self._rules(session)
        with self._lock:
            known = self._laid.get(published.hash) if in_force is self._in_force else None
        if known is not None:
            return known
        definition = in_force.laid_over(published.definition)
        laid = published
        if definition is not published.definition:
            laid = replace(published, definition=definition, _charts={})
        with self._lock:
            if in_force is not self._in_force:  # of an older moment than another session's
                return laid
            if len(self._laid) >= MAX_VERSIONS:
                self._laid.clear()
            return self._laid.setdefault(published.hash, laid)

    def _rules(self, session: Session) -> rules.InForce:
        key = tuple(rules.hashes(session).values())
        with self._lock:
            if self._in_force.key == key:
                return self._in_force
        found = rules.read(session)
        with self._lock:
            self._in_force, self._laid = found, {}
        return found

    def _readable(self, session: Session, row: WorkflowVersion) -> Published | None:
        """The version, or None when the language has since become stricter than its texts: it is
        then told among the refused, and the other services are served."""
        try:
            return self._laid_over(session, self._parsed(row))
        except DefinitionError as error:
            path = workflow_path(row.workflow_id)
            self._unreadable[row.hash] = Refusal(path, error.problems, row.content)
            return None

    def _parsed(self, row: WorkflowVersion) -> Published:
        with self._lock:
            known = self._versions.get(row.hash)
        if known is None:
            known = Published.from_content(row.workflow_id, row.content)
            with self._lock:
                self._versions[row.hash] = known
                while len(self._versions) > MAX_VERSIONS:
                    self._versions.popitem(last=False)
        return known
