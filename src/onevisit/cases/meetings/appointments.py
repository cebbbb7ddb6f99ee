"""Appointments: one moment for all approvals that the proof counts as one presence.

What is one is read from engine/presence.py, so that what runs is what is proven. Since several
departments share an appointment, its row is vouched for by the ledger chain of the case.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import col, select

from onevisit.access import check_can_see_approval
from onevisit.cases import wording
from onevisit.cases.board import engaged
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.meetings import slots
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.signing import check_signer, opened
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_datetime
from onevisit.engine import Move
from onevisit.store import evidence
from onevisit.store.tables import Account
from onevisit.store.turn_tables import Appointment

Kind = Literal["inspection", "meeting"]
WORDS: dict[Kind, str] = {"inspection": "现场核查", "meeting": "到场办理"}
PLACE_AT_MOST = 200


@dataclass(frozen=True)
class Visit:
    """What is one presence: `regions` are all approvals that it serves. `by_applicant`: only when
    the applicant asks for it; `waivable`: the department may decide without."""

    kind: Kind
    key: str
    title: str
    regions: tuple[str, ...]
    waivable: bool = False
    by_applicant: bool = False


@dataclass(frozen=True)
class Call:
    """What an officer writes: when, where, what to have ready, and why one is moved."""

    at: datetime | None
    place: str
    note: str = ""
    moved: str = ""


def rows(ctx: Context, dossier: Dossier, visit: Visit) -> Sequence[Appointment]:
    """Every appointment ever made for this presence, the first first."""
    statement = select(Appointment).where(
        Appointment.case_id == dossier.case.id,
        Appointment.kind == visit.kind,
        Appointment.joint == visit.key,
    )
    statement = statement.order_by(col(Appointment.called_at), col(Appointment.id))
    return ctx.session.exec(statement).all()


def called(found: Sequence[Appointment]) -> Appointment | None:
    """The one that is still to take place, if there is one."""
    return next((row for row in reversed(found) if row.state == "called"), None)


def may_move(found: Sequence[Appointment]) -> bool:
    """Whether the one to come may be moved: once."""
    return not any(row.state == "cancelled" for row in found[-2:-1])


def acting(ctx: Context, approval_id: uuid.UUID, event: str, revision: int) -> tuple[Turn, str]:
    """The turn of an officer who does this standing act now; Stale, NotPossible or Forbidden."""
    dossier, region = opened(ctx, approval_id)
    check_can_see_approval(ctx.actor, dossier.approvals[region].department)
    turn = Turn(ctx, dossier)
    act: Move | None = dossier.standing(region, event)
    if act is not None:
        check_signer(ctx, dossier, region, act)
    turn.check_revision(region, revision)
    if act is None:
        raise turn.not_possible(region, event)
    return turn, region


def call(turn: Turn, region: str, event: str, visit: Visit, order: Call) -> Appointment:
    """Make the one appointment of all approvals of `visit`, or move it once; its officers are told.

    Raises Invalid (paths day, hour, place), and NotPossible when it is called already: another
    department joins it instead of coming on its own day (浙江规定第十八条第二款).
    """
    ctx, dossier = turn.ctx, turn.dossier
    found = rows(ctx, dossier, visit)
    before = called(found)
    if before is not None:
        because = _why_not_moved(found, before, order)
        if because:
            raise dossier.hindered(region, event, because)
    errors = slots.faults(ctx, dossier, order.at) or slots.too_late(ctx, dossier, region, order.at)
    if not order.place.strip():
        errors.append(FieldError("place", "请写明地点"))
    if errors or order.at is None:
        raise Invalid(errors)
    row = _row(ctx, dossier, visit, order, order.at)
    text = f"{cn_datetime(row.at)}，{row.place}"
    reasons = order.moved.strip() if before is not None else None
    act = turn.act(event, region, reasons=reasons or None, text=text, joint=visit.key)
    if before is not None:
        before.state, before.note = "cancelled", order.moved.strip()
    keep(turn, act.by, *(each for each in (before, row) if each is not None))
    _tell_officers(ctx, dossier, row, before)
    return row


def keep(turn: Turn, role: str, *changed: Appointment) -> None:
    """Write the appointments, vouched for in the one chain that all departments share, and into
    the calendars of those who are expected."""
    turn.note("appoint", role, appointments=[str(row.id) for row in changed])
    for row in changed:
        turn.ctx.session.add(row)
        engaged.write(turn.ctx, turn.dossier, row)
        turn.vouch(lambda row=row: evidence.of_row(row), 1)  # type: ignore[misc]  # the default binds the row


def titles(dossier: Dossier, regions: Sequence[str]) -> list[tuple[str, str]]:
    """(department, item) of each approval, in the order of the service."""
    directory = dossier.definition.directory
    return [
        (
            directory.department(dossier.approvals[part.key].department).title,
            wording.item_title(part),
        )
        for part in dossier.selection.parts
        if part.key in regions
    ]


def departments(dossier: Dossier, regions: Sequence[str]) -> list[str]:
    """The departments that take part, each once."""
    return list(dict.fromkeys(department for department, _ in titles(dossier, regions)))


def is_open(dossier: Dossier, region: str) -> bool:
    """Whether an approval is still to be decided."""
    return not dossier.state(region).final


def _why_not_moved(found: Sequence[Appointment], before: Appointment, order: Call) -> str:
    """Why the one that is called stays as it is; "" when it may be moved: once, with a reason."""
    what = WORDS["inspection" if before.kind == "inspection" else "meeting"]
    when = f"{what}已经约定在{cn_datetime(before.at)}，地点：{before.place}"
    if not may_move(found):
        return f"{when}；已经改过一次，不能再改"
    return "" if order.moved.strip() else f"{when}；不用另约，要改期的请写明改期原因"


def _row(ctx: Context, dossier: Dossier, visit: Visit, order: Call, at: datetime) -> Appointment:
    return Appointment(
        case_id=dossier.case.id,
        kind=visit.kind,
        joint=visit.key,
        title=visit.title,
        regions=list(visit.regions),
        at=at,
        place=order.place.strip()[:PLACE_AT_MOST],
        called_by=ctx.actor.id,
        called_at=ctx.now,
        note=order.note.strip() or None,
    )


def _tell_officers(
    ctx: Context, dossier: Dossier, row: Appointment, before: Appointment | None
) -> None:
    """Everybody who works on one of the approvals, in each of the departments."""
    what = WORDS["inspection" if row.kind == "inspection" else "meeting"]
    moved = f"（原定{cn_datetime(before.at)}，改期：{before.note}）" if before is not None else ""
    together = "、".join(departments(dossier, row.regions))
    for region in row.regions:
        approval = dossier.approvals[region]
        body = (
            f"办件{dossier.case.number}的{what}约定在{cn_datetime(row.at)}，地点：{row.place}{moved}。"
            f"参加部门：{together}，各部门一次办完。"
        )
        tell(
            ctx,
            f"appointment/{row.id}/{region}",
            officers(ctx, dossier, region),
            f"{what}安排",
            body,
            kind="appointment",
            link=f"/office/{approval.id}",
            case_id=dossier.case.id,
        )


def officers(ctx: Context, dossier: Dossier, region: str) -> list[uuid.UUID]:
    """Everybody in the department who signs one of the steps of this approval."""
    part, approval = dossier.selection.part(region), dossier.approvals[region]
    steps = dossier.definition.lifecycle.approval.steps
    roles = dict.fromkeys(steps[step].role for step in part.route.steps)
    found = (each for role in roles for each in holders(ctx, role, approval.department))
    return list(dict.fromkeys(found))


def name_of(ctx: Context, account_id: uuid.UUID | None) -> str:
    """Who it was."""
    return ctx.session.get_one(Account, account_id).name if account_id else ""


def passed_by(turn: Turn, region: str, event: str, row: Appointment) -> None:
    """NotPossible before the moment has come: nothing is recorded in advance."""
    if turn.ctx.now < row.at:
        because = f"约定的时间是{cn_datetime(row.at)}，到时间后才能记录"
        raise turn.dossier.hindered(region, event, because)
