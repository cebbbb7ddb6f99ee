"""A page of a queue costs what it shows: the rows come sorted from an index, and reading ends with
the page, however many wait."""

from collections.abc import Callable

import pytest

from functional.plans import listening, sqlite_plans
from onevisit.cases.context import Context
from onevisit.cases.views.calendar import calendar, of_day, overdue
from onevisit.cases.views.office_inbox import Wanted, office_inbox
from onevisit.cases.views.watch import Wanted as Lights
from onevisit.cases.views.watch import watch
from onevisit.cases.views.window import window_ready
from scenarios.stage import Stage
from scenarios.test_figures import watching

OFFICER = "market_regulation.handler"
NONE_BEFORE = "00000000-0000-0000-0000-000000000000"
QUEUES: dict[str, tuple[str, Callable[[Context], object]]] = {
    "what is mine": (OFFICER, office_inbox),
    "what is nearly late": (OFFICER, lambda ctx: office_inbox(ctx, wanted=Wanted(light="soon"))),
    "a day": (OFFICER, lambda ctx: of_day(ctx, ctx.today)),
    "what is overdue": (OFFICER, overdue),
    "a calendar program": (OFFICER, calendar),
    "what is ready": ("window", window_ready),
    "the next page": (
        "window", lambda ctx: window_ready(ctx, after=f"{ctx.today}|{NONE_BEFORE}")
    ),
    "who is looked for": ("window", lambda ctx: window_ready(ctx, "演示")),
}  # fmt: skip
FOUND_TWICE = "who is looked for"
"""What waits comes from its index, as much as a page shows; that and what was handed out lately is
then sorted together."""


def test_no_queue_is_sorted_for_a_page(stage: Stage) -> None:
    if stage.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL sorts what a small table has, by whatever index")
    for queue, (who, ask) in QUEUES.items():
        with listening(stage.engine) as heard, stage.looking(who) as ctx:
            ask(ctx)
        first = [each for each in heard.statements if "LIMIT" in each[0]]
        assert first, queue
        for each in first:
            plan = sqlite_plans(stage.engine, [each])
            sorted_ = [line for line in plan if "TEMP B-TREE" in line and "ORDER BY" in line]
            assert len(sorted_) <= (queue == FOUND_TWICE), (queue, each[0], plan)
            assert not any("ix_cases_awaits_submitted_at" in line for line in plan), (queue, plan)
    with listening(stage.engine) as heard, watching(stage) as ctx:
        for wanted in (Lights("red"), Lights("red", "tobacco", "open_restaurant")):
            watch(ctx, wanted)
    first = [each for each in heard.statements if "LIMIT" in each[0]]
    plans = sqlite_plans(stage.engine, first)
    assert len([each for each in plans if "ix_board_lights_kind" in each]) == len(first) == 2
    assert not [each for each in plans if "TEMP B-TREE" in each], plans
