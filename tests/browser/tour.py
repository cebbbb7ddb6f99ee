"""Every page of the application, who sees it and where: one table for all that looks at pages.

A line is the route as the application has it, who opens it (- a stranger), and what fills in its
braces: rows of the town (case_id=accepted), a query (?tab=done), the status if not 200 (!422).
"""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import uvicorn
from fastapi.routing import APIRoute
from sqlmodel import col, select

from browser import town_life
from browser.town import Town
from browser.town_life import CODE
from counting import count
from onevisit.cli.demonstration import PASSWORD
from onevisit.documents import shelf, versions
from onevisit.documents.format import BEIJING
from onevisit.settings import Settings
from onevisit.store.board_tables import Engagement
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Document
from onevisit.web.app import ROUTERS, create_app

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {"accept-language": "zh-CN"}
TABLE = """
/                                              -           .
/services                                      -           ?q=餐饮
/services/{service_id}                         -           service_id=open_restaurant
/services/{service_id}                         -           service_id=newborn
/services/{service_id}/start                   -           service_id=open_restaurant
/services/{service_id}/result                  -           service_id=open_restaurant ?area=380&cooking=true&gathering=true&fire_pledge=false&signboard=true&want_tobacco=true
/verify                                        -           .
/verify                                        -           ?number={paper}&code={code}
/sign-in                                       -           .
/hearings                                      -           .
/progress                                      -           .
/statistics                                    -           .
/search                                        -           ?q=餐饮
/search                                        clerk       ?q=演示
/search                                        market_regulation.handler ?q=演示
/search                                        admin       ?q=餐饮
/sign-in/password                              applicant   .
/sign-in/factor                                applicant   .
/sign-in/again                                 clerk       .
/me/sessions                                   clerk       .
/tickets/take                                  clerk       .
/tickets/display                               -           .
/tickets/{ticket_id}                           clerk       ticket_id=drawn
/my                                            applicant   .
/my/{case_id}                                  applicant   case_id=draft
/my/{case_id}                                  applicant   case_id=submitted
/my/{case_id}                                  applicant   case_id=correcting
/my/{case_id}                                  applicant   case_id=declined
/my/{case_id}                                  applicant   case_id=withdrawn
/my/{case_id}                                  applicant   case_id=accepted
/my/{case_id}                                  applicant   case_id=owing
/my/{case_id}                                  applicant   case_id=hearing_called
/my/{case_id}                                  applicant   case_id=refused
/my/{case_id}                                  applicant   case_id=ready
/my/{case_id}                                  applicant   case_id=concluded
/my/{case_id}/withdraw                         applicant   case_id=accepted
/my/{case_id}/answers                          applicant   case_id=draft
/my/{case_id}/form/{section_id}                applicant   case_id=filled section_id=operator
/my/{case_id}/form/{section_id}                applicant   case_id=draft section_id=operator ?check=true !422
/my/{case_id}/form/{section_id}                applicant   case_id=filled section_id=people
/my/{case_id}/review                           applicant   case_id=filled
/my/{case_id}/review                           applicant   case_id=draft
/my/{case_id}/submitted                        applicant   case_id=submitted
/my/{case_id}/correction                       applicant   case_id=correcting
/my/{case_id}/materials                        applicant   case_id=filled
/my/{case_id}/materials                        applicant   case_id=draft
/my/{case_id}/clock                            applicant   case_id=accepted
/my/{case_id}/bring                            applicant   case_id=owing
/my/{case_id}/items/{region:path}/ask_hearing  applicant   case_id=hearing_told region=food
/my/{case_id}/items/{region:path}/waive_hearing applicant  case_id=hearing_told region=food
/my/drafts                                     applicant   .
/my/{case_id}/renew                            applicant   case_id=outdated
/my/{case_id}/discard                          applicant   case_id=draft
/my/{case_id}/shared                           applicant   case_id=draft
/my/{case_id}/uploads/{upload_id}/pages        applicant   case_id=draft upload_id=photos
/my/{case_id}/rate                             applicant   case_id=concluded
/my/{case_id}/rate                             applicant   case_id=refused
/my/data                                       applicant   .
/my/data/uses                                  applicant   .
/my/data/download                              applicant   .
/my/data/close                                 applicant   .
/my/reads                                      applicant   .
/my/{case_id}/reads                            applicant   case_id=accepted
/desk/{case_id}/reveal                         clerk       case_id=accepted
/office/{approval_id}/reveal                   market_regulation.handler approval_id=accepted.food
/window/{case_id}/reveal                       window      case_id=ready
/watch/ratings/{rating_id}/reveal              supervisor  rating_id=bad
/my/agents                                     applicant   .
/my/agents/new                                 applicant   .
/my/agents/{authorisation_id}/end              applicant   authorisation_id=offered
/my/certificates                               applicant   .
/my/certificates/{certificate_id}              applicant   certificate_id=concluded.food
/my/certificates/{certificate_id}              applicant   certificate_id=concluded.tobacco
/my/certificates/{certificate_id}/renew        applicant   certificate_id=concluded.tobacco
/my/certificates/{certificate_id}/reissue      applicant   certificate_id=concluded.tobacco
/my/certificates/{certificate_id}/cancel       applicant   certificate_id=concluded.tobacco
/messages                                      applicant   .
/messages                                      market_regulation.handler .
/desk                                          clerk       .
/desk                                          clerk       ?tab=brought
/desk/walk-in                                  clerk       .
/desk/walk-in/{case_id}                        clerk       case_id=walk_in
/desk/walk-in/{case_id}/notice                 clerk       case_id=walk_in !422
/desk/{case_id}/supplement                     clerk       case_id=correcting
/desk/{case_id}/hand_over                      clerk       case_id=submitted
/desk/{case_id}/papers                         clerk       case_id=accepted
/desk/{case_id}                                clerk       case_id=submitted
/desk/{case_id}                                clerk       case_id=correcting
/desk/{case_id}                                clerk       case_id=accepted
/desk/{case_id}                                clerk       case_id=owing
/desk/{case_id}                                clerk       case_id=late
/desk/{case_id}/mend                           clerk       case_id=submitted
/desk/{case_id}/receive_owed                   clerk       case_id=owing
/desk/{case_id}/ask_extension                  clerk       case_id=accepted
/desk/{case_id}/explain_delay                  clerk       case_id=late
/desk/{case_id}/clock                          clerk       case_id=asked_whole
/office                                        market_regulation.handler .
/office                                        market_regulation.handler ?tab=department
/office                                        market_regulation.handler ?tab=done
/office                                        market_regulation.head .
/office/{approval_id}                          market_regulation.handler approval_id=accepted.food
/office/{approval_id}                          market_regulation.handler approval_id=late.food
/office/{approval_id}                          market_regulation.handler approval_id=called.food
/office/{approval_id}                          market_regulation.decider approval_id=concluded.food
/office/{approval_id}                          market_regulation.decider approval_id=refused.food
/office/{approval_id}                          public_security.handler approval_id=tested.safety
/office/{approval_id}                          market_regulation.head approval_id=asked.food
/office/{approval_id}/clock                    market_regulation.handler approval_id=paused.food
/office/{approval_id}/suspend                  market_regulation.handler approval_id=accepted.food
/office/{approval_id}/resume                   market_regulation.handler approval_id=paused.food
/office/{approval_id}/begin_special            public_security.handler approval_id=fair.safety
/office/{approval_id}/end_special              public_security.handler approval_id=tested.safety
/office/{approval_id}/ask_extension            market_regulation.handler approval_id=accepted.food
/office/{approval_id}/extend                   market_regulation.head approval_id=asked.food
/office/{approval_id}/refuse_extension         market_regulation.head approval_id=asked.food
/office/{approval_id}/explain_delay            market_regulation.handler approval_id=late.food
/office/{approval_id}/transfer                 market_regulation.handler approval_id=accepted.food
/office/{approval_id}/call_inspection          market_regulation.handler approval_id=accepted.food
/office/{approval_id}/record_inspection        market_regulation.handler approval_id=called.food
/office/{approval_id}/call_meeting             public_security.handler approval_id=fair.safety
/office/{approval_id}/record_meeting           public_security.handler approval_id=met.safety
/office/{approval_id}/offer_hearing            market_regulation.handler approval_id=accepted.food
/office/{approval_id}/enter_hearing            market_regulation.handler approval_id=hearing_told.food
/office/{approval_id}/call_hearing             market_regulation.handler approval_id=hearing_asked.food
/office/{approval_id}/hold_hearing             market_regulation.head approval_id=hearing_called.food
/office/phrases                                market_regulation.handler .
/office/calendar                               market_regulation.handler .
/office/calendar                               market_regulation.handler ?view=day&day={arranged}
/office/certificates                           market_regulation.decider .
/office/certificates                           market_regulation.decider ?state=all
/office/certificates/{certificate_id}          market_regulation.decider certificate_id=concluded.food
/office/certificates/{certificate_id}/renew    market_regulation.decider certificate_id=concluded.food
/office/certificates/{certificate_id}/refuse_renewal market_regulation.decider certificate_id=concluded.food
/office/certificates/{certificate_id}/revoke_certificate market_regulation.decider certificate_id=concluded.food
/office/certificates/{certificate_id}/reissue_certificate urban_management.handler certificate_id=concluded.signboard
/office/certificates/{certificate_id}/correct_certificate urban_management.decider certificate_id=concluded.signboard
/office/certificates/{certificate_id}/cancel_certificate urban_management.decider certificate_id=concluded.signboard
/office/certificates/{certificate_id}/refuse_request urban_management.decider certificate_id=concluded.signboard
/office/pledges                                fire_rescue.handler .
/office/pledges/{check_id}                     fire_rescue.handler check_id=pledged.fire
/office/pledges/{check_id}/check_pledge        fire_rescue.handler check_id=pledged.fire
/office/pledges/{check_id}/confirm_mended      fire_rescue.handler check_id=broken.fire
/office/pledges/{check_id}/revoke_certificate  fire_rescue.decider check_id=broken.fire
/government                                    government  .
/government/{case_id}/extend                   government  case_id=asked_whole
/government/{case_id}/refuse_extension         government  case_id=asked_whole
/government/reopen                             government  .
/government/cases/{case_id}/reopen             government  case_id=refused
/window                                        window      .
/window/{case_id}                              window      case_id=ready
/window/{case_id}                              window      case_id=concluded
/window/{case_id}/print                        window      case_id=ready
/kiosk                                         kiosk       .
/kiosk/case                                    kiosk+case  .
/kiosk/papers                                  kiosk+papers .
/watch                                         supervisor  .
/watch                                         supervisor  ?kind=red
/watch/{case_id}                               supervisor  case_id=late
/watch/ratings                                 supervisor  .
/watch/ratings/{rating_id}                     supervisor  rating_id=bad
/watch/{case_id}/clock                         supervisor  case_id=late
/studio                                        admin       .
/studio/{workflow_id}                          admin       workflow_id=open_restaurant
/studio/new                                    admin       .
/studio/drafts/{draft_id}                      admin       draft_id=restaurant
/studio/drafts/{draft_id}/form                 admin       draft_id=restaurant
/studio/drafts/{draft_id}/publish              admin       draft_id=restaurant
/studio/drafts/{draft_id}/try                  admin       draft_id=restaurant
/studio/{workflow_id}/versions/{version_id}    admin       workflow_id=open_restaurant version_id=restaurant
/studio/accounts                               admin       .
/studio/accounts/new                           admin       .
/deputies                                      admin       .
/studio/accounts/changes                       admin       .
/studio/accounts/{account_id}                  admin       account_id=clerk
/studio/keys                                   admin       .
/studio/keys/new                               admin       .
/studio/keys/{key_id}                          admin       key_id=tobacco
/studio/departments                            admin       .
/studio/departments/new                        admin       .
/studio/departments/{department_id}            admin       department_id=market_regulation
/studio/calendars/{calendar_id}                admin       calendar_id=cn
/studio/jurisdictions/{jurisdiction_id}        admin       jurisdiction_id=demo_city
/studio/roles                                  admin       .
/studio/templates                              admin       .
/studio/templates/{folder}/{file}              admin       folder=notices file=receipt
/studio/templates/{folder}/{file}/versions/{number} admin  folder=notices file=receipt number=1
/jobs                                          operator    .
"""  # noqa: E501  # a table
NOT_PAGES = {
    "/sign-in/unified": "leads to the issuer, see test_unified.py",
    "/sign-in/unified/callback": "leads on from the issuer, see test_unified.py",
    "/sign-in/unified/account": "a page between two others, see test_unified.py",
    "/sign-in/unified/ended": "a page after another, see test_unified.py",
    "/sign-in/unified/again": "leads to the issuer, see test_unified_again.py",
    "/sign-in/code": "a page between two others, see test_signing_in.py",
    "/healthz": "JSON for machines",
    "/readyz": "JSON for machines",
    "/metrics": "figures for machines",
    "/verify/status.json": "JSON for machines",
    "/verify/trust.json": "JSON for machines",
    "/verify/holder": "leads back to /verify",
    "/files/{upload_id}": "a file",
    "/files/{upload_id}/pages/{number}": "a picture",
    "/documents/{document_id}": "a PDF file",
    "/samples/{name}": "a PDF file",
    "/messages/{message_id}": "leads to what it tells of",
    "/studio/calendars": "leads to the calendar",
    "/studio/jurisdictions": "leads to the place's rules",
    "/desk/calls": "leads back to /desk",
    "/office/calendar.ics": "a calendar file",
    "/exports/desk": "a spreadsheet",
    "/exports/my": "a spreadsheet",
    "/exports/office": "a spreadsheet",
    "/exports/watch": "a spreadsheet",
    "/exports/window": "a spreadsheet",
    "/my/agents/accept": "leads back to /my/agents",
    "/office/batch": "leads back to /office",
    "/office/phrases/{phrase_id}/remove": "leads back to /office/phrases",
    "/office/{approval_id}/claim": "leads back to the item",
    "/office/{approval_id}/put_back": "leads back to the item",
    "/studio/drafts": "leads back to /studio",
    "/studio/schema/{kind}.json": "JSON Schema for the editor",
    "/tickets/display/board": "the part of /tickets/display that changes",
    "/kiosk/papers/{document_id}": "a PDF file",
}
"""Addresses that answer with something else than a page, and with what."""

