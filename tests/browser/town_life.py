"""What goes on in the fictional town: a case in every state that some page shows."""

from datetime import datetime, time
from uuid import UUID

from browser.town import Town
from browser.town_portals import furnish
from onevisit.cases import decline, draft, withdraw
from onevisit.cases.afterwards import renewal, request
from onevisit.cases.deferral import bring
from onevisit.cases.dossier import load
from onevisit.cases.meetings import meeting
from onevisit.cases.meetings.appointments import Call
from onevisit.cases.meetings.meeting import Purpose
from onevisit.cli.demonstration import prepare
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY, next_working_day
from onevisit.settings import Settings
from onevisit.store.session import reading, writing
from onevisit.store.tables import Case
from onevisit.store.turn_tables import Certificate
from scenarios.law import arranged, officers
from scenarios.stage import ANSWERS, FORM, PDF

RESTAURANT, FAIR = "open_restaurant", "hold_event"
LARGE = {
    "area": 380, "cooking": True, "gathering": True, "fire_pledge": True, "signboard": True,
    "want_tobacco": False,
}  # fmt: skip
MARKET = {
    "crowd": 1200, "street": True, "performance": False, "stalls": True, "stage": True,
    "banners": True,
}  # fmt: skip
OWED, CODE = "health_certificates", "024680"


def built(settings: Settings) -> Town:
    """The demonstration in this place with all its cases, as if days had gone by."""
    town = Town(prepare(settings).settings)
    for each in (long_ago, decided, held_up, arranged_for, at_the_desk, furnish):
        each(town)
    town.all_printed()
    return town


def long_ago(town: Town) -> None:
    """A case that nobody worked on: every light is on."""
    town.back(75)
    town.name("late", town.accepted())
    town.back(1)
    town.swept()


def decided(town: Town) -> None:
    """Granted, refused, on a pledge; and what their holders ask for now."""
    town.back(45)
    done = town.name("concluded", town.handed_out(town.decided(town.accepted())))
    with town.acting("applicant") as ctx:
        row = _certificate(town, "concluded.food")
        renewal.ask(ctx, row.id, "内容不变，申请延续。", row.revision)
        row = _certificate(town, "concluded.signboard")
        request.ask(ctx, row.id, "lost", "搬店时遗失。", row.revision)
    town.name("concluded", done)
    town.back(38)
    town.name("refused", town.handed_out(town.decided(town.accepted(), refused="food")))
    town.back(32)
    town.name("pledged", town.handed_out(town.decided(town.taken_in(RESTAURANT, LARGE))))
    broken = town.handed_out(town.decided(town.taken_in(RESTAURANT, LARGE)))
    town.pledge_found(broken, "fire", kept=False)
    town.name("broken", broken)
    town.back(15)
    town.name("ready", town.decided(town.accepted()))
    kiosk = [town.decided(town.accepted()) for _ in range(2)]  # each is taken once, and two look
    with writing(town.engine) as session:  # its service is one that a kiosk gives out
        for case_id in kiosk:
            session.get_one(Case, case_id).pickup_code = CODE


def held_up(town: Town) -> None:
    """Clocks that stand still, and those that were asked to run longer."""
    town.back(4)
    officers.suspended(town, town.name("paused", town.accepted()), 3)
    officers.asked_for(town, town.name("asked", town.accepted()), 5)
    officers.asked_whole(town, town.name("asked_whole", town.accepted()), 10)
    town.name("fair", town.taken_in(FAIR, MARKET))
    tested = town.name("tested", town.taken_in(FAIR, MARKET))
    officers.begin(town, tested, 2, "临时设施现场检测", "safety")


def arranged_for(town: Town) -> None:
    """Inspections, meetings and hearings that are to come."""
    town.back(3)
    soon = _morning(town, 1)
    called = town.name("called", town.accepted())
    arranged.inspected_on(town, called, "food", soon)
    meeting_case = town.name("met", town.taken_in(FAIR, MARKET))
    row = town.approvals(meeting_case)["safety"]
    with town.acting(f"{row.department}.{row.awaits}") as ctx:
        visit = meeting.visits_of(load(ctx, meeting_case), "safety")[0]
        order = Call(soon, "示例市政务服务中心二楼", "身份证件")
        meeting.call(ctx, row.id, Purpose(visit.key, "申请人要求当面说明"), order, row.revision)
    arranged.told(town, town.name("hearing_told", town.accepted()), "演示邻居")
    heard = town.name("hearing_asked", town.accepted())
    arranged.told(town, heard)
    arranged.asked(town, heard)
    heard = town.name("hearing_called", town.accepted())
    arranged.told(town, heard)
    arranged.asked(town, heard)
    arranged.heard_on(town, heard, _morning(town, 9))


def at_the_desk(town: Town) -> None:
    """Drafts, what waits at the desk, and what comes later."""
    town.back(2)
    owing = town.name("owing", town.taken_in(RESTAURANT, ANSWERS, deferred=OWED))
    with town.acting("applicant") as ctx:
        bring.bring(ctx, owing, OWED, "健康证明.pdf", [PDF])
    town.name("accepted", town.accepted())
    town.name("correcting", town.told_once())
    _declined(town, town.name("declined", town.submitted()))
    withdrawn = town.name("withdrawn", town.submitted())
    with town.acting("applicant") as ctx:
        withdraw.withdraw(ctx, withdrawn, "暂不开店", town.case(withdrawn).revision)
    town.name("submitted", town.submitted())
    town.name("filled", town.drafted())
    with town.acting("applicant") as ctx:
        case = draft.start(ctx, RESTAURANT, LARGE)
        first = draft.form_of(draft.editable(ctx, case.id)[0]).sections[0]
        data = {each.id: FORM[each.id] for each in first.fields if each.id in FORM}
        draft.save_section(ctx, case.id, first.id, data | {"phone": "12"}, case.revision)
        town.named["case_id", "draft"] = str(case.id)


def _certificate(town: Town, name: str) -> Certificate:
    with reading(town.engine) as session:
        return session.get_one(Certificate, UUID(town.named["certificate_id", name]))


def _declined(town: Town, case_id: UUID) -> None:
    with town.acting("clerk") as ctx:
        revision = town.case(case_id).revision
        decline.decline(
            ctx, case_id, "elsewhere", "不属于本市办理范围。", "邻市市场监管局", revision
        )


def _morning(town: Town, days: int) -> datetime:
    """Half past nine of the first working day at least so many days from the town's present."""
    calendar = town.catalog.current(RESTAURANT).definition.calendar
    today = datetime.now(BEIJING).date()
    day = next_working_day(calendar, today + days * ONE_DAY)
    return datetime.combine(day, time(9, 30), BEIJING)
