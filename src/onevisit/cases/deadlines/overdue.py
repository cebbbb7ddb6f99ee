"""Checks of pledges whose last day is over: whoever has to act is told, once for each last day.

浙江规定第十四条: checked within the days set; what is not mended in its days is revoked.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Batch, Last, Look, Transaction, found
from onevisit.cases.dossier import load
from onevisit.cases.outbox.telling import holders, tell
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import cn_date
from onevisit.store.files import FileStore
from onevisit.store.turn_tables import PledgeCheck
from onevisit.store.work_tables import Message

KIND = "pledge"
WHO = {"due": ("handler", "head"), "broken": ("handler", "decider", "head")}
TITLES = {"due": "告知承诺核查已过期限", "broken": "告知承诺整改期限届满"}
ASKED = {
    "due": "应于{day}前核查，请立即核查。",
    "broken": "应于{day}前整改，请复查：改好的确认，没有改好的由决定人员撤销。",
}


def run_due(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """Tell of every check that is late and of which nobody was told yet; of how many it did."""
    look = Look(transaction, catalog, files, now)
    return sum(look.all_of(partial(untold, state), _announce) for state in WHO)


def untold(state: str, ctx: Context, after: Last | None = None) -> Batch[PledgeCheck]:
    """Checks in this state past the day that counts now, without those that were told of."""
    day = col(PledgeCheck.due)
    counts = day if state == "due" else func.coalesce(col(PledgeCheck.mend_by), day)
    statement = rows_of(day, col(PledgeCheck.id)).where(
        col(PledgeCheck.state) == state, counts < ctx.today
    )
    rows, last = found(ctx, statement, day, PledgeCheck.id, after)
    ids = [check_id for _, check_id in rows]
    checks = ctx.session.exec(select(PledgeCheck).where(col(PledgeCheck.id).in_(ids))).all()
    known = _keys(ctx, checks)
    wanted = [each for each in checks if not any(key.startswith(_key(each)) for key in known)]
    return Batch(wanted, last)


def _keys(ctx: Context, late: Sequence[PledgeCheck]) -> list[str]:
    """What was told before about the cases of these checks."""
    cases = {check.case_id for check in late}
    told = select(Message.key).where(Message.kind == KIND, col(Message.case_id).in_(cases))
    return list(ctx.session.exec(told)) if cases else []


def _key(check: PledgeCheck) -> str:
    return f"pledge/{check.id}/{_day(check).isoformat()}"


def _day(check: PledgeCheck) -> date:
    return check.mend_by or check.due


def _announce(ctx: Context, check: PledgeCheck) -> int:
    dossier = load(ctx, check.case_id)
    department = dossier.approvals[check.region].department
    item = wording.item_title(dossier.selection.part(check.region))
    asked = ASKED[check.state].format(day=cn_date(_day(check)))
    tell(
        ctx,
        _key(check),
        [each for role in WHO[check.state] for each in holders(ctx, role, department)],
        TITLES[check.state],
        f"办件{dossier.case.number}“{item}”{asked}",
        kind=KIND,
        link=f"/office/pledges/{check.id}",
        case_id=check.case_id,
    )
    return 1
