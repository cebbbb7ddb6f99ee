"""How an intake at the counter ends: accepted on the spot, or everything missing told once.

Both hand the draft in first, in the same transaction, so that nothing half-done remains.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from onevisit.cases import accept as acceptance
from onevisit.cases import check, correct, submit
from onevisit.cases.check import FieldFinding, Finding
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import asked_data, form_of
from onevisit.cases.errors import Invalid
from onevisit.cases.paper import handed_in
from onevisit.cases.pickup import POST, recipient_faults, recipient_of
from onevisit.cases.walk_in import opened
from onevisit.definition.form import FieldError
from onevisit.store.desk_tables import Intake
from onevisit.store.tables import Case, Check


def take_in(ctx: Context, case_id: uuid.UUID, revision: int) -> Case:
    """Hand the draft in and accept it at once, in one transaction (许可法第三十二条第一款第五项).

    Invalid with everything that stands in the way of acceptance, in the order of the screen.
    """
    dossier, intake = opened(ctx, case_id, revision)
    rows = rows_of(ctx, dossier)
    errors = faults(ctx, dossier, intake, rows)
    if errors:
        raise Invalid(errors)
    handed = _hand_in(ctx, dossier, intake)
    return acceptance.accept(ctx, case_id, _findings(rows), handed.case.revision)


def tell_missing(ctx: Context, case_id: uuid.UUID, revision: int) -> Case:
    """Hand in what there is and tell everything that is missing, once (许可法第三十二条第一款
    第四项): unfit material, and every field that is empty or wrong. Invalid; nothing missing."""
    dossier, intake = opened(ctx, case_id, revision)
    rows = rows_of(ctx, dossier)
    errors = _hindering(ctx, dossier, intake)
    if errors:
        raise Invalid(errors)
    wrong = missing_fields(dossier)
    handed = _hand_in(ctx, dossier, intake)
    return correct.request(ctx, case_id, _findings(rows), wrong, handed.case.revision)


def preview(ctx: Context, case_id: uuid.UUID) -> tuple[Dossier, list[dict[str, Any]]]:
    """What the notice would say; Invalid as `tell_missing`, nothing is written."""
    dossier, intake = opened(ctx, case_id, lock=False)
    errors = _hindering(ctx, dossier, intake)
    rows = rows_of(ctx, dossier)
    missing, more = correct.told(ctx, dossier, rows, missing_fields(dossier))
    if errors or more:
        raise Invalid([*errors, *more])
    return dossier, missing


def missing_fields(dossier: Dossier) -> list[FieldFinding]:
    """Every field of the form with a fault, as the notice names it."""
    faulty: dict[str, str] = {}
    for error in form_of(dossier).check(asked_data(dossier)):
        faulty.setdefault(error.path.partition(".")[0], error.message)
    data = asked_data(dossier)
    return [
        FieldFinding(name, message if data.get(name) not in (None, "", []) else "未填写")
        for name, message in faulty.items()
    ]


def faults(
    ctx: Context, dossier: Dossier, intake: Intake, rows: Mapping[str, Check]
) -> list[FieldError]:
    """Everything that stands in the way of accepting at the counter."""
    uploads = handed_in(ctx, dossier)
    without = _without_scan(dossier, rows)
    errors = [
        e for e in submit.problems(ctx, dossier, dossier.case.pickup) if e.path not in without
    ]
    errors += _recipient_faults(dossier)
    told = {each.path for each in errors}
    errors += [e for e in check.unchecked(dossier, rows, uploads) if e.path not in told]
    errors += [e for e in check.unacceptable(dossier, rows) if e.path not in told]
    return errors + _unconfirmed(dossier, intake)


def _without_scan(dossier: Dossier, rows: Mapping[str, Check]) -> set[str]:
    """Paths of material that needs no scan: bad or deferred is told anyhow, paper is kept."""
    found = set()
    for each in dossier.selection.materials:
        row = rows.get(each.id)
        on_paper = each.media == "paper"
        if row is not None and (row.status != "received" or on_paper):
            found.add(f"material.{each.id}")
    return found


def _hindering(ctx: Context, dossier: Dossier, intake: Intake) -> list[FieldError]:
    """What not even an incomplete application may lack."""
    fields = {each.id for each in form_of(dossier).fields}
    errors = [
        each
        for each in submit.problems(ctx, dossier, dossier.case.pickup)
        if each.path.partition(".")[0] not in fields and not each.path.startswith("material.")
    ]
    return errors + _recipient_faults(dossier) + _unconfirmed(dossier, intake, pledges=False)


def _recipient_faults(dossier: Dossier) -> list[FieldError]:
    return recipient_faults(recipient_of(dossier)) if dossier.case.pickup == POST else []


def _unconfirmed(dossier: Dossier, intake: Intake, *, pledges: bool = True) -> list[FieldError]:
    errors = []
    if pledges and pledged(dossier) and not intake.pledged:
        errors.append(FieldError("pledged", "请向申请人说明承诺的内容和后果，申请人同意后勾选"))
    if intake.confirmed is None:
        errors.append(FieldError("confirmed", "请与申请人当面核对，选择确认的方式"))
    return errors


def pledged(dossier: Dossier) -> list[tuple[str, str]]:
    """(title, content) of everything that rests on a pledge (告知承诺)."""
    found = [
        (each.title, each.standard or "")
        for each in dossier.selection.materials
        if each.source == "pledge"
    ]
    parts = [part for part in dossier.selection.parts if part.route.kind == "pledge"]
    return found + [(part.item.title, "以告知承诺方式办理，决定之后接受核查") for part in parts]


def _hand_in(ctx: Context, dossier: Dossier, intake: Intake) -> Dossier:
    intake.ended_at = ctx.now
    posted = recipient_of(dossier) if dossier.case.pickup == POST else None
    pickup = dossier.case.pickup or ""
    return submit.hand_in(ctx, dossier, pickup, posted, by="clerk", also=intake)


def rows_of(ctx: Context, dossier: Dossier) -> dict[str, Check]:
    """The findings so far, by material that is still asked for."""
    wanted = {each.id for each in dossier.selection.materials}
    statement = select(Check).where(Check.case_id == dossier.case.id, Check.round == 1)
    return {
        row.material_id: row for row in ctx.session.exec(statement) if row.material_id in wanted
    }


def _findings(rows: Mapping[str, Check]) -> list[Finding]:
    return [
        Finding(row.material_id, row.status, row.note or "", row.how or "")  # type: ignore[arg-type]  # the database holds it to one of them
        for row in rows.values()
    ]