WORDS = frozenset(
    {
        "service_id", "workflow_id", "section_id", "region", "folder", "file", "number",
        "department_id", "calendar_id", "jurisdiction_id",
    }
)  # fmt: skip
"""Braces that the table fills in with the very word."""


@dataclass(frozen=True)
class Stop:
    """One page as one person sees it; `number` tells apart stops of the same route."""

    route: str
    who: str
    address: str
    number: int
    status: int = 200

    @property
    def portal(self) -> str:
        """The first part of the address, `public` for what everybody sees."""
        first = self.route.split("/")[1]
        return first if self.who != "-" and first not in ("search", "services") else "public"

    @property
    def slug(self) -> str:
        """A name for files: the route without braces, and a number where there are several."""
        words = re.sub(r":path|[{}]", "", self.route).strip("/").replace("/", "-") or "home"
        return words if self.number == 1 else f"{words}-{self.number}"

    def __str__(self) -> str:
        return f"{self.slug} ({self.who} {self.address})"


def page_routes() -> set[str]:
    """Every address of the application that answers GET with a page."""
    found = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
    return found - NOT_PAGES.keys()


def listed_routes() -> set[str]:
    """Every address that has a line in the table."""
    return {line.split()[0] for line in TABLE.strip().splitlines()}


def stops(town: Town) -> list[Stop]:
    """The table for this town; KeyError names what the town does not have."""
    counted: dict[str, int] = {}
    found = []
    for line in TABLE.strip().splitlines():
        route, who, *where = line.split()
        counted[route] = counted.get(route, 0) + 1
        status = next((int(each[1:]) for each in where if each.startswith("!")), 200)
        address = _address(town, route, where)
        found.append(Stop(route, who, address, counted[route], status))
    return found


