"""A look of the sweep costs what is due, not what there is: by an index, and batch by batch, on
both databases.
"""

import re
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import update

from bench import crowded
from functional.plans import listening, sqlite_plans, whole_tables
from onevisit.cases.context import Context
from onevisit.cases.deadlines import alerts, due, look, timers
from onevisit.cases.errors import CaseError
from onevisit.store.session import writing
from onevisit.store.tables import Approval, Case
from scenarios.stage import Stage

ENTERED = re.compile(r"INDEX ix_\w+_id \(\(\w+,id\)>\(\?,\?\)")
COPIES, FEW = 10, 3
FINDS = (
    timers.due_cases, timers.due_approvals, alerts.waiting_cases, alerts.waiting_approvals
)  # fmt: skip


def test_no_look_reads_a_whole_table(stage: Stage) -> None:
    with listening(stage.engine) as heard:
        due.run_all(partial(writing, stage.engine), stage.catalog, stage.files, stage.now)
    assert len(heard.statements) > len(due.LOOKS)
    assert whole_tables(stage.engine, heard.statements) == []


def test_however_many_are_due_they_come_in_batches_and_each_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = stage.accepted()
    items = len(stage.approvals(case_id)) * (COPIES + 1)
    crowded.fill(stage.engine, {case_id: COPIES})
    day = stage.now.date() - timedelta(days=1)
    with writing(stage.engine) as session:
        for table in (Case, Approval):  # all on one day: the id says where to go on
            session.connection().execute(update(table).values(alert_on=day, timer_due=day))
    monkeypatch.setattr(look, "BATCH", FEW)
    for find in FINDS:
        sizes, tried = [], []

        def some(ctx: Context, after: look.Last | None) -> look.Batch[look.Any]:
            batch = find(ctx, after)  # noqa: B023 -- called before the next one is
            sizes.append(len(batch.rows))  # noqa: B023
            return batch

        def fail(ctx: Context, row: object) -> int:
            tried.append(row)  # noqa: B023
            raise CaseError("这一件没有做成")

        each = look.Look(partial(writing, stage.engine), stage.catalog, stage.files, stage.now)
        assert each.all_of(some, fail) == 0
        cases = find in (timers.due_cases, alerts.waiting_cases)
        assert len(tried) == len(set(tried)) == (COPIES + 1 if cases else items), find
        assert max(sizes) == FEW, find


def test_the_next_batch_is_entered_in_the_index_by_day_and_id(stage: Stage) -> None:
    """However many have the same day: those that went before are not passed one by one."""
    if stage.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL sorts what a small table has, by whatever index")
    last = (stage.now.date() - timedelta(days=1), UUID(int=5))
    for find in FINDS:
        with listening(stage.engine) as heard, stage.looking("clerk") as ctx:
            find(ctx, last)
        plans = sqlite_plans(stage.engine, heard.statements)
        assert any(ENTERED.search(each) for each in plans), (find, plans)
