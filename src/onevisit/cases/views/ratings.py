"""Ratings as pages show them: to who gives one, and to supervision, which follows up the bad."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from onevisit.access import check_can_edit, check_can_supervise
from onevisit.cases import seen
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.errors import NotFound, NotPossible
from onevisit.cases.rating import GRADES, WORST_GOOD, is_bad, may_rate, rating_of
from onevisit.cases.views.parts import Page
from onevisit.definition.place import RatingRules, Reason
from onevisit.definition.service import Definition
from onevisit.documents.format import mask_phone
from onevisit.store.citizen_tables import Rating
from onevisit.store.tables import Account, Case

PAGE = 30
TABS = {"open": "待回访", "done": "已回访"}


@dataclass(frozen=True)
class RatingForm:
    """A finished case as its applicant rates it; `given` once they have."""

    id: uuid.UUID
    number: str
    service: str
    praise: tuple[Reason, ...]
    complaints: tuple[Reason, ...]
    given: "Given | None"


@dataclass(frozen=True)
class Given:
    """A rating in words; `late` when the day for speaking to them has passed and nobody did."""

    id: uuid.UUID
    case_id: uuid.UUID
    number: str
    service: str
    grade: int
    title: str
    reasons: tuple[str, ...]
    words: str
    at: datetime
    due: date | None
    late: bool
    outcome: str
    contacted_at: datetime | None


@dataclass(frozen=True)
class FollowUp:
    """A bad rating with whom to speak to; the telephone masked, until it is asked for."""

    given: Given
    name: str
    phone: str


def rating_form(ctx: Context, case_id: uuid.UUID) -> RatingForm:
    """What the applicant's side is asked after the end; NotPossible before."""
    dossier = load(ctx, case_id)
    case = dossier.case
    check_can_edit(ctx.actor, case.applicant_id, case.agent_id)
    if not may_rate(dossier) or case.number is None:
        raise NotPossible("评价", dossier.state().title, None, (), "办件还没有办结，办结后再评价")
    rules, row = dossier.definition.jurisdiction.rating, rating_of(ctx, case_id)
    return RatingForm(
        id=case_id,
        number=case.number,
        service=dossier.definition.workflow.title,
        praise=rules.praise if rules else (),
        complaints=rules.complaints if rules else (),
        given=_given(ctx, row, case, dossier.definition) if row else None,
    )


def bad_ratings(ctx: Context, tab: str, after: str | None = None) -> Page[Given]:
    """The bad ratings that wait for somebody, those due first; or those that had it, newest first.

    ValueError for an `after` that no page of ours gave out.
    """
    check_can_supervise(ctx.actor)
    bad = select(Rating, Case).join(Case, col(Case.id) == col(Rating.case_id))
    bad = bad.where(col(Rating.grade) < WORST_GOOD)
    is_open = tab == "open"
    if is_open:
        statement = bad.where(col(Rating.contacted_at).is_(None)).order_by(col(Rating.id))
    else:
        statement = bad.where(col(Rating.contacted_at).is_not(None)).order_by(col(Rating.id).desc())
    if after:
        last = uuid.UUID(after)
        statement = statement.where(Rating.id > last if is_open else Rating.id < last)
    found = ctx.session.exec(statement.limit(PAGE + 1)).all()
    rows = tuple(_given(ctx, row, case, _definition(ctx, case)) for row, case in found[:PAGE])
    return Page(rows, str(rows[-1].id) if len(found) > PAGE else None)


def follow_up_view(ctx: Context, rating_id: uuid.UUID) -> FollowUp:
    """One bad rating for who follows it up; NotFound for any other."""
    check_can_supervise(ctx.actor)
    row = ctx.session.get(Rating, rating_id)
    if row is None or not is_bad(row.grade):
        raise NotFound("这条差评")
    case = ctx.session.get_one(Case, row.case_id)
    who = ctx.session.get_one(Account, row.rated_by)
    given = _given(ctx, row, case, _definition(ctx, case))
    ctx.seen.listed(seen.PAGE, "评价、评价人姓名", case)
    return FollowUp(given, who.name, mask_phone(who.phone or ""))


def _definition(ctx: Context, case: Case) -> Definition:
    return ctx.catalog.version(ctx.session, case.version_hash).definition


def _given(ctx: Context, row: Rating, case: Case, definition: Definition) -> Given:
    titles = _titles(definition.jurisdiction.rating)
    waits = row.contacted_at is None and row.contact_due is not None
    return Given(
        id=row.id,
        case_id=case.id,
        number=case.number or "",
        service=definition.workflow.title,
        grade=row.grade,
        title=GRADES[row.grade],
        reasons=tuple(titles.get(each, each) for each in row.reasons),
        words=row.words or "",
        at=row.rated_at,
        due=row.contact_due,
        late=waits and row.contact_due is not None and row.contact_due < ctx.today,
        outcome=row.outcome or "",
        contacted_at=row.contacted_at,
    )


def _titles(rules: RatingRules | None) -> dict[str, str]:
    if rules is None:
        return {}
    return {each.id: each.title for each in (*rules.praise, *rules.complaints)}
