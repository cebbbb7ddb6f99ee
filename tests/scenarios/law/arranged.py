"""A restaurant whose departments inspect together, call the applicant and hear people out, and
short verbs for those who arrange it."""

import shutil
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import col, select

from onevisit.access import Actor, PostValue
from onevisit.cases.meetings import hearing, hearing_day, inspection, meeting
from onevisit.cases.meetings.appointments import Call
from onevisit.cases.meetings.hearing import Offer
from onevisit.cases.meetings.hearing_day import Minutes, Session
from onevisit.cases.meetings.inspection import Report
from onevisit.cases.meetings.meeting import Purpose, Result
from onevisit.documents.format import BEIJING
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Post
from onevisit.store.turn_tables import Appointment, Finding, Hearing, Pause
from onevisit.store.work_tables import Message
from scenarios.stage import ROOT, Stage

KEPT = ("open_restaurant", "directory")
MEETING = """    appointments:
      - {id: interview, title: 负责人约谈, joint: interview, basis: 示例市约谈办法（虚构）}
"""
WAIVABLE = """    appointments:
      - {id: reading, title: 核对原件, may_be_waived: true, basis: 示例市办法（虚构）}
      - {id: talk, title: 当面说明, by: applicant, basis: 示例市办法（虚构）}
"""
WAIT = "    wait: {title: 公示, days: 7, basis: 示例（虚构）}\n"
PLACE = "示例市演示区演示路八号"
INTERESTS = "油烟排放直接关系楼上住户的重大利益"


def services(folder: Path) -> Path:
    """The restaurant alone, in force since 2025: food and signboard interview the applicant
    together, tobacco may look at originals or waive it, and signboard has a public notice."""
    for name in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    for kind in ("workflows", "workflows/scenarios", "forms"):
        for path in (folder / kind).glob("*.yaml"):
            if path.stem not in KEPT:
                path.unlink()
    path = folder / "workflows" / "open_restaurant.yaml"
    text = path.read_text("utf-8").replace("{from: 2026-01-01}", "{from: 2025-01-01}")
    text = text.replace("visits: 1, days: 12", "visits: 3, days: 40")
    for item, addition in (
        ("food", MEETING), ("signboard", MEETING + WAIT), ("tobacco", WAIVABLE),
    ):  # fmt: skip
        head, found, tail = text.partition(f"  - id: {item}\n")
        assert found
        text = head + found + addition + tail
    path.write_text(text, "utf-8")
    return folder


def accepted_on(stage: Stage, day: date) -> uuid.UUID:
    """A case that was handed in and accepted on the morning of this day."""
    clock(stage, day)
    return stage.accepted()


def clock(stage: Stage, day: date, hour: int = 9, minute: int = 0) -> None:
    """Turn the clock to an hour (local) of a day."""
    stage.now = local(day, hour, minute).astimezone(UTC)


