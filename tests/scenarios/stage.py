"""A fictional service centre on a real database: people, a clock one can turn, and short verbs."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, update
from sqlmodel import col, select

import handed
import on_site
from databases import migrate
from onevisit.access import Actor, PostValue
from onevisit.cases import Context, accept, decide, draft, material, submit
from onevisit.cases.check import Finding
from onevisit.cases.deadlines import timers
from onevisit.cases.decide import Outcome
from onevisit.cases.deferral import forfeit
from onevisit.catalog.catalog import Catalog
from onevisit.store.evidence import Problem, verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Approval, Case, Document, LedgerEntry, Post
from only_for_tests import KEYRING

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = "open_restaurant"
OPENING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday, nine o'clock in the city."""
APPLICANT_ID = "990000199001019011"
AGENT_ID = "990000198805050028"
PDF = handed.PDF
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
    "food_projects": ["hot", "drinks"],
    "food_manager_name": "演示食安员",
    "staff": [{"name": "演示员工甲", "post": "厨师"}],
}
FILES = ("process_layout", "floor_plan", "food_manager", "sign_design")
VERIFIED = ("licence_copy", "representative_id")
RECEIVED = ("application", "food_safety_rules", *FILES)
PEOPLE: Mapping[str, tuple[str, PostValue]] = {
    "applicant": ("演示申请人甲", PostValue("applicant")),
    "stranger": ("演示申请人乙", PostValue("applicant")),
    "clerk": ("演示综窗员", PostValue("clerk")),
    "window": ("演示出件员", PostValue("window")),
    "kiosk": ("演示自助终端", PostValue("kiosk")),
    "government": ("演示市政府负责人", PostValue("government")),
} | {
    f"{department}.{role}": (f"演示{department}{role}", PostValue(role, department))
    for department in ("market_regulation", "urban_management", "tobacco", "fire_rescue")
    for role in ("handler", "reviewer", "decider", "head")
}


def findings(**changed: str) -> list[Finding]:
    """A complete checklist in which all is in order, but for what is `changed`."""
    found = dict.fromkeys(VERIFIED, "verified") | dict.fromkeys(RECEIVED, "received")
    found |= {"health_certificates": "received"} | changed
    return [
        Finding(name, status, note="看不清" if status == "unfit" else "")  # type: ignore[arg-type]
        for name, status in found.items()
        if status
    ]


def prepare(url: str, root: Path = ROOT) -> None:
    """Migrate an empty database, publish the services in `root` and hire the people above."""
    migrate(url)
    engine = engine_for(url, KEYRING)
    with writing(engine) as session:
        Catalog(engine).publish_folder(session, root, OPENING)
        for username, (name, post) in PEOPLE.items():
            number = APPLICANT_ID if username == "applicant" else None
            account = Account(
                username=username, name=name, password_hash="-", id_number=number,
                phone="19900000000",
            )  # fmt: skip
            session.add(account)
            session.flush()
            session.add(Post(account_id=account.id, role=post.role, department=post.department))
    engine.dispose()


