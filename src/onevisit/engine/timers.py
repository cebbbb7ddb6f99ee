"""When a state ends by itself: the last day of a timer that starts on entering it."""

from datetime import date

from onevisit.definition.lifecycle import After
from onevisit.definition.service import Definition
from onevisit.definition.values import Limit
from onevisit.engine.chart import CASE, Chart, Move
from onevisit.engine.clocks import add_working_days, due
from onevisit.engine.selection import Part

OF_THE_AUTHORITY: frozenset[After] = frozenset({"correction_notice"})
"""Periods of the authority itself: they are over when it closes on the last day; all others,
since one can always write online, at midnight (民法典第二百零三条)."""

KEPT_ELSEWHERE: frozenset[After] = frozenset({"deferral", "validity"})
"""Deadlines of a material or a certificate, whose last days stand in their own rows."""


def runs_out(move: Move) -> bool:
    """Whether the move is made by the timer of the state that it leaves."""
    return move.by == "timer" and move.after not in KEPT_ELSEWHERE


def timer_due(
    definition: Definition, chart: Chart, part: Part | None, state: str, start: date
) -> date | None:
    """The last day before a `timer` move out of `state` fires, None when the state has none.

    `part` is the approval, None for the case; `start` is the day on which the state was entered
    (not counted). A timer fires once its day is over (民法典第二百零三条). Deferred material and
    certificates have days of their own, which are kept with them.
    """
    region = CASE if part is None else part.key
    days = (
        _last_day(definition, part, move.after, start)
        for move in chart.tables[region].moves[state]
        if move.after is not None
    )
    return min((day for day in days if day is not None), default=None)


def _last_day(definition: Definition, part: Part | None, after: After, start: date) -> date | None:
    rules, calendar = definition.jurisdiction, definition.calendar
    if after == "correction_notice":
        return add_working_days(calendar, start, rules.correction_notice.days)
    if after == "correction_reply":
        return add_working_days(calendar, start, rules.correction_reply.days)
    if after == "window" and definition.workflow.window is not None:
        return definition.workflow.window.closes
    if after == "notice" and part is not None and part.item.wait is not None:
        return due(calendar, start, Limit(days=part.item.wait.days, unit="natural"))
    return None
