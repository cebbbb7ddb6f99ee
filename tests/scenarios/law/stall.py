"""A small service with what comes after a decision: certificates with a term, pledges with and
without one, material on file; and short verbs for those who act on them later."""

import shutil
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from sqlmodel import col, select

from onevisit.cases import accept, decide, draft, figures, hand_out, material, submit
from onevisit.cases.check import Finding
from onevisit.cases.deadlines import due
from onevisit.cases.hand_out import Collector
from onevisit.store.session import reading, writing
from onevisit.store.turn_tables import Bar, Certificate, PledgeCheck
from scenarios.stage import APPLICANT_ID, PDF, ROOT, Stage

SERVICE = """\
id: stall
title: 摆摊“一件事”
version: "1.0"
summary: 虚构的小服务，用来试决定之后的事。
effective: {from: 2024-01-01}
authority: market_regulation
audience: [person]
jurisdiction: demo_city
basis: [《中华人民共和国行政许可法》第二十六条]
promise: {visits: 1, days: 10, basis: 示例承诺}
baseline: {visits: 3, materials: 6, days: 30, steps: 6, source: 示例测算（虚构）}
situations:
  - {id: pledged, ask: 消防是否告知承诺？, type: boolean}
form: stall
materials:
  - {id: application, title: 申请表, source: form, items: [permit, fire, noise]}
  - {id: plan, title: 摊位图, source: applicant, items: [permit, fire]}
items:
  - id: permit
    title: 摆摊许可
    department: market_regulation
    category: "01"
    limit: {days: 20, basis: 《中华人民共和国行政许可法》第四十二条}
    promise: {days: 5, basis: 示例承诺}
    routes: [{kind: approval, steps: [handle, decide]}]
    result: {title: 摆摊许可证, type_code: "091", valid: {years: 4}, fields: [keeper, place]}
    basis: [示例市摊位管理办法（虚构）]
  - id: fire
    title: 摊位消防许可
    department: fire_rescue
    category: "01"
    limit: {days: 10, basis: 《中华人民共和国消防法》第十五条}
    promise: {days: 5, basis: 示例承诺}
    routes:
      - {kind: pledge, when: pledged, steps: [decide], check: {days: 60, basis: 浙江规定第十四条}}
      - {kind: approval, steps: [handle, decide]}
    result: {title: 摊位消防合格证, type_code: "092", valid: {years: 3}, fields: [keeper, place]}
    basis: [《中华人民共和国消防法》第十五条]
  - id: noise
    title: 噪声承诺备查
    department: urban_management
    category: "10"
    limit: {days: 10, basis: 示例市摊位管理办法（虚构）}
    promise: {days: 2, basis: 示例承诺}
    routes: [{kind: pledge, steps: [decide], check: {days: 30, basis: 示例市摊位管理办法（虚构）}}]
    basis: [示例市摊位管理办法（虚构）]
issue: {pickup: [download, window, post, kiosk]}
"""
FORM = """\
$schema: https://json-schema.org/draft/2020-12/schema
$id: stall
title: 摆摊申请表
type: object
x-layout:
  - {id: keeper, title: 摊主, fields: [keeper, place]}
properties:
  keeper: {type: string, title: 摊主, minLength: 2, maxLength: 30, x-for: ["*"]}
  place: {type: string, title: 地点, minLength: 2, maxLength: 60, x-for: ["*"]}
required: [keeper, place]
"""
DATA = {"keeper": "演示申请人甲", "place": "示例市演示广场"}
FOUND = (Finding("application", "received"), Finding("plan", "received"))


def services(folder: Path) -> Path:
    """A service folder with the stall alone, everything else as shipped."""
    for name in ("lifecycles", "jurisdictions", "calendars"):
        shutil.copytree(ROOT / "workflows" / name, folder / "workflows" / name)
    shutil.copy(ROOT / "workflows" / "directory.yaml", folder / "workflows")
    (folder / "forms").mkdir()
    (folder / "workflows" / "stall.yaml").write_text(SERVICE, "utf-8")
    (folder / "forms" / "stall.yaml").write_text(FORM, "utf-8")
    (folder / "templates").symlink_to(ROOT / "templates")
    return folder


