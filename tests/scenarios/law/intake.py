"""Short verbs of the counter for law tests: hand in at a moment, accept with deferrals, bring."""

import uuid
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import select

from onevisit.cases import Context, accept, submit
from onevisit.cases.check import Finding
from onevisit.cases.deadlines import timers
from onevisit.cases.deferral import bring, forfeit, receive_owed
from onevisit.store.session import reading, writing
from onevisit.store.turn_tables import Owed
from onevisit.store.work_tables import Message
from scenarios.law.officers import services
from scenarios.stage import PDF, Stage, findings

CITY = ZoneInfo("Asia/Shanghai")
CERTIFICATES = "health_certificates"
DESIGN = "sign_design"
DEFERRABLE = (
    "source: applicant, need: deferrable, defer: {days: 5, on_timeout: reject, "
    "basis: 《浙江省保障“最多跑一次”改革规定》第十一条}, items: [signboard]"
)


def local(text: str) -> datetime:
    """A moment of the city's clock, written like 2026-02-13 10:00."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CITY)


def deferring(folder: Path) -> Path:
    """The restaurant of the officers' tests whose sign design may come five days later too; who
    does not bring it is refused the signboard only."""
    folder = services(folder)
    path = folder / "workflows" / "open_restaurant.yaml"
    text = path.read_text("utf-8")
    plain = "source: applicant, items: [signboard]"
    assert plain in text
    path.write_text(text.replace(plain, DEFERRABLE), "utf-8")
    return folder


def handed_in(stage: Stage, moment: str) -> uuid.UUID:
    """A case that was submitted at this moment."""
    at = local(moment)
    stage.now = at.replace(hour=1)
    case_id = stage.drafted()
    revision = stage.case(case_id).revision
    with at_moment(stage, "applicant", moment) as ctx:
        submit.submit(ctx, case_id, "window", revision)
    return case_id


def at_moment(stage: Stage, who: str, moment: str) -> AbstractContextManager[Context]:
    """A committed transaction of this person at exactly this moment."""
    stage.now = local(moment) - timedelta(minutes=1)
    return stage.acting(who)


def deferred(stage: Stage, moment: str, *materials: str) -> uuid.UUID:
    """A case accepted on this day, some material of which is owed."""
    case_id = handed_in(stage, moment)
    found = findings(**dict.fromkeys(materials or (CERTIFICATES,), "deferred"))
    revision = stage.case(case_id).revision
    with stage.acting("clerk") as ctx:
        accept.accept(ctx, case_id, found, revision)
    return case_id


def owed(stage: Stage, case_id: uuid.UUID) -> dict[str, Owed]:
    """What is or was owed, by material."""
    with reading(stage.engine) as session:
        rows = session.exec(select(Owed).where(Owed.case_id == case_id)).all()
    return {row.material_id: row for row in rows}


def brought(
    stage: Stage, case_id: uuid.UUID, material: str = CERTIFICATES, text: bytes = PDF
) -> None:
    with stage.acting("applicant") as ctx:
        bring.bring(ctx, case_id, material, f"{material}.pdf", [text])


def looked_at(
    stage: Stage, case_id: uuid.UUID, status: str, note: str = "", material: str = CERTIFICATES
) -> None:
    finding = Finding(material, status, note)  # type: ignore[arg-type]
    revision = stage.case(case_id).revision
    with stage.acting("clerk") as ctx:
        receive_owed.receive(ctx, case_id, [finding], revision)


def swept(stage: Stage, moment: str) -> int:
    """What falls due by itself at this moment, lights aside; how much."""
    stage.now = local(moment)
    transaction = partial(writing, stage.engine)
    fired = timers.run_due(transaction, stage.catalog, stage.files, stage.now)
    return fired + forfeit.run_overdue(transaction, stage.catalog, stage.files, stage.now)


def told(stage: Stage, who: str) -> list[str]:
    """Titles and bodies of this person's messages."""
    with reading(stage.engine) as session:
        statement = select(Message).where(Message.account_id == stage.actors[who].id)
        return [f"{each.title} {each.body}" for each in session.exec(statement)]
