"""The world of a scenario that is the web application: pages are opened, filled in and sent."""

import html
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import FastAPI
from starlette.testclient import TestClient

from onevisit.cases.dossier import load
from onevisit.cli.journey.browser import Browser, Form, Page, Unexpected
from onevisit.cli.journey.sample import pairs
from onevisit.definition.scenario import ON_ITEMS, Act
from onevisit.engine.rehearsal.application import Application
from onevisit.engine.rehearsal.rehearse import Foreseen, Refused
from onevisit.store.tables import Approval
from onevisit.web.words import ROUTES
from scenarios.database_world import (
    DECLINED,
    ID_NUMBER,
    NAME,
    PDF,
    RECIPIENT,
    DatabaseWorld,
    Town,
    signer,
)

ORIGIN = "http://testserver"
PASSWORD = "only-for-tests"
DECLINING = {"ground": DECLINED, "belongs_to": "示例市演示局"}
ADDRESS = {f"recipient.{name}": value for name, value in RECIPIENT.items()}
DONE, TURNED_DOWN = 303, (409, 422)


class Clock:
    """Stands where the edge of the web reads the time."""

    def __init__(self) -> None:
        self.moment = datetime.max.replace(tzinfo=UTC)

    def now(self, zone: tzinfo) -> datetime:
        """The moment that the world has come to."""
        return self.moment.astimezone(zone)


class Desktop(Browser):
    """A browser that talks to the application in this process."""

    def __init__(self, app: FastAPI, username: str) -> None:
        self.client = TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN})
        self.sign_in(username, PASSWORD)


class Web:
    """The application of a town, with a signed-in browser for everybody who needs one."""

    def __init__(self, town: Town, app: FastAPI, clock: Clock) -> None:
        self.town, self.app, self.clock = town, app, clock
        self._desktops: dict[str, Desktop] = {}

    def desktop(self, username: str) -> Desktop:
        """The browser of one person."""
        if username not in self._desktops:
            self._desktops[username] = Desktop(self.app, username)
        return self._desktops[username]


