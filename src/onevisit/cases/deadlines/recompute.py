"""Open periods follow when a calendar or the rules of a place change, case by case, in slices.

The rule's row remembers how far this has come, so that a node that is killed loses nothing and
another goes on. Each case is its own transaction; doing one twice changes nothing.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, update
from sqlmodel import Session, col, or_, select

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY, Transaction
from onevisit.cases.deadlines.moving import Change, Moving, named
from onevisit.cases.dossier import load
from onevisit.cases.errors import CaseError
from onevisit.cases.outbox.telling import applicant_side, tell
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.definition.problem import DefinitionError
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store.files import FileStore
from onevisit.store.tables import Case, LedgerEntry
from onevisit.store.turn_tables import PledgeCheck
from onevisit.store.work_tables import Rule

SLICE = 100
"""So many cases are reckoned in one go, before a sweep looks at other things again."""
ACT = "recompute"


@dataclass(frozen=True)
class Moved:
    """One last day that moved, in which case."""

    case_id: uuid.UUID
    number: str
    title: str
    old: date
    new: date


def run_due(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """One slice of what the newest rules have still to move; how many cases had it moved."""
    with transaction() as session:
        waiting = pending(session)
        cases = _slice(session, waiting) if waiting else []
    if not waiting:
        return 0
    marks, moved = [rule.hash for rule in waiting], 0
    for case_id in cases:
        try:
            with transaction() as session:
                ctx = Context(session, catalog, files, NOBODY, now)
                moved += bool(recompute(ctx, case_id, marks))
        except (CaseError, DefinitionError):  # moved on meanwhile, or no longer readable
            continue
    with transaction() as session:
        _remember(session, waiting, cases, now)
    return moved


def run_all(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> None:
    """Everything that the newest rules have still to move."""
    while True:
        with transaction() as session:
            if not pending(session):
                return
        run_due(transaction, catalog, files, now)


def pending(session: Session) -> Sequence[Rule]:
    """The rules that some open case may not have been reckoned with."""
    statement = select(Rule).where(col(Rule.applied_at).is_(None))
    return session.exec(statement.order_by(col(Rule.kind), col(Rule.id))).all()


def recompute(ctx: Context, case_id: uuid.UUID, marks: Sequence[str] = ()) -> list[Change]:
    """Reckon the open periods of one case by the rules in force; what moved.

    The ledger notes each move with the old and the new day; the applicant's side is told only
    when the promise for the whole moved.
    """
    dossier = load(ctx, case_id, lock=True)
    turn = Turn(ctx, dossier)
    moving = Moving(turn)
    changes = moving.all()
    if not changes:
        return []
    for place, region in enumerate(dict.fromkeys(each.region for each in changes)):
        moved = [
            [named(turn, each), each.old.isoformat(), each.new.isoformat()]
            for each in changes
            if each.region == region
        ]
        text = "；".join(f"{what} {old} → {new}" for what, old, new in moved)
        turn.note(ACT, "timer", region, text=text, moved=moved, rules=list(marks))
        for owner, give in moving.vouchers:
            if owner == region:
                turn.vouch(give, place)
    turn.save()
    _tell(ctx, turn, changes)
    return changes


def report(session: Session, since: uuid.UUID, published: datetime) -> list[Moved]:
    """What the rules published from then on moved, by the ledger: whoever did it, this process or
    a running server. `since` is an id made before; ids sort by time.
    """
    marks = set(session.exec(select(Rule.hash).where(col(Rule.published_at) >= published)))
    statement = (
        select(LedgerEntry, Case.number)
        .join(Case, col(Case.id) == col(LedgerEntry.case_id))
        .where(LedgerEntry.act == ACT, col(LedgerEntry.id) > since)
        .order_by(col(Case.number), col(LedgerEntry.id))
    )
    return [
        Moved(entry.case_id, number or "", what, date.fromisoformat(old), date.fromisoformat(new))
        for entry, number in session.exec(statement)
        if marks & set(entry.detail.get("rules", ()))
        for what, old, new in entry.detail["moved"]
    ]


def _tell(ctx: Context, turn: Turn, changes: Sequence[Change]) -> None:
    case = turn.dossier.case
    promise = next((e for e in changes if (e.region, e.title) == (CASE, "承诺时限")), None)
    if promise is None:
        return
    service = turn.dossier.definition.workflow.title
    body = (
        f"您申请的{service}（办件号{case.number}）承诺办结的日期由{cn_date(promise.old)}"
        f"改为{cn_date(promise.new)}：工作日历或者本地的时限规定有变动，时限按新的规定重新计算。"
    )
    tell(
        ctx,
        f"recompute/{case.id}/{promise.old.isoformat()}/{promise.new.isoformat()}/{case.revision}",
        applicant_side(turn.dossier),
        "办件的承诺办结日期有变动",
        body,
        kind="recompute",
        link=f"/my/{case.id}/clock",
        case_id=case.id,
        outside=body,
    )


def _slice(session: Session, waiting: Sequence[Rule]) -> Sequence[uuid.UUID]:
    """The next open cases, and those whose pledges are still to be checked."""
    unchecked = exists().where(
        col(PledgeCheck.case_id) == col(Case.id), col(PledgeCheck.state) == "due"
    )
    statement = (
        select(Case.id)
        .where(col(Case.number).is_not(None), or_(col(Case.concluded_at).is_(None), unchecked))
        .order_by(col(Case.id))
        .limit(SLICE)
    )
    after = _after(waiting)
    return session.exec(statement if after is None else statement.where(Case.id > after)).all()


def _after(waiting: Sequence[Rule]) -> uuid.UUID | None:
    """Where to go on: at the beginning when some rule is new."""
    reached = [rule.reached for rule in waiting if rule.reached is not None]
    return min(reached) if len(reached) == len(waiting) else None


def _remember(
    session: Session, waiting: Sequence[Rule], cases: Sequence[uuid.UUID], now: datetime
) -> None:
    """How far it has come with each rule, unless that was published anew meanwhile."""
    done = len(cases) < SLICE
    values: Mapping[str, object] = (
        {"applied_at": now, "reached": None} if done else {"reached": cases[-1]}
    )
    for rule in waiting:
        statement = update(Rule).where(
            col(Rule.kind) == rule.kind, col(Rule.id) == rule.id, col(Rule.hash) == rule.hash
        )
        session.connection().execute(statement.values(**values))