def local(day: date, hour: int = 9, minute: int = 30) -> datetime:
    """A moment in the city."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BEIJING)


def officer(stage: Stage, case_id: uuid.UUID, region: str) -> str:
    """Whose turn it is."""
    row = stage.approvals(case_id)[region]
    return f"{row.department}.{row.awaits}"


def hire(stage: Stage, username: str, role: str, department: str) -> None:
    """One more officer."""
    with writing(stage.engine) as session:
        account = Account(username=username, name=f"演示{username}", password_hash="-")
        session.add(account)
        session.flush()
        session.add(Post(account_id=account.id, role=role, department=department))
        value = (PostValue(role, department),)
        stage.actors[username] = Actor(account.id, account.name, value)


def people(stage: Stage, *names: str) -> list[uuid.UUID]:
    """The accounts of these people."""
    return [stage.actors[name].id for name in names]


def hearing_of(stage: Stage, case_id: uuid.UUID, region: str = "food") -> Hearing:
    with reading(stage.engine) as session:
        statement = select(Hearing).where(Hearing.case_id == case_id, Hearing.region == region)
        return session.exec(statement).one()


def appointments_of(stage: Stage, case_id: uuid.UUID) -> list[Appointment]:
    with reading(stage.engine) as session:
        statement = select(Appointment).where(Appointment.case_id == case_id)
        return list(session.exec(statement.order_by(col(Appointment.called_at))))


def findings_of(stage: Stage, case_id: uuid.UUID) -> list[Finding]:
    with reading(stage.engine) as session:
        statement = select(Finding).where(Finding.case_id == case_id)
        return list(session.exec(statement.order_by(col(Finding.recorded_at))))


def pauses_of(stage: Stage, case_id: uuid.UUID) -> list[Pause]:
    with reading(stage.engine) as session:
        statement = select(Pause).where(Pause.case_id == case_id, Pause.kind == "hearing")
        return list(session.exec(statement.order_by(col(Pause.id))))


def messages_to(stage: Stage, username: str, title: str) -> list[str]:
    """What somebody was told under this title."""
    with reading(stage.engine) as session:
        own = select(Message).where(Message.account_id == stage.actors[username].id)
        rows = session.exec(own.order_by(col(Message.id)))
        return [row.body for row in rows if row.title == title]


def paper(stage: Stage, case_id: uuid.UUID, kind: str) -> dict[str, object]:
    """The newest document of a kind: its facts by label, `text` its paragraphs, `basis`."""
    found = [each for each in stage.documents(case_id) if each.kind == kind][-1]
    letter = found.snapshot["letter"]
    facts = {each["label"]: each["value"] for each in letter["facts"]}
    return {
        **facts, "text": "；".join(letter["paragraphs"]), "basis": found.snapshot["basis"],
        "number": found.number,
    }  # fmt: skip


def told(stage: Stage, case_id: uuid.UUID, parties: str = "", region: str = "food") -> None:
    """The officer whose step it is tells of the right to a hearing."""
    row = stage.approvals(case_id)[region]
    with stage.acting(officer(stage, case_id, region)) as ctx:
        hearing.offer(ctx, row.id, Offer(INTERESTS, parties), row.revision)


def asked(stage: Stage, case_id: uuid.UUID, region: str = "food") -> None:
    with stage.acting("applicant") as ctx:
        hearing.ask(ctx, case_id, region, stage.approvals(case_id)[region].revision)


def waived(stage: Stage, case_id: uuid.UUID, region: str = "food") -> None:
    with stage.acting("applicant") as ctx:
        hearing.waive(ctx, case_id, region, stage.approvals(case_id)[region].revision)


def entered(stage: Stage, case_id: uuid.UUID, who: str, region: str = "food") -> None:
    row = stage.approvals(case_id)[region]
    with stage.acting(officer(stage, case_id, region)) as ctx:
        hearing.enter(ctx, row.id, who, row.revision)


def heard_on(
    stage: Stage,
    case_id: uuid.UUID,
    at: datetime | None,
    chair: str = "market_regulation.head",
    reasons: str = "",
    region: str = "food",
) -> None:
    """The officer whose step it is calls the hearing."""
    row = stage.approvals(case_id)[region]
    session = Session(at, "示例市政务服务中心三楼听证室", stage.actors[chair].id, reasons)
    with stage.acting(officer(stage, case_id, region)) as ctx:
        hearing_day.call(ctx, row.id, session, row.revision)


def recorded(
    stage: Stage, case_id: uuid.UUID, chair: str = "market_regulation.head", region: str = "food"
) -> None:
    """The chair records the hearing."""
    row = stage.approvals(case_id)[region]
    minutes = Minutes(
        "申请人；楼上住户代表；承办人", "承办人说明意见\n住户代表陈述申辩", signed=True
    )
    with stage.acting(chair) as ctx:
        hearing_day.hold(ctx, row.id, minutes, row.revision)


def inspected_on(
    stage: Stage, case_id: uuid.UUID, region: str, at: datetime | None, moved: str = ""
) -> None:
    """The officer whose step it is calls the inspection."""
    row = stage.approvals(case_id)[region]
    with stage.acting(officer(stage, case_id, region)) as ctx:
        inspection.call(ctx, row.id, Call(at, PLACE, "平面图", moved), row.revision)


def found(
    stage: Stage, case_id: uuid.UUID, region: str, who: Sequence[str], passed: bool | None = True
) -> None:
    """The officer whose step it is records what was found."""
    row = stage.approvals(case_id)[region]
    report = Report(people(stage, *who), passed, "后厨布局与申报一致")
    with stage.acting(officer(stage, case_id, region)) as ctx:
        inspection.record(ctx, row.id, report, row.revision)


def met_on(
    stage: Stage,
    case_id: uuid.UUID,
    region: str,
    key: str,
    at: datetime | None,
    said: str = "",
    moved: str = "",
) -> None:
    """The officer whose step it is calls the applicant."""
    row = stage.approvals(case_id)[region]
    order = Call(at, "示例市政务服务中心二楼", "身份证件", moved)
    with stage.acting(officer(stage, case_id, region)) as ctx:
        meeting.call(ctx, row.id, Purpose(key, said), order, row.revision)


def came(
    stage: Stage, case_id: uuid.UUID, region: str, key: str, outcome: str, note: str = ""
) -> None:
    """The officer whose step it is records how it went."""
    row = stage.approvals(case_id)[region]
    with stage.acting(officer(stage, case_id, region)) as ctx:
        meeting.record(ctx, row.id, key, Result(outcome, note), row.revision)
