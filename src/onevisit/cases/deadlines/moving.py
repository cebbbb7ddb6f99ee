"""Which last days of one case another calendar or other rules of its place would move, and to when.

A period that has ended stays as it was. One that runs is never moved into the past, and one that
was granted to the applicant is never shortened: they were told its last day in writing
(立法法第一百零四条: 法不溯及既往).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sqlmodel import col, select

from onevisit.cases import check, clock, wording
from onevisit.cases.turn import Turn
from onevisit.definition.values import Limit
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.engine.clocks import add_working_days, due, is_past, received_on
from onevisit.engine.timers import OF_THE_AUTHORITY, timer_due
from onevisit.store import evidence
from onevisit.store.tables import LedgerEntry
from onevisit.store.turn_tables import Hearing, Owed, Pause, PledgeCheck

THEIRS = frozenset({"correction_reply", "notice"})
"""Periods of the applicant and of the public."""
TITLES = {
    "correction_notice": "告知补正或者受理的期限",
    "correction_reply": "补正期限",
    "notice": "公示期",
    "window": "报名期",
}


@dataclass(frozen=True)
class Change:
    """One last day that moves."""

    region: str
    title: str
    old: date
    new: date


@dataclass
class Moving:
    """Collects what moves in one turn; `vouchers` are the changed rows, by region."""

    turn: Turn
    changes: list[Change] = field(default_factory=list)
    vouchers: list[tuple[str, Callable[[], evidence.Evidence]]] = field(default_factory=list)

    def all(self) -> list[Change]:
        """Moves everything that is open; states first, since clocks stand still with notices."""
        self._states()
        self._clocks()
        self._owed()
        self._hearings()
        self._pledges()
        self._delivery()
        return self.changes

    def _settled(self, title: str, region: str, old: date, new: date, *, theirs: bool) -> date:
        """The last day from now on, and the change if it is another one."""
        ctx = self.turn.ctx
        hours = self.turn.dossier.definition.jurisdiction.hours
        over = old < ctx.today if theirs else is_past(hours, old, ctx.local)
        kept = old if over else max(old, new) if theirs else max(new, ctx.today)
        if kept != old:
            self.changes.append(Change(region, title, old, kept))
        return kept

    def _days_from(self, moment: datetime | None, days: int) -> date:
        """So many working days after the local day of a moment."""
        assert moment is not None, "what runs has begun"
        start = moment.astimezone(BEIJING).date()
        return add_working_days(self.turn.dossier.definition.calendar, start, days)

    def _regions(self) -> Iterator[str]:
        dossier = self.turn.dossier
        return (each for each in (CASE, *dossier.approvals) if not dossier.state(each).final)

    def _states(self) -> None:
        """The timers of running states, with the rows that repeat their last days."""
        dossier = self.turn.dossier
        for region in self._regions():
            row = dossier.row(region)
            entered = self._entered(region) if row.timer_due is not None else None
            if row.timer_due is None or entered is None:
                continue
            after = self._after(region)
            part = None if region == CASE else dossier.selection.part(region)
            start = entered.date()
            if after in OF_THE_AUTHORITY:
                hours = dossier.definition.jurisdiction.hours
                start = received_on(dossier.definition.calendar, hours, entered)
            new = timer_due(dossier.definition, dossier.chart, part, row.state, start)
            if new is None or after is None:
                continue
            kept = self._settled(TITLES[after], region, row.timer_due, new, theirs=after in THEIRS)
            if kept != row.timer_due:
                self.turn.set(region, timer_due=kept)
                self._repeat(region, after, kept)

    def _after(self, region: str) -> str | None:
        """Which deadline ends the present state by itself."""
        dossier = self.turn.dossier
        moves = dossier.chart.tables[region].moves[dossier.row(region).state]
        return next((move.after for move in moves if move.after in TITLES), None)

    def _entered(self, region: str) -> datetime | None:
        """The local moment at which a region entered its present state."""
        dossier = self.turn.dossier
        statement = select(LedgerEntry.at).where(
            LedgerEntry.case_id == dossier.case.id,
            LedgerEntry.region == region,
            LedgerEntry.to_state == dossier.row(region).state,
            col(LedgerEntry.from_state) != col(LedgerEntry.to_state),
        )
        newest = statement.order_by(col(LedgerEntry.seq).desc()).limit(1)
        found = self.turn.ctx.session.exec(newest).first()
        return found.astimezone(BEIJING) if found is not None else None

    def _repeat(self, region: str, after: str, last: date) -> None:
        """The correction notice and the public notice have rows with the same last day."""
        ctx, dossier = self.turn.ctx, self.turn.dossier
        if after == "correction_reply":
            correction = check.correction_of(ctx, dossier)
            if correction is not None:
                correction.due = last
                self.vouchers.append((CASE, partial(evidence.of_correction, correction)))
        if after == "notice":
            statement = select(Pause).where(
                Pause.case_id == dossier.case.id, Pause.region == region, Pause.kind == "notice"
            )
            for pause in ctx.session.exec(statement.where(col(Pause.ended).is_(None))):
                pause.planned = last
                self.vouchers.append((region, partial(evidence.of_row, pause)))

    def _clocks(self) -> None:
        """Both clocks of the case and of its items."""
        ctx, dossier = self.turn.ctx, self.turn.dossier
        for region in self._regions():
            row, values = dossier.row(region), clock.columns(ctx, dossier, region)
            if not values or row.promise_due is None or row.legal_due is None:
                continue
            promise = self._settled(
                "承诺时限", region, row.promise_due, values["promise_due"], theirs=False
            )
            legal = self._settled(
                "法定时限", region, row.legal_due, values["legal_due"], theirs=False
            )
            yellow = min(values["yellow_on"], promise)
            if (promise, legal, yellow) != (row.promise_due, row.legal_due, row.yellow_on):
                self.turn.set(
                    region, promise_due=promise, legal_due=legal, yellow_on=yellow, alert_on=yellow
                )

    def _owed(self) -> None:
        """Deferred material, counted from acceptance (浙江规定第十一条)."""
        ctx, dossier = self.turn.ctx, self.turn.dossier
        statement = select(Owed).where(Owed.case_id == dossier.case.id, Owed.state == "owed")
        known = {each.id: each for each in dossier.selection.materials}
        for row in ctx.session.exec(statement):
            material = known.get(row.material_id)
            if material is None or material.defer is None:
                continue
            new = self._days_from(dossier.case.accepted_at, material.defer.days)
            title = f"容缺材料“{material.title}”"
            row.due = self._settled(title, CASE, row.due, new, theirs=True)
            self.vouchers.append((CASE, partial(evidence.of_row, row)))

    def _hearings(self) -> None:
        """To ask for a hearing, and to hold it (许可法第四十七条)."""
        ctx, dossier = self.turn.ctx, self.turn.dossier
        rules, calendar = dossier.definition.jurisdiction.hearing, dossier.definition.calendar
        statement = select(Hearing).where(Hearing.case_id == dossier.case.id)
        for row in ctx.session.exec(statement):
            if rules is None or row.waived_at is not None or row.held_at is not None:
                continue
            if row.asked_at is None:
                new = self._days_from(row.told_at, rules.ask)
                row.ask_by = self._settled("提出听证", row.region, row.ask_by, new, theirs=True)
            elif row.hold_by is not None:
                hours = dossier.definition.jurisdiction.hours
                start = received_on(calendar, hours, row.asked_at.astimezone(BEIJING))
                new = add_working_days(calendar, start, rules.hold)
                row.hold_by = self._settled("举行听证", row.region, row.hold_by, new, theirs=False)
            self.vouchers.append((row.region, partial(evidence.of_row, row)))

    def _pledges(self) -> None:
        """Checks after a pledge, counted from the decision (浙江规定第十四条)."""
        ctx, dossier = self.turn.ctx, self.turn.dossier
        statement = select(PledgeCheck).where(
            PledgeCheck.case_id == dossier.case.id, PledgeCheck.state == "due"
        )
        place, calendar = dossier.definition.jurisdiction, dossier.definition.calendar
        for row in ctx.session.exec(statement):
            decided = dossier.approvals[row.region].decided_at
            route = dossier.selection.part(row.region).route
            limits = [route.check] if route.check is not None else []
            if place.pledge_check is not None:
                limits.append(Limit(days=place.pledge_check.days))
            if decided is not None and limits:
                start = decided.astimezone(BEIJING).date()
                new = min(due(calendar, start, each) for each in limits)
                row.due = self._settled("告知承诺核查", row.region, row.due, new, theirs=False)
                self.vouchers.append((row.region, partial(evidence.of_row, row)))

    def _delivery(self) -> None:
        """Handing out the results (许可法第四十四条)."""
        dossier = self.turn.dossier
        case, days = dossier.case, dossier.definition.jurisdiction.delivery.days
        if case.delivery_due is None or case.concluded_at is not None:
            return
        new = self._days_from(case.decided_at, days)
        kept = self._settled("送达期限", CASE, case.delivery_due, new, theirs=False)
        if kept != case.delivery_due:
            self.turn.set(CASE, delivery_due=kept, alert_on=kept)


def named(turn: Turn, change: Change) -> str:
    """What moves, with the item that it belongs to."""
    if change.region == CASE:
        return change.title
    part = turn.dossier.selection.part(change.region)
    return f"{wording.item_title(part)}：{change.title}"
