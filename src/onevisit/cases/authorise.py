"""Applying for somebody else (帮办代办): who lets whom, for which services and until when.

民法典第一百六十五条: an authorisation names the agent, the matters and its time, and the one who
gives it; 第一百七十三条: it ends with its time or when it is taken back, which has effect at once.
"""

import secrets
import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from onevisit.access import check_can_apply, check_can_apply_for, check_can_end_agency
from onevisit.cases.agency import agency_of
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Look, Transaction
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.outbox.telling import tell
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.definition.form import FieldError
from onevisit.engine import CASE
from onevisit.store.citizen_tables import Authorisation
from onevisit.store.files import FileStore
from onevisit.store.kept import sought
from onevisit.store.tables import Account, Case

TRIES = 5
"""Wrong codes after which an offer is dead."""
CODE_HOURS = 48
LONGEST = timedelta(days=366)
WRONG = "代办码不对，或者已经失效；请向授权人核对（授权人可以在“帮办代办”里看到）"


def offer(
    ctx: Context, named: str, name: str, services: Collection[str], until: date | None
) -> Authorisation:
    """Let the person called `name`, with this ID number or phone, apply for oneself. They need the
    code of the row, which only the one who gives it can read.

    Nothing is said of whether such an account exists. Raises Invalid with all faults.
    """
    check_can_apply(ctx.actor)
    own = ctx.session.get_one(Account, ctx.actor.id)
    named, name = named.replace(" ", "").upper(), name.strip()
    errors = _faults(ctx, own, named, name, services, until)
    if errors or until is None:
        raise Invalid(errors)
    row = Authorisation(
        principal_id=own.id,
        agent_name=name,
        named=named,
        services=sorted(services),
        until=until,
        code=f"{secrets.randbelow(10**8):08d}",
        code_until=ctx.now + timedelta(hours=CODE_HOURS),
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def take_on(ctx: Context, code: str) -> Authorisation | None:
    """Take on what somebody has offered to this very person, by its code; None for a wrong one,
    which counts against every open offer to this person (so nothing is raised, to be kept)."""
    check_can_apply(ctx.actor)
    rows = offers(ctx, lock=True)
    digits = "".join(code.split())
    for row in rows:
        if row.code is not None and secrets.compare_digest(row.code.encode(), digits.encode()):
            row.agent_id, row.state, row.taken_at, row.code = ctx.actor.id, "active", ctx.now, None
            ctx.session.flush()
            _tell_taken(ctx, row)
            return row
    for row in rows:
        row.tries += 1
    ctx.session.flush()
    return None


def offers(ctx: Context, *, lock: bool = False) -> list[Authorisation]:
    """What is offered to the signed-in person and can still be taken on."""
    own = ctx.session.get_one(Account, ctx.actor.id)
    names = [sought(each) for each in (own.id_number, own.phone) if each]
    statement = (
        select(Authorisation)
        .where(col(Authorisation.named_hash).in_(names), Authorisation.state == "offered")
        .where(col(Authorisation.tries) < TRIES)
        .where(col(Authorisation.code_until) > ctx.now, col(Authorisation.until) >= ctx.today)
        .where(Authorisation.principal_id != own.id)
        .order_by(col(Authorisation.id))
    )
    rows = ctx.session.exec(statement.with_for_update() if lock else statement)
    return [row for row in rows if row.agent_name == own.name]


def end(ctx: Context, authorisation_id: uuid.UUID) -> Authorisation:
    """Take it back, or give it up as the agent: at once, on every case that rests on it."""
    row = ctx.session.get(Authorisation, authorisation_id, with_for_update=True)
    if row is None:
        raise NotFound("这份授权")
    check_can_end_agency(ctx.actor, row.principal_id, row.agent_id)
    if row.state in ("offered", "active"):
        own = ctx.actor.id == row.principal_id
        row.state, row.code = "revoked" if own else "declined", None
        row.ended_at, row.ended_by = ctx.now, ctx.actor.id
        ctx.session.flush()
        _leave_cases(ctx, row, "applicant")
        _tell_ended(ctx, row)
    return row


def usable(ctx: Context, authorisation_id: uuid.UUID, workflow_id: str) -> Authorisation:
    """The authorisation by which the signed-in person may apply for another now; Forbidden."""
    row = ctx.session.get(Authorisation, authorisation_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound("这份授权")
    check_can_apply_for(ctx.actor, agency_of(row), workflow_id, ctx.today)
    return row


def run_expired(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """End what is past its last day; how many there were."""
    return Look(transaction, catalog, files, now).each(_expired, _expire)


def _expired(ctx: Context) -> Sequence[uuid.UUID]:
    statement = select(Authorisation.id).where(
        col(Authorisation.state).in_(("offered", "active")), col(Authorisation.until) < ctx.today
    )
    return ctx.session.exec(statement.order_by(col(Authorisation.id)).limit(500)).all()


def _expire(ctx: Context, authorisation_id: uuid.UUID) -> bool:
    row = ctx.session.get(Authorisation, authorisation_id, with_for_update=True)
    if row is None or row.state not in ("offered", "active") or row.until >= ctx.today:
        return False
    row.state, row.code, row.ended_at = "revoked", None, ctx.now
    ctx.session.flush()
    _leave_cases(ctx, row, "timer")
    _tell_ended(ctx, row)
    return True


def _leave_cases(ctx: Context, row: Authorisation, role: str) -> None:
    """The agent sees and does nothing more in any of them; what they did stays in the ledger."""
    cases = select(Case.id).where(Case.agent_id == row.agent_id, Case.authorisation_id == row.id)
    for case_id in ctx.session.exec(cases.order_by(col(Case.id))).all():
        dossier = load(ctx, case_id, lock=True)
        turn = Turn(ctx, dossier)
        turn.set(CASE, agent_id=None)
        if dossier.case.number is not None:
            turn.note("end_agency", role, authorisation=str(row.id), text=row.agent_name)
        turn.save()


def _faults(  # noqa: PLR0917 -- what the page asks, in its order
    ctx: Context, own: Account, named: str, name: str, services: Collection[str], until: date | None
) -> list[FieldError]:
    errors = []
    if not name:
        errors.append(FieldError("name", "请填写代办人的姓名"))
    if not (len(named) == 18 and named[:17].isdecimal()) and not (
        len(named) == 11 and named.isdecimal()
    ):
        errors.append(FieldError("named", "请填写代办人的 18 位身份证号码，或者 11 位手机号码"))
    elif named in (own.id_number, own.phone):
        errors.append(FieldError("named", "这是您自己的号码；代办人应当是另一个人"))
    known = {each.definition.workflow.id for each in ctx.catalog.list(ctx.session)}
    if set(services) - known:
        errors.append(FieldError("services", "选择的服务里有现在没有的，请重新选择"))
    if until is None or not ctx.today <= until <= ctx.today + LONGEST:
        errors.append(FieldError("until", "请填写今天起一年以内的日期"))
    return errors


def _tell_taken(ctx: Context, row: Authorisation) -> None:
    tell(
        ctx,
        f"authorisation/{row.id}/taken",
        [row.principal_id],
        f"{row.agent_name}已经接受您的代办授权",
        "从现在起可以替您申请和办理。您随时可以收回授权，收回立即生效。",
        link="/my/agents",
        outside="您给出的代办授权已经被接受。请登录后查看；随时可以收回。",
    )


def _tell_ended(ctx: Context, row: Authorisation) -> None:
    others = {row.principal_id, row.agent_id} - {None, ctx.actor.id}
    tell(
        ctx,
        f"authorisation/{row.id}/ended",
        [each for each in others if each is not None],
        "代办授权已经终止",
        f"{row.agent_name}的代办授权已经终止，不能再替授权人办理；已经办的不受影响。",
        link="/my/agents",
        outside="一份代办授权已经终止。请登录后查看。",
    )