def at(stage: Stage, day: str, hour: int = 10) -> None:
    """Turn the clock to an hour of a day in the city."""
    found = date.fromisoformat(day)
    stage.now = datetime(found.year, found.month, found.day, hour - 8, tzinfo=UTC)


def applied(stage: Stage, *, pledged: bool = True) -> uuid.UUID:
    """A draft with everything in it."""
    with stage.acting("applicant") as ctx:
        case = draft.start(ctx, "stall", {"pledged": pledged})
        case = draft.save_section(ctx, case.id, "keeper", DATA, case.revision)
        material.attach(ctx, case.id, "plan", "摊位图.pdf", [PDF])
        return case.id


def accepted(stage: Stage, *, pledged: bool = True) -> uuid.UUID:
    """A case that the departments work on."""
    case_id = applied(stage, pledged=pledged)
    with stage.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "window", stage.case(case_id).revision)
    with stage.acting("clerk") as ctx:
        accept.accept(ctx, case_id, FOUND, stage.case(case_id).revision)
    return case_id


def decided(
    stage: Stage, *, pledged: bool = True, refused: Sequence[str] = (), false: bool = False
) -> uuid.UUID:
    """A case in which all is decided: granted but for the `refused`; today."""
    case_id = accepted(stage, pledged=pledged)
    for region in ("permit", "fire", "noise"):
        finish(stage, case_id, region, refused=region in refused, false=false)
    return case_id


def finish(
    stage: Stage, case_id: uuid.UUID, region: str, *, refused: bool = False, false: bool = False
) -> None:
    """All signatures under one item, and the decision."""
    while stage.approvals(case_id)[region].awaits != "decider":
        stage.act(case_id, region, "forward")
    row = stage.approvals(case_id)[region]
    event, reasons = ("reject", "不符合演示条件。") if refused else ("approve", "")
    with stage.acting(f"{row.department}.decider") as ctx:
        decide.act(ctx, row.id, event, "", reasons, row.revision, false_material=refused and false)


def handed_out(stage: Stage, case_id: uuid.UUID) -> None:
    """The results in the applicant's hands."""
    stage.printed(case_id)
    with stage.acting("window") as ctx:
        collector = Collector("演示申请人甲", APPLICANT_ID)
        hand_out.hand_out(ctx, case_id, collector, "window", stage.case(case_id).revision)


def sweep(stage: Stage) -> int:
    """One look at everything that falls due by itself; the days of statistics are nobody's due."""
    looks = [look for look in due.LOOKS if look is not figures.run_due]
    begin = partial(writing, stage.engine)
    return due.run_all(begin, stage.catalog, stage.files, stage.now, looks)


def certificate(stage: Stage, case_id: uuid.UUID, region: str = "permit") -> Certificate:
    """The certificate of an item, as it stands."""
    found = select(Certificate).where(Certificate.case_id == case_id, Certificate.region == region)
    with reading(stage.engine) as session:
        return session.exec(found).one()


def check(stage: Stage, case_id: uuid.UUID, region: str = "fire") -> PledgeCheck:
    """The check of a pledge, as it stands."""
    found = select(PledgeCheck).where(PledgeCheck.case_id == case_id, PledgeCheck.region == region)
    with reading(stage.engine) as session:
        return session.exec(found).one()


def bars(stage: Stage) -> list[Bar]:
    """Everybody who is barred."""
    with reading(stage.engine) as session:
        return list(session.exec(select(Bar).order_by(col(Bar.id))))


def entries(stage: Stage, case_id: uuid.UUID, region: str) -> list[tuple[str, str]]:
    """Act and role of each entry of a ledger chain."""
    return [(each.act, each.actor_role) for each in stage.ledger(case_id, region)]


def papers(stage: Stage, case_id: uuid.UUID, *kinds: str) -> list[str]:
    """The kinds of the documents of a case, in order; only of these kinds when given."""
    found = [each.kind for each in stage.documents(case_id)]
    return [each for each in found if not kinds or each in kinds]
