"""Days that are over are counted once; what the statistics say follows from what happened."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from functools import partial

from sqlmodel import select

from onevisit.access import Actor, PostValue
from onevisit.cases import Context, figures
from onevisit.cases.board.counting import numbers
from onevisit.cases.views.statistics import statistics
from onevisit.cases.views.watch_today import trend
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY
from onevisit.store.figure_tables import CountedDay, Figure
from onevisit.store.session import reading, writing
from onevisit.store.turn_tables import Pause
from scenarios.stage import WORKFLOW, Stage


def count(stage: Stage) -> int:
    """One look at the days that are over."""
    transaction = partial(writing, stage.engine)
    return figures.run_due(transaction, stage.catalog, stage.files, stage.now)


def counted(stage: Stage) -> dict[tuple[str, int], int]:
    """All figures of the one service, by measure and value."""
    with reading(stage.engine) as session:
        rows = session.exec(select(Figure)).all()
    assert {row.workflow_id for row in rows} <= {WORKFLOW}
    return {(row.measure, row.value): row.cases for row in rows}


def test_a_day_is_counted_when_it_is_over_and_only_once(stage: Stage) -> None:
    assert count(stage) == 0  # nothing has ever happened
    stage.accepted()
    assert count(stage) == 0  # the day is not over
    stage.later(2)
    assert count(stage) == 2
    assert counted(stage) == {("submitted", 0): 1, ("accepted", 0): 1}
    assert count(stage) == 0
    stage.accepted()
    stage.later(1)
    assert count(stage) == 1
    assert counted(stage) == {("submitted", 0): 2, ("accepted", 0): 2}


def test_midnight_is_given_time_to_settle(stage: Stage) -> None:
    stage.accepted()
    day = stage.now.astimezone(BEIJING).date()
    stage.now = datetime.combine(day + ONE_DAY, time(0, 30), BEIJING)
    assert count(stage) == 0
    stage.now = datetime.combine(day + ONE_DAY, time(1, 30), BEIJING)
    assert count(stage) == 1
    with reading(stage.engine) as session:
        [row] = session.exec(select(CountedDay))
    assert (row.day, row.submitted, row.accepted, row.decided) == (day, 1, 1, 0)


@contextmanager
def watching(stage: Stage) -> Iterator[Context]:
    """A look by somebody of the supervision."""
    actor = Actor(uuid.uuid4(), "演示督查员", (PostValue("supervisor"),))
    with reading(stage.engine) as session:
        yield Context(session, stage.catalog, stage.files, actor, stage.now)


def test_what_a_decided_case_adds(stage: Stage) -> None:
    """Days used without those on which the promise stood still; kept; visits saved: 6 less 1."""
    case_id = stage.accepted()
    start = stage.case(case_id).clock_from
    assert start is not None
    stage.later(7)
    with stage.acting("market_regulation.handler") as ctx:
        ctx.session.add(
            Pause(
                case_id=case_id, region="food", kind="inspection", title="检验", reasons="送检",
                basis="行政许可法第四十五条", stops_legal=True, stops_promise=True,
                began=start, planned=ctx.today, ended=ctx.today,
            )
        )  # fmt: skip
    for region in ("licence", "food", "signboard", "tobacco"):
        stage.approve(case_id, region)
    decided = stage.case(case_id).decided_at
    assert decided is not None
    stage.later(2)
    count(stage)
    found = counted(stage)
    [used] = [value for measure, value in found if measure == "used"]
    assert 0 <= used <= (decided.date() - start).days - 5
    assert ("saved", 5) in found
    assert sum(cases for (measure, _), cases in found.items() if measure == "kept") == 1
    with watching(stage) as ctx:
        days = trend(ctx)
    assert (sum(day.submitted for day in days), sum(day.decided for day in days)) == (1, 1)


def test_few_cases_are_not_told_to_the_public(stage: Stage) -> None:
    for _ in range(2):
        stage.accepted()
    stage.later(2)
    count(stage)
    with reading(stage.engine) as session:
        page = statistics(session, stage.catalog, stage.now.date())
    [service] = page.services
    assert page.until is not None
    assert page.submitted == service.submitted == "few"
    assert service.spread is service.on_time is None


def test_today_is_read_off_the_ledger(stage: Stage) -> None:
    stage.accepted()
    stage.submitted()
    with watching(stage) as ctx:
        found = numbers(ctx)
    said = {measure: number for (measure, _, service), number in found.items() if not service}
    assert said == {"submitted": 2, "accepted": 1}
    stage.later(40)
    with watching(stage) as ctx:
        later = numbers(ctx)
    assert (later["overdue", "", ""], later["submitted", "", ""]) == (1, 0)
