"""The department's coming inspections, appearances and hearings: some of each day, or all of one.

Nothing here reads more of a calendar than it shows: a day's first few and how many there are, or a
list a page at a time.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter

from sqlalchemy import CTE, ColumnElement, Integer, and_, column, distinct, func, tuple_, values
from sqlalchemy import select as rows_of
from sqlmodel import col

from onevisit.access import OFFICE_ROLES, Forbidden
from onevisit.cases.context import Context
from onevisit.cases.views.calendar_entries import Entry, Key, entries, hearings
from onevisit.cases.views.parts import Page
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY
from onevisit.store.board_tables import Engagement
from onevisit.store.columns import UtcDateTime

PAGE = 30
AT_MOST = 500
"""What a calendar program is told of what is to come, and (OVERDUE) of what is over."""
OVERDUE = 100
"""How many that are over and not recorded are counted; of more it is said that there are more."""
FEW = 3
"""How much of that stands above a month."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Day:
    """The first few of what is arranged on one day, the earliest first, and how many there are in
    all."""

    day: date
    entries: tuple[Entry, ...]
    total: int


@dataclass(frozen=True)
class Late:
    """The first few of what is over and not recorded yet, how many there are, at most OVERDUE, and
    whether there are `more` than that."""

    entries: tuple[Entry, ...]
    total: int
    more: bool


@dataclass(frozen=True)
class Overview:
    """Some days, and what is overdue whatever days these are."""

    days: tuple[Day, ...]
    late: Late


def overview(ctx: Context, first: date, last: date, shown: int) -> Overview:
    """The days from `first` to `last` on which something is arranged and not yet recorded, of each
    the first `shown`, and the first FEW of what is overdue: the same number of questions however
    many days and appointments. Forbidden for whoever works in no department.
    """
    _check(ctx)
    dates = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    ids, totals = _first_of_each(ctx, dates, shown)
    for at, key in hearings(ctx, _begins(first), _begins(last + ONE_DAY), AT_MOST):
        day = at.astimezone(BEIJING).date()
        ids.setdefault(day, []).append(key)
        totals[day] = totals.get(day, 0) + 1
    late, overdue, more = _late(ctx)
    known = entries(ctx, [*(key for found in ids.values() for key in found), *late])
    days = (_day(day, ids[day], known, totals[day], shown) for day in sorted(ids))
    here = tuple(known[key] for key in late if key in known)
    return Overview(tuple(days), Late(here, max(overdue, len(here)), more))


def of_day(ctx: Context, day: date, after: str | None = None) -> Page[Entry]:
    """Everything that is arranged on one day, a page at a time; Forbidden, ValueError."""
    return _listed(ctx, _begins(day), _begins(day + ONE_DAY), after)


def overdue(ctx: Context, after: str | None = None) -> Page[Entry]:
    """What was to be before today and is not recorded, a page at a time; Forbidden, ValueError."""
    return _listed(ctx, BEGINNING, _begins(ctx.today), after)


def calendar(ctx: Context) -> tuple[Day, ...]:
    """What is arranged and not yet recorded, day by day, for a calendar program: of what is over
    the first OVERDUE, of what is to come the first AT_MOST. Forbidden."""
    _check(ctx)
    end = _begins(ctx.today)
    keys = [*_keys(ctx, BEGINNING, end, OVERDUE), *_keys(ctx, end, None, AT_MOST)]
    known = entries(ctx, [key for _, key in keys])
    found: dict[date, list[Entry]] = {}
    for at, key in keys:
        if key in known:
            found.setdefault(at.astimezone(BEIJING).date(), []).append(known[key])
    return tuple(Day(day, tuple(each), len(each)) for day, each in found.items())


def _check(ctx: Context) -> None:
    if not any(post.role in OFFICE_ROLES and post.department for post in ctx.actor.posts):
        raise Forbidden("只有部门的工作人员可以查看本部门的核查、到场和听证安排")


def _listed(ctx: Context, begins: datetime, ends: datetime, after: str | None) -> Page[Entry]:
    _check(ctx)
    found = _keys(ctx, begins, ends, PAGE + 1, _read(after) if after else None)
    shown = [key for _, key in found[:PAGE]]
    known = entries(ctx, shown)
    rows = tuple(known[key] for key in shown if key in known)
    return Page(rows, _written(found[PAGE - 1]) if len(found) > PAGE else None)


