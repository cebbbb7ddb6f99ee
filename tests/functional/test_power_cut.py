"""A server killed again and again while a city works on it: whatever was answered stays done,
whatever was not is done once more or not at all, and every paper gets made in the end."""

import hashlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from sqlmodel import Session, col, select

from functional.city import CHECKED, City
from functional.node import Node
from onevisit.engine import CASE, Chart, Marking, fire, possible
from onevisit.engine import select as select_parts
from onevisit.jobs.sweep import ABANDONED, Sweeper
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import reading
from onevisit.store.tables import Approval, Case, Document, LedgerEntry, Upload

CASES, WORKERS, CUTS = 4, 4, 6
STEPS = {"handle": "handler", "review": "reviewer", "decide": "decider"}


@dataclass(frozen=True)
class Act:
    """One form that somebody sends, and what it should leave in the ledger of its region."""

    username: str
    address: str
    data: dict[str, str]
    case_id: UUID
    region: str
    event: str
    source: str


@dataclass
class Work:
    """Everybody at work on the same cases; `done` is what the server said was done."""

    city: City
    node: Node
    cases: list[UUID]
    rng: random.Random = field(default_factory=lambda: random.Random(2))
    sent: int = 0
    done: list[Act] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    counted: threading.Condition = field(default_factory=threading.Condition)
    up: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Do what somebody can do, until nobody can do anything."""
        with httpx.Client(timeout=60) as client:
            while acts := [act for case_id in self.cases for act in _possible(self.city, case_id)]:
                with self.counted:
                    act = self.rng.choice(acts)
                    self.sent += 1
                    self.counted.notify_all()
                try:
                    self._send(client, act)
                except httpx.TransportError:
                    self.up.wait()

    def _send(self, client: httpx.Client, act: Act) -> None:
        address = self.node.address
        cookie = f"onevisit={self.city.cookies[act.username]}"
        headers = {"origin": address, "cookie": cookie}
        answer = client.post(address + act.address, data=act.data, headers=headers)
        if answer.status_code == 303:
            self.done.append(act)
        elif answer.status_code != 409:  # somebody was faster, or the decision has to wait
            self.faults.append(f"{act}: {answer.status_code}")

    def cut(self) -> None:
        """Pull the plug while some more requests are being answered, and start again."""
        with self.counted:
            mark = self.sent + self.rng.randint(2, 9)
            while self.sent < mark and not self.finished():
                self.counted.wait(timeout=1)
        self.up.clear()
        self.node.kill()
        self.node.start()
        self.up.set()

    def finished(self) -> bool:
        """Whether every case has come to its end."""
        return all(self.city.case(each).concluded_at for each in self.cases)


def _possible(city: City, case_id: UUID) -> Iterator[Act]:
    """The forms that people could send now for one case."""
    case = city.case(case_id)
    revision = {"revision": str(case.revision)}
    if case.state == "draft":
        data = {"pickup": "window", "agreed": "yes", **revision}
        yield Act("applicant", f"/my/{case_id}/submit", data, case_id, CASE, "submit", case.state)
    elif case.state == "submitted":
        data = {**CHECKED, **revision}
        yield Act("clerk", f"/desk/{case_id}/accept", data, case_id, CASE, "accept", case.state)
    elif case.state == "issuing":
        data = {"relation": "self", "name": "演示申请人甲", "method": "window", **revision}
        data |= {"id_number": "990000199001019011", "confirmed": "yes"}
        address = f"/window/{case_id}/hand-out"
        yield Act("window", address, data, case_id, CASE, "hand_out", case.state)
    elif case.state == "reviewing":
        with reading(city.engine) as session:
            rows = session.exec(select(Approval).where(Approval.case_id == case_id)).all()
        for row in rows:
            if row.state in STEPS:
                event = "approve" if row.state == "decide" else "forward"
                data = {"event": event, "opinion": "同意。", "revision": str(row.revision)}
                username = f"{row.department}.{STEPS[row.state]}"
                yield Act(
                    username, f"/office/{row.id}", data, case_id, row.region, event, row.state
                )


def _reachable(chart: Chart) -> frozenset[Marking]:
    """Every marking that the engine can come to."""
    found, waiting = {chart.initial}, [chart.initial]
    while waiting:
        marking = waiting.pop()
        for region in chart.regions:
            for move in possible(chart, marking, region):
                after = fire(chart, marking, region, move.event).marking
                if after not in found:
                    found.add(after)
                    waiting.append(after)
    return frozenset(found)


def marking_of(city: City, session: Session, case: Case) -> tuple[Chart, Marking]:
    """The statechart of a case and where its rows say that it stands."""
    published = city.catalog.version(session, case.version_hash)
    chart = published.chart(select_parts(published.definition, case.answers, case.form))
    rows = session.exec(select(Approval).where(Approval.case_id == case.id)).all()
    states = {**chart.initial, **{row.region: row.state for row in rows}, CASE: case.state}
    return chart, chart.marking(states)


def check_rows(city: City) -> None:
    """Every ledger verifies and every case stands where the engine could have brought it."""
    charts: dict[tuple[str, ...], tuple[Chart, frozenset[Marking]]] = {}
    with reading(city.engine) as session:
        for case in session.exec(select(Case)).all():
            assert verify_ledger(session, case.id) == []
            chart, marking = marking_of(city, session, case)
            if chart.regions not in charts:
                charts[chart.regions] = (chart, _reachable(chart))
            assert marking in charts[chart.regions][1], f"{marking} cannot be reached"


def entries(session: Session, act: Act) -> list[LedgerEntry]:
    """What the ledger has of one act."""
    statement = select(LedgerEntry).where(
        LedgerEntry.case_id == act.case_id,
        LedgerEntry.region == act.region,
        LedgerEntry.act == act.event,
        LedgerEntry.from_state == act.source,
    )
    return list(session.exec(statement).all())


@pytest.fixture
def work(city: City) -> Iterator[Work]:
    """Complete drafts, a running server, and everybody signed in."""
    cases = [city.filled() for _ in range(CASES)]
    for username in ("applicant", "clerk", "window"):
        city.client(username)
    for department in ("market_regulation", "urban_management", "tobacco"):
        for role in STEPS.values():
            city.client(f"{department}.{role}")
    node = Node(city.settings)
    node.start()
    yield Work(city, node, cases)
    node.kill()


def test_nothing_is_lost_or_done_twice_however_often_the_power_fails(work: Work) -> None:
    city = work.city
    work.up.set()
    threads = [threading.Thread(target=work.work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for _ in range(CUTS):
        work.cut()
        check_rows(city)
    for thread in threads:
        thread.join()
    assert work.faults == []
    assert work.finished()
    check_rows(city)
    with reading(city.engine) as session:
        for act in work.done:
            assert len(entries(session, act)) == 1, f"{act} was answered as done"
        decided = session.exec(select(Approval)).all()
        assert {row.state for row in decided} == {"approved"}
    check_papers(work)


def check_papers(work: Work) -> None:
    """Every document that was ordered gets made, whole; no half file stays."""
    city = work.city
    work.node.kill()
    files = FileStore(city.settings.files)
    sweeper = Sweeper(city.engine, files, city.settings.templates)
    while sweeper.sweep(datetime.now(UTC) + 2 * ABANDONED):
        pass
    with reading(city.engine) as session:
        rows = session.exec(select(Document).order_by(col(Document.case_id))).all()
        uploads = session.exec(select(Upload)).all()
    each = {case_id: [row.kind for row in rows if row.case_id == case_id] for case_id in work.cases}
    assert len({tuple(sorted(kinds)) for kinds in each.values()}) == 1, (
        "all cases went the same way"
    )
    for row in rows:
        assert row.state == "made" and row.pdf_key is not None
        content = files.path(row.pdf_key).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row.sha256
    for upload in uploads:
        content = files.path(upload.storage_key).read_bytes()
        assert hashlib.sha256(content).hexdigest() == upload.sha256
    assert list((files.root / "incoming").iterdir()) == []
