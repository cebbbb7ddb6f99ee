"""A small fictional city for the tests of the pages: services, people, and cases on their way."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

import counting
import handed
import on_site
from databases import migrate
from onevisit.access import PostValue
from onevisit.cases import Context, accept, decide, draft, material, submit
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.check import Finding
from onevisit.cases.signing_in import sessions
from onevisit.catalog.catalog import Catalog
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Approval, Case, WorkflowVersion
from onevisit.web.accounts import actor_of
from onevisit.web.app import create_app
from onevisit.web.edge import Site

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "http://testserver"
PASSWORD = "only-for-tests"
APPLICANT_ID = "990000199001019011"
DEPARTMENTS = ("market_regulation", "urban_management", "tobacco")
PEOPLE: Mapping[str, tuple[str, PostValue]] = {
    "applicant": ("演示申请人甲", PostValue("applicant")),
    "applicant2": ("演示申请人乙", PostValue("applicant")),
    "clerk": ("演示综窗员", PostValue("clerk")),
    "clerk2": ("演示综窗员乙", PostValue("clerk")),
    "window": ("演示出件员", PostValue("window")),
    "kiosk": ("演示自助终端", PostValue("kiosk")),
    "admin": ("演示管理员", PostValue("admin")),
    "supervisor": ("演示督查员", PostValue("supervisor")),
    "government": ("演示市政府负责人", PostValue("government")),
    "operator": ("演示运维员", PostValue("operator")),
} | {
    f"{department}.{role}": (f"演示{role}", PostValue(role, department))
    for department in DEPARTMENTS
    for role in ("handler", "reviewer", "decider", "head")
}
ANSWERS = {
    "area": 80, "cooking": True, "gathering": False, "signboard": True, "want_tobacco": True,
}  # fmt: skip
FORM = {
    "operator_name": "示例市演示小馆",
    "uscc": "91990000MA0000001B",
    "representative_name": "演示申请人甲",
    "representative_id": APPLICANT_ID,
    "phone": "19900000000",
    "address": "示例市演示区演示路八号",
    "seats": 24,
    "sign_text": "演示招牌文字",
    "sign_size": "4.5×0.9",
    "main_form": "restaurant",
    "food_projects": ["hot"],
    "food_manager_name": "演示食安员",
    "staff": [{"name": "演示员工甲", "post": "厨师"}],
}
"""One service at its everyday size: four items of three departments."""
PDF = handed.PDF


@dataclass
class City:
    """One prepared city on disk; everything else is made when it is asked for.

    `kept` is where cases brought to a stage once are kept for the tests that follow; `cookies`
    are the sessions of whoever has signed in.
    """

    settings: Settings
    kept: Path | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    clients: dict[str, TestClient] = field(default_factory=dict)

    @cached_property
    def engine(self) -> Engine:
        """The tests' own connection to the database."""
        return engine_for(self.settings.database_url, self.settings.keyring)

    @cached_property
    def app(self) -> FastAPI:
        """The real application."""
        return create_app(self.settings)

    @cached_property
    def catalog(self) -> Catalog:
        """The application's own catalog, so that each service is parsed once."""
        site = self.app.state.site
        assert isinstance(site, Site)
        return site.catalog

    def client(self, username: str) -> TestClient:
        """A browser in which this person is signed in."""
        if username not in self.clients:
            client = TestClient(self.app, base_url=ORIGIN, headers={"origin": ORIGIN})
            self.cookies[username] = self.session_of(username)
            client.cookies.set("onevisit", self.cookies[username], domain="testserver.local")
            self.clients[username] = client
        return self.clients[username]

    def session_of(self, username: str) -> str:
        """The cookie of a session that this person has just begun."""
        with writing(self.engine) as session:
            account = session.exec(select(Account).where(Account.username == username)).one()
            terms = self.app.state.site.door.terms
            return sessions.start(session, account.id, datetime.now(UTC), terms)[1]

    @contextmanager
    def acting(self, username: str, at: datetime | None = None) -> Iterator[Context]:
        """A transaction in which this person acts, now or at a moment to come."""
        with writing(self.engine) as session:
            account = session.exec(select(Account).where(Account.username == username)).one()
            actor = actor_of(session, account.id)
            assert actor is not None
            files = FileStore(self.settings.files)
            yield Context(session, self.catalog, files, actor, at or datetime.now(UTC))

    def counted(self, at: datetime | None = None) -> None:
        """What is open has just been counted, as the sweep does every little while."""
        files = FileStore(self.settings.files)
        counting.count(self.engine, self.catalog, files, at or datetime.now(UTC))

    def case(self, case_id: UUID) -> Case:
        """The row of a case as it stands."""
        with reading(self.engine) as session:
            return session.get_one(Case, case_id)

    def approval(self, case_id: UUID, region: str) -> Approval:
        """The row of one item of a case as it stands."""
        with reading(self.engine) as session:
            return _approvals(session, case_id)[region]

    def submitted(self) -> UUID:
        """A complete application that waits at the desk."""
        return self._at("submitted", self._submit)

    def accepted(self) -> UUID:
        """A case that the desk has accepted, so that the departments are at work."""
        return self._at("accepted", self._accept)

    def ready(self) -> UUID:
        """A case whose results are made and wait at the issuing window."""
        return self._at("ready", self._decide)

    def _at(self, stage: str, bring: Callable[[], UUID]) -> UUID:
        """A case at this stage: brought there by the verbs once a run, copied afterwards."""
        if self.kept is None:
            return bring()
        folder = self.kept / stage
        if folder.exists() and not self.clients:
            shutil.rmtree(self.settings.data)
            shutil.copytree(folder, self.settings.data)
            return UUID((folder / "case").read_text())
        case_id = bring()
        if not folder.exists():
            shutil.copytree(self.settings.data, folder)
            (folder / "case").write_text(str(case_id))
        return case_id

    def filled(self) -> UUID:
        """A draft with everything in it, not handed in yet."""
        with self.acting("applicant") as ctx:
            case = draft.start(ctx, "open_restaurant", ANSWERS)
            definition = ctx.catalog.current("open_restaurant").definition
            for section in definition.form.sections:
                data = {each.id: FORM[each.id] for each in section.fields if each.id in FORM}
                case = draft.save_section(ctx, case.id, section.id, data, case.revision)
            for each in ("process_layout", "floor_plan", "food_manager", "sign_design"):
                material.attach(ctx, case.id, each, f"{each}.pdf", [PDF])
            return case.id

    def _submit(self) -> UUID:
        case_id = self.filled()
        with self.acting("applicant") as ctx:
            submit.submit(ctx, case_id, "window", self.case(case_id).revision)
        return case_id

    def _accept(self) -> UUID:
        case_id = self._submit()
        with self.acting("clerk") as ctx:
            accept.accept(ctx, case_id, FINDINGS, self.case(case_id).revision)
        return case_id

    def _decide(self) -> UUID:
        case_id = self._accept()
        for region in ("licence", "food", "signboard", "tobacco"):
            self.approve(case_id, region)
        assert self.case(case_id).state == "issuing"
        return case_id

    def act(self, case_id: UUID, region: str, event: str, reasons: str = "") -> str:
        """One signature under an item by whoever's turn it is; the outcome's message."""
        row = self.approval(case_id, region)
        role = {"handle": "handler", "review": "reviewer", "decide": "decider"}[row.state]
        with self.acting(f"{row.department}.{role}") as ctx:
            outcome = decide.act(ctx, row.id, event, "材料齐全，同意。", reasons, row.revision)
            return outcome.message

    def approve(self, case_id: UUID, region: str) -> None:
        """All signatures up to approval under one item, inspected on site if it has to be."""
        while self.approval(case_id, region).decided_at is None:
            last = self.approval(case_id, region).state == "decide"
            if last:
                self.inspect(case_id, region)
            self.act(case_id, region, "approve" if last else "forward")

    def inspect(self, case_id: UUID, region: str) -> None:
        """Whatever has to be looked at on site is, when its moment has come."""
        row = self.approval(case_id, region)
        with self.acting(f"{row.department}.decider") as ctx:
            at = on_site.called(ctx, row)
        if at is not None:
            with self.acting(f"{row.department}.decider", max(at, datetime.now(UTC))) as ctx:
                on_site.passed(ctx, self.approval(case_id, region))


