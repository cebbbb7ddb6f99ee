"""Many people at work on the same cases over HTTP, and what must hold of the rows afterwards."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from sqlmodel import Session, select

from functional.city import APPLICANT_ID, CHECKED, DEPARTMENTS, City
from functional.node import Node, Nodes
from onevisit.cases.errors import CaseError
from onevisit.engine import CASE, Chart, Marking, fire, possible
from onevisit.engine import select as select_parts
from onevisit.store.evidence import verify_ledger
from onevisit.store.session import reading
from onevisit.store.tables import Approval, Case

INSPECTING = threading.Lock()
STEPS = {"handle": "handler", "review": "reviewer", "decide": "decider"}


@dataclass(frozen=True)
class Act:
    """One form that somebody sends, and what it should leave in the ledger of its region.

    `pages` are what they look at before.
    """

    username: str
    pages: tuple[str, ...]
    address: str
    data: dict[str, str]
    case_id: UUID
    region: str
    event: str
    source: str


def _is_up() -> threading.Event:
    up = threading.Event()
    up.set()
    return up


@dataclass
class Work:
    """Everybody at work on the same cases; `done` is what the server said was done."""

    city: City
    node: Node | Nodes
    cases: list[UUID]
    rng: random.Random = field(default_factory=lambda: random.Random(2))
    sent: int = 0
    done: list[Act] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    counted: threading.Condition = field(default_factory=threading.Condition)
    cuts: int = 0
    up: threading.Event = field(default_factory=_is_up)

    def sign_in(self) -> None:
        """Everybody once, before the work begins."""
        officers = (f"{each}.{role}" for each in DEPARTMENTS for role in STEPS.values())
        for username in ("applicant", "clerk", "window", *officers):
            self.city.client(username)

    def work(self) -> None:
        """Do what somebody can do, until nobody can do anything; no answer, where nobody cut the
        power, is a fault and ends it."""
        with httpx.Client(timeout=60) as client:
            while acts := [
                act for case_id in self.cases for act in possible_acts(self.city, case_id)
            ]:
                with self.counted:
                    act, cuts, up = self.rng.choice(acts), self.cuts, self.up.is_set()
                    self.sent += 1
                    self.counted.notify_all()
                try:
                    self._send(client, act)
                except httpx.TransportError as error:
                    if up and cuts == self.cuts:  # nobody pulled the plug
                        self.faults.append(f"{act}: {error!r}")
                        return
                    self.up.wait()

    def _send(self, client: httpx.Client, act: Act) -> None:
        address = self.node.address
        cookie = f"onevisit={self.city.cookies[act.username]}"
        headers = {"origin": address, "cookie": cookie}
        for each in act.pages:
            page = client.get(address + each, headers=headers)
            if page.status_code not in (200, 303):  # 303: that page has had its time
                self.faults.append(f"{each}: {page.status_code}")
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
        with self.counted:
            self.up.clear()
            self.cuts += 1
        self.node.kill()
        self.node.start()
        self.up.set()

    def finished(self) -> bool:
        """Whether every case has come to its end."""
        return all(self.city.case(each).concluded_at for each in self.cases)


def possible_acts(city: City, case_id: UUID) -> Iterator[Act]:
    """The forms that people could send now for one case."""
    case = city.case(case_id)
    own, desk, window = f"/my/{case_id}", f"/desk/{case_id}", f"/window/{case_id}"
    revision = {"revision": str(case.revision)}
    at = (case_id, CASE)
    pages: tuple[str, ...]
    if case.state == "draft":
        data = {"pickup": "window", "agreed": "yes", **revision}
        pages = ("/my", own, f"{own}/review")
        yield Act("applicant", pages, f"{own}/submit", data, *at, "submit", case.state)
    elif case.state == "submitted":
        data = {**CHECKED, **revision}
        yield Act("clerk", ("/desk", desk), f"{desk}/accept", data, *at, "accept", case.state)
    elif case.state == "issuing":
        data = {"relation": "self", "name": "演示申请人甲", "method": "window", **revision}
        data |= {"id_number": APPLICANT_ID, "confirmed": "yes"}
        pages = ("/window", window)
        yield Act("window", pages, f"{window}/hand-out", data, *at, "hand_out", case.state)
    elif case.state == "reviewing":
        with reading(city.engine) as session:
            rows = session.exec(select(Approval).where(Approval.case_id == case_id)).all()
        for row in rows:
            if row.state in STEPS:
                if row.state == "decide" and not inspected(city, row):
                    continue
                event = "approve" if row.state == "decide" else "forward"
                data = {"event": event, "opinion": "同意。", "revision": str(row.revision)}
                username = f"{row.department}.{STEPS[row.state]}"
                page = f"/office/{row.id}"
                pages = ("/office", page)
                yield Act(username, pages, page, data, case_id, row.region, event, row.state)


def inspected(city: City, row: Approval) -> bool:
    """Whether the item may be decided; what has to be seen on site before that is, by one of
    those who ask at the same time."""
    with INSPECTING:
        try:
            city.inspect(row.case_id, row.region)
        except CaseError:  # somebody was faster
            return False
    return True


def reachable(chart: Chart) -> frozenset[Marking]:
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
                charts[chart.regions] = (chart, reachable(chart))
            assert marking in charts[chart.regions][1], f"{marking} cannot be reached"
