"""On-site inspection: at least two officers (许可法第三十四条第三款), and all departments that have
to look at the same place come together, once (浙江规定第十八条第二款)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from onevisit.access import OFFICE_ROLES
from onevisit.cases.account import counts_on
from onevisit.cases.board import engaged
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.leading import grants
from onevisit.cases.meetings import appointments
from onevisit.cases.meetings.appointments import Call, Visit
from onevisit.cases.signing import involved
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_datetime
from onevisit.engine import Part
from onevisit.engine.presence import duties
from onevisit.store import evidence
from onevisit.store.tables import Account, Post
from onevisit.store.turn_tables import Appointment, Finding, Hearing

CALL, RECORD = "call_inspection", "record_inspection"


@dataclass(frozen=True)
class Report:
    """What the officers found; `passed` None when nothing was chosen."""

    officers: Sequence[uuid.UUID]
    passed: bool | None
    finding: str


def call(ctx: Context, approval_id: uuid.UUID, order: Call, revision: int) -> str:
    """One appointment for all departments that inspect the same place; the applicant gets one
    notice, the officers a message. With `order.moved`, the one that is called is moved, once.

    Returns a sentence; raises Invalid (paths day, hour, place), NotPossible, Forbidden, Stale.
    """
    turn, region = appointments.acting(ctx, approval_id, CALL, revision)
    dossier = turn.dossier
    visit = visit_of(ctx, dossier, region)
    if visit is None:
        raise dossier.hindered(region, CALL, "这个事项不用现场核查，或者已经核查通过")
    row = appointments.call(turn, region, CALL, visit, order)
    turn.write_documents({"inspection": _particulars(dossier, row, order.moved.strip())})
    turn.save()
    together = "、".join(appointments.departments(dossier, row.regions))
    return f"已约定{cn_datetime(row.at)}现场核查（{together}），已通知申请人和各部门。"


def record(ctx: Context, approval_id: uuid.UUID, report: Report, revision: int) -> str:
    """What the officers of one department found for their item; not before the moment has come.

    Raises Invalid (paths officers, passed, finding): fewer officers than the item asks for, or
    somebody who may not examine this case (回避).
    """
    turn, region = appointments.acting(ctx, approval_id, RECORD, revision)
    row = to_record(ctx, turn.dossier, region)
    if row is None:
        raise turn.dossier.hindered(region, RECORD, "没有等待记录的现场核查，请先约定")
    appointments.passed_by(turn, region, RECORD, row)
    names = _checked(ctx, turn.dossier, region, report)
    found = Finding(
        appointment_id=row.id,
        case_id=row.case_id,
        region=region,
        officers=[str(each) for each in report.officers],
        passed=report.passed is True,
        finding=report.finding.strip(),
        recorded_by=ctx.actor.id,
        recorded_at=ctx.now,
    )
    ctx.session.add(found)
    result = "通过" if found.passed else "不通过"
    text = f"{result}：{found.finding}（核查人员：{'、'.join(names)}）"
    act = turn.act(RECORD, region, text=text)
    turn.vouch(lambda: evidence.of_row(found))
    if row.state == "called":
        row.state = "held"
        appointments.keep(turn, act.by, row)
    else:
        engaged.write(ctx, turn.dossier, row)
    turn.save()
    return f"已记录现场核查：{result}。"


def is_needed(part: Part) -> bool:
    """Whether the item has to be inspected before it may be approved: not when it is decided on
    the spot or on a pledge, which is checked afterwards (浙江规定第十四条)."""
    route = part.route
    return part.item.inspection is not None and route.kind != "pledge" and not route.on_the_spot


def visit_of(ctx: Context, dossier: Dossier, region: str) -> Visit | None:
    """The one inspection of all open approvals of the group that have not passed yet; None when
    this one has none, or has passed."""
    groups = duties(dossier.definition, dossier.selection).inspections
    group = next((each for each in groups if region in each.parts), None)
    if group is None:
        return None
    passed = {each.region for each in latest(ctx, dossier).values() if each.passed}
    regions = tuple(
        key
        for key in group.parts
        if is_needed(dossier.selection.part(key))
        and appointments.is_open(dossier, key)
        and key not in passed
    )
    if region not in regions:
        return None
    together = len(appointments.departments(dossier, regions)) > 1
    return Visit("inspection", group.key, "联合勘验" if together else "现场核查", regions)


def latest(ctx: Context, dossier: Dossier) -> dict[str, Finding]:
    """The newest finding of each approval."""
    statement = select(Finding).where(Finding.case_id == dossier.case.id)
    statement = statement.order_by(col(Finding.recorded_at), col(Finding.id))
    return {row.region: row for row in ctx.session.exec(statement)}


def to_record(ctx: Context, dossier: Dossier, region: str) -> Appointment | None:
    """The inspection of an approval whose finding is not written yet: the newest that has taken
    place, else the one to come; None when there is none, or the item has passed."""
    written = {row.appointment_id: row for row in _findings(ctx, dossier, region)}
    if any(row.passed for row in list(written.values())[-1:]):
        return None
    statement = select(Appointment).where(
        Appointment.case_id == dossier.case.id,
        Appointment.kind == "inspection",
        col(Appointment.state).in_(("called", "held")),
    )
    statement = statement.order_by(col(Appointment.called_at).desc(), col(Appointment.id).desc())
    found = [
        row
        for row in ctx.session.exec(statement)
        if region in row.regions and row.id not in written
    ]
    return next((row for row in found if row.at <= ctx.now), next(iter(found), None))


def _findings(ctx: Context, dossier: Dossier, region: str) -> Sequence[Finding]:
    """What was found for one approval, the first first."""
    statement = select(Finding).where(
        Finding.case_id == dossier.case.id, col(Finding.region) == region
    )
    statement = statement.order_by(col(Finding.recorded_at), col(Finding.id))
    return ctx.session.exec(statement).all()


def inspectors(ctx: Context, dossier: Dossier, region: str) -> list[Account]:
    """Officers of the department who may inspect: not who took the case in or applied, and not
    who chairs its hearing."""
    department = dossier.approvals[region].department
    chairs = select(Hearing.chair_id).where(
        Hearing.case_id == dossier.case.id, Hearing.region == region
    )
    barred = involved(ctx, dossier) | set(ctx.session.exec(chairs))
    statement = (
        select(Account)
        .join(Post, col(Post.account_id) == col(Account.id))
        .where(
            Post.department == department,
            col(Post.role).in_(OFFICE_ROLES),
            col(Account.disabled).is_(False),
            counts_on(ctx.today),
        )
        .order_by(col(Account.name), col(Account.id))
    )
    found = dict.fromkeys(row.id for row in ctx.session.exec(statement) if row.id not in barred)
    return [ctx.session.get_one(Account, each) for each in found]


def check_inspected(ctx: Context, dossier: Dossier, region: str, event: str) -> None:
    """A guard: what has to be looked at on site is not approved before it was and passed
    (许可法第三十四条第三款). It may be rejected, with reasons."""
    part = dossier.selection.part(region)
    if not grants(dossier, region, event) or not is_needed(part):
        return
    found = latest(ctx, dossier).get(region)
    if found is None:
        raise dossier.hindered(region, event, "还没有现场核查记录，请先约定并记录现场核查")
    if not found.passed:
        because = "现场核查没有通过；整改后可以再约一次核查，或者说明理由不予许可"
        raise dossier.hindered(region, event, because)


def _checked(ctx: Context, dossier: Dossier, region: str, report: Report) -> list[str]:
    """The names of the officers; Invalid when something of the report is missing."""
    need = dossier.selection.part(region).item.inspection
    assert need is not None, "only items that are inspected are on such an appointment"
    known = {each.id: each.name for each in inspectors(ctx, dossier, region)}
    errors = []
    if any(each not in known for each in report.officers):
        errors.append(FieldError("officers", "核查人员应当是本部门能参与本件的工作人员"))
    elif len(set(report.officers)) < need.officers or len(set(report.officers)) < len(
        report.officers
    ):
        text = f"应当由{need.officers}名以上工作人员核查（{need.basis or '行政许可法第三十四条'}）"
        errors.append(FieldError("officers", text))
    if report.passed is None:
        errors.append(FieldError("passed", "请选择核查结论"))
    if not report.finding.strip():
        errors.append(FieldError("finding", "请写明现场核查的情况"))
    if errors:
        raise Invalid(errors)
    return [known[each] for each in report.officers]


def _particulars(dossier: Dossier, row: Appointment, moved: str) -> Particulars:
    """The one notice to the applicant: when, where, and everybody who comes."""
    parts = [dossier.selection.part(key) for key in row.regions]
    needs = [part.item.inspection for part in parts if part.item.inspection is not None]
    basis = tuple(dict.fromkeys(need.basis for need in needs if need.basis))
    items = [
        f"{department}：{item}" for department, item in appointments.titles(dossier, row.regions)
    ]
    facts = [
        ("核查时间", cn_datetime(row.at)),
        ("核查地点", row.place),
        ("核查部门和事项", "；".join(items)),
        ("核查人员", f"每个部门{max(need.officers for need in needs)}名以上，到场时出示工作证件"),
    ]
    if row.note:
        facts.append(("请准备", row.note))
    paragraphs = ["现场核查不收取任何费用；请申请人或者委托的人届时在场"]
    if len(appointments.departments(dossier, row.regions)) > 1:
        paragraphs.insert(0, "以上部门同一时间一起到场，只需接待一次，不用再到各部门去")
    if moved:
        paragraphs.insert(0, f"原约定的核查时间改为上述时间，原因：{moved}；以本通知书为准")
    fallback = tuple(dict.fromkeys(each for part in parts for each in part.item.basis))
    return Particulars(letter=Letter(facts, paragraphs), basis=basis or fallback)