def _address(town: Town, route: str, where: list[str]) -> str:
    query = next((each for each in where if each.startswith("?")), "")
    said = dict(each.split("=", 1) for each in where if "=" in each and each[0] != "?")
    values = {kind: _named(town, kind, name) for kind, name in said.items()}
    words = {name: value for (kind, name), value in town.named.items() if kind == "word"}
    return route.replace(":path", "").format_map(values) + query.format_map(words)


def _named(town: Town, kind: str, name: str) -> str:
    return name if kind in WORDS else town.named[kind, name]


@dataclass
class Tour:
    """A running server in the fictional town, and cookies for whoever is asked for."""

    town: Town
    origin: str
    stops: list[Stop]
    _cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def cookies(self, who: str) -> dict[str, str]:
        """What the browser of somebody who has signed in carries; nothing for a stranger."""
        if who == "-":
            return {}
        if who not in self._cookies:
            with self.browser(who) as client:
                self._cookies[who] = dict(client.cookies)
        return self._cookies[who]

    @contextmanager
    def browser(self, who: str = "-") -> Iterator[httpx.Client]:
        """A browser without a screen in which this person has signed in."""
        with httpx.Client(
            base_url=self.origin, headers={"origin": self.origin, **HEADERS}, timeout=60
        ) as client:
            username, _, further = who.partition("+")
            if username != "-":
                typed = {"username": username, "password": PASSWORD}
                answer = client.post("/sign-in", data=typed)
                assert answer.status_code == httpx.codes.SEE_OTHER, f"{username} cannot sign in"
            if further:
                self._enter(client, further)
            yield client

    def _enter(self, client: httpx.Client, further: str) -> None:
        """The kiosk after the card and the code, or after the results were taken."""
        with reading(self.town.engine) as session:
            mine = session.get_one(Account, self.town.actors["applicant"].id).id_number
        shown = client.post("/kiosk", data={"id_number": mine, "code": CODE}, follow_redirects=True)
        if further == "papers":
            revision = re.search(r'name="revision" value="(\d+)"', shown.text)
            assert revision is not None, shown.text
            client.post("/kiosk/take", data={"revision": revision[1]}, follow_redirects=True)


