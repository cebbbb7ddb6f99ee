"""A fictional town whose clock one can turn, and short verbs for whoever brings its cases on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import select

from onevisit.cases import accept, correct, draft, hand_out, material, submit
from onevisit.cases.afterwards import pledge
from onevisit.cases.check import FieldFinding, Finding
from onevisit.cases.collector import Collector
from onevisit.cases.deadlines import due
from onevisit.catalog.catalog import Catalog
from onevisit.definition.sample import sample
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Document
from onevisit.store.turn_tables import Certificate, PledgeCheck
from onevisit.web.accounts import actor_of
from scenarios import stage
from scenarios.stage import PDF, Stage


@dataclass
class Town(Stage):
    """A prepared demonstration whose clock one can turn; `named` are the rows that pages need, by
    what they stand for: ("case_id", "accepted"), ("approval_id", "accepted.food")."""

    settings: Settings
    named: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = engine_for(self.settings.database_url, self.settings.keyring)
        self.catalog = Catalog(self.engine)
        self.files = FileStore(self.settings.files)
        with reading(self.engine) as session:
            ids = {each.username: each.id for each in session.exec(select(Account))}
            known = {name: actor_of(session, each) for name, each in ids.items()}
        self.actors = {name: actor for name, actor in known.items() if actor is not None}

    def back(self, days: int) -> None:
        """Turn the clock to the middle of a weekday's morning so many days ago, or earlier."""
        day = datetime.now(UTC) - timedelta(days=days)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        self.now = day.replace(hour=1, minute=30, second=0, microsecond=0)

    def name(self, name: str, case_id: UUID) -> UUID:
        """Keep a case, its items, certificates and checks under a name."""
        self.named["case_id", name] = str(case_id)
        for region, row in self.approvals(case_id).items():
            self.named["approval_id", f"{name}.{region}"] = str(row.id)
        with reading(self.engine) as session:
            for issued in session.exec(select(Certificate).where(Certificate.case_id == case_id)):
                self.named["certificate_id", f"{name}.{issued.region}"] = str(issued.id)
            for check in session.exec(select(PledgeCheck).where(PledgeCheck.case_id == case_id)):
                self.named["check_id", f"{name}.{check.region}"] = str(check.id)
        return case_id

    def applied(self, service: str, answers: Mapping[str, Any]) -> UUID:
        """A draft of any service with fictional values in its form and all its material."""
        with self.acting("applicant") as ctx:
            case = draft.start(ctx, service, answers)
            dossier = draft.editable(ctx, case.id)[0]
            for section in draft.form_of(dossier).sections:
                data = {each.id: sample(each) for each in section.fields}
                case = draft.save_section(ctx, case.id, section.id, data, case.revision)
            for missing in draft.missing_materials(dossier, set()):
                name = missing.path.removeprefix("material.")
                material.attach(ctx, case.id, name, f"{name}.pdf", [PDF])
            return case.id

    def taken_in(
        self, service: str, answers: Mapping[str, Any], pickup: str = "window", deferred: str = ""
    ) -> UUID:
        """A case of any service on which the departments work."""
        case_id = self.applied(service, answers)
        with self.acting("applicant") as ctx:
            submit.submit(ctx, case_id, pickup, self.case(case_id).revision)
        with self.acting("clerk") as ctx:
            dossier = accept.taken_in(ctx, case_id)
            found = [_found(each.id, each.source, deferred) for each in dossier.selection.materials]
            accept.accept(ctx, case_id, found, dossier.case.revision)
        return case_id

    def decided(self, case_id: UUID, refused: str = "") -> UUID:
        """All signatures under every item: granted, but for the one `refused`."""
        definition = self.catalog.current(self.case(case_id).workflow_id).definition
        order = [each.id for each in definition.workflow.items]  # what others need comes first
        while waiting := [row for row in self.approvals(case_id).values() if row.awaits]:
            region = min(waiting, key=lambda row: order.index(row.item_id)).region
            self.bring(case_id, region)
            self.inspect(case_id, region)
            if region == refused:
                self.act(case_id, region, "reject", "现场布局与申报材料不符，未达到规定条件。")
            else:
                self.act(case_id, region, "approve")
        return case_id

    def handed_out(self, case_id: UUID) -> UUID:
        """The results in the applicant's hands."""
        self.printed(case_id)
        with self.acting("window") as ctx:
            me = ctx.session.get_one(Account, self.actors["applicant"].id)
            collector = Collector(me.name, me.id_number or "")
            hand_out.hand_out(ctx, case_id, collector, "window", self.case(case_id).revision)
        return case_id

    def told_once(self) -> UUID:
        """A case whose applicant has been told what is missing."""
        case_id = self.submitted()
        with self.acting("clerk") as ctx:
            found = stage.findings(floor_plan="unfit", food_manager="missing")
            told = [FieldFinding("address", "与平面图上的地址不一致", "请按房产证填写")]
            correct.request(ctx, case_id, found, told, self.case(case_id).revision)
        return case_id

    def pledge_found(self, case_id: UUID, region: str, *, kept: bool) -> None:
        """The check after a pledge."""
        with reading(self.engine) as session:
            mine = PledgeCheck.case_id == case_id, PledgeCheck.region == region
            row = session.exec(select(PledgeCheck).where(*mine)).one()
            issued = Certificate.case_id == case_id, Certificate.region == region
            held = session.exec(select(Certificate).where(*issued)).one_or_none()
        revision = held.revision if held else self.approvals(case_id)[region].revision
        with self.acting(f"{self.approvals(case_id)[region].department}.handler") as ctx:
            pledge.record(ctx, row.id, kept=kept, finding="通道堆放杂物。", revision=revision)

    def swept(self) -> None:
        """One look at everything that falls due by itself."""
        due.run_all(partial(writing, self.engine), self.catalog, self.files, self.now)

    def all_printed(self) -> None:
        """Papers count as made, so that nothing is being made while somebody measures."""
        with writing(self.engine) as session:
            session.connection().execute(update(Document).values(state="made"))


def _found(material_id: str, source: str, deferred: str) -> Finding:
    """What the clerk finds when all is in order."""
    if material_id == deferred:
        return Finding(material_id, "deferred")
    return Finding(material_id, "verified" if source == "shared" else "received")
