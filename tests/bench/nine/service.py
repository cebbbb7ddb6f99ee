"""The case that all engines handle: five items in five departments, one of which waits for another,
and one certificate; and the people who act in it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
SERVICE_ID = "five_items"
ITEMS: Mapping[str, str] = {
    "permit": "market_regulation",
    "fire": "fire_rescue",
    "signboard": "urban_management",
    "tobacco": "tobacco",
    "opening": "health",
}
"""Each item with its department, in the order in which they are decided; the last one starts when
the first is decided."""
WAITS_FOR = {"opening": "permit"}
HEAD = """\
id: five_items
title: 五个事项“一件事”
version: "1.0"
summary: 虚构的小服务，只用来量快慢。
effective: {from: 2024-01-01}
authority: market_regulation
audience: [person]
jurisdiction: demo_city
basis: [《中华人民共和国行政许可法》第二十六条]
promise: {visits: 1, days: 12, basis: 示例承诺}
baseline: {visits: 5, materials: 5, days: 40, steps: 6, source: 示例测算（虚构）}
form: five_items
materials:
  - id: application
    title: 申请表
    source: form
    items: [permit, fire, signboard, tobacco, opening]
issue: {pickup: [download, window]}
items:
"""
ITEM = """\
  - id: {item}
    title: 演示事项{item}
    department: {department}
    category: "01"
    limit: {{days: 20, basis: 《中华人民共和国行政许可法》第四十二条}}
    promise: {{days: 5, basis: 示例承诺}}
    routes: [{{kind: approval, steps: [decide]}}]
    basis: [示例市演示办法（虚构）]
"""
RESULT = """\
    result: {title: 演示许可证, type_code: "091", valid: {years: 4}, fields: [keeper, place]}
"""
FORM = """\
$schema: https://json-schema.org/draft/2020-12/schema
$id: five_items
title: 五个事项申请表
type: object
x-layout:
  - {id: keeper, title: 申请人, fields: [keeper, place]}
properties:
  keeper: {type: string, title: 申请人, minLength: 2, maxLength: 30, x-for: ["*"]}
  place: {type: string, title: 地点, minLength: 2, maxLength: 60, x-for: ["*"]}
required: [keeper, place]
"""
DATA = {"keeper": "演示申请人甲", "place": "示例市演示广场"}


def workflow() -> str:
    """The service as a workflow file."""
    said = HEAD
    for item, department in ITEMS.items():
        said += ITEM.format(item=item, department=department)
        if item in WAITS_FOR:
            said += f"    needs: [{WAITS_FOR[item]}]\n"
    return said + RESULT


def folder(place: Path) -> Path:
    """A service folder with this service alone, everything else as shipped."""
    for name in ("lifecycles", "jurisdictions", "calendars"):
        shutil.copytree(ROOT / "workflows" / name, place / "workflows" / name)
    shutil.copy(ROOT / "workflows" / "directory.yaml", place / "workflows")
    (place / "forms").mkdir()
    (place / "workflows" / f"{SERVICE_ID}.yaml").write_text(workflow(), "utf-8")
    (place / "forms" / f"{SERVICE_ID}.yaml").write_text(FORM, "utf-8")
    (place / "templates").symlink_to(ROOT / "templates")
    return place
