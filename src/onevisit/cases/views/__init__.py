"""Read models: everything a page needs as plain frozen values, in few queries and no lazy ones."""

from onevisit.cases.views.applicant import (
    CaseRow,
    DraftView,
    Progress,
    draft_view,
    my_cases,
    progress,
)
from onevisit.cases.views.intake import DeskCase, DeskRow, desk_case, desk_queue
from onevisit.cases.views.lanes import Lane
from onevisit.cases.views.office import OfficeCase, office_case
from onevisit.cases.views.office_inbox import InboxRow, office_inbox
from onevisit.cases.views.parts import Page
from onevisit.cases.views.window import (
    KioskCase,
    WindowCase,
    WindowRow,
    kiosk_case,
    window_case,
    window_ready,
)

__all__ = [
    "CaseRow",
    "DeskCase",
    "DeskRow",
    "DraftView",
    "InboxRow",
    "KioskCase",
    "Lane",
    "OfficeCase",
    "Page",
    "Progress",
    "WindowCase",
    "WindowRow",
    "desk_case",
    "desk_queue",
    "draft_view",
    "kiosk_case",
    "my_cases",
    "office_case",
    "office_inbox",
    "progress",
    "window_case",
    "window_ready",
]
