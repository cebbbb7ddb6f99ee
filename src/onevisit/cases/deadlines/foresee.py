"""What a calendar or the rules of a place would move before they are saved, and which last days
rest on a year that has not been announced."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import col, or_, select

from onevisit.cases.context import Context
from onevisit.cases.deadlines.moving import Moving, named
from onevisit.cases.deadlines.recompute import Moved
from onevisit.cases.dossier import load
from onevisit.cases.errors import CaseError
from onevisit.cases.turn import Turn
from onevisit.catalog import rules
from onevisit.definition.problem import DefinitionError
from onevisit.store.tables import Case

MOST = 60
"""Open cases that are tried before saving; the rest is reckoned afterwards, in the background."""
SHOWN = 50


@dataclass(frozen=True)
class Foreseen:
    """What would move in the first `tried` of all `open` cases."""

    moved: tuple[Moved, ...]
    tried: int
    open: int

    @property
    def cases(self) -> int:
        """In how many cases something moves."""
        return len({each.case_id for each in self.moved})


@dataclass(frozen=True)
class Provisional:
    """An open case one of whose last days lies after the last announced day."""

    id: uuid.UUID
    number: str
    promise_due: date | None
    legal_due: date | None


def foresee(ctx: Context, path: str, text: str) -> Foreseen:
    """Reckons open cases with `text` in the place of a calendar or jurisdiction file.

    It writes what it tries: the caller takes the whole transaction back.
    """
    rules.keep(ctx.session, {path: text}, ctx.now)
    is_open = (col(Case.number).is_not(None), col(Case.concluded_at).is_(None))
    count = ctx.session.exec(select(func.count()).select_from(Case).where(*is_open)).one()
    newest = select(Case.id).where(*is_open).order_by(col(Case.id).desc()).limit(MOST)
    moved: list[Moved] = []
    ids = ctx.session.exec(newest).all()
    for case_id in ids:
        try:
            turn = Turn(ctx, load(ctx, case_id, lock=True))
            changes = Moving(turn).all()
        except (CaseError, DefinitionError):  # no longer readable; its own days stay
            continue
        number = turn.dossier.case.number or ""
        moved += [Moved(case_id, number, named(turn, e), e.old, e.new) for e in changes]
    return Foreseen(tuple(moved), len(ids), count)


def provisional(ctx: Context, last: date, services: Collection[str]) -> list[Provisional]:
    """The first open cases of these services (workflow ids) with a last day after `last`, by the
    day that was promised; SHOWN at most."""
    statement = (
        select(Case)
        .where(
            col(Case.workflow_id).in_(services),
            col(Case.number).is_not(None),
            col(Case.decided_at).is_(None),
            col(Case.concluded_at).is_(None),
            or_(col(Case.promise_due) > last, col(Case.legal_due) > last),
        )
        .order_by(col(Case.promise_due), col(Case.id))
        .limit(SHOWN)
    )
    return [
        Provisional(each.id, each.number or "", each.promise_due, each.legal_due)
        for each in ctx.session.exec(statement)
    ]
