"""When people may be asked to appear: a working day, in office hours, that is still to come."""

from datetime import datetime

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.definition.form import FieldError
from onevisit.documents.format import BEIJING, cn_date
from onevisit.engine.clocks import is_working_day

MIDNIGHT = "00:00"


def faults(ctx: Context, dossier: Dossier, at: datetime | None) -> list[FieldError]:
    """What is wrong with a moment (aware; None when nothing readable was given); paths day, hour.

    Nobody is called to a closed house: the days and hours are those of the place (its calendar
    and `hours`, 民法典第二百零三条第二款).
    """
    if at is None:
        return [FieldError("day", "请填写日期和时间，如 2026-03-02 和 09:30")]
    if at <= ctx.now:
        return [FieldError("day", "这个时间已经过去，请另选以后的时间")]
    local, definition = at.astimezone(BEIJING), dossier.definition
    if local.year > ctx.local.year + 1:
        return [FieldError("day", "这个日期太远，请核对年份")]
    if not is_working_day(definition.calendar, local.date()):
        return [FieldError("day", f"{cn_date(local)}不是工作日，请另选一天")]
    hours = definition.jurisdiction.hours
    if hours is not None and not (hours.open or MIDNIGHT) <= f"{local:%H:%M}" < hours.close:
        opens = hours.open or MIDNIGHT
        return [FieldError("hour", f"应当在工作时间{opens}至{hours.close}之内")]
    return []


def too_late(ctx: Context, dossier: Dossier, region: str, at: datetime | None) -> list[FieldError]:
    """A day beyond the law's limit of the item is no day for its examination, unless that limit
    is over already and the work is only late."""
    limit = dossier.row(region).legal_due
    if at is None or limit is None or not ctx.today < limit < at.astimezone(BEIJING).date():
        return []
    return [FieldError("day", f"不能晚于法定时限{cn_date(limit)}")]
