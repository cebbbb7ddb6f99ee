"""Inspections and appearances on the journey: officers arrange them on the page, and their moment
comes at once, which only a demonstration may do."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from onevisit.cases import Context
from onevisit.cases.dossier import load
from onevisit.cases.meetings import appointments, inspection, meeting
from onevisit.cases.meetings.inspection import Report
from onevisit.cases.meetings.meeting import Result
from onevisit.catalog.catalog import Catalog
from onevisit.cli.journey.browser import Browser
from onevisit.cli.serving import say
from onevisit.definition.place import Calendar
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY, next_working_day
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, writing
from onevisit.store.tables import Account, Approval
from onevisit.store.turn_tables import Appointment
from onevisit.web.accounts import actor_of

CALLS = ("call_inspection", "call_meeting")
ALREADY = "已经约定在"


@dataclass(frozen=True)
class Visits:
    """Arranges what an item needs and lets its moment come."""

    settings: Settings
    calendar: Calendar
    today: date

    def arrange(self, browser: Browser, username: str, address: str) -> None:
        """Call on the pages what this officer's item (at `address`) needs, then record it."""
        called = [self._call(browser, address, event) for event in CALLS]
        if any(called):
            self.happen(username, UUID(address.rsplit("/", 1)[1]))

    def _call(self, browser: Browser, address: str, event: str) -> bool:
        """Whether the item has, or now has, an appointment of this kind to record."""
        page = f"{address}/{event}"
        if page not in browser.get(address).links:
            return False
        sheet = browser.get(page)
        if ALREADY in sheet.text:
            return True
        form = sheet.form(page)
        day = next_working_day(self.calendar, self.today + ONE_DAY)
        typed: dict[str, str | list[str]] = {"day": day.isoformat(), "hour": "10:00"}
        typed["place"] = form.value("place") or "示例市政务服务中心（演示）"
        if "key" in form.choices:
            typed["key"] = form.choices["key"][0]
        browser.send(form, typed)
        return True

    def happen(self, username: str, approval_id: UUID) -> None:
        """What this officer's item has been called for takes place, and all is in order."""
        engine = engine_for(self.settings.database_url, self.settings.keyring)
        with writing(engine) as session:
            ctx = self._context(session, username, approval_id)
            if ctx is not None:
                row = session.get_one(Approval, approval_id)
                _record_inspection(ctx, row)
                _record_meetings(ctx, row)
        engine.dispose()

    def _context(self, session: Session, username: str, approval_id: UUID) -> Context | None:
        """This officer at the moment of the item's last appointment."""
        case_id = session.get_one(Approval, approval_id).case_id
        latest = select(func.max(Appointment.at)).where(Appointment.case_id == case_id)
        moment: datetime | None = session.exec(latest).one()
        account = session.exec(select(Account).where(col(Account.username) == username)).one()
        actor = actor_of(session, account.id)
        if moment is None or actor is None:
            return None
        say(f"    （演示：时间拨到 {moment.astimezone(BEIJING):%Y-%m-%d %H:%M}，按约核查或者到场）")
        files = FileStore(self.settings.files)
        return Context(session, Catalog(session.get_bind()), files, actor, moment)  # type: ignore[arg-type]  # an engine


def _record_inspection(ctx: Context, row: Approval) -> None:
    dossier = load(ctx, row.case_id)
    if inspection.to_record(ctx, dossier, row.region) is None:
        return
    need = dossier.selection.part(row.region).item.inspection
    assert need is not None, "only items that are inspected have something to record"
    people = inspection.inspectors(ctx, dossier, row.region)[: need.officers]
    report = Report([each.id for each in people], passed=True, finding="现场与申报一致（演示）")
    inspection.record(ctx, row.id, report, dossier.approvals[row.region].revision)


def _record_meetings(ctx: Context, row: Approval) -> None:
    for visit in meeting.visits_of(load(ctx, row.case_id), row.region):
        dossier = load(ctx, row.case_id)
        if appointments.called(appointments.rows(ctx, dossier, visit)) is not None:
            revision = dossier.approvals[row.region].revision
            meeting.record(ctx, row.id, visit.key, Result("held", ""), revision)
