"""The clerk's checklist: one finding for each material, kept by round of checking."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.wording import CHECKED
from onevisit.definition.form import FieldError
from onevisit.definition.workflow import Material
from onevisit.store.tables import Check, Correction

Status = Literal["received", "verified", "missing", "unfit", "deferred"]
BAD = frozenset({"missing", "unfit"})


@dataclass(frozen=True)
class Finding:
    """What the clerk found of one material: `note` is what is wrong, `how` how to mend it."""

    material_id: str
    status: Status
    note: str = ""
    how: str = ""


@dataclass(frozen=True)
class FieldFinding:
    """What is wrong with one field of the form."""

    field: str
    note: str
    how: str = ""


def correction_of(ctx: Context, dossier: Dossier) -> Correction | None:
    """The one correction notice of the case, if there was one."""
    statement = select(Correction).where(Correction.case_id == dossier.case.id)
    return ctx.session.exec(statement).one_or_none()


def current_round(correction: Correction | None) -> int:
    """1 before a correction, 2 after it was answered."""
    return 2 if correction is not None and correction.answered_at is not None else 1


def keep(
    ctx: Context, dossier: Dossier, findings: Iterable[Finding], number: int
) -> dict[str, Check]:
    """Store the findings of this round over what was stored before; all of the round, by material.

    Invalid, path `material.<id>`, for what the case does not have or a deferral nobody allows.
    """
    materials = {material.id: material for material in dossier.selection.materials}
    statement = select(Check).where(Check.case_id == dossier.case.id, Check.round == number)
    rows = {row.material_id: row for row in ctx.session.exec(statement)}
    errors = []
    for finding in findings:
        fault = _fault(finding, materials)
        if fault is not None:
            errors.append(FieldError(f"material.{finding.material_id}", fault))
            continue
        row = rows.get(finding.material_id) or _blank(ctx, dossier, finding, number)
        row.status, row.checked_by, row.checked_at = finding.status, ctx.actor.id, ctx.now
        row.note, row.how = finding.note.strip() or None, finding.how.strip() or None
        ctx.session.add(row)
        rows[finding.material_id] = row
    if errors:
        raise Invalid(errors)
    ctx.session.flush()
    return rows


def as_if_kept(
    ctx: Context, dossier: Dossier, findings: Sequence[Finding], number: int
) -> dict[str, Check]:
    """The rows that `keep` would leave behind; nothing is written. Invalid as there."""
    statement = select(Check).where(Check.case_id == dossier.case.id, Check.round == number)
    rows = {row.material_id: row for row in ctx.session.exec(statement)}
    materials = {material.id: material for material in dossier.selection.materials}
    faults = ((each, _fault(each, materials)) for each in findings)
    errors = [FieldError(f"material.{each.material_id}", fault) for each, fault in faults if fault]
    if errors:
        raise Invalid(errors)
    for finding in findings:
        row = _blank(ctx, dossier, finding, number)
        row.note, row.how = finding.note.strip() or None, finding.how.strip() or None
        rows[finding.material_id] = row
    return rows


def _blank(ctx: Context, dossier: Dossier, finding: Finding, number: int) -> Check:
    return Check(
        case_id=dossier.case.id,
        material_id=finding.material_id,
        round=number,
        status=finding.status,
        checked_by=ctx.actor.id,
        checked_at=ctx.now,
    )


def check_complete(dossier: Dossier, rows: Mapping[str, Check], handed_in: Container[str]) -> None:
    """Invalid unless every material was looked at (optional ones only when handed in)."""
    errors = unchecked(dossier, rows, handed_in)
    if errors:
        raise Invalid(errors)


def unchecked(
    dossier: Dossier, rows: Mapping[str, Check], handed_in: Container[str]
) -> list[FieldError]:
    """A fault for every material that still has to be looked at."""
    return [
        FieldError(f"material.{material.id}", f"“{material.title}”还没有核对")
        for material in dossier.selection.materials
        if material.id not in rows and (material.need != "optional" or material.id in handed_in)
    ]


def as_on_the_page(dossier: Dossier, errors: Iterable[FieldError]) -> list[FieldError]:
    """The faults in the order in which the page asks: material first, then the form."""
    order = {f"material.{each.id}": at for at, each in enumerate(dossier.selection.materials)}
    return sorted(errors, key=lambda each: order.get(each.path, len(order)))


def check_acceptable(dossier: Dossier, rows: Mapping[str, Check]) -> None:
    """Invalid when something is missing or unfit, which acceptance would paper over."""
    errors = unacceptable(dossier, rows)
    if errors:
        raise Invalid(errors)


def unacceptable(dossier: Dossier, rows: Mapping[str, Check]) -> list[FieldError]:
    """A fault for every material that is missing or unfit."""
    told = "，不能受理；请一次性告知补正"
    return [
        FieldError(f"material.{each.id}", f"“{each.title}”{CHECKED[rows[each.id].status]}{told}")
        for each in dossier.selection.materials
        if each.id in rows and rows[each.id].status in BAD
    ]


def missing_list(
    dossier: Dossier, rows: Mapping[str, Check], fields: Sequence[FieldFinding]
) -> tuple[list[dict[str, Any]], list[FieldError]]:
    """Everything that has to be corrected, told once (许可法第三十二条第一款第四项), and faults.

    Each is {"material_id", "field", "title", "problem", "how"}; a fault wherever the problem of an
    unfit material or of a field is not said.
    """
    missing: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    for material in dossier.selection.materials:
        row = rows.get(material.id)
        if row is None or row.status not in BAD:
            continue
        if row.status == "unfit" and not row.note:
            errors.append(FieldError(f"material.{material.id}", f"请写明“{material.title}”的问题"))
        missing.append(
            {
                "material_id": material.id,
                "field": None,
                "title": material.title,
                "problem": row.note or "未提交",
                "how": row.how or _how(material, row.status),
            }
        )
    missing += [_field_missing(dossier, finding, errors) for finding in fields]
    return missing, errors


def _field_missing(
    dossier: Dossier, finding: FieldFinding, errors: list[FieldError]
) -> dict[str, Any]:
    form = dossier.definition.form.for_items(dossier.selection.item_ids)
    titles = {each.id: each.title for each in form.fields if each.answer is None}
    if finding.field not in titles:
        errors.append(FieldError(f"field.{finding.field}", "申请表里没有这一项，或者它不能补正"))
    elif not finding.note.strip():
        errors.append(FieldError(f"field.{finding.field}", "请写明这一项的问题"))
    title = titles.get(finding.field, finding.field)
    how = finding.how.strip() or f"在申请表中改正“{title}”"
    problem = finding.note.strip()
    return {
        "material_id": None, "field": finding.field,
        "title": f"申请表：{title}", "problem": problem, "how": how,
    }  # fmt: skip


def _fault(finding: Finding, materials: Mapping[str, Material]) -> str | None:
    material = materials.get(finding.material_id)
    if material is None:
        return "本办件没有这份材料"
    if finding.status == "deferred" and material.need != "deferrable":
        return f"“{material.title}”不能容缺后补"
    return None


def _how(material: Material, status: str) -> str:
    verb = "提交" if status == "missing" else "重新提交"
    return f"{verb}{material.title}" + (f"；{material.standard}" if material.standard else "")
