"""What is open is counted beside the work: the same numbers as the rows say, by one node at a time,
without holding anybody up."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import insert, update
from sqlmodel import delete, select

import counting
from functional.plans import listening, whole_tables
from onevisit.cases.board import look
from onevisit.cases.deadlines import alerts
from onevisit.cases.views.watch import KINDS
from onevisit.store.board_tables import BoardCount, BoardLight, BoardLook, Engagement
from onevisit.store.session import reading, writing
from onevisit.store.work_tables import Alert
from scenarios.law.arranged import inspected_on, local
from scenarios.stage import WORKFLOW, Stage

ITEMS = {"market_regulation": 2, "urban_management": 1}
"""What is in hand of an accepted case; tobacco waits for the licence."""


def board(stage: Stage) -> look.Board:
    return counting.board_of(stage.engine, stage.catalog, stage.files)


def counted(stage: Stage, measure: str) -> Mapping[str, int]:
    """One measure of the last count, by department."""
    with reading(stage.engine) as session:
        rows = session.exec(select(BoardCount).where(BoardCount.measure == measure)).all()
    assert {row.workflow_id for row in rows} <= {WORKFLOW, ""}
    return {row.department: row.number for row in rows}


def test_a_count_says_what_the_rows_say_and_forgets_what_is_done(stage: Stage) -> None:
    case_id = stage.accepted()
    assert board(stage).run_due(stage.now) == 1
    assert counted(stage, "in_hand") == ITEMS
    assert counted(stage, "submitted") == counted(stage, "accepted") == {"": 1}
    stage.later(24)
    alerts.run_due(partial(writing, stage.engine), stage.catalog, stage.files, stage.now)
    assert board(stage).run_due(stage.now) == 1
    assert counted(stage, "overdue") == {"": 1} and counted(stage, "submitted") == {}
    with reading(stage.engine) as session:
        lit = {row.alert_id: row.department for row in session.exec(select(BoardLight))}
        came_on = set(session.exec(select(Alert.id)))
    assert lit.keys() <= came_on and {"case", "urban_management"} <= set(lit.values())
    kinds = [counted(stage, kind) for kind in KINDS]
    assert sum(sum(each.values()) for each in kinds) == len(lit)
    for region in ("licence", "signboard"):
        stage.approve(case_id, region)
    stage.now += timedelta(minutes=1)
    assert board(stage).run_due(stage.now) == 1
    assert "urban_management" not in counted(stage, "in_hand")
    with reading(stage.engine) as session:
        departments = set(session.exec(select(BoardLight.department)))
    assert "urban_management" not in departments


def test_it_is_counted_by_one_node_and_again_in_a_while(stage: Stage) -> None:
    stage.accepted()
    assert [board(stage).run_due(stage.now) for _ in range(2)] == [1, 0]
    stage.now += look.EVERY
    with listening(stage.engine) as heard:
        assert board(stage).run_due(stage.now) == 1
    written = [each for each, _ in heard.statements if not each.startswith(("SELECT", "FETCH"))]
    assert {each.split()[1 if each[0] == "U" else 2] for each in written} == {"board_looks"}
    read_whole = {table for table, _ in whole_tables(stage.engine, heard.statements)}
    assert read_whole <= {"board_lights", "engagements"}  # what was on is compared with what is


def test_a_count_that_was_overtaken_or_killed_changes_nothing(stage: Stage) -> None:
    stage.accepted()
    began = board(stage)
    with writing(stage.engine) as session:
        assert look._claimed(session, stage.now, stage.now + look.LEASE)
    assert board(stage).run_due(stage.now) == 0  # the other one counts
    later = stage.now + look.LEASE
    assert board(stage).run_due(later) == 1  # it was never heard of again
    stage.accepted()
    assert began._count(stage.now, stage.now + look.LEASE) == 0
    assert counted(stage, "in_hand") == ITEMS
    with reading(stage.engine) as session:
        assert session.exec(select(BoardLook)).one().counted_at == later


def test_what_is_too_much_for_one_count_is_left_to_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.accepted()
    stage.later(24)
    alerts.run_due(partial(writing, stage.engine), stage.catalog, stage.files, stage.now)
    monkeypatch.setattr(look, "MOST", 2)
    found = []
    for _ in range(3):
        assert board(stage).run_due(stage.now) == 1
        stage.now += look.EVERY
        with reading(stage.engine) as session:
            found.append(len(session.exec(select(BoardLight)).all()))
    on = sum(sum(counted(stage, kind).values()) for kind in KINDS)
    assert found == [2, 4, on]


def test_a_clock_that_was_put_back_is_followed(stage: Stage) -> None:
    stage.accepted()
    assert board(stage).run_due(stage.now + timedelta(days=9)) == 1
    assert [board(stage).run_due(stage.now) for _ in range(2)] == [1, 0]
    assert counted(stage, "submitted") == {"": 1}


def test_a_count_mends_the_calendars_of_departments(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    inspected_on(stage, case_id, "food", local(date(2026, 11, 26)))
    assert expected(stage) == ["market_regulation", "tobacco"]
    with writing(stage.engine) as session:
        [row, _] = session.exec(select(Engagement)).all()
        session.exec(delete(Engagement))
        gone = {"appointment_id": case_id, "department": "tobacco", "at": row.at}
        session.connection().execute(insert(Engagement), [gone])
    board(stage).run_due(stage.now)
    assert expected(stage) == ["market_regulation", "tobacco"]
    stage.bring(case_id, "food")
    stage.act(case_id, "food", "reject", "不符合条件。")
    stage.now += look.EVERY
    board(stage).run_due(stage.now)
    assert expected(stage) == ["tobacco"]
    with writing(stage.engine) as session:
        session.connection().execute(update(Engagement).values(at=stage.now))
    stage.now += look.EVERY
    board(stage).run_due(stage.now)
    with reading(stage.engine) as session:
        assert session.exec(select(Engagement.at)).one() == row.at


def expected(stage: Stage) -> list[str]:
    """The departments that are expected anywhere."""
    with reading(stage.engine) as session:
        return sorted(session.exec(select(Engagement.department)))
