"""Writes the parallel workflow that a serial description becomes, as plain data for a file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from onevisit.definition.serial import Produced, SerialItem, SerialProcess, name_of
from onevisit.definition.serial_file import Serial
from onevisit.definition.values import Limit
from onevisit.engine.conversion.changes import Entry
from onevisit.engine.conversion.merged_fields import EVERY_ITEM, Blank
from onevisit.engine.conversion.true_needs import Needs

LONGEST = 200
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CHANNELS = ("online", "window", "post")
_PICKUP = ("download", "window", "post")
_SITE = "site_check"
Written = dict[str, object]


@dataclass(frozen=True)
class Promised:
    """What the draft promises: visits, and working days in all."""

    visits: int
    days: int


@dataclass(frozen=True)
class Parts:
    """What the draft is put together from; `questions` are the situations' (id, text)."""

    needs: Mapping[str, Needs]
    materials: tuple[Entry, ...]
    fields: tuple[Blank, ...]
    questions: tuple[tuple[str, str], ...]


def workflow_data(serial: Serial, parts: Parts, effective: date, promised: Promised) -> Written:
    """The workflow file's data. `effective` is the first day on which it could be used."""
    process = serial.process
    asked = [{"id": name, "ask": text, "type": "boolean"} for name, text in parts.questions]
    channels = {"channels": list(_CHANNELS), "correction": list(_CHANNELS)}
    found: Written = {
        **_head(process, effective),
        "promise": {
            "visits": promised.visits,
            "days": promised.days,
            "basis": "按本草案计算；发布前请换成本地公布的承诺",
        },
        "baseline": baseline(process, serial.source.path),
        "situations": asked,
        "form": process.id,
        "submission": {**channels, "acceptance": 1},
        "materials": [each.written for each in parts.materials],
        "items": _items(serial, parts),
        "issue": {"pickup": list(_PICKUP), "days": 1},
    }
    return {key: value for key, value in found.items() if value != []}


def _head(process: SerialProcess, effective: date) -> Written:
    title, count = process.title, len(process.items)
    return {
        "id": process.id,
        "title": title,
        "version": "0.1",
        "summary": f"{title}：{count} 个事项一次申请、并联办理（由今天的串联流程换算的草案）",
        "effective": {"from": effective},
        "authority": process.authority,
        "audience": list(process.audience),
        "jurisdiction": process.jurisdiction,
        "lifecycle": process.lifecycle,
        "keywords": list(process.keywords),
        "basis": list(process.basis),
    }


def baseline(process: SerialProcess, path: str) -> Written:
    """What people go through today, counted; papers asked by several items count each time."""
    items = process.items
    source = f"由 {path} 写明的今天的流程计算：{len(items)} 个事项依次办理，材料按各事项所收合计"
    return {
        "visits": sum(each.visits for each in items),
        "materials": sum(len(each.materials) for each in items),
        "days": sum(each.days for each in items),
        "steps": sum(len(each.steps) for each in items),
        "source": source[:LONGEST],
    }


def form_data(serial: Serial, fields: tuple[Blank, ...]) -> Written:
    """The form file's data: what several items need comes first, then a page for each item."""
    process = serial.process
    pages: dict[str, list[str]] = {}
    for each in fields:
        page = "" if len(each.users) > 1 else each.users[0]
        pages.setdefault(page, []).append(each.entry.id)
    titles = {"": "基本信息"} | {item.id: item.title for item in process.items}
    return {
        "$schema": DIALECT,
        "$id": process.id,
        "title": f"{process.title[: LONGEST - 3]}申请表",
        "type": "object",
        "x-layout": [
            {"id": f"page_{place}", "title": titles[page], "fields": pages[page]}
            for place, page in enumerate((page for page in titles if page in pages), start=1)
        ],
        "properties": {each.entry.id: each.entry.written for each in fields},
        "required": [each.entry.id for each in fields if each.required],
    }


