"""The snapshot of a document: plain JSON values, frozen in the deciding transaction.

All keys are always there; a template finds everything it may print, and nothing is looked up later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from onevisit.cases import wording
from onevisit.cases.dossier import Dossier
from onevisit.definition.place import Department
from onevisit.definition.workflow import Material
from onevisit.documents.format import BEIJING
from onevisit.engine import Part

Json = dict[str, Any]


@dataclass(frozen=True)
class Particulars:
    """What only one kind of document says; the rest of a snapshot follows from the case."""

    missing: Sequence[Mapping[str, Any]] = ()
    due: date | None = None
    consequence: str | None = None
    decision: Mapping[str, Any] | None = None
    certificate: Mapping[str, Any] | None = None
    bundle: Sequence[Mapping[str, Any]] = ()
    collector: Mapping[str, Any] | None = None
    basis: Sequence[str] = ()
    letter: "Letter | None" = None
    deemed_from: date | None = None
    form: Mapping[str, Any] | None = None


class Checked(NamedTuple):
    """What a clerk found of one material."""

    status: str
    note: str | None


@dataclass(frozen=True)
class Letter:
    """What a notice of a turn says: labelled facts (label, value), then sentences. `remedies`
    says whether it can be objected to."""

    facts: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()
    remedies: bool = False


@dataclass(frozen=True)
class Heading:
    """What stands at the top of a document and who puts their seal under it.

    `check_code` lets whoever holds the paper, and nobody who only guesses numbers, look it up."""

    kind: str
    title: str
    number: str
    check_code: str
    authority: Department
    issued_at: datetime


def snapshot(
    dossier: Dossier, heading: Heading, materials: Sequence[Json], particulars: Particulars
) -> Json:
    """The whole snapshot; times ISO 8601 with +08:00, dates ISO."""
    place = dossier.definition.jurisdiction
    return {
        "kind": heading.kind,
        "title": heading.title,
        "number": heading.number,
        "check_code": heading.check_code,
        "issued_at": _time(heading.issued_at),
        "authority": {"title": heading.authority.title, "uscc": heading.authority.uscc},
        "region": place.title,
        "case": _case(dossier),
        "applicant": _applicant(dossier),
        "items": [_item(dossier, part) for part in dossier.selection.parts],
        "materials": list(materials),
        "missing": [
            {key: each[key] for key in ("title", "problem", "how")} for each in particulars.missing
        ],
        "due": _day(particulars.due),
        "consequence": particulars.consequence,
        "decision": dict(particulars.decision) if particulars.decision else None,
        "certificate": dict(particulars.certificate) if particulars.certificate else None,
        "bundle": [dict(each) for each in particulars.bundle],
        "collector": dict(particulars.collector) if particulars.collector else None,
        "letter": _letter(dossier, particulars.letter),
        "deemed_from": _day(particulars.deemed_from),
        "form": dict(particulars.form) if particulars.form else None,
        "contact": {"place": place.centre, "phone": place.phone},
        "basis": list(particulars.basis or dossier.definition.workflow.basis),
    }


def material_lines(
    dossier: Dossier, counts: Mapping[str, int], checks: Mapping[str, Checked]
) -> list[Json]:
    """Each selected material with where it comes from and how it stands; by material, `counts` of
    the files handed in and the newest finding."""
    lines = []
    for material in dossier.selection.materials:
        count = counts.get(material.id, 0)
        check = checks.get(material.id)
        status = material_status(material, count, check.status if check else None)
        if check is None and dossier.case.accepted_at and (count or material.need != "optional"):
            status = wording.UNCHECKED
        note = (check.note if check else None) or _note(dossier, material, count)
        source = wording.SOURCES[material.source]
        lines.append({"title": material.title, "source": source, "status": status, "note": note})
    return lines


def material_status(material: Material, count: int, found: str | None) -> str:
    """How one material stands, in words: what the clerk found, else what is plainly there."""
    if found is not None:
        return wording.CHECKED[found]
    if material.source in ("shared", "prior"):
        return "共享核验" if material.source == "shared" else "由前序事项提供"
    if material.source in ("form", "pledge"):
        return "已生成" if material.source == "form" else "告知承诺"
    if count:
        return "已收"
    return "容缺后补" if material.need == "deferrable" else "未提交"


def start_text(dossier: Dossier, part: Part) -> str:
    """When an item begins, for people: with acceptance, or after which earlier results."""
    needed = [each for each in dossier.selection.parts if each.item.id in part.item.needs]
    if not needed:
        return "与受理同时启动"
    names = "、".join(f"“{wording.item_title(each)}”" for each in needed)
    if part.item.needs_for == "decision":
        return f"与受理同时启动，待{names}有结果后决定"
    return f"待{names}有结果后启动"


def promise_of(part: Part) -> str:
    """The promised limit of an item on its route, in words."""
    return wording.days(part.route.promise or part.item.promise)


def _case(dossier: Dossier) -> Json:
    case = dossier.case
    return {
        "number": case.number,
        "service": dossier.definition.workflow.title,
        "submitted_at": _time(case.submitted_at),
        "accepted_at": _time(case.accepted_at),
        "channel": wording.CHANNELS[case.channel],
        "promise_due": _day(case.promise_due),
        "legal_due": _day(case.legal_due),
    }


def _applicant(dossier: Dossier) -> Json:
    applicant, agent = dossier.applicant, dossier.agent
    number = applicant.id_number or ""
    return {
        "name": applicant.name,
        "id_type": wording.identity_type(number),
        "id_number": number,
        "phone": applicant.phone or "",
        "agent": {"name": agent.name, "id_number": agent.id_number} if agent else None,
    }


def _item(dossier: Dossier, part: Part) -> Json:
    row = dossier.approvals[part.key]
    return {
        "id": part.key,
        "title": wording.item_title(part),
        "department": dossier.department(part).title,
        "route": wording.ROUTES[part.route.kind],
        "promise": promise_of(part),
        "legal": wording.days(part.item.limit),
        "promise_due": _day(row.promise_due),
        "legal_due": _day(row.legal_due),
        "starts": start_text(dossier, part),
        "state": dossier.state(part.key).title,
    }


def _letter(dossier: Dossier, letter: Letter | None) -> Json | None:
    if letter is None:
        return None
    return {
        "facts": [{"label": label, "value": value} for label, value in letter.facts],
        "paragraphs": list(letter.paragraphs),
        "remedies": list(dossier.definition.jurisdiction.remedies) if letter.remedies else [],
    }


def _note(dossier: Dossier, material: Material, count: int) -> str:
    if material.source == "shared":
        source_id = (material.origin or "").partition(".")[0]
        sources = dossier.definition.directory.sources
        title = next((each.title for each in sources if each.id == source_id), "")
        return f"来自{title}" if title else ""
    return f"{count}个文件" if count > 1 else ""


def _time(value: datetime | None) -> str | None:
    return value.astimezone(BEIJING).isoformat(timespec="seconds") if value else None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