@contextmanager
def prepared(folder: Path) -> Iterator[Tour]:
    """The whole tour, served from a town of its own below `folder`."""
    town = town_in(folder)
    with served(town.settings) as origin:
        yield Tour(town, origin, stops(town))


def town_in(folder: Path, database_url: str = "") -> Town:
    """A town of its own below `folder` with everything that the table names."""
    home = folder / "home"
    for name in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns(".versions"))
    data = folder / "data"
    settings = Settings(
        home=home, data=data, database_url=database_url, printing_processes=0, second_factor="off"
    )
    town = town_life.built(settings.prepared())
    for each in (_name_papers, _keep_a_former_template, _publish_anew, _count_what_is_open):
        each(town)
    return town


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The application answering on a free port, without the sweep beside it; its address."""
    config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, log_level="warning")
    server, listening = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _name_papers(town: Town) -> None:
    """What a stranger would read off a paper: its number and check code."""
    case_id = UUID(town.named["case_id", "accepted"])
    with reading(town.engine) as session:
        paper = select(Document).where(Document.case_id == case_id, Document.kind == "acceptance")
        found = session.exec(paper).one()
    town.named["word", "paper"] = found.number
    town.named["word", "code"] = str(found.snapshot["check_code"])


def _count_what_is_open(town: Town) -> None:
    """As the sweep does; and the day of something that is arranged."""
    count(town.engine, town.catalog, town.files, town.now)
    with reading(town.engine) as session:
        own = select(Engagement).where(Engagement.department == "market_regulation")
        found = session.exec(own.order_by(col(Engagement.at))).all()
    town.named["word", "arranged"] = found[-1].at.astimezone(BEIJING).date().isoformat()


def _keep_a_former_template(town: Town) -> None:
    """Somebody changed one template, so that there is a version before."""
    templates, name = town.settings.templates, "notices/receipt"
    text = (templates / f"{name}.html").read_text("utf-8")
    checked, seen, new = shelf.digest(templates), versions.mark(text), text + "\n{# 试改 #}\n"
    versions.save(templates, name, new, seen, checked, "演示流程管理员", town.now)


def _publish_anew(town: Town) -> None:
    """A draft is begun, and its service published anew."""
    begun = town.applied(town_life.FAIR, town_life.MARKET)
    town.named["case_id", "outdated"] = str(begun)
    file = town.settings.home / "workflows" / f"{town_life.FAIR}.yaml"
    text = file.read_text("utf-8")
    assert 'version: "1.0"' in text
    file.write_text(text.replace('version: "1.0"', 'version: "1.1"'), "utf-8")
    with writing(town.engine) as session:
        town.catalog.publish_folder(session, town.settings.home, town.now)