def _written(key: Key) -> str:
    return f"{key[0].isoformat()}|{key[1]}"


def _read(after: str) -> Key:
    at, _, last = after.partition("|")
    return datetime.fromisoformat(at).astimezone(UTC), uuid.UUID(last)


def _late(ctx: Context) -> tuple[list[uuid.UUID], int, bool]:
    """The first FEW of what is overdue; how many there are, of both kinds at most OVERDUE each, and
    whether there are more."""
    end = _begins(ctx.today)
    some = rows_of(col(Engagement.appointment_id)).where(*_own(ctx, BEGINNING, end))
    limited = some.limit(OVERDUE + 1).subquery()
    asked = rows_of(func.count()).select_from(limited)
    number = ctx.session.connection().execute(asked).scalar_one()
    heard = hearings(ctx, BEGINNING, end, OVERDUE + 1)
    first = sorted([*_appointments(ctx, BEGINNING, end, FEW, None), *heard])[:FEW]
    total = number + len(heard)
    return [key for _, key in first], min(total, OVERDUE), total > OVERDUE


def _keys(
    ctx: Context, begins: datetime, ends: datetime | None, limit: int, after: Key | None = None
) -> list[Key]:
    """The first `limit` of everything from one moment to another, after the one given."""
    heard = hearings(ctx, begins, ends, limit, after)
    return sorted([*_appointments(ctx, begins, ends, limit, after), *heard])[:limit]


def _appointments(
    ctx: Context, begins: datetime, ends: datetime | None, limit: int, after: Key | None
) -> list[Key]:
    at, key = col(Engagement.at), col(Engagement.appointment_id)
    statement = rows_of(at, key).distinct().where(*_own(ctx, begins, ends))
    if after is not None:
        statement = statement.where(tuple_(at, key) > after)
    rows = ctx.session.connection().execute(statement.order_by(at, key).limit(limit))
    return [(row[0], row[1]) for row in rows]


def _own(ctx: Context, begins: datetime, ends: datetime | None) -> list[ColumnElement[bool]]:
    """What the own departments are expected at from one moment to another."""
    at = col(Engagement.at)
    own = [col(Engagement.department).in_(ctx.actor.departments), at >= begins]
    return own if ends is None else [*own, at < ends]


def _first_of_each(
    ctx: Context, dates: Sequence[date], shown: int
) -> tuple[dict[date, list[uuid.UUID]], dict[date, int]]:
    """The first `shown` appointments of each day, and how many each has: of a day's index no more
    is read than its beginning, and for the number the index alone."""
    key, of = col(Engagement.appointment_id), _calendar(dates)
    mine = and_(
        col(Engagement.department).in_(ctx.actor.departments),
        col(Engagement.at) >= of.c.begins,
        col(Engagement.at) < of.c.ends,
    )
    each = rows_of(key).where(mine).group_by(col(Engagement.at), key)
    each = each.order_by(col(Engagement.at), key).limit(1)
    number = rows_of(func.count(distinct(key))).where(mine)
    columns = [each.offset(place).scalar_subquery() for place in range(shown)]
    statement = rows_of(of.c.place, number.scalar_subquery(), *columns)
    ids: dict[date, list[uuid.UUID]] = {}
    totals: dict[date, int] = {}
    for place, total, *found in ctx.session.connection().execute(statement):
        if total:
            totals[dates[place]] = total
            ids[dates[place]] = [each for each in found if each is not None]
    return ids, totals


def _calendar(dates: Sequence[date]) -> CTE:
    """The days as rows: each one's place among them, its first moment, and that of the next."""
    columns = (
        column("place", Integer), column("begins", UtcDateTime), column("ends", UtcDateTime)
    )  # fmt: skip
    rows = [(place, _begins(day), _begins(day + ONE_DAY)) for place, day in enumerate(dates)]
    return values(*columns, name="days").data(rows).cte("days")


def _day(
    day: date,
    ids: Sequence[uuid.UUID],
    known: Mapping[uuid.UUID, Entry],
    total: int,
    shown: int,
) -> Day:
    """One day; what has just been decided is not shown, and not counted where all are seen."""
    here = sorted((known[key] for key in ids if key in known), key=attrgetter("at"))
    return Day(day, tuple(here[:shown]), len(here) if total <= shown else total)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)
