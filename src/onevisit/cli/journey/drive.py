"""The journey itself, for any service: apply, correct once, accept, decide, hand out, verify."""

import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from sqlmodel import func, select

from onevisit.cases.deadlines import timers
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.published import Published
from onevisit.cli.demonstration import CENTRE_ROLES, Demo, prepare
from onevisit.cli.journey.browser import Browser, Form, Unexpected
from onevisit.cli.journey.sample import sample_pairs, sample_pdf, widest_answers
from onevisit.cli.journey.visits import Visits
from onevisit.cli.serving import Server, say
from onevisit.documents.format import BEIJING
from onevisit.engine.situations import situations
from onevisit.settings import Settings
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Approval, Case

PATIENCE = 60.0  # seconds for the server to answer its first request


class Failed(Exception):
    """The journey did not come to its end; the text says where."""


def drive(workflow_id: str, out: Path) -> int:
    """Runs the journey on a fresh database in a temporary folder; leaves the PDFs in `out`.

    0 when the case concluded and its ledger verifies, else 1 with the reason on the screen.
    """
    with tempfile.TemporaryDirectory(prefix="onevisit-demo-") as folder:
        demo = prepare(Settings(data=Path(folder), database_url=""))
        found = [s for s in demo.services if s.definition.workflow.id == workflow_id]
        if not found:
            known = "、".join(s.definition.workflow.id for s in demo.services)
            say(f"没有名为 {workflow_id} 的一件事；现有：{known}")
            return 1
        try:
            with running(demo) as origin:
                journey = Journey(origin, demo, found[0], out)
                journey.run()
                journey.verify()
        except (Unexpected, Failed) as error:
            say(f"全程没有走通：{error}")
            return 1
    say(f"办结，留痕校验通过。文书和证照在 {out}/")
    return 0


@contextmanager
def running(demo: Demo) -> Iterator[str]:
    """The demonstration served on a free loopback port, in a thread, until the block ends."""
    with Server(demo.settings, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.wait, name="server", daemon=True)
        thread.start()
        try:
            _await_ready(server.address)
            yield server.address
        finally:
            server.stop()
            thread.join()