class Stage:
    """A prepared database, with a clock that one can turn."""

    def __init__(self, url: str, folder: Path) -> None:
        self.engine: Engine = engine_for(url, KEYRING)
        self.catalog = Catalog(self.engine)
        self.files = FileStore(folder / "files")
        self.now = OPENING
        with reading(self.engine) as session:
            self.actors = {
                account.username: Actor(account.id, account.name, (PEOPLE[account.username][1],))
                for account in session.exec(select(Account))
            }

    @contextmanager
    def acting(self, who: str) -> Iterator[Context]:
        """A committed transaction in which this person acts, a minute after the last."""
        self.now += timedelta(minutes=1)
        with writing(self.engine) as session:
            yield Context(session, self.catalog, self.files, self.actors[who], self.now)

    @contextmanager
    def looking(self, who: str) -> Iterator[Context]:
        """A read-only session in which this person looks."""
        with reading(self.engine) as session:
            yield Context(session, self.catalog, self.files, self.actors[who], self.now)

    def case(self, case_id: uuid.UUID) -> Case:
        """The case as it stands."""
        with reading(self.engine) as session:
            return session.get_one(Case, case_id)

    def approvals(self, case_id: uuid.UUID) -> dict[str, Approval]:
        """The approvals as they stand, by region."""
        with reading(self.engine) as session:
            rows = session.exec(select(Approval).where(Approval.case_id == case_id)).all()
        return {row.region: row for row in rows}

    def states(self, case_id: uuid.UUID) -> dict[str, str]:
        """The states of the case and its regions."""
        rows = self.approvals(case_id)
        return {"case": self.case(case_id).state} | {key: row.state for key, row in rows.items()}

    def documents(self, case_id: uuid.UUID) -> list[Document]:
        """All documents in the order in which they were written."""
        with reading(self.engine) as session:
            statement = select(Document).where(Document.case_id == case_id)
            return list(session.exec(statement.order_by(col(Document.id))))

    def ledger(self, case_id: uuid.UUID, region: str = "case") -> list[LedgerEntry]:
        """One chain of the ledger."""
        with reading(self.engine) as session:
            statement = select(LedgerEntry).where(
                LedgerEntry.case_id == case_id, LedgerEntry.region == region
            )
            return list(session.exec(statement.order_by(col(LedgerEntry.seq))))

    def printed(self, case_id: uuid.UUID) -> int:
        """Let the worker have made all papers of a case, as it has when somebody comes for them."""
        with writing(self.engine) as session:
            statement = update(Document).where(col(Document.case_id) == case_id)
            waiting = statement.where(col(Document.state) == "pending")
            return session.connection().execute(waiting.values(state="made")).rowcount

    def problems(self, case_id: uuid.UUID) -> list[Problem]:
        """What the ledger finds wrong."""
        with reading(self.engine) as session:
            return verify_ledger(session, case_id)

    def later(self, days: int) -> None:
        """Let so many natural days pass."""
        self.now += timedelta(days=days)

    def sweep(self) -> int:
        """One look at everything that ends by itself; how many timers fired."""
        transaction = partial(writing, self.engine)
        fired = timers.run_due(transaction, self.catalog, self.files, self.now)
        return fired + forfeit.run_overdue(transaction, self.catalog, self.files, self.now)

    def drafted(self, answers: Mapping[str, object] = ANSWERS) -> uuid.UUID:
        """A draft with its form filled and all its material, ready to submit."""
        with self.acting("applicant") as ctx:
            case = draft.start(ctx, WORKFLOW, answers)
            definition = ctx.catalog.current(WORKFLOW).definition
            form = draft.form_of(draft.editable(ctx, case.id)[0])
            for section in definition.form.sections:
                if section.id not in {each.id for each in form.sections}:
                    continue
                data = {each.id: FORM[each.id] for each in section.fields if each.id in FORM}
                case = draft.save_section(ctx, case.id, section.id, data, case.revision)
            for name in FILES:
                material.attach(ctx, case.id, name, f"{name}.pdf", [PDF])
            return case.id

    def submitted(self) -> uuid.UUID:
        """A case that waits at the desk."""
        case_id = self.drafted()
        revision = self.case(case_id).revision
        with self.acting("applicant") as ctx:
            submit.submit(ctx, case_id, "window", revision)
        return case_id

    def accepted(self, checks: Sequence[Finding] | None = None) -> uuid.UUID:
        """A case that the departments work on."""
        case_id = self.submitted()
        revision = self.case(case_id).revision
        with self.acting("clerk") as ctx:
            accept.accept(ctx, case_id, checks or findings(), revision)
        return case_id

    def act(self, case_id: uuid.UUID, region: str, event: str, reasons: str = "") -> Outcome:
        """One signature by the post whose turn it is."""
        row = self.approvals(case_id)[region]
        with self.acting(f"{row.department}.{row.awaits}") as ctx:
            return decide.act(ctx, row.id, event, "同意。", reasons, row.revision)

    def bring(self, case_id: uuid.UUID, region: str) -> None:
        """All signatures but the last."""
        while self.approvals(case_id)[region].awaits != "decider":
            self.act(case_id, region, "forward")

    def approve(self, case_id: uuid.UUID, region: str) -> Outcome:
        """All signatures, and the inspection on site if the item needs one."""
        self.bring(case_id, region)
        self.inspect(case_id, region)
        return self.act(case_id, region, "approve")

    def inspect(self, case_id: uuid.UUID, region: str) -> None:
        """Whatever has to be looked at on site is, and is in order."""
        row = self.approvals(case_id)[region]
        who = f"{row.department}.{row.awaits}"
        with self.acting(who) as ctx:
            at = on_site.called(ctx, row)
        if at is not None:
            self.now = max(self.now, at)
            with self.acting(who) as ctx:
                on_site.passed(ctx, self.approvals(case_id)[region])