def contact() -> Blank:
    """The one blank that every form has at least: where the applicant can be reached."""
    schema: Written = {
        "type": "string",
        "title": "联系手机",
        "format": "cn-phone",
        "x-for": [EVERY_ITEM],
        "x-sensitivity": "personal",
    }
    return Blank(Entry("phone", schema), ("", EVERY_ITEM), frozenset(), required=True)


# ---- items ---------------------------------------------------------------------------------


def _items(serial: Serial, parts: Parts) -> list[Written]:
    items = serial.process.items
    inspected = {each.department for each in items if each.inspection is not None}
    codes: Counter[str] = Counter()
    found = []
    for item in items:
        codes[item.department] += len(item.produces[:1])
        written: Written = {
            "id": item.id,
            "title": item.title,
            "department": item.department,
            "category": item.category,
            "limit": _limit(item),
            "promise": promise(item),
            **_order(parts, item),
            "routes": [{"kind": "approval", "steps": signatures(serial)}],
            **_passed(item, joint=len(inspected) > 1),
        }
        if item.produces:
            code = f"{codes[item.department]:03}"
            written["result"] = _result(item.produces, code, parts.fields)
        written["basis"] = list(item.basis)
        found.append(written)
    return found


def _order(parts: Parts, item: SerialItem) -> Written:
    """When the item is handled, and after which others."""
    found: Written = {}
    needs = parts.needs[item.id]
    if item.only_if is not None:
        asked = {name_of(text): name for name, text in parts.questions}
        found["when"] = asked[name_of(item.only_if)]
    if item.optional:
        found["optional"] = True
    if needs.needs:
        found |= {"needs": list(needs.needs), "needs_for": needs.needs_for}
    return found


def _limit(item: SerialItem) -> Written:
    basis = item.limit.basis or item.basis[0]
    return {"days": item.limit.days, **_unit(item.limit), "basis": basis}


def _unit(limit: Limit) -> Written:
    return {} if limit.unit == "working" else {"unit": limit.unit}


def promise(item: SerialItem) -> Written:
    """Today's working days until the city promises fewer, but never more than the law gives."""
    limit: Limit = item.limit
    days = item.days if limit.unit == "working" else -(-item.days * 7 // 5)
    basis = f"暂按今天的实际用时（{item.days} 个工作日），请改为公布的承诺"
    if days > limit.days:
        basis = f"今天实际用 {item.days} 个工作日，超过法定时限，暂按法定时限，请改为公布的承诺"
    return {"days": min(days, limit.days), **_unit(limit), "basis": basis}


def signatures(serial: Serial) -> list[str]:
    """The working steps of an approval; at most as many signatures as the place allows."""
    steps = list(serial.lifecycle.approval.steps)
    rule = serial.jurisdiction.signatures
    most = len(steps) if rule is None else min(rule.most, len(steps))
    return [*steps[: most - 1], *steps[-1:]]


def _passed(item: SerialItem, *, joint: bool) -> Written:
    """What is written in the draft as it is; departments that inspect come together."""
    found: Written = {}
    if item.inspection is not None:
        own = item.inspection.model_dump(exclude_none=True)
        found["inspection"] = {**own, "joint": _SITE} if joint else own
    if item.wait is not None:
        found["wait"] = item.wait.model_dump(exclude_none=True)
    if item.fee is not None:
        found["fee"] = item.fee.model_dump(exclude_none=True)
    return found


def _result(produced: tuple[Produced, ...], code: str, fields: tuple[Blank, ...]) -> Written:
    """The one result of an item; several that are handed out today go out together."""
    found: Written = {"title": "、".join(each.title for each in produced)[:LONGEST]}
    found["type_code"] = code
    if any(each.media == "paper" for each in produced):
        found |= {"media": "paper", "pickup": ["window", "post"]}
    valid = [each.valid for each in produced if each.valid is not None]
    if valid:
        found["valid"] = valid[0].model_dump(exclude_none=True)
    printed = frozenset[str]().union(*(each.printed for each in produced))
    names = [each.entry.id for each in fields if not each.names.isdisjoint(printed)]
    if names:
        found["fields"] = names
    return found
