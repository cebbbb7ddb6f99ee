"""Who has a case in hand at the desk: taken, handed to a colleague with a note, put down.

It is advice that a colleague reads (“甲 正在办理”) and never a lock: whoever goes on may.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from onevisit.access import check_can_take_in
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.desk_tables import Holding, Intake
from onevisit.store.tables import Account

HOLD, HAND_OVER, PUT_DOWN = "hold", "hand_over", "put_down"
LONGEST_NOTE = 200


@dataclass(frozen=True)
class Held:
    """Who has a case in hand, since when, and the note of whoever gave it to them."""

    by: str
    since: datetime
    note: str | None
    mine: bool


def hold(ctx: Context, case_id: uuid.UUID, revision: int) -> Holding:
    """Take a case in hand, also one that a colleague has: they are told."""
    dossier = _opened(ctx, case_id, revision)
    before = newest(ctx, case_id)
    if before is not None and before.account_id == ctx.actor.id:
        return before
    row = _write(ctx, dossier, HOLD, ctx.actor.id)
    if before is not None and before.account_id is not None:
        title = f"同事接手了办件：{_name(dossier)}"
        body = f"{_service(dossier)}原由您经手，现在由{ctx.actor.name}办理，您不用再处理。"
        _tell(ctx, row, before.account_id, _Told(title, body, _link(dossier)))
    return row


def put_down(ctx: Context, case_id: uuid.UUID, revision: int) -> Holding:
    """Have a case in hand no more."""
    dossier = _opened(ctx, case_id, revision)
    before = newest(ctx, case_id)
    if before is None or before.account_id != ctx.actor.id:
        raise Invalid([FieldError("", "这个办件现在不由您经手")])
    return _write(ctx, dossier, PUT_DOWN, None)


def hand_over(
    ctx: Context, case_id: uuid.UUID, colleague: uuid.UUID | None, note: str, revision: int
) -> Holding:
    """Give a case to a colleague at the desk with a note, who is told; Invalid, paths `colleague`
    and `note`."""
    dossier = _opened(ctx, case_id, revision)
    name = dict(colleagues(ctx, dossier)).get(colleague) if colleague else None
    errors = [] if name else [FieldError("colleague", "请选择移交给哪位同事")]
    if not 0 < len(note.strip()) <= LONGEST_NOTE:
        errors.append(FieldError("note", f"请写明办到哪一步、还要做什么（{LONGEST_NOTE} 字以内）"))
    if errors or colleague is None:
        raise Invalid(errors)
    row = _write(ctx, dossier, HAND_OVER, colleague, f"移交{name}：{note.strip()}")
    body = f"{_service(dossier)}{ctx.actor.name}移交给您，说明：{note.strip()}"
    _tell(ctx, row, colleague, _Told(f"移交给您一个办件：{_name(dossier)}", body, _link(dossier)))
    return row


def colleagues(ctx: Context, dossier: Dossier) -> list[tuple[uuid.UUID, str]]:
    """The other clerks who may take this case, by name."""
    case = dossier.case
    own = {ctx.actor.id, case.applicant_id, case.agent_id}
    others = [each for each in holders(ctx, "clerk") if each not in own]
    statement = select(Account.id, Account.name).where(col(Account.id).in_(others))
    return [(each, name) for each, name in ctx.session.exec(statement.order_by(Account.name))]


def newest(ctx: Context, case_id: uuid.UUID) -> Holding | None:
    """The row that counts; None when nobody ever had the case in hand."""
    statement = select(Holding).where(Holding.case_id == case_id)
    return ctx.session.exec(statement.order_by(col(Holding.id).desc()).limit(1)).first()


def held(ctx: Context, case_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Held]:
    """Who has which of these cases in hand, in one query."""
    statement = (
        select(Holding, Account.name)
        .join(Account, col(Account.id) == col(Holding.account_id), isouter=True)
        .where(col(Holding.case_id).in_(case_ids))
        .order_by(col(Holding.id))
    )
    found: dict[uuid.UUID, Held] = {}
    for row, name in ctx.session.exec(statement):
        found.pop(row.case_id, None)
        if row.account_id is not None and name is not None:
            mine = row.account_id == ctx.actor.id
            found[row.case_id] = Held(name, row.at, row.note, mine)
    return found


def _opened(ctx: Context, case_id: uuid.UUID, revision: int) -> Dossier:
    """A case that has come to the desk and is not closed, locked; raises Stale."""
    check_can_take_in(ctx.actor)
    dossier = load(ctx, case_id, lock=True)
    case = dossier.case
    if not at_the_desk(ctx, dossier):
        raise NotFound("这个办件")
    check_can_take_in(ctx.actor, case.applicant_id, case.agent_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    if dossier.state().final:
        raise turn.not_possible(CASE, HOLD)
    return dossier


def at_the_desk(ctx: Context, dossier: Dossier) -> bool:
    """Whether the case is the desk's business: handed in, or begun at the counter."""
    begun = select(Intake.id).where(Intake.case_id == dossier.case.id)
    return dossier.case.number is not None or ctx.session.exec(begun).first() is not None


def _write(
    ctx: Context, dossier: Dossier, act: str, account: uuid.UUID | None, note: str | None = None
) -> Holding:
    row = Holding(
        case_id=dossier.case.id,
        account_id=account,
        given_by=ctx.actor.id,
        at=ctx.now,
        note=note,
    )
    ctx.session.add(row)
    ctx.session.flush()
    turn = Turn(ctx, dossier)
    turn.note(act, "clerk", text=note or "")
    turn.vouch(lambda: evidence.of_row(row))
    turn.save()
    return row


@dataclass(frozen=True)
class _Told:
    """What a colleague reads, and where they go on."""

    title: str
    body: str
    link: str


def _tell(ctx: Context, row: Holding, account: uuid.UUID, told: _Told) -> None:
    key, at = f"holding/{row.id}", row.case_id
    tell(ctx, key, [account], told.title, told.body, link=told.link, case_id=at)


def _link(dossier: Dossier) -> str:
    case = dossier.case
    return f"/desk/{case.id}" if case.number else f"/desk/walk-in/{case.id}"


def _name(dossier: Dossier) -> str:
    return dossier.case.number or "收件登记中"


def _service(dossier: Dossier) -> str:
    return f"{dossier.definition.workflow.title}（{_name(dossier)}）。"
