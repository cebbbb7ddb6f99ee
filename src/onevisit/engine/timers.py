"""When a state ends by itself: the last day of a timer that starts on entering it."""

from datetime import date

from onevisit.definition.service import Definition
from onevisit.definition.values import Limit
from onevisit.engine.chart import CASE, Chart
from onevisit.engine.clocks import add_working_days, due
from onevisit.engine.selection import Part


def timer_due(
    definition: Definition, chart: Chart, part: Part | None, state: str, today: date
) -> date | None:
    """The last day before a `timer` move out of `state` fires, None when the state has none.

    `part` is the approval, None for the case. A timer fires once its day is over
    (民法典第二百零三条: the period ends at the close of its last day).
    """
    region = CASE if part is None else part.key
    if not any(move.by == "timer" for move in chart.tables[region].moves[state]):
        return None
    if part is None:
        reply = definition.jurisdiction.correction_reply
        return add_working_days(definition.calendar, today, reply.days)
    if state == definition.lifecycle.approval.initial:
        assert definition.workflow.window is not None  # `batch` needs a window: checked by name
        return definition.workflow.window.closes
    assert part.item.wait is not None
    return due(definition.calendar, today, Limit(days=part.item.wait.days, unit="natural"))
