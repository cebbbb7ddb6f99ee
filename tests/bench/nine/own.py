"""The nine acts by this engine, through cases/ as its pages do them: permission checks, both
clocks, evidence, ledger and owed work in the same transaction."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine, PoolProxiedConnection, event
from sqlmodel import Session, col, select, update

from bench.nine import service
from bench.nine.service import DATA, ITEMS, SERVICE_ID, WAITS_FOR
from onevisit.access import Actor, PostValue
from onevisit.cases import Context, accept, decide, draft, hand_out, submit
from onevisit.cases.check import Finding
from onevisit.catalog.catalog import Catalog
from onevisit.store.files import FileStore
from onevisit.store.migrate import upgrade
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Approval, Document, Post
from only_for_tests import KEYRING

OPENING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, nine o'clock in the city."""
CHECKED = (Finding("application", "received"),)
PEOPLE = {"applicant": PostValue("applicant"), "clerk": PostValue("clerk")} | {
    department: PostValue("decider", department) for department in ITEMS.values()
}
ACTS = ("submit", "accept", *(f"approve {item}" for item in ITEMS), "certificate", "finish")


class Centre:
    """A service centre on a database of its own, with this one service and the people it needs."""

    def __init__(self, url: str, place: Path, *, new: bool = True) -> None:
        self.engine: Engine = engine_for(url, KEYRING)
        self._catalog, self._files = Catalog(self.engine), FileStore(place / "files")
        self._now = OPENING
        if new:
            self._open(url, place)
        with reading(self.engine) as session:
            self._people = {
                account.username: Actor(account.id, account.name, (PEOPLE[account.username],))
                for account in session.exec(select(Account))
            }

    def _open(self, url: str, place: Path) -> None:
        upgrade(url, KEYRING)
        with writing(self.engine) as session:
            published = self._catalog.publish_folder(session, service.folder(place), OPENING)
            assert not published.refused, published.refused
            for name, post in PEOPLE.items():
                _hire(session, name, post)

    @contextmanager
    def acting(self, who: str) -> Iterator[Context]:
        """One committed transaction in which this person acts, a second after the last."""
        self._now += timedelta(seconds=1)
        with writing(self.engine) as session:
            yield Context(session, self._catalog, self._files, self._people[who], self._now)

    @contextmanager
    def in_driver(self) -> Iterator[Callable[[], float]]:
        """How many seconds of what is done meanwhile the database and its driver take: statements
        and commits, without anything that is above them."""
        taken, began = [0.0], [0.0]
        engine, commit = self.engine, self.engine.dialect.do_commit

        def start(*_: object) -> None:
            began[0] = perf_counter()

        def stop(*_: object) -> None:
            taken[0] += perf_counter() - began[0]

        def committing(connection: PoolProxiedConnection) -> None:
            start()
            commit(connection)
            stop()

        event.listen(engine, "before_cursor_execute", start)
        event.listen(engine, "after_cursor_execute", stop)
        engine.dialect.do_commit = committing  # type: ignore[method-assign]
        try:
            yield lambda: taken[0]
        finally:
            engine.dialect.do_commit = commit  # type: ignore[method-assign]
            event.remove(engine, "before_cursor_execute", start)
            event.remove(engine, "after_cursor_execute", stop)

    def drafted(self) -> "Way":
        """A draft with its form filled in, which the acts are done on."""
        with self.acting("applicant") as ctx:
            case = draft.start(ctx, SERVICE_ID, {})
            case = draft.save_section(ctx, case.id, "keeper", DATA, case.revision)
        return Way(self, case.id, case.revision)

    def approvals(self, case_id: uuid.UUID) -> dict[str, tuple[uuid.UUID, int]]:
        """Id and revision of each item, as its page would show them."""
        said = select(Approval.item_id, Approval.id, Approval.revision)
        with reading(self.engine) as session:
            found = session.exec(said.where(Approval.case_id == case_id)).all()
        return {item: (row_id, revision) for item, row_id, revision in found}


class Way:
    """One case on its way through the nine acts."""

    def __init__(self, centre: Centre, case_id: uuid.UUID, revision: int) -> None:
        self._centre, self.case_id, self._revision = centre, case_id, revision
        self._approvals: dict[str, tuple[uuid.UUID, int]] = {}

    def acts(self) -> Iterator[Callable[[], None]]:
        """The acts in their order, each of which commits."""
        yield self._submit
        yield self._accept
        for item in ITEMS:
            yield partial(self._approve, item)
        yield self._certificate
        yield self._finish

    def _submit(self) -> None:
        with self._centre.acting("applicant") as ctx:
            self._revision = submit.submit(ctx, self.case_id, "download", self._revision).revision

    def _accept(self) -> None:
        with self._centre.acting("clerk") as ctx:
            accept.accept(ctx, self.case_id, CHECKED, self._revision)

    def _approve(self, item: str) -> None:
        if item in WAITS_FOR or not self._approvals:
            self._approvals = self._centre.approvals(self.case_id)
        row_id, revision = self._approvals[item]
        with self._centre.acting(ITEMS[item]) as ctx:
            case = decide.act(ctx, row_id, "approve", "同意。", None, revision).case
            self._revision = case.revision

    def _certificate(self) -> None:
        """The papers are there; what draws and signs them is measured among the documents."""
        with self._centre.acting("applicant") as ctx:
            ours = update(Document).where(col(Document.case_id) == self.case_id)
            waiting = ours.where(col(Document.state) == "pending")
            ctx.session.connection().execute(waiting.values(state="made"))

    def _finish(self) -> None:
        with self._centre.acting("applicant") as ctx:
            hand_out.collect(ctx, self.case_id, self._revision)


def _hire(session: Session, name: str, post: PostValue) -> None:
    number = "990000199001019011" if name == "applicant" else None
    account = Account(
        username=name, name=f"演示{name}", password_hash="-", id_number=number, phone="19900000000"
    )
    session.add(account)
    session.flush()
    session.add(Post(account_id=account.id, role=post.role, department=post.department))