def _await_ready(origin: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            answer = httpx.get(f"{origin}/readyz", timeout=5)
            if answer.status_code == httpx.codes.OK:
                return
            reason = answer.text
        except httpx.TransportError as error:
            reason = str(error)
        if time.monotonic() > give_up:
            raise Failed(f"服务没有就绪：{reason}")
        time.sleep(0.05)


@dataclass
class Journey:
    """One case on its way; each step acts as one of the people of `demo`."""

    origin: str
    demo: Demo
    service: Published
    out: Path
    case: str = ""
    _browsers: dict[str, Browser] = field(default_factory=dict)

    def run(self) -> None:
        """All steps in order, each told on the screen."""
        self.step("申请人：情形引导、填表、上传、核对、提交", self.apply)
        self.step("综合窗口：一次性告知补正", self.request_correction)
        self.step("申请人：补正后再次提交", self.supplement)
        self.step("综合窗口：受理，各部门同时启动", self.accept)
        self.step("各部门：承办、审核、决定", self.decide)
        self.step("出件窗口：核验身份，一次交齐", self.hand_out)
        self.step("下载全部文书与证照，逐份公开核验", self.download)

    def step(self, title: str, act: Callable[[], None]) -> None:
        """Does one step and tells it with the seconds it took."""
        began = time.perf_counter()
        act()
        say(f"  ✓ {title}（{time.perf_counter() - began:.1f} 秒）")

    def browser(self, username: str) -> Browser:
        """The signed-in browser of one person."""
        if username not in self._browsers:
            browser = Browser(self.origin)
            browser.sign_in(username, self.demo.settings.demo_password)
            self._browsers[username] = browser
        return self._browsers[username]

    # ---- the applicant ----------------------------------------------------------------

    def apply(self) -> None:
        """Answers, fills, uploads, checks and submits as the applicant."""
        browser = self.browser("applicant")
        definition = self.service.definition
        workflow_id = definition.workflow.id
        known = [dict(each.answers) for each in situations(definition)]
        answers = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in widest_answers(definition, known).items()
        }
        page = browser.get(f"/services/{workflow_id}/start")
        while urlsplit(page.address).path.endswith("/start"):
            form = page.form(f"/services/{workflow_id}/start")
            questions = [name for name in dict.fromkeys(form.names) if name in answers]
            if not questions:
                raise Failed(f"情形问题没有答完：{page.errors}")
            page = browser.send(form, {name: answers[name] for name in questions})
        page = browser.send(page.form("/my/start/"))
        self.case = urlsplit(page.address).path.split("/")[2]
        self._confirm(browser)
        for address in browser.get(f"/my/{self.case}").links_to(f"/my/{self.case}/form/"):
            self._fill(browser, address)
        self._upload(browser, replace=False)
        review = browser.get(f"/my/{self.case}/review")
        form = review.form(f"/my/{self.case}/submit")
        pickup = "window" if "window" in form.choices["pickup"] else form.choices["pickup"][0]
        done = browser.send(form, {"pickup": pickup, "agreed": "yes"})
        if not urlsplit(done.address).path.endswith("/submitted"):
            raise Failed(f"没有提交成功：{done.errors}")

    def _confirm(self, browser: Browser) -> None:
        """Finds everything in order that shared sources know already."""
        address = f"/my/{self.case}/shared"
        if browser.get(f"/my/{self.case}").links_to(address):
            browser.send(browser.get(address).form(address), {"all": "confirmed"})

    def _fill(self, browser: Browser, address: str) -> None:
        """Fills one page of the form, adding rows where a list wants more than it shows."""
        page = browser.get(address)
        form = page.form(address)
        values: dict[str, str | list[str]] = {
            name: value
            for each in self.service.definition.form.fields
            for name, value in sample_pairs(each).items()
            if name in form.names
        }
        done = browser.send(form, values)
        if urlsplit(done.address).path == address:
            raise Failed(f"{address} 没有保存：{done.errors}")

    def _upload(self, browser: Browser, *, replace: bool) -> None:
        """Hands in a sample for every material that has none, or a new one for every."""
        page = browser.get(f"/my/{self.case}/materials")
        start = f"/my/{self.case}/materials/"
        targets = [form.action for form in page.forms if form.action.startswith(start)]
        titles = {each.id: each.title for each in self.service.definition.workflow.materials}
        for target in targets[:1] if replace else targets:
            title = titles[target.removeprefix(start)]
            sample = (f"{title}.pdf", sample_pdf(title), "application/pdf")
            page = browser.send(page.form(target), files={"file": sample})

    def supplement(self) -> None:
        """Hands in the material anew and submits the correction."""
        browser = self.browser("applicant")
        self._upload(browser, replace=True)
        page = browser.get(f"/my/{self.case}/correction")
        browser.send(page.form(f"/my/{self.case}/supplement"))

    # ---- the counter ------------------------------------------------------------------

    def request_correction(self) -> None:
        """Tells everything that is missing, once."""
        browser, form, checks = self._checklist()
        handed_in = {
            f"material.{each.id}"
            for each in self.service.definition.workflow.materials
            if each.source == "applicant"
        }
        wanted = [name.removesuffix(".status") for name in checks]
        first = next((name for name in wanted if name in handed_in), None)
        if first is None:
            raise Failed("这件事没有需要申请人提交的材料，无从补正")
        checks |= {f"{first}.status": "unfit", f"{first}.note": "页面不清晰，请重新扫描（演示）"}
        notice = browser.send(form, checks, action=f"/desk/{self.case}/notice")
        browser.send(notice.form(f"/desk/{self.case}/correct"))

    def accept(self) -> None:
        """Accepts with every material in order."""
        browser, form, checks = self._checklist()
        browser.send(form, checks, action=f"/desk/{self.case}/accept")

    def _checklist(self) -> tuple[Browser, Form, dict[str, str | list[str]]]:
        """The checklist with every material found in order."""
        browser = self.browser("clerk")
        if f"/desk/{self.case}" not in browser.get("/desk").links:
            raise Failed("综合窗口的待办里没有这个办件")
        form = browser.get(f"/desk/{self.case}").form(f"/desk/{self.case}/save")
        good = ("received", "verified")
        checks: dict[str, str | list[str]] = {
            name: next(status for status in values if status in good)
            for name, values in form.choices.items()
            if name.startswith("material.") and name.endswith(".status")
        }
        return browser, form, checks

    # ---- the departments --------------------------------------------------------------

    def decide(self) -> None:
        """Every officer does what lies in the inbox, round after round, until all is decided."""
        officers = self._officers()
        while self._acted(officers) or self._time_passes():
            pass
        text = self.browser("window").get("/window").text
        if f"/window/{self.case}" not in text:
            raise Failed("各部门已无待办，办件却没有汇合到出件窗口")

    def _time_passes(self) -> int:
        """When nobody can act because a public notice runs: its last day goes by at once, which
        only a demonstration may do. How many timers fired."""
        settings = self.demo.settings
        engine = engine_for(settings.database_url, settings.keyring)
        with reading(engine) as session:
            waiting = select(func.max(Approval.timer_due)).where(
                Approval.case_id == UUID(self.case)
            )
            last = session.exec(waiting).one()
        fired = 0
        if last is not None:
            later = datetime.combine(last + timedelta(days=1), datetime.min.time(), BEIJING)
            transaction = partial(writing, engine)
            files = FileStore(settings.files)
            fired = timers.run_due(transaction, Catalog(engine), files, later)
            say(f"    （演示：时间拨到 {later:%Y-%m-%d}，公示期满）")
        engine.dispose()
        return fired

    def _officers(self) -> list[str]:
        steps = self.service.definition.lifecycle.approval.steps.values()
        departments = {item.department for item in self.service.definition.workflow.items}
        return [f"{each}.{step.role}" for each in sorted(departments) for step in steps]

    def _acted(self, officers: list[str]) -> int:
        acts = 0
        for username in officers:
            browser = self.browser(username)
            for address in browser.get("/office").links_to("/office/"):
                if re.fullmatch(r"/office/[0-9a-f-]{36}", address):
                    self._visits().arrange(browser, username, address)
                    acts += self._act(browser, address)
        return acts

    def _visits(self) -> Visits:
        today = datetime.now(BEIJING).date()
        return Visits(self.demo.settings, self.service.definition.calendar, today)

    def _act(self, browser: Browser, address: str) -> bool:
        page = browser.get(address)
        for form in page.forms:
            for name, value, target in form.buttons:
                if value in ("forward", "approve"):
                    opinion = {"opinion": "经审查，材料齐全、符合法定条件（演示）"}
                    browser.send(form, {**opinion, name: value}, action=target or None)
                    return True
        return False

    # ---- the issuing window -----------------------------------------------------------

    def hand_out(self) -> None:
        """Checks the identity of the applicant and hands out the bundle."""
        browser = self.browser("window")
        page = browser.get(f"/window/{self.case}")
        form = page.form(f"/window/{self.case}/")
        methods = form.choices["method"]
        filled: dict[str, str | list[str]] = {
            "name": CENTRE_ROLES[0][1],
            "id_number": self._applicant_id(),
            "relation": "self",
            "method": "window" if "window" in methods else methods[0],
            "confirmed": "yes",
        }
        browser.send(form, filled)

    def _applicant_id(self) -> str:
        engine = engine_for(self.demo.settings.database_url, self.demo.settings.keyring)
        with reading(engine) as session:
            case = session.get_one(Case, UUID(self.case))
            number = session.get_one(Account, case.applicant_id).id_number or ""
        engine.dispose()
        return number

    def download(self) -> None:
        """Saves every document of the case as a PDF in `out`; a stranger verifies each of them."""
        browser = self.browser("applicant")
        self.out.mkdir(parents=True, exist_ok=True)
        links = browser.get(f"/my/{self.case}").links_to("/documents/")
        if not links:
            raise Failed("办件页面上没有文书")
        for number, address in enumerate(links, start=1):
            answer = browser.client.get(address)
            name = re.sub(r'[\\/:*?"<>|\s]+', "_", _filename(answer, number))
            content = browser.download(address)
            (self.out / f"{number:02d}-{name}").write_bytes(content)
            self._verified(name, content)

    def _verified(self, name: str, content: bytes) -> None:
        """Failed unless the public page says that it is genuine and still holds."""
        files = {"file": (name, content, "application/pdf")}
        headers = {"origin": self.origin}
        page = httpx.post(f"{self.origin}/verify", files=files, headers=headers, timeout=60).text
        if "签章有效" not in page or "逐字节一致" not in page or "不能再作为凭证" in page:
            raise Failed(f"“{name}”没有通过公开核验")

    def verify(self) -> None:
        """The case is concluded and its ledger holds; Failed when not."""
        engine = engine_for(self.demo.settings.database_url, self.demo.settings.keyring)
        with reading(engine) as session:
            case = session.get_one(Case, UUID(self.case))
            state = self.service.definition.lifecycle.case.states[case.state]
            problems = verify_ledger(session, case.id)
        engine.dispose()
        if not (state.final and state.granted):
            raise Failed(f"办件停在“{state.title}”")
        if problems:
            raise Failed("留痕校验不通过：" + "；".join(str(each) for each in problems))


def _filename(answer: httpx.Response, number: int) -> str:
    found = re.search(r"filename\*=[Uu][Tt][Ff]-8''([^;]+)", answer.headers["content-disposition"])
    return httpx.QueryParams(f"n={found[1]}")["n"] if found else f"document-{number}.pdf"