VERIFIED = ("licence_copy", "representative_id")
RECEIVED = (
    "application", "process_layout", "floor_plan", "food_safety_rules", "food_manager",
    "sign_design",
)  # fmt: skip
FINDINGS = (
    *(Finding(each, "verified") for each in VERIFIED),
    *(Finding(each, "received") for each in RECEIVED),
    Finding("health_certificates", "received"),
)
"""What a clerk finds of the application above, when all is in order."""
CHECKED = {f"material.{each.material_id}.status": each.status for each in FINDINGS}
"""The same as the checklist of the page sends it."""


@dataclass(frozen=True)
class Prepared:
    """What all tests of a run begin from."""

    folder: Path
    kept: Path

    def copied(self, folder: Path) -> City:
        """A city of its own for one test, in `folder`."""
        shutil.copytree(self.folder, folder)
        return City(settings_in(folder), self.kept)


def prepare(home: Path) -> Prepared:
    """A migrated database with the published services and the people above, below `home`."""
    folder = home / "city"
    populate(settings_in(folder))
    return Prepared(folder, home / "kept")


def populate(settings: Settings) -> None:
    """Makes the city in whatever database the settings name."""
    migrate(settings.database_url)
    engine = engine_for(settings.database_url, settings.keyring)
    hashed = hash_password(PASSWORD)
    with writing(engine) as session:
        Catalog(engine).publish_folder(session, ROOT, datetime.now(UTC))
        for username, (name, post) in PEOPLE.items():
            number = APPLICANT_ID if username == "applicant" else None
            account = Account(
                username=username, name=name, password_hash=hashed, id_number=number, phone=None
            )
            open_account(session, account, [post])
        assert session.exec(select(WorkflowVersion)).all()
    engine.dispose()


def settings_in(folder: Path) -> Settings:
    """Everything that changes lies in `folder`; the services and templates are the real ones."""
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(
        home=ROOT, data=folder, database_url="", printing_processes=0, second_factor="off"
    ).prepared()


def _approvals(session: Session, case_id: UUID) -> dict[str, Approval]:
    rows = session.exec(select(Approval).where(col(Approval.case_id) == case_id)).all()
    return {row.region: row for row in rows}
