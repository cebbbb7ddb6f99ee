"""What can be done with a case, one verb a file; every verb is handed a Context first."""

from onevisit.cases import (
    accept,
    correct,
    decide,
    decline,
    draft,
    hand_out,
    kiosk,
    material,
    posting,
    submit,
    views,
    withdraw,
)
from onevisit.cases.check import FieldFinding, Finding
from onevisit.cases.collector import Collector
from onevisit.cases.context import Context
from onevisit.cases.deadlines import timers
from onevisit.cases.errors import CaseError, Invalid, NotFound, NotPossible, Stale
from onevisit.cases.outbox import documents

__all__ = [
    "CaseError",
    "Collector",
    "Context",
    "FieldFinding",
    "Finding",
    "Invalid",
    "NotFound",
    "NotPossible",
    "Stale",
    "accept",
    "correct",
    "decide",
    "decline",
    "documents",
    "draft",
    "hand_out",
    "kiosk",
    "material",
    "posting",
    "submit",
    "timers",
    "views",
    "withdraw",
]
