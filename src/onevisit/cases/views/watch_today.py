"""What supervisors see at a glance: the numbers as they were last counted, and the last weeks.

Nothing is counted here: the sweep does (cases/board), and says when; days that are over have their
figures (cases/figures.py). So the page costs the same whatever is open.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from onevisit.access import check_can_supervise
from onevisit.cases.board.counting import ACTS, IN_HAND
from onevisit.cases.context import Context
from onevisit.store.board_tables import BoardCount, BoardLook
from onevisit.store.figure_tables import CountedDay

TREND = 30
"""Days of the picture of the last weeks."""
LATE = timedelta(minutes=2)
"""After the count was due: then nothing sweeps any more, and the page says so."""


@dataclass(frozen=True)
class Today:
    """How often each of ACTS happened today; cases (not items) due today and past their promise;
    bad ratings of today, and those whose day to be followed up has passed."""

    happened: Mapping[str, int]
    due: int
    overdue: int
    bad_ratings: int
    not_followed_up: int


@dataclass(frozen=True)
class Lit:
    """How many lights of each kind one department has on in one service. Department CASE: lights
    of whole cases."""

    department: str
    workflow_id: str
    kinds: Mapping[str, int]


@dataclass(frozen=True)
class Counted:
    """The open work as it was `at` some moment; `stopped` when it should have been counted again
    since. `in_hand`: how many items each department has in work, by (department, service)."""

    at: datetime
    stopped: bool
    today: Today
    in_hand: Mapping[tuple[str, str], int]
    lit: tuple[Lit, ...]


@dataclass(frozen=True)
class TrendDay:
    """One day that is over, all services together."""

    day: date
    submitted: int
    accepted: int
    decided: int
    late: int


def counted(ctx: Context) -> Counted | None:
    """The last count; None while there has not been one."""
    check_can_supervise(ctx.actor)
    look = ctx.session.exec(select(BoardLook)).first()
    if look is None or look.counted_at is None:
        return None
    whole: Counter[str] = Counter()
    hands: dict[tuple[str, str], int] = {}
    kinds: dict[tuple[str, str], dict[str, int]] = {}
    for row in ctx.session.exec(select(BoardCount)):
        place = (row.department, row.workflow_id)
        if not row.workflow_id:
            whole[row.measure] = row.number
        elif row.measure == IN_HAND:
            hands[place] = row.number
        else:
            kinds.setdefault(place, {})[row.measure] = row.number
    return Counted(
        at=look.counted_at,
        stopped=ctx.now > look.next_at + LATE,
        today=_today(whole),
        in_hand=hands,
        lit=tuple(Lit(*place, found) for place, found in sorted(kinds.items())),
    )


def _today(whole: Counter[str]) -> Today:
    return Today(
        happened={name: whole[name] for name in ACTS},
        due=whole["due"],
        overdue=whole["overdue"],
        bad_ratings=whole["bad"],
        not_followed_up=whole["unanswered"],
    )


def trend(ctx: Context) -> tuple[TrendDay, ...]:
    """The last weeks day by day, the oldest first; only days that are over."""
    check_can_supervise(ctx.actor)
    statement = (
        select(CountedDay)
        .where(col(CountedDay.day) >= ctx.today - timedelta(days=TREND))
        .order_by(col(CountedDay.day))
    )
    return tuple(
        TrendDay(row.day, row.submitted, row.accepted, row.decided, row.late)
        for row in ctx.session.exec(statement)
    )
