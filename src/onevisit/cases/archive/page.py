"""The index of an archive as a page: what the case is and what happened, for reading and paper."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from onevisit.cases import wording
from onevisit.cases.archive.answered import answered
from onevisit.cases.archive.collect import Record
from onevisit.cases.archive.contents import Contents
from onevisit.cases.archive.titles import states, title, titles
from onevisit.cases.snapshot import material_status
from onevisit.cases.views.parts import person
from onevisit.documents.format import cn_date, cn_datetime
from onevisit.engine import CASE
from onevisit.store.tables import Approval, LedgerEntry

Json = dict[str, Any]
Listed = Mapping[str, Json]
"""What the index says of each file, by path."""


def page(
    record: Record, contents: Contents, listed: Listed, recipient: str, templates: Path
) -> bytes:
    """The HTML page; the same record gives the same bytes."""
    values = {
        "facts": list(_facts(record)),
        "recipient": recipient,
        "problems": record.problems,
        "events": list(_events(record)),
        "items": [_item(record, row) for row in _in_order(record)],
        "answered": answered(record),
        "material": list(_material(record, contents)),
        "removed": [each for each in contents.material if each["removed_at"]],
        "documents": [_named(record, each) for each in contents.documents],
        "certificates": list(_certificates(record)),
        "definitions": contents.definitions,
        "listed": listed,
        "titles": titles(record),
        "number": record.number,
        "service": record.dossier.definition.workflow.title,
        "centre": record.dossier.definition.jurisdiction.centre,
        "last": record.events[-1][1].at if record.events else None,
    }
    return _environment(templates).get_template("archive/index.html").render(values).encode()


def _environment(templates: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cn_date": cn_date, "cn_datetime": cn_datetime}
    return environment


def _facts(record: Record) -> Iterator[tuple[str, str]]:
    """The case in a few lines, as on the cover of a file."""
    dossier, who = record.dossier, person(record.dossier, whole=True)
    case = dossier.case
    yield "一件事", dossier.definition.workflow.title
    yield "办件编号", record.number
    yield "申请人", f"{who.name}（{who.id_type} {who.id_number}）" if who.id_number else who.name
    if who.agent:
        yield "代办人", who.agent
    yield "申请方式", wording.CHANNELS[case.channel]
    for label, at in (
        ("提交", case.submitted_at), ("受理", case.accepted_at), ("决定", case.decided_at),
        ("办结", case.concluded_at),
    ):  # fmt: skip
        if at is not None:
            yield f"{label}时间", cn_datetime(at)
    for label, day in (("承诺时限", case.promise_due), ("法定时限", case.legal_due)):
        if day is not None:
            yield f"{label}截止", cn_date(day)
    yield "目前状态", dossier.state().title
    yield from _handed_out(record)


def _handed_out(record: Record) -> Iterator[tuple[str, str]]:
    row = record.handout
    if row is not None:
        method = wording.PICKUPS.get(row.method, row.method)
        sent = " ".join(each for each in (row.carrier, row.tracking_number) if each)
        name = str(row.collector.get("name", ""))
        told = "，".join(each for each in (method, name, cn_datetime(row.handed_at), sent) if each)
        yield "结果领取", told


def _events(record: Record) -> Iterator[Json]:
    for entry, event in record.events:
        yield {
            "at": event.at,
            "title": event.title,
            "who": event.who,
            "note": event.note,
            "region": entry.region,
            "seq": entry.seq,
            "hash": entry.hash[:12],
            "moved": _moved(record, entry),
        }


def _moved(record: Record, entry: LedgerEntry) -> str | None:
    """From which state to which, in words, where the act moved it."""
    if entry.from_state == entry.to_state:
        return None
    names = states(record, entry.region)
    old, new = (names.get(str(each), each) for each in (entry.from_state, entry.to_state))
    return f"{old} → {new}" if old else str(new)


def _in_order(record: Record) -> list[Approval]:
    """The approvals in the order in which the service names its items."""
    places = {part.key: place for place, part in enumerate(record.dossier.selection.parts)}
    rows = record.dossier.approvals.values()
    return sorted(rows, key=lambda row: places.get(row.region, len(places)))


def _item(record: Record, row: Approval) -> Json:
    directory = record.dossier.definition.directory
    return {
        "title": title(record, row.region),
        "department": directory.department(row.department).title,
        "route": wording.ROUTES[row.route],
        "state": states(record, row.region).get(row.state, row.state),
        "started_at": row.started_at,
        "decided_at": row.decided_at,
        "decided_by": record.people.get(str(row.decided_by)),
        "promise_due": row.promise_due,
        "legal_due": row.legal_due,
        "opinion": row.opinion,
        "reasons": row.reasons,
    }


def _material(record: Record, contents: Contents) -> Iterator[Json]:
    """Every material of the case with its files and what the clerk found of it."""
    live = [each for each in contents.material if not each["removed_at"]]
    for material in record.dossier.selection.materials:
        own = [each for each in live if each["material"] == material.id]
        check = record.checks.get(material.id)
        yield {
            "title": material.title,
            "source": wording.SOURCES[material.source],
            "status": material_status(material, len(own), check.status if check else None),
            "note": check.note if check else None,
            "files": own,
        }
        live = [each for each in live if each not in own]
    for each in live:
        yield {"title": each["title"], "source": "", "status": "", "note": None, "files": [each]}


def _named(record: Record, entry: Json) -> Json:
    region = entry["region"]
    return {
        **entry,
        "item": title(record, region) if region and region != CASE else None,
        "issued_at": datetime.fromisoformat(entry["issued_at"]),
    }


def _certificates(record: Record) -> Iterator[Json]:
    for row in record.certificates:
        yield {
            "title": row.title,
            "number": row.number,
            "state": states(record, row.chain).get(row.state, row.state),
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
        }
