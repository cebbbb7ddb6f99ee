"""A restaurant whose food licence may need a test, and short verbs for those who work on it."""

import shutil
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import col, select

from onevisit.cases.turns import delay, extend, special, suspend, transfer
from onevisit.cases.turns.stops import Asked
from onevisit.store.session import reading
from onevisit.store.turn_tables import Extension, Pause
from scenarios.stage import ROOT, Stage

KEPT = ("open_restaurant", "directory")
TEST = "后厨排烟检测"
PANEL = "专家评审"
FOOD = f"""    special:
      - {{kind: test, title: {TEST}, days: 5, basis: 《行政许可法》第四十五条}}
      - {{kind: experts, days: 3, basis: 《行政许可法》第四十五条}}
      - {{kind: auction, days: 3, when: area > 9999, basis: 《行政许可法》第四十五条}}
      - {{kind: hearing, days: 20, basis: 《行政许可法》第四十五条}}
"""


def services(folder: Path, *, special_stops_promise: bool = False) -> Path:
    """The restaurant alone, in force since 2025, its food licence with special procedures."""
    for name in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    for kind in ("workflows", "workflows/scenarios", "forms"):
        for path in (folder / kind).glob("*.yaml"):
            if path.stem not in KEPT:
                path.unlink()
    path = folder / "workflows" / "open_restaurant.yaml"
    text = path.read_text("utf-8").replace("{from: 2026-01-01}", "{from: 2025-01-01}")
    text = text.replace("visits: 1, days: 12", "visits: 1, days: 40")  # with all that may be needed
    inspected = (
        "    inspection: {joint: site_check, officers: 2, basis: 《行政许可法》第三十四条}\n"
    )
    assert inspected in text
    text = text.replace(inspected, "")  # inspections have tests of their own
    head, found, tail = text.partition("  - id: food\n")
    assert found
    path.write_text(head + found + FOOD + tail, "utf-8")
    if special_stops_promise:
        path = folder / "workflows" / "jurisdictions" / "demo_city.yaml"
        text = path.read_text("utf-8")
        assert "special_stops_promise: false" in text
        path.write_text(text.replace("promise: false", "promise: true"), "utf-8")
    return folder


def accepted_on(stage: Stage, day: date) -> uuid.UUID:
    """A case that was handed in and accepted on the morning of this day."""
    morning(stage, day)
    return stage.accepted()


def morning(stage: Stage, day: date) -> None:
    """Turn the clock to nine o'clock of a day."""
    stage.now = datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


def dues(stage: Stage, case_id: uuid.UUID, region: str) -> tuple[str, str]:
    """The law's and the promised last day as the row has them."""
    row = stage.case(case_id) if region == "case" else stage.approvals(case_id)[region]
    return str(row.legal_due), str(row.promise_due)


def begin(
    stage: Stage, case_id: uuid.UUID, days: int, choice: str = TEST, region: str = "food"
) -> str:
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.{row.awaits}") as ctx:
        asked = Asked(days, "按规定需要检测")
        return special.begin_special(ctx, row.id, choice, asked, row.revision)


def end(stage: Stage, case_id: uuid.UUID, choice: str = "", region: str = "food") -> str:
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.{row.awaits}") as ctx:
        return special.end_special(ctx, row.id, choice, row.revision)


def suspended(
    stage: Stage, case_id: uuid.UUID, days: int, why: str = "opinion_sought", region: str = "food"
) -> str:
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.{row.awaits}") as ctx:
        asked = Asked(days, "征求相邻业主意见")
        return suspend.suspend(ctx, row.id, why, asked, row.revision)


def resumed(stage: Stage, case_id: uuid.UUID, region: str = "food") -> str:
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.{row.awaits}") as ctx:
        return suspend.resume(ctx, row.id, row.revision)


def asked_for(stage: Stage, case_id: uuid.UUID, days: int, region: str = "food") -> str:
    """The officer whose step it is asks for more days."""
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.{row.awaits}") as ctx:
        return extend.ask(ctx, row.id, Asked(days, "需要核实历史档案"), row.revision)


def granted(stage: Stage, case_id: uuid.UUID, region: str = "food") -> str:
    """The department's head grants it."""
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.head") as ctx:
        return extend.grant(ctx, row.id, row.revision)


def asked_whole(stage: Stage, case_id: uuid.UUID, days: int) -> str:
    with stage.acting("clerk") as ctx:
        asked = Asked(days, "多个部门需要会商")
        return extend.ask_whole(ctx, case_id, asked, stage.case(case_id).revision)


def granted_whole(stage: Stage, case_id: uuid.UUID) -> str:
    with stage.acting("government") as ctx:
        return extend.grant_whole(ctx, case_id, stage.case(case_id).revision)


def moved(stage: Stage, case_id: uuid.UUID, to: str, region: str = "food") -> str:
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.{row.awaits}") as ctx:
        return transfer.transfer(ctx, row.id, to, "属于对方部门职权", row.revision)


def explained(stage: Stage, case_id: uuid.UUID, region: str = "food") -> str:
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.{row.awaits}") as ctx:
        return delay.explain(ctx, row.id, "检测机构排期推迟", row.revision)


def pauses(stage: Stage, case_id: uuid.UUID) -> list[Pause]:
    with reading(stage.engine) as session:
        statement = select(Pause).where(Pause.case_id == case_id).order_by(col(Pause.id))
        return list(session.exec(statement))


def extensions(stage: Stage, case_id: uuid.UUID) -> list[Extension]:
    with reading(stage.engine) as session:
        statement = select(Extension).where(Extension.case_id == case_id)
        return list(session.exec(statement.order_by(col(Extension.id))))


def papers(stage: Stage, case_id: uuid.UUID, kind: str) -> list[dict[str, str]]:
    """What the notices of one kind tell, label → value."""
    found = [each for each in stage.documents(case_id) if each.kind == kind]
    return [
        {fact["label"]: fact["value"] for fact in each.snapshot["letter"]["facts"]}
        for each in found
    ]
