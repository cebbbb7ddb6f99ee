"""Acceptance by law (视为受理): what was not told in time cannot be held against the applicant."""

from datetime import date

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.snapshot import Particulars
from onevisit.documents.format import BEIJING, cn_date


def particulars(dossier: Dossier, received: date) -> Particulars:
    """What the acceptance notice says of it: from which day, and on which basis."""
    return Particulars(
        deemed_from=received, basis=(dossier.definition.jurisdiction.correction_notice.basis,)
    )


def deemed_from(dossier: Dossier) -> date | None:
    """The day of receipt from which a case counts as accepted by law; None for every other case.

    Only then do its clocks begin before the day on which it was entered as accepted.
    """
    case = dossier.case
    if case.accepted_at is None or case.clock_from is None:
        return None
    entered = case.accepted_at.astimezone(BEIJING).date()
    return case.clock_from if case.clock_from < entered else None


def announce(ctx: Context, dossier: Dossier, received: date) -> None:
    """Tell the clerks that it happened because nobody answered; the law asks for no less than
    that it does not happen twice."""
    days = dossier.definition.jurisdiction.correction_notice.days
    tell(
        ctx,
        f"deemed/{dossier.case.id}",
        holders(ctx, "clerk"),
        f"逾期未告知，视为受理：{dossier.case.number}",
        f"{dossier.definition.workflow.title}在收到材料后{days}个工作日内没有一次告知补正，"
        f"自{cn_date(received)}起视为受理，不能再要求补正或者不予受理。"
        "材料没有经过窗口核对，请提醒承办部门审查时核对。",
        link=f"/desk/{dossier.case.id}",
        case_id=dossier.case.id,
    )
