"""Several people act on one case in any order, from pages that may be old, while time passes:
whatever they do, the case stands where the engine allows and its rows are what the ledger tells."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import update
from sqlmodel import col, select

from functional import city as cities
from functional.city import APPLICANT_ID, DEPARTMENTS, FINDINGS, City
from functional.crowd import STEPS, marking_of, reachable
from onevisit.access import Forbidden
from onevisit.cases import Context, accept, decide, submit, withdraw
from onevisit.cases.collector import Collector
from onevisit.cases.deadlines import due
from onevisit.cases.errors import CaseError
from onevisit.cases.hand_out import hand_out
from onevisit.engine import Chart, Marking
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing
from onevisit.store.tables import Approval, Case, Document, LedgerEntry
from onevisit.store.turn_tables import Certificate

REGIONS = ("licence", "food", "signboard", "tobacco")
PEOPLE = (
    "applicant", "applicant2", "clerk", "window", "admin", "supervisor",
    *(f"{department}.{role}" for department in DEPARTMENTS for role in STEPS.values()),
)  # fmt: skip
EVENTS = ("forward", "approve", "reject", "send_back")


class Hands(RuleBasedStateMachine):
    """One case of a city that all examples share; every step is somebody's act."""

    city: ClassVar[City]
    charts: ClassVar[dict[tuple[str, ...], frozenset[Marking]]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.case_id: UUID = self.city.filled()
        self.now = datetime.now(UTC)
        self.taken: Counter[str] = Counter()

    def _act(self, who: str, act: Callable[[Context, Case], object]) -> bool:
        """One person's act, now; False when it was refused, for whatever reason of ours."""
        try:
            with self.city.acting(who, self.now) as ctx:
                act(ctx, ctx.session.get_one(Case, self.case_id))
        except (CaseError, Forbidden):
            return False
        return True

    @rule(who=st.sampled_from(("applicant", "applicant2", "clerk")), old=st.booleans())
    def submits(self, who: str, old: bool) -> None:
        done = self._act(
            who, lambda ctx, case: submit.submit(ctx, case.id, "window", case.revision - old)
        )
        self.taken["submit"] += done
        assert not (done and (old or who != "applicant"))

    @rule(who=st.sampled_from(("clerk", "clerk2", "applicant", "admin")), old=st.booleans())
    def accepts(self, who: str, old: bool) -> None:
        done = self._act(
            who, lambda ctx, case: accept.accept(ctx, case.id, FINDINGS, case.revision - old)
        )
        self.taken["accept"] += done
        assert not (done and (old or not who.startswith("clerk")))

    @rule(
        region=st.sampled_from(REGIONS), event=st.sampled_from(EVENTS), old=st.booleans(),
        reasons=st.sampled_from(("", "不符合条件，理由如下。")),
    )  # fmt: skip
    def signs(self, region: str, event: str, old: bool, reasons: str) -> None:
        """Whoever's turn it is."""
        row = self._approval(region)
        if row is not None and row.awaits is not None:
            who = f"{row.department}.{row.awaits}"
            self._sign(who, row, event, reasons, row.revision - old)

    @rule(region=st.sampled_from(REGIONS), who=st.sampled_from(PEOPLE))
    def signs_for_another(self, region: str, who: str) -> None:
        """Somebody whose turn it is not."""
        row = self._approval(region)
        if row is not None and who != f"{row.department}.{row.awaits}":
            assert not self._sign(who, row, "approve", "", row.revision)

    def _sign(self, who: str, row: Approval, event: str, reasons: str, revision: int) -> bool:
        return self._act(
            who, lambda ctx, _: decide.act(ctx, row.id, event, "同意。", reasons, revision)
        )

    @rule(region=st.sampled_from(REGIONS))
    def finishes(self, region: str) -> None:
        """All that is left of one item, as its department does on a good day."""
        row = self._approval(region)
        if row is not None and row.awaits is not None:
            try:
                self.city.approve(self.case_id, region)
            except CaseError:
                return  # it has to wait for another item, or for a day to come

    @rule(who=st.sampled_from(("applicant", "applicant2")))
    def withdraws(self, who: str) -> None:
        done = self._act(
            who, lambda ctx, case: withdraw.withdraw(ctx, case.id, "不办了。", case.revision)
        )
        self.taken["withdraw"] += done
        assert not (done and who == "applicant2")

    @rule(who=st.sampled_from(("window", "clerk", "applicant2")))
    def hands_out(self, who: str) -> None:
        collector = Collector("演示申请人甲", APPLICANT_ID, "self")
        done = self._act(
            who, lambda ctx, case: hand_out(ctx, case.id, collector, "window", case.revision)
        )
        self.taken["hand_out"] += done

    @rule()
    def papers_are_made(self) -> None:
        """As the background does, without drawing them."""
        with writing(self.city.engine) as session:
            mine = update(Document).where(col(Document.case_id) == self.case_id)
            session.connection().execute(mine.values(state="made"))

    @rule(days=st.integers(min_value=1, max_value=40))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        files = FileStore(self.city.settings.files)
        due.run_all(partial(writing, self.city.engine), self.city.catalog, files, self.now)

    def _approval(self, region: str) -> Approval | None:
        with reading(self.city.engine) as session:
            return session.exec(
                select(Approval).where(Approval.case_id == self.case_id, Approval.region == region)
            ).first()

    @invariant()
    def rows_and_ledger_agree(self) -> None:
        with reading(self.city.engine) as session:
            case = session.get_one(Case, self.case_id)
            assert verify_ledger(session, case.id) == []
            chart, marking = marking_of(self.city, session, case)
            assert marking in self._reachable(chart), f"{marking} cannot be reached"

    def _reachable(self, chart: Chart) -> frozenset[Marking]:
        if chart.regions not in self.charts:
            self.charts[chart.regions] = reachable(chart)
        return self.charts[chart.regions]

    @invariant()
    def nothing_happens_twice(self) -> None:
        assert max(self.taken.values(), default=0) <= 1

    @invariant()
    def no_paper_without_its_decision(self) -> None:
        with reading(self.city.engine) as session:
            papers = session.exec(select(Certificate).where(Certificate.case_id == self.case_id))
            rows = {
                row.region: row
                for row in session.exec(select(Approval).where(Approval.case_id == self.case_id))
            }
            for paper in papers.all():
                assert rows[paper.region].decided_at is not None
                told = session.exec(
                    select(LedgerEntry.act).where(
                        LedgerEntry.case_id == self.case_id, LedgerEntry.region == paper.region
                    )
                ).all()
                assert "approve" in told and told.count("approve") == 1
            kinds = Counter(
                (row.kind, row.region)
                for row in session.exec(select(Document).where(Document.case_id == self.case_id))
                if row.kind in ("acceptance", "receipt", "withdrawal")
            )
            assert max(kinds.values(), default=0) <= 1


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """One city for all examples: each has a case of its own."""
    return cities.prepare(tmp_path_factory.mktemp("hands")).copied(
        tmp_path_factory.mktemp("many") / "city"
    )


def test_whatever_many_hands_do(city: City, tmp_path: Path) -> None:
    machine: Any = type("Here", (Hands,), {"city": city})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=24,
            derandomize=True,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
