"""Killed at random, some hundreds of times: acts, documents and notices under a city's load, and in
the end nothing is lost, nothing is there twice, and nothing is left waiting.

ONEVISIT_CRASH_KILLS=5000 has it go on for longer; it says how many kills hit work under way.
"""

import hashlib
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from functional.city import City, populate, settings_in
from functional.crowd import Work, check_rows
from functional.node import Node, Nodes
from functional.worker import Plan, Worker
from onevisit.cases.outbox.announce import INTERNAL, OWN
from onevisit.cases.outbox.claims import LEASE
from onevisit.cases.outbox.telling import tell
from onevisit.cases.views.jobs import repeated
from onevisit.engine import CASE
from onevisit.jobs import Sweeper
from onevisit.jobs.ways_out import ways_out
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Approval, Case, Document, LedgerEntry
from onevisit.store.work_tables import Dispatch, Message
from unit.jobs.mail_server import Mailbox, mail_server
from unit.jobs.sms_gateway import KEY, Gateway, sms_gateway

KILLS = int(os.environ.get("ONEVISIT_CRASH_KILLS", "100"))
"""Of workers, on each database; a tenth as many, at most thirty, of whole servers."""
CASES, PEOPLE, WORKERS, BATCH = 2, 2, 2, 40


@dataclass
class Storm:
    """What rages over one city."""

    work: Work
    mailbox: Mailbox
    gateway: Gateway
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    ahead: float = 0
    kills: int = 0
    told: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    faults: list[BaseException] = field(default_factory=list)

    def rage(self) -> None:
        """Kill workers, one after the other in each of several places, while people work."""
        threads = [threading.Thread(target=self.work.work) for _ in range(PEOPLE)]
        threads += [threading.Thread(target=self._lives, args=(n,)) for n in range(WORKERS)]
        for thread in threads:
            thread.start()
        for _ in range(min(30, KILLS // 10)):
            self.work.cut()
        for thread in threads:
            thread.join()
        assert self.faults == []

    def _lives(self, place: int) -> None:
        """The lives of one worker: old and new releases, killed from within and from without."""
        try:
            while self.kills < KILLS:
                with self.lock:
                    plan = self._plan(place)
                    within = self.rng.choice([0.02, 0.1, 0.3, 0.6])
                    self._feed()
                Worker(plan).end(within if plan.calls is None else 1)
                with self.lock:
                    self.kills += 1
                    if self.rng.random() < 0.5:  # what the dead held is free again
                        self.ahead += LEASE.total_seconds()
        except BaseException as error:
            self.faults.append(error)

    def _plan(self, place: int) -> Plan:
        calls = int(10 ** self.rng.uniform(2.5, 4.7)) if self.rng.random() < 0.5 else None
        name = f"place{place}-life{self.kills}"
        newer = self.kills * 2 >= KILLS or place == 1
        return Plan(self.work.city.settings, name, newer, self.ahead, calls)

    def _feed(self) -> None:
        """Something to do for the next ones, when all is done."""
        city = self.work.city
        with reading(city.engine) as session:
            if session.exec(select(Dispatch.id).where(Dispatch.state == "waiting")).first():
                return
        self.told += 1
        with city.acting("clerk") as ctx:
            people = [
                ctx.session.exec(select(Account.id).where(Account.username == "clerk2")).one()
            ]
            for number in range(BATCH):
                tell(ctx, f"storm/{self.told}/{number}", people, f"演示消息{number}", "演示内容")

    def calm(self) -> None:
        """A minute's worth of sweeps by one who is not killed; what was given up, since each
        attempt was killed, an operator has repeated after the first."""
        city = self.work.city
        for node in _nodes(self.work):
            node.kill()
        settings = city.settings
        sweeper = Sweeper(
            city.engine, FileStore(settings.files), settings.press.make, ways_out(settings)
        )
        start = datetime.now(UTC) + timedelta(seconds=self.ahead)
        sweeper.sweep(start)  # gives up what was never got through; the rest it does
        with writing(city.engine) as session:
            errors = [row.error or "" for row in _failed(session)]
            assert [each for each in errors if "中途退出" not in each] == []
            assert repeated(session, start) == len(errors)
        for second in range(0, 61, 5):
            sweeper.sweep(start + timedelta(seconds=second))


def _failed(session: Session) -> list[Document | Dispatch]:
    documents = session.exec(select(Document).where(Document.state == "failed")).all()
    dispatches = session.exec(select(Dispatch).where(Dispatch.state == "failed")).all()
    return [*documents, *dispatches]


def _nodes(work: Work) -> list[Node]:
    return work.node.each if isinstance(work.node, Nodes) else [work.node]


@pytest.fixture
def tmp_path(on_disk: Path) -> Path:
    """Where processes are killed is a disk."""
    return on_disk


@pytest.fixture
def storm(tmp_path: Path, database_url: str) -> Iterator[Storm]:
    """Complete drafts, receivers, and everybody signed in; two nodes where a database serves
    several machines."""
    with mail_server() as mailbox, sms_gateway() as gateway:
        settings = settings_in(tmp_path / "city").model_copy(
            update={
                "database_url": database_url,
                "public_url": "https://centre.example.test",  # on every paper, whoever makes it
                "smtp_url": _secret(f"smtp://127.0.0.1:{mailbox.port}"),
                "mail_from": "noreply@centre.example.test",
                "sms_url": gateway.url,
                "sms_key": _secret(KEY),
            }
        )
        populate(settings)
        city = City(settings)
        with writing(city.engine) as session:
            for account in session.exec(select(Account)).all():
                account.email = f"{account.username}@example.test"
                account.phone = "19900000001"
        number = 1 if database_url.startswith("sqlite") else 2
        nodes = Nodes([Node(settings) for _ in range(number)])
        work = Work(city, nodes, [city.filled() for _ in range(CASES)])
        work.sign_in()
        nodes.start()
        yield Storm(work, mailbox, gateway)
        for node in nodes.each:
            node.kill()
        city.app.state.site.engine.dispose()
        city.engine.dispose()


def _secret(text: str):  # type: ignore[no-untyped-def]  # a pydantic value
    from pydantic import SecretStr

    return SecretStr(text)


def test_nothing_is_lost_and_nothing_is_there_twice(
    storm: Storm, capsys: pytest.CaptureFixture[str]
) -> None:
    storm.rage()
    assert storm.work.faults == []
    storm.calm()
    check_rows(storm.work.city)
    with reading(storm.work.city.engine) as session:
        check_ledger(session, storm)
        broken_off = check_documents(session, storm)
        broken_off += check_messages(session, storm)
    with capsys.disabled():
        repeats = len(storm.mailbox.raw) - len(storm.mailbox.distinct)
        repeats += len(storm.gateway.came) - len(storm.gateway.accepted)
        print(
            f"\n{storm.kills} workers killed, {broken_off} attempts broken off, {repeats} repeats"
        )
    assert broken_off > 0, "no kill hit any work: the storm is too mild to show anything"


def check_ledger(session: Session, storm: Storm) -> None:
    """What was answered as done is there once, every case is at its end, rows equal ledger."""
    for act in storm.work.done:
        found = session.exec(
            select(LedgerEntry).where(
                LedgerEntry.case_id == act.case_id,
                LedgerEntry.region == act.region,
                LedgerEntry.act == act.event,
                LedgerEntry.from_state == act.source,
            )
        ).all()
        assert len(found) == 1, f"{act} was answered as done"
    rows = [*session.exec(select(Case)).all(), *session.exec(select(Approval)).all()]
    for row in rows:
        region = row.region if isinstance(row, Approval) else CASE
        statement = (
            select(LedgerEntry)
            .where(LedgerEntry.case_id == row.case_id, LedgerEntry.region == region)
            .order_by(col(LedgerEntry.seq).desc())
        )
        last = session.exec(statement).first()
        assert last is not None
        assert (last.to_state, last.seq, last.hash) == (row.state, row.ledger_seq, row.ledger_hash)
    assert {row.state for row in rows} == {"concluded", "approved"}


def check_documents(session: Session, storm: Storm) -> int:
    """Every paper of every case once, whole, and the same bytes when it is made anew; how many
    attempts came to nothing."""
    settings = storm.work.city.settings
    files = FileStore(settings.files)
    rows = session.exec(select(Document).order_by(col(Document.id))).all()
    kinds = Counter((row.kind, row.region) for row in rows if row.kind != "inspection")
    assert set(kinds.values()) == {CASES}, "all cases went the same way, but for who looked first"
    assert [(row.kind, row.error) for row in rows if row.state != "made"] == []
    for row in rows:
        assert row.claim is None
        content = files.stored(row.pdf_key or "").read()
        assert hashlib.sha256(content).hexdigest() == row.sha256
    for row in storm.rng.sample(rows, 3):
        again = settings.press.make(row.template, row.snapshot)
        assert hashlib.sha256(again).hexdigest() == row.sha256
    return sum(max(row.attempts - 1, 0) for row in rows)


def check_messages(session: Session, storm: Storm) -> int:
    """Everybody was told once of everything, and each notice came once to who knows its key; how
    many attempts came to nothing."""
    keys = Counter(session.exec(select(Message.key)).all())
    assert set(keys.values()) == {1}
    papers = session.exec(select(Document)).all()
    applicant = session.exec(select(Account.id).where(Account.username == "applicant")).one()
    told = {key for key in keys if key.startswith("document/")}
    single = [row for row in papers if row.kind not in {"certificate", *INTERNAL, *OWN}]
    assert {f"document/{row.id}/{applicant}" for row in single} <= told
    assert len(told) == len(single) + CASES  # all certificates of a case in one
    assert len(keys) >= len(told) + storm.told * BATCH
    rows = session.exec(select(Dispatch)).all()
    assert {row.state for row in rows} == {"sent"}
    assert len(rows) == 2 * len(keys)
    mails = {f"<{row.id}@centre.example.test>" for row in rows if row.channel == "email"}
    assert storm.mailbox.distinct.keys() == mails
    assert len(set(storm.mailbox.raw)) == len(mails), "a repeated mail is the same to the byte"
    assert storm.gateway.accepted.keys() == {str(r.id) for r in rows if r.channel == "sms"}
    return sum(max(row.attempts - 1, 0) for row in rows)
