"""The check after a pledge (告知承诺, 浙江规定第十四条): decided first, checked within sixty
working days; what is not kept is mended in time, or the licence is revoked and no pledge is taken.

The check moves the certificate that the pledge led to; where it led to none, only its own row.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from onevisit.access import check_can_see_approval
from onevisit.cases import wording
from onevisit.cases.afterwards import bars
from onevisit.cases.afterwards.aftermath import Aftermath, aftermath
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.definition.values import Limit
from onevisit.documents.format import cn_date
from onevisit.engine.clocks import add_working_days, due
from onevisit.store import evidence
from onevisit.store.tables import Approval
from onevisit.store.turn_tables import PledgeCheck

CHECK, ORDER, CONFIRM, REVOKE = (
    "check_pledge", "order_mending", "confirm_mended", "revoke_certificate",
)  # fmt: skip

BEGINS = {CHECK: "due", CONFIRM: "broken", REVOKE: "broken"}
"""The state of a check in which each act can be done."""


def promise(turn: Turn, region: str) -> PledgeCheck | None:
    """Once an item is granted on a pledge, its check falls due; counted from the decision."""
    dossier, row = turn.dossier, turn.dossier.approvals[region]
    if row.route != "pledge" or not dossier.state(region).granted:
        return None
    definition, route = dossier.definition, dossier.selection.part(region).route
    place = definition.jurisdiction.pledge_check
    limits = [route.check] if route.check is not None else []
    limits += [Limit(days=place.days, basis=place.basis)] if place is not None else []
    if not limits:
        return None
    last = min(due(definition.calendar, turn.ctx.today, each) for each in limits)
    check = PledgeCheck(case_id=dossier.case.id, region=region, due=last)
    turn.ctx.session.add(check)
    turn.ctx.session.flush()
    turn.vouch(lambda: evidence.of_row(check))
    return check


@dataclass(frozen=True)
class Opened:
    """A check that somebody works on: its locked row, and what it is about."""

    check: PledgeCheck
    after: Aftermath


def record(
    ctx: Context, check_id: uuid.UUID, *, kept: bool, finding: str, revision: int
) -> PledgeCheck:
    """What the check found: kept, and done with; or broken, to be mended within the place's days.

    Invalid (path `finding`), Forbidden, Stale, NotPossible.
    """
    opened = _opened(ctx, check_id, CHECK, revision)
    check, after = opened.check, opened.after
    _check_state(opened, CHECK)
    said = _said(finding, "finding", "请写明核查的时间、方式和情况")
    _settle(ctx, check, "kept" if kept else "broken", said)
    result = "达到许可条件，承诺属实" if kept else "未达到许可条件，与承诺不符"
    facts = [*_facts(after), ("核查结果", result), ("核查情况", said)]
    basis = _basis(after.dossier)
    papers = {"pledge_check": Particulars(letter=Letter(facts=facts), basis=basis)}
    after.note(CHECK, kept=kept, text=said)
    if not kept:
        check.mend_by = _mend_by(ctx, opened)
        after.fire(ORDER, reasons=said, mend_by=check.mend_by.isoformat())
        papers["mending_order"] = _order(after, said, check.mend_by, basis)
    ctx.session.flush()
    after.vouch(check)
    after.write(papers)
    after.save()
    return check


def confirm(
    ctx: Context, check_id: uuid.UUID, mended_on: date, finding: str, revision: int
) -> PledgeCheck:
    """What was broken has been mended by the day set; Invalid (path `mended_on`) when later."""
    opened = _opened(ctx, check_id, CONFIRM, revision)
    check, after = opened.check, opened.after
    _check_state(opened, CONFIRM)
    said = _said(finding, "finding", "请写明整改后复查的情况")
    assert check.mend_by is not None, "what is broken has a day by which it is mended"
    if mended_on > ctx.today:
        raise Invalid([FieldError("mended_on", "整改完成的日期不能晚于今天")])
    if mended_on > check.mend_by:
        late = f"整改期限是{cn_date(check.mend_by)}，逾期整改的，由决定人员决定是否撤销"
        raise Invalid([FieldError("mended_on", late)])
    _settle(ctx, check, "mended", said)
    after.fire(CONFIRM, text=said, mended_on=mended_on.isoformat())
    ctx.session.flush()
    after.vouch(check)
    after.save()
    return check


def revoke(ctx: Context, check_id: uuid.UUID, reasons: str, revision: int) -> PledgeCheck:
    """What was not mended in time is revoked, and no pledge is taken from them for the time being
    (浙江规定第十四条第二款). NotPossible while the days for mending still run."""
    opened = _opened(ctx, check_id, REVOKE, revision)
    check, after = opened.check, opened.after
    _check_state(opened, REVOKE)
    said = _said(reasons, "reasons", "请写明复查情况和撤销的理由")
    assert check.mend_by is not None, "what is broken has a day by which it is mended"
    if check.mend_by >= ctx.today:
        raise after.hindered(
            REVOKE, f"整改期限到{cn_date(check.mend_by)}，期满仍未达到条件的才能撤销"
        )
    _settle(ctx, check, "failed", said)
    after.fire(REVOKE, reasons=said, ground="pledge")
    dossier, basis = after.dossier, _basis(after.dossier)
    rules = dossier.definition.jurisdiction.bars
    years = rules.pledge if rules is not None else None
    bar = bars.bar(ctx, dossier, after.region, years, said, basis[0], "pledge")
    after.vouch(check, bar)
    paragraphs = [
        f"以告知承诺方式取得许可，经核查未达到许可条件，限期整改后仍未达到，决定撤销该许可。理由：{said}",
        "基于该许可取得的利益不受保护。",
        f"撤销信息作为不良信息记入信用档案；{bars.last_day(bar)}，不再适用告知承诺。",
    ]
    letter = Letter(facts=_facts(after), paragraphs=paragraphs, remedies=True)
    after.write({"certificate_revocation": Particulars(letter=letter, basis=basis)})
    after.save()
    return check


def close(ctx: Context, case_id: uuid.UUID, region: str, finding: str) -> PledgeCheck | None:
    """An open check ends with the decision that is set aside for another reason; flushed, whoever
    calls vouches for the row. None where nothing was open."""
    statement = select(PledgeCheck).where(
        PledgeCheck.case_id == case_id, PledgeCheck.region == region
    )
    check = ctx.session.exec(statement.with_for_update()).one_or_none()
    if check is None or check.state not in BEGINS.values():
        return None
    _settle(ctx, check, "failed", finding)
    ctx.session.flush()
    return check


def check_may(ctx: Context, check_id: uuid.UUID, event: str) -> None:
    """Forbidden or NotPossible unless the actor could do this act now; for the page that asks."""
    opened = _opened(ctx, check_id, event, None)
    _check_state(opened, event)


def _opened(ctx: Context, check_id: uuid.UUID, event: str, revision: int | None) -> Opened:
    """The check with its certificate or its approval, for an officer who may; all locked when a
    revision is given, which has to be the present one."""
    found = ctx.session.get(PledgeCheck, check_id)
    if found is None:
        raise NotFound("这项核查")
    approval = select(Approval).where(
        Approval.case_id == found.case_id, Approval.region == found.region
    )
    check_can_see_approval(ctx.actor, ctx.session.exec(approval).one().department)
    after = aftermath(ctx, found.case_id, found.region, lock=revision is not None)
    after.admit(event, after.revision if revision is None else revision)
    if revision is None:
        return Opened(found, after)
    statement = select(PledgeCheck).where(PledgeCheck.id == check_id).with_for_update()
    check = ctx.session.exec(statement.execution_options(populate_existing=True)).one()
    return Opened(check, after)


def _check_state(opened: Opened, event: str) -> None:
    """NotPossible unless the check stands where this act begins."""
    check = opened.check
    if check.state != BEGINS[event]:
        raise opened.after.hindered(event, f"这项核查现在是“{wording.PLEDGE_CHECKS[check.state]}”")


def _settle(ctx: Context, check: PledgeCheck, state: str, finding: str) -> None:
    check.state, check.finding = state, finding
    check.checked_by, check.checked_at = ctx.actor.id, ctx.now


def _mend_by(ctx: Context, opened: Opened) -> date:
    """The last day for mending."""
    definition = opened.after.dossier.definition
    rules = definition.jurisdiction.mending
    if rules is None:
        raise opened.after.hindered(ORDER, "本地的规则没有规定整改期限")
    return add_working_days(definition.calendar, ctx.today, rules.days)


def _order(after: Aftermath, finding: str, last: date, basis: tuple[str, ...]) -> Particulars:
    """The order to mend: what, by when, and what follows otherwise."""
    day = cn_date(last)
    facts = [*_facts(after), ("存在的问题", finding), ("整改期限", f"{day}前（含当日）")]
    paragraphs = [
        f"请在{day}前改正，并告知核查部门复查。",
        "期限届满仍未达到许可条件的，撤销许可；撤销信息记入信用档案，不再适用告知承诺。",
    ]
    return Particulars(letter=Letter(facts=facts, paragraphs=paragraphs), due=last, basis=basis)


def _facts(after: Aftermath) -> list[tuple[str, str]]:
    """What a notice says of the item that is checked."""
    part = after.dossier.selection.part(after.region)
    facts = [("事项", wording.item_title(part)), ("办理方式", wording.ROUTES[part.route.kind])]
    decided = after.dossier.approvals[after.region].decided_at
    return facts + ([("决定日期", cn_date(decided))] if decided is not None else [])


def _basis(dossier: Dossier) -> tuple[str, ...]:
    """The article that lets pledges be checked here."""
    rules = dossier.definition.jurisdiction.pledge_check
    return (rules.basis,) if rules is not None else dossier.definition.workflow.basis


def _said(text: str, path: str, missing: str) -> str:
    if not text.strip():
        raise Invalid([FieldError(path, missing)])
    return text.strip()