class WebWorld(DatabaseWorld):
    """One case on the web; what its rows hold is looked up, what is done goes through pages."""

    def __init__(self, web: Web, workflow_id: str, applied: Application) -> None:
        super().__init__(web.town, workflow_id, applied)
        self.web = web

    def foresee(self) -> Foreseen:
        """What the page says that answers the situation questions."""
        text = self._result_page().text
        titles = {item.title: item.id for item in self.definition.workflow.items}
        routes = {title: kind for kind, title in ROUTES.items()}
        row = r'role="rowheader">(.*?)</th>.*?data-label="方式">(.*?)</td>'
        rows = re.findall(row, text, re.DOTALL)
        listed = text.partition("<h2>要交的材料</h2>")[2].partition("</ol>")[0]
        materials = {each.title: each.id for each in self.definition.workflow.materials}
        return Foreseen(
            {
                titles[re.sub(r"（\d+）$", "", _plain(row))]: routes[_plain(way)]
                for row, way in rows
            },
            tuple(materials[_plain(each)] for each in re.findall("<strong>(.*?)</strong>", listed)),
            _number(text, r"承诺最多 <strong>(\d+) 个工作日"),
            _number(text, r"您最多跑</dt>.*?(\d+)"),
        )

    def do(self, act: Act) -> None:
        """Pages are opened, filled in and sent; afterwards the applicant sees where it stands."""
        try:
            super().do(act)
        except Unexpected as unexpected:
            raise Refused(str(unexpected)) from unexpected
        state = self.definition.lifecycle.case.states[self.states()["case"]]
        assert state.title in self._open("applicant", f"/my/{self.case_id}").text

    def can(self, act: Act) -> bool:
        """Whether the server does what a page left open since before would still ask for."""
        self._drafted()
        verb = act.verbs[0]
        if verb == "elapse":
            return super().can(act)
        if verb in ON_ITEMS:
            return self._can_sign(act)
        who, address, data = self._requests(act)[verb]
        return self._sent(who, address, data, self._row_revision())

    # ---- looking ---------------------------------------------------------------------------------

    def _at(self, who: str) -> Desktop:
        """The browser of one person, a minute later."""
        self.now += timedelta(minutes=1)
        self.web.clock.moment = self.now
        return self.web.desktop(who)

    def _open(self, who: str, address: str) -> Page:
        return self._at(who).get(address)

    def _press(
        self,
        who: str,
        address: str,
        action: str,
        changes: Mapping[str, str | list[str]] | None = None,
    ) -> Page:
        """Opens a page and presses the button that goes to `action`."""
        page = self._open(who, address)
        return self._at(who).send(page.form(action), dict(changes or {}), action=action)

    def _row_revision(self) -> int:
        with self._looking() as ctx:
            return self._revision(ctx)

    # ---- the applicant ---------------------------------------------------------------------------

    def _result_page(self) -> Page:
        """The situation questions, page by page, up to what follows from the answers."""
        start = f"/services/{self.workflow_id}/start"
        page = self._open("applicant", start)
        answers = {name: _text(value) for name, value in self.applied.answers.items()}
        while urlsplit(page.address).path == start:
            form = page.form(start)
            asked = {name: answers[name] for name in form.names if name in answers}
            page = self._at("applicant").send(form, {**asked})
        return page

    def _drafted(self) -> UUID:
        if self.case_id is not None:
            return self.case_id
        page = self._result_page()
        page = self._at("applicant").send(page.form("/my/start/"))
        self.case_id = UUID(urlsplit(page.address).path.split("/")[2])
        home = f"/my/{self.case_id}"
        for address in self._open("applicant", home).links_to(f"{home}/form/"):
            with suppress(Unexpected):  # a page with a fault is kept, and told when it is submitted
                self._fill(address, self.applied.form)
        for name in self.applied.handed_in:
            self._hand_in(name)
        return self.case_id

    def _fill(self, address: str, data: Mapping[str, object]) -> None:
        form = self._open("applicant", address).form(address)
        fields = {name.partition(".")[0] for name in form.names}
        typed: dict[str, str | list[str]] = {}
        for name in fields.intersection(data):
            typed |= pairs(name, data[name])
        self._at("applicant").send(form, typed)

    def _hand_in(self, name: str) -> None:
        page = self._open("applicant", f"/my/{self.case_id}/materials")
        form = page.form(f"/my/{self.case_id}/materials/{name}")
        file = (f"{name}.pdf", PDF, "application/pdf")
        self._at("applicant").send(form, files={"file": file})

    def _submit(self) -> None:
        home = f"/my/{self._drafted()}"
        chosen = {"pickup": self.applied.pickup, "agreed": "yes"} | ADDRESS
        done = self._press("applicant", f"{home}/review", f"{home}/submit", chosen)
        assert urlsplit(done.address).path == f"{home}/submitted"

    def _supplement(self) -> None:
        home = f"/my/{self._drafted()}"
        told = self._open("applicant", f"{home}/correction")
        materials = {each.id for each in self.definition.workflow.materials}
        for name in materials.intersection(self.named):
            self._hand_in(name)
        for address in told.links_to(f"{home}/form/"):
            named = {n: v for n, v in self.applied.form.items() if n in self.named}
            self._fill(address.partition("#")[0], named)
        self._press("applicant", f"{home}/correction", f"{home}/supplement")

    def _withdraw(self, reason: str) -> None:
        home = f"/my/{self._drafted()}"
        if not self._open("applicant", home).links_to(f"{home}/withdraw"):
            raise Refused("页面上没有“撤回”")
        self._press("applicant", f"{home}/withdraw", f"{home}/withdraw", {"reason": reason})

    def _collect(self) -> None:
        home = f"/my/{self._drafted()}"
        self._press("applicant", home, f"{home}/collect")

    def _bring(self, name: str) -> None:
        home = f"/my/{self._drafted()}"
        page = self._open("applicant", f"{home}/bring")
        file = (f"{name}.pdf", PDF, "application/pdf")
        self._at("applicant").send(page.form(f"{home}/bring/{name}"), files={"file": file})

    def _receive(self, names: list[str]) -> None:
        desk = f"/desk/{self._drafted()}"
        assert self._open("clerk", desk).links_to(f"{desk}/receive_owed")
        found = {f"material.{name}.status": "received" for name in names}
        self._press("clerk", f"{desk}/receive_owed", f"{desk}/receive_owed", found)

    # ---- the counter -----------------------------------------------------------------------------

    def _correct(self, names: tuple[str, ...]) -> None:
        self.named = names
        desk = f"/desk/{self._drafted()}"
        notice = self._press("clerk", desk, f"{desk}/notice", self._checklist(names))
        self._at("clerk").send(notice.form(f"{desk}/correct"))

    def _accept(self) -> None:
        desk = f"/desk/{self._drafted()}"
        self._press("clerk", desk, f"{desk}/accept", self._checklist())

    def _decline(self, reasons: str) -> None:
        desk = f"/desk/{self._drafted()}"
        self._press("clerk", desk, f"{desk}/decline", {**DECLINING, "reasons": reasons})

    def _hand_out(self) -> None:
        window = f"/window/{self._drafted()}"
        self._press("window", window, f"{window}/hand-out", self._collector())

    def _checklist(self, unfit: tuple[str, ...] = ()) -> dict[str, str]:
        """The checklist as the page sends it."""
        with self._looking() as ctx:
            dossier = load(ctx, self._drafted())
        sent: dict[str, str] = {}
        for finding in self._findings(dossier, unfit):
            sent[f"material.{finding.material_id}.status"] = finding.status
            sent[f"material.{finding.material_id}.note"] = finding.note
        known = {each.id for each in self.definition.workflow.materials}
        for name in unfit:
            if name not in known:
                sent |= {f"field.{name}.status": "wrong", f"field.{name}.note": "写错了"}
        return sent

    def _collector(self) -> dict[str, str]:
        return {
            "name": NAME, "id_number": ID_NUMBER, "relation": "self", "method": self._method(),
            "confirmed": "yes",
        }  # fmt: skip

    # ---- the departments -------------------------------------------------------------------------

    def _act(self, row: Approval, event: str, reasons: str) -> None:
        address = f"/office/{row.id}"
        page = self._open(signer(row), address)
        forms = [form for form in page.forms if ("event", event) in _buttons(form)]
        if not forms:
            raise Refused(f"{address} 上没有“{event}”")
        words = {"event": event, "opinion": "同意。", "reasons": reasons}
        self._at(signer(row)).send(forms[0], {**words})

    def _can_sign(self, act: Act) -> bool:
        with self._looking() as ctx:
            dossier = load(ctx, self._drafted())
        parts = [p.key for p in dossier.selection.parts if {p.key, p.item.id} & set(act.names)]
        rows = [dossier.approvals[key] for key in parts if key in dossier.approvals]
        words = {"event": act.verbs[0], "opinion": "同意。", "reasons": "不符合条件"}
        return bool(rows) and all(
            self._sent(signer(row), f"/office/{row.id}", words, row.revision) for row in rows
        )

    # ---- without a page --------------------------------------------------------------------------

    def _requests(self, act: Act) -> dict[str, tuple[str, str, dict[str, str]]]:
        """Who would send what where: the requests behind the buttons."""
        home, desk = f"/my/{self.case_id}", f"/desk/{self.case_id}"
        unfit = act.names or self.applied.handed_in[:1]
        return {
            "submit": (
                "applicant", f"{home}/submit", {"pickup": self.applied.pickup, "agreed": "yes"}
            ),
            "supplement": ("applicant", f"{home}/supplement", {}),
            "withdraw": ("applicant", f"{home}/withdraw", {"reason": "不办了"}),
            "collect": ("applicant", f"{home}/collect", {}),
            "correct": ("clerk", f"{desk}/correct", self._checklist(unfit)),
            "accept": ("clerk", f"{desk}/accept", self._checklist()),
            "decline": ("clerk", f"{desk}/decline", {**DECLINING, "reasons": "不归我们管"}),
            "hand_out": ("window", f"/window/{self.case_id}/hand-out", self._collector()),
        }  # fmt: skip

    def _sent(self, who: str, address: str, data: Mapping[str, str], revision: int) -> bool:
        """Whether the server did it; it has to answer with a page that says why not."""
        client = self._at(who).client
        answer = client.post(
            address, data={**data, "revision": str(revision)}, follow_redirects=False
        )
        assert answer.status_code in (DONE, *TURNED_DOWN), f"{address}: {answer.status_code}"
        return answer.status_code == DONE


def _buttons(form: Form) -> set[tuple[str, str]]:
    return {(name, value) for name, value, _ in form.buttons}


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def _number(text: str, pattern: str) -> int | None:
    found = re.search(pattern, text, re.DOTALL)
    return int(found[1]) if found else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
