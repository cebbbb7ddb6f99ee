"""A small city in which serial descriptions are converted, and the shortest way to write one."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from onevisit.definition.problem import DefinitionError, Problem
from onevisit.definition.serial_file import Serial, parse_serial
from onevisit.engine.conversion.parallelize import Conversion, parallelize

ROOT = Path(__file__).parents[3]
FILE = "today.yaml"
DAY = date(2026, 1, 1)
LIFECYCLE = "workflows/lifecycles/standard.yaml"
JURISDICTION = "workflows/jurisdictions/demo_city.yaml"
DIRECTORY = "workflows/directory.yaml"

CITY: Mapping[str, str] = {
    DIRECTORY: """\
departments:
  - {id: centre, title: 示例市政务中心, short: 中心, uscc: 11990000MB0000001M}
  - {id: market, title: 示例市市场监管局, short: 市监, uscc: 11990000MB0000002Q}
  - {id: fire, title: 示例市消防局, short: 消防, uscc: 11990000MB0000004Y}
sources:
  - id: population
    title: 人口库
    department: centre
    fields: [id_card, name, birthday]
    known_as:
      - {field: id_card, titles: [身份证, 居民身份证]}
      - {field: name, titles: [姓名, 经营者姓名]}
  - {id: register, title: 登记库, department: market, fields: [licence, uscc]}
""",
    JURISDICTION: (ROOT / JURISDICTION).read_text(encoding="utf-8"),
    LIFECYCLE: (ROOT / LIFECYCLE).read_text(encoding="utf-8"),
    "workflows/calendars/cn.yaml": """\
id: cn
title: 日历
first: 2026-01-01
last: 2026-12-31
source: 测试
""",
}


def item(name: str, **more: Any) -> dict[str, Any]:
    """An item that takes three days today."""
    return {
        "id": name,
        "title": f"{name}事项",
        "department": "centre",
        "category": "01",
        "limit": {"days": 20, "basis": "测试"},
        "days": 3,
        "basis": ["测试"],
        **more,
    }


def process(*items: dict[str, Any], **more: Any) -> str:
    """A description with these items in today's order, each on lines of its own."""
    head = {
        "id": "draft",
        "title": "办一件事",
        "authority": "centre",
        "jurisdiction": "demo_city",
        "basis": ["测试"],
        **more,
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    return "\n".join([*lines, "items:", *(line for each in items for line in _lines(each))]) + "\n"


def _lines(value: dict[str, Any]) -> list[str]:
    """An item with each material, field … on a line of its own, so that places tell them apart."""
    lines: list[str] = []
    for key, each in value.items():
        lead = "  - " if not lines else "    "
        if isinstance(each, list) and each and isinstance(each[0], dict):
            lines.append(f"{lead}{key}:")
            lines += [f"      - {json.dumps(one, ensure_ascii=False)}" for one in each]
        else:
            lines.append(f"{lead}{key}: {json.dumps(each, ensure_ascii=False)}")
    return lines


def read(text: str, files: Mapping[str, str] = CITY) -> Serial:
    """The description written in `text`."""
    return parse_serial(FILE, {**files, FILE: text})


def converted(*items: dict[str, Any], **more: Any) -> Conversion:
    """What these items become."""
    return parallelize(read(process(*items, **more)), CITY, DAY)


def problems(text: str, files: Mapping[str, str] = CITY) -> tuple[Problem, ...]:
    """Everything that is wrong with a description, or with what it says when put together."""
    try:
        parallelize(read(text, files), files, DAY)
    except DefinitionError as error:
        return error.problems
    return ()


def told(text: str, files: Mapping[str, str] = CITY) -> list[str]:
    """The same, as a person reads it."""
    return [str(each) for each in problems(text, files)]
