"""Compiles a service to a statechart, moves it, plans it and proves it: pure, no I/O, no clock."""

from onevisit.engine.chart import CASE, CERTIFICATE, Chart, Marking, Move
from onevisit.engine.compile import compile_certificate, compile_chart
from onevisit.engine.fire import Fired, NotPossible, fire, possible, settle
from onevisit.engine.plan import Plan, PlanRow, plan
from onevisit.engine.proof.visits import Visits, visits
from onevisit.engine.selection import (
    Part,
    Selection,
    everything,
    questions,
    read_answers,
    select,
)

__all__ = [
    "CASE",
    "CERTIFICATE",
    "Chart",
    "Fired",
    "Marking",
    "Move",
    "NotPossible",
    "Part",
    "Plan",
    "PlanRow",
    "Selection",
    "Visits",
    "compile_certificate",
    "compile_chart",
    "everything",
    "fire",
    "plan",
    "possible",
    "questions",
    "read_answers",
    "select",
    "settle",
    "visits",
]
