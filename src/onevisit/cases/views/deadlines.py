"""The other last days of a case beside its two clocks: telling what is missing, correcting it,
deferred material, hearings, notices, delivery, checks of pledges, validity."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from onevisit.cases import check, wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.engine.clocks import add_working_days, is_provisional, received_on
from onevisit.store.turn_tables import Certificate, Hearing, Owed, Pause, PledgeCheck

VALIDITY = "行政许可法第五十条"


@dataclass(frozen=True)
class Deadline:
    """One last day: what by then, since when, on which article, and when it was done."""

    region: str
    title: str
    start: date | None
    due: date
    basis: str
    done: date | None
    provisional: bool

    def late(self, today: date) -> bool:
        """Whether it is or was not kept."""
        return (self.done or today) > self.due


def deadlines(ctx: Context, dossier: Dossier, regions: frozenset[str]) -> tuple[Deadline, ...]:
    """All that these regions have, in the order in which they end."""
    found = [*_of_the_case(ctx, dossier)] if CASE in regions else []
    found += [each for each in _of_the_items(ctx, dossier) if each.region in regions]
    return tuple(sorted(found, key=lambda each: (each.due, each.title)))


def _made(  # noqa: PLR0917 -- the columns of a deadline
    dossier: Dossier,
    region: str,
    title: str,
    start: date | None,
    due: date,
    basis: str,
    done: datetime | None,
) -> Deadline:
    provisional = is_provisional(dossier.definition.calendar, due)
    return Deadline(region, title, start, due, basis, _day(done), provisional)


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(BEIJING).date() if moment else None


def _of_the_case(ctx: Context, dossier: Dossier) -> Iterator[Deadline]:
    case, place = dossier.case, dossier.definition.jurisdiction
    calendar = dossier.definition.calendar
    correction = check.correction_of(ctx, dossier)
    if case.submitted_at is not None:
        start = received_on(calendar, place.hours, case.submitted_at.astimezone(BEIJING))
        due = add_working_days(calendar, start, place.correction_notice.days)
        answered = correction.issued_at if correction else case.accepted_at or case.concluded_at
        title, basis = "受理或者一次告知补正", place.correction_notice.basis
        yield _made(dossier, CASE, title, start, due, basis, answered)
    if correction is not None:
        title, basis = "申请人补正", place.correction_reply.basis
        start = correction.issued_at.astimezone(BEIJING).date()
        yield _made(dossier, CASE, title, start, correction.due, basis, correction.answered_at)
    if correction is not None and correction.answered_at is not None:
        start = received_on(calendar, place.hours, correction.answered_at.astimezone(BEIJING))
        due = add_working_days(calendar, start, place.correction_notice.days)
        basis = place.correction_notice.basis
        answered = case.accepted_at or case.concluded_at
        yield _made(dossier, CASE, "补正之后受理", start, due, basis, answered)
    materials = {each.id: each.title for each in dossier.selection.materials}
    for owed in ctx.session.exec(select(Owed).where(Owed.case_id == case.id)):
        title = f"补交容缺材料“{materials.get(owed.material_id, owed.material_id)}”"
        done = owed.brought_at or owed.settled_at
        yield _made(dossier, CASE, title, _day(case.accepted_at), owed.due, owed.basis, done)
    if case.delivery_due is not None:
        decided, done = _day(case.decided_at), case.concluded_at
        basis = place.delivery.basis
        yield _made(dossier, CASE, "送达结果", decided, case.delivery_due, basis, done)


def _of_the_items(ctx: Context, dossier: Dossier) -> Iterator[Deadline]:
    titles = {part.key: wording.item_title(part) for part in dossier.selection.parts}
    yield from _hearings(ctx, dossier, titles)
    case_id, place = dossier.case.id, dossier.definition.jurisdiction
    notices = select(Pause).where(Pause.case_id == case_id, Pause.kind == "notice")
    for pause in ctx.session.exec(notices):
        title = f"{titles[pause.region]}：{pause.title}期满"
        yield _made(dossier, pause.region, title, pause.began, pause.planned, pause.basis, None)
    checks = select(PledgeCheck).where(PledgeCheck.case_id == case_id)
    for row in ctx.session.exec(checks):
        start = _day(dossier.approvals[row.region].decided_at)
        basis = place.pledge_check.basis if place.pledge_check else ""
        title = f"{titles[row.region]}：告知承诺核查"
        yield _made(dossier, row.region, title, start, row.due, basis, row.checked_at)
        if row.mend_by is not None:
            basis = place.mending.basis if place.mending else ""
            title = f"{titles[row.region]}：限期整改"
            start = _day(row.checked_at)
            yield _made(dossier, row.region, title, start, row.mend_by, basis, None)
    issued = select(Certificate).where(Certificate.case_id == case_id)
    for paper in ctx.session.exec(issued.order_by(col(Certificate.id))):
        if paper.valid_until is not None:
            start, until = paper.valid_from, paper.valid_until
            yield _made(
                dossier, paper.region, f"{paper.title}有效期届满", start, until, VALIDITY, None
            )


def _hearings(ctx: Context, dossier: Dossier, titles: dict[str, str]) -> Iterator[Deadline]:
    rules = dossier.definition.jurisdiction.hearing
    basis = rules.basis if rules is not None else ""
    for row in ctx.session.exec(select(Hearing).where(Hearing.case_id == dossier.case.id)):
        title = f"{titles[row.region]}：提出听证要求"
        done = row.asked_at or row.waived_at
        yield _made(dossier, row.region, title, _day(row.told_at), row.ask_by, basis, done)
        if row.hold_by is not None:
            title = f"{titles[row.region]}：举行听证"
            start = _day(row.asked_at)
            yield _made(dossier, row.region, title, start, row.hold_by, basis, row.recorded_at)
