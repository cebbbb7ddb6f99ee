"""What needs the applicant now, from all of their cases: one list, the most pressing first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select

from onevisit.cases import authorise
from onevisit.cases.context import Context
from onevisit.documents.format import BEIJING, cn_date, cn_datetime
from onevisit.store.beginning import only_checked
from onevisit.store.citizen_tables import Rating, RatingSkip
from onevisit.store.tables import Case, Correction
from onevisit.store.turn_tables import Appointment, Hearing, Owed, PledgeCheck

AT_MOST = 50
ASKED_FOR = timedelta(days=30)
"""How long after the end one is asked for a rating."""


@dataclass(frozen=True)
class Todo:
    """One thing to do: `day` is its last day, if it has one."""

    title: str
    text: str
    href: str
    service: str
    number: str
    day: date | None
    tone: str


def todo(ctx: Context) -> tuple[Todo, ...]:
    """Everything that waits for the signed-in applicant or agent; each kind in one query."""
    found = [
        *_corrections(ctx),
        *_owed(ctx),
        *_pledges(ctx),
        *_hearings(ctx),
        *_appointments(ctx),
        *_results(ctx),
        *_offers(ctx),
    ]
    dated = sorted(found, key=lambda each: each.day or date.max)
    return (*dated, *_ratings(ctx))


def _own(ctx: Context) -> ColumnElement[bool]:
    return or_(col(Case.applicant_id) == ctx.actor.id, col(Case.agent_id) == ctx.actor.id)


def _of(  # noqa: PLR0917 -- a line, in the order in which it is read
    ctx: Context, case: Case, what: tuple[str, str], part: str, day: date | None, tone: str
) -> Todo:
    title, text = what
    service = ctx.catalog.version(ctx.session, case.version_hash).definition.workflow.title
    return Todo(title, text, f"/my/{case.id}{part}", service, case.number or "", day, tone)


def _corrections(ctx: Context) -> Iterator[Todo]:
    statement = (
        select(Case, Correction)
        .join(Correction, col(Correction.case_id) == col(Case.id))
        .where(
            _own(ctx),
            only_checked(Case.awaits) == "applicant",
            col(Correction.answered_at).is_(None),
        )
        .where(col(Case.concluded_at).is_(None))
        .limit(AT_MOST)
    )
    for case, row in ctx.session.exec(statement):
        what = (
            f"补正 {len(row.missing)} 处内容",
            f"请在{cn_date(row.due)}前补齐，逾期视为撤回申请",
        )
        yield _of(ctx, case, what, "/correction", row.due, "attention")


def _owed(ctx: Context) -> Iterator[Todo]:
    statement = (
        select(Case, Owed)
        .join(Owed, col(Owed.case_id) == col(Case.id))
        .where(_own(ctx), only_checked(Owed.state) == "owed", col(Case.decided_at).is_(None))
        .where(col(Case.concluded_at).is_(None), col(Owed.due) >= ctx.today)
        .limit(AT_MOST)
    )
    for case, row in ctx.session.exec(statement):
        materials = ctx.catalog.version(ctx.session, case.version_hash).definition.workflow
        titles = {each.id: each.title for each in materials.materials}
        name = titles.get(row.material_id, row.material_id)
        what = (f"补交容缺材料：{name}", f"请在{cn_date(row.due)}前补交")
        yield _of(ctx, case, what, "/bring", row.due, "attention")


def _pledges(ctx: Context) -> Iterator[Todo]:
    statement = (
        select(Case, PledgeCheck)
        .join(PledgeCheck, col(PledgeCheck.case_id) == col(Case.id))
        .where(_own(ctx), only_checked(PledgeCheck.state) == "broken")
        .limit(AT_MOST)
    )
    for case, row in ctx.session.exec(statement):
        by = f"请在{cn_date(row.mend_by)}前" if row.mend_by else "请尽快"
        what = ("按整改通知整改", f"{by}整改到位，否则撤销许可")
        yield _of(ctx, case, what, "", row.mend_by, "attention")


def _hearings(ctx: Context) -> Iterator[Todo]:
    statement = (
        select(Case, Hearing)
        .join(Hearing, col(Hearing.case_id) == col(Case.id))
        .where(_own(ctx), col(Hearing.asked_at).is_(None), col(Hearing.waived_at).is_(None))
        .where(col(Hearing.ask_by) >= ctx.today, col(Case.concluded_at).is_(None))
        .where(col(Hearing.on_own).is_(False))
        .limit(AT_MOST)
    )
    for case, row in ctx.session.exec(statement):
        what = ("决定是否要求听证", f"{cn_date(row.ask_by)}前可以提出，不收费")
        yield _of(ctx, case, what, "", row.ask_by, "attention")


def _appointments(ctx: Context) -> Iterator[Todo]:
    start = datetime.combine(ctx.today, time(), BEIJING)
    statement = (
        select(Case, Appointment)
        .join(Appointment, col(Appointment.case_id) == col(Case.id))
        .where(_own(ctx), only_checked(Appointment.state) == "called", col(Appointment.at) >= start)
        .limit(AT_MOST)
    )
    for case, row in ctx.session.exec(statement):
        what = (row.title, f"{cn_datetime(row.at)}，{row.place}；请按时在场")
        yield _of(ctx, case, what, "", row.at.astimezone(BEIJING).date(), "active")


def _results(ctx: Context) -> Iterator[Todo]:
    statement = select(Case).where(_own(ctx), Case.awaits == "window").limit(AT_MOST)
    how = {"post": "窗口会寄给您，也可以到窗口领取", "download": "可以现在下载"}
    for case in ctx.session.exec(statement):
        text = how.get(case.pickup or "", "请带身份证件到窗口领取，也可以看看能否网上领取")
        yield _of(ctx, case, ("领取结果", f"结果已经全部出来；{text}"), "", None, "done")


def _offers(ctx: Context) -> Iterator[Todo]:
    if authorise.offers(ctx):
        text = "有人请您代办，请输入对方给您的代办码"
        yield Todo("接受代办授权", text, "/my/agents", "帮办代办", "", None, "active")


def _ratings(ctx: Context) -> Iterator[Todo]:
    rated, skipped = select(Rating.case_id), select(RatingSkip.case_id)
    statement = (
        select(Case)
        .where(_own(ctx), col(Case.concluded_at) > ctx.now - ASKED_FOR, Case.state != "withdrawn")
        .where(col(Case.number).is_not(None))
        .where(col(Case.id).not_in(rated.where(Rating.case_id == Case.id)))
        .where(col(Case.id).not_in(skipped.where(RatingSkip.case_id == Case.id)))
        .order_by(col(Case.id).desc())
        .limit(5)
    )
    for case in ctx.session.exec(statement):
        yield _of(ctx, case, ("评价这次办事", "一分钟，可以不评"), "/rate", None, "waiting")
