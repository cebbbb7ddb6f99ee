"""The world of a scenario that is a real database: every act is the verb that a page would call."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

import handed
import on_site
from databases import migrate
from onevisit.access import Actor, PostValue
from onevisit.cases import (
    CaseError,
    Collector,
    Context,
    FieldFinding,
    Finding,
    accept,
    correct,
    decide,
    decline,
    draft,
    hand_out,
    material,
    submit,
    withdraw,
)
from onevisit.cases.deadlines import timers
from onevisit.cases.deferral import bring, owing, receive_owed
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.pickup import Recipient
from onevisit.catalog.catalog import Catalog
from onevisit.definition.form import Form
from onevisit.definition.lifecycle import ROLES
from onevisit.definition.scenario import ON_ITEMS, Act
from onevisit.definition.service import Definition
from onevisit.engine.rehearsal.application import DOWNLOAD, Application
from onevisit.engine.rehearsal.dry_run import foresee, next_signature
from onevisit.engine.rehearsal.rehearse import Foreseen, Refused
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Approval, Case, Document, Post
from only_for_tests import KEYRING

ROOT = Path(__file__).resolve().parents[2]
PDF = handed.PDF
DECLINED = "elsewhere"
CITY = ZoneInfo("Asia/Shanghai")
NAME, ID_NUMBER = "演示申请人甲", "990000199001019011"
RECIPIENT = {"name": NAME, "phone": "19900000000", "address": "示例市演示区演示路八号"}


def signer(row: Approval) -> str:
    """The account of the department whose turn it is, or who would decide."""
    return f"{row.department}.{row.awaits or 'decider'}"


class Undone(Exception):
    """Ends a trial, so that nothing of it stays."""


@dataclass
class Town:
    """One database with all published services and, in every department, one of each post."""

    engine: Engine
    files: FileStore
    catalog: Catalog = field(init=False)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalog = Catalog(self.engine)


def found_town(url: str, day: datetime, password_hash: str = "-") -> None:
    """Migrates an empty database, publishes the shipped services and hires everybody; whoever
    knows the password behind the hash may sign in as anybody."""
    migrate(url)
    engine = engine_for(url, KEYRING)
    with writing(engine) as session:
        published = Catalog(engine).publish_folder(session, ROOT, day)
        for username, post in _posts([each.definition for each in published.services]).items():
            _hire(session, username, post, password_hash)
    engine.dispose()


def open_town(url: str, folder: Path) -> Town:
    """A town that was founded; files lie in `folder`."""
    town = Town(engine_for(url, KEYRING), FileStore(folder / "files"))
    with reading(town.engine) as session:
        for account, post in session.exec(
            select(Account, Post).where(Account.id == Post.account_id)
        ):
            value = PostValue(post.role, post.department)
            town.actors[account.username] = Actor(account.id, account.name, (value,))
    return town


def _posts(definitions: list[Definition]) -> dict[str, PostValue]:
    centre = {role: PostValue(role) for role in ("applicant", "clerk", "window")}
    signing = [role for role in ROLES if role not in centre]
    departments = {item.department for each in definitions for item in each.workflow.items}
    return centre | {
        f"{department}.{role}": PostValue(role, department)
        for department in sorted(departments)
        for role in signing
    }


def _hire(session: Session, username: str, post: PostValue, password_hash: str) -> None:
    name = NAME if username == "applicant" else f"演示{username}"
    number = ID_NUMBER if username == "applicant" else None
    account = Account(
        username=username,
        name=name,
        password_hash=password_hash,
        id_number=number,
        phone="19900000000",
    )
    session.add(account)
    session.flush()
    session.add(Post(account_id=account.id, role=post.role, department=post.department))


class DatabaseWorld:
    """One case in a town."""

    def __init__(self, town: Town, workflow_id: str, applied: Application) -> None:
        self.town, self.applied = town, applied
        self.workflow_id = workflow_id
        self.definition = town.catalog.current(workflow_id).definition
        self.now = datetime.combine(applied.day, time(9), CITY)
        self.case_id: uuid.UUID | None = None
        self.named: tuple[str, ...] = ()
        self._trial: Session | None = None

    # ---- what is seen ----------------------------------------------------------------------------

    def foresee(self) -> Foreseen:
        """What the published version says."""
        return foresee(self.definition, self.applied)

    def states(self) -> Mapping[str, str]:
        """The states that the rows hold."""
        with self._looking() as ctx:
            return dict(load(ctx, self._drafted()).marking)

    def documents(self) -> Mapping[str, int]:
        """The documents of the case by kind, without those of standing acts: a scenario tells of
        moves, and what else people do on the way makes its own."""
        lifecycle = self.definition.lifecycle
        acts = (*lifecycle.case.acts, *lifecycle.approval.acts)
        aside = {kind for act in acts for kind in act.documents}
        with self._looking() as ctx:
            wanted = select(Document.kind).where(Document.case_id == self._drafted())
            found = ctx.session.exec(wanted).all()
        return Counter(kind for kind in found if kind not in aside)

    def tampered(self) -> list[str]:
        """What the ledger of the case finds wrong."""
        with reading(self.town.engine) as session:
            return [str(each) for each in verify_ledger(session, self._drafted())]

    # ---- what is done ----------------------------------------------------------------------------

    def do(self, act: Act) -> None:
        """The verb behind the act; Refused with what it said."""
        try:
            self._do(act)
        except CaseError as error:
            raise Refused(str(error)) from error

    def can(self, act: Act) -> bool:
        """The verb is tried in a transaction that is undone."""
        self._drafted()
        kept = self.now, self.named
        try:
            with writing(self.town.engine) as session:
                self._trial = session
                self.do(act)
                raise Undone  # noqa: TRY301 -- leaves the transaction, which is the point
        except Refused:
            return False
        except Undone:
            return True
        finally:
            self._trial, (self.now, self.named) = None, kept

    def _do(self, act: Act) -> None:
        verb = act.verbs[0]
        if verb in ON_ITEMS:
            for name in act.names:
                self._sign(name, act)
            return
        verbs: dict[str, Callable[[], None]] = {
            "submit": self._submit,
            "correct": partial(self._correct, act.names),
            "supplement": self._supplement,
            "accept": self._accept,
            "decline": partial(self._decline, act.decline or "不属于本机关职权范围"),
            "withdraw": partial(self._withdraw, act.withdraw or "不办了"),
            "elapse": self._elapse,
            "hand_out": self._hand_out,
            "collect": self._collect,
        }
        verbs[verb]()

    def _drafted(self) -> uuid.UUID:
        """The case; its draft is made when it is first looked at."""
        if self.case_id is not None:
            return self.case_id
        with self._acting("applicant") as ctx:
            case = draft.start(ctx, self.workflow_id, self.applied.answers)
            self.case_id = case.id
            for section in self.definition.form.sections:
                if section.id in {each.id for each in self._form(ctx).sections}:
                    data = {
                        each.id: self.applied.form[each.id]
                        for each in section.fields
                        if each.id in self.applied.form
                    }
                    case = draft.save_section(ctx, case.id, section.id, data, case.revision)
            for name in self.applied.handed_in:
                material.attach(ctx, case.id, name, f"{name}.pdf", [PDF])
        return self.case_id

    def _form(self, ctx: Context) -> Form:
        return draft.form_of(load(ctx, self._drafted()))

    def _submit(self) -> None:
        case_id = self._drafted()
        with self._acting("applicant") as ctx:
            to = Recipient(**RECIPIENT)
            submit.submit(ctx, case_id, self.applied.pickup, self._revision(ctx), to)

    def _correct(self, names: tuple[str, ...]) -> None:
        self.named = names
        with self._acting("clerk") as ctx:
            dossier = load(ctx, self._drafted())
            known = {each.id for each in dossier.definition.workflow.materials}
            fields = [FieldFinding(name, "写错了") for name in names if name not in known]
            findings = self._findings(dossier, names)
            correct.request(ctx, self._drafted(), findings, fields, dossier.case.revision)

    def _supplement(self) -> None:
        with self._acting("applicant") as ctx:
            case = load(ctx, self._drafted()).case
            for name in self.named:
                if any(each.id == name for each in self.definition.workflow.materials):
                    material.attach(ctx, case.id, name, "补.pdf", [PDF])
            for section in self._form(ctx).sections:
                asked = {each.id for each in section.fields}.intersection(self.named)
                if asked:
                    data = {each: self.applied.form[each] for each in asked}
                    case = draft.save_section(ctx, case.id, section.id, data, case.revision)
            correct.supplement(ctx, case.id, self._revision(ctx))

    def _accept(self) -> None:
        with self._acting("clerk") as ctx:
            dossier = load(ctx, self._drafted())
            accept.accept(ctx, dossier.case.id, self._findings(dossier), dossier.case.revision)

    def _decline(self, reasons: str) -> None:
        with self._acting("clerk") as ctx:
            words = (DECLINED, reasons, "示例市演示局")
            decline.decline(ctx, self._drafted(), *words, self._revision(ctx))

    def _withdraw(self, reason: str) -> None:
        with self._acting("applicant") as ctx:
            withdraw.withdraw(ctx, self._drafted(), reason, self._revision(ctx))

    def _hand_out(self) -> None:
        with self._acting("window") as ctx:
            who = Collector(NAME, ID_NUMBER)
            self._print(ctx)
            hand_out.hand_out(ctx, self._drafted(), who, self._method(), self._revision(ctx))

    def _print(self, ctx: Context) -> None:
        """The worker has made the papers by the time somebody comes for them."""
        statement = update(Document).where(col(Document.case_id) == self._drafted())
        ctx.session.connection().execute(statement.values(state="made"))

    def _method(self) -> str:
        """How the window hands out: as the applicant chose, unless that was to download."""
        ways = (self.applied.pickup, *self.definition.workflow.issue.pickup)
        return next((way for way in ways if way != DOWNLOAD), DOWNLOAD)

    def _collect(self) -> None:
        with self._acting("applicant") as ctx:
            self._print(ctx)
            hand_out.collect(ctx, self._drafted(), self._revision(ctx))

    def _sign(self, name: str, act: Act) -> None:
        """The signatures of one item, each by the post whose turn it is, in a turn of its own."""
        verb = act.verbs[0]
        with self._looking() as ctx:
            parts = load(ctx, self._drafted()).selection.parts
        keys = [each.key for each in parts if name in (each.key, each.item.id)]
        if not keys:
            raise Refused(f"这次没有办{name}")
        for key in keys:
            event: str | None = ""
            while event != verb:
                with self._looking() as ctx:
                    dossier = load(ctx, self._drafted())
                if key not in dossier.approvals:
                    raise Refused("还没有提交")
                row = dossier.approvals[key]
                event = next_signature(dossier.chart.tables[key], row.state, verb)
                if event is None:
                    break
                if event == "approve":
                    self._settle_owed()
                    row = self._visited(key)
                self._act(row, event, act.reasons or "不符合条件")

    def _settle_owed(self) -> None:
        """What was deferred comes in and is found in order, so that items can be granted."""
        with self._looking() as ctx:
            dossier = load(ctx, self._drafted())
            names = [row.material_id for row in owing.open_rows(ctx, dossier)]
        for name in names:
            self._bring(name)
        if names:
            self._receive(names)

    def _visited(self, key: str) -> Approval:
        """The item after everybody it needs has come: officers to inspect, the applicant."""
        with self._looking() as ctx:
            row = load(ctx, self._drafted()).approvals[key]
        if row.awaits is None:
            return row
        with self._acting(signer(row)) as ctx:
            at = on_site.called(ctx, row)
        if at is not None:
            self.now = max(self.now, at)
            with self._acting(signer(row)) as ctx:
                on_site.passed(ctx, load(ctx, self._drafted()).approvals[key])
        with self._looking() as ctx:
            return load(ctx, self._drafted()).approvals[key]

    def _bring(self, name: str) -> None:
        with self._acting("applicant") as ctx:
            bring.bring(ctx, self._drafted(), name, "后补.pdf", [PDF])

    def _receive(self, names: list[str]) -> None:
        with self._acting("clerk") as ctx:
            found = [Finding(name, "received") for name in names]
            receive_owed.receive(ctx, self._drafted(), found, self._revision(ctx))

    def _act(self, row: Approval, event: str, reasons: str) -> None:
        """One signature by the post whose turn it is."""
        with self._acting(signer(row)) as ctx:
            decide.act(ctx, row.id, event, "同意。", reasons, row.revision)

    def _elapse(self) -> None:
        """Time passes to the first day on which something of this case happens by itself."""
        with self._looking() as ctx:
            dossier = load(ctx, self._drafted())
        rows: tuple[Case | Approval, ...] = (dossier.case, *dossier.approvals.values())
        for due in sorted({row.timer_due for row in rows if row.timer_due is not None}):
            morning = datetime.combine(due + timedelta(days=1), time(9), CITY)
            self.now = max(self.now, morning)
            before = self.states()
            self._sweep()
            if self.states() != before:
                return
        raise Refused("没有到期会自动发生的事")

    def _sweep(self) -> None:
        """What the sweep of a running server does, on this case and any other."""
        if self._trial is None:
            transaction = partial(writing, self.town.engine)
            timers.run_due(transaction, self.town.catalog, self.town.files, self.now)
            return
        with self._acting("clerk") as ctx:
            due = (*timers.due_cases(ctx).rows, *timers.due_approvals(ctx).rows)
            for case_id, region in due:
                if case_id == self.case_id:
                    timers.fire_due(ctx, case_id, region)

    # ---- people and their papers -----------------------------------------------------------------

    def _findings(self, dossier: Dossier, unfit: tuple[str, ...] = ()) -> list[Finding]:
        """The complete checklist: what is here is in order, but for what is unfit."""
        brought = set(self.applied.handed_in)
        found = []
        for each in dossier.selection.materials:
            if each.id in unfit:
                found.append(Finding(each.id, "unfit", "看不清"))
            elif each.source in ("shared", "prior"):
                found.append(Finding(each.id, "verified"))
            elif each.source != "applicant" or each.id in brought:
                found.append(Finding(each.id, "received"))
            elif each.need == "deferrable":
                found.append(Finding(each.id, "deferred"))
        return found

    def _revision(self, ctx: Context) -> int:
        return ctx.session.get_one(Case, self._drafted(), populate_existing=True).revision

    @contextmanager
    def _acting(self, who: str) -> Iterator[Context]:
        """A committed turn of this person, a minute after the last; in a trial, a part of it."""
        self.now += timedelta(minutes=1)
        town = self.town
        if self._trial is not None:
            yield Context(self._trial, town.catalog, town.files, town.actors[who], self.now)
            self._trial.flush()
            return
        with writing(town.engine) as session:
            yield Context(session, town.catalog, town.files, town.actors[who], self.now)

    @contextmanager
    def _looking(self) -> Iterator[Context]:
        town = self.town
        actor = town.actors["clerk"]
        if self._trial is not None:
            yield Context(self._trial, town.catalog, town.files, actor, self.now)
            return
        with reading(town.engine) as session:
            yield Context(session, town.catalog, town.files, actor, self.now)
