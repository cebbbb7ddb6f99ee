"""Confirming what shared sources say of oneself, or disputing it (浙江规定第七条): of what is
disputed, the applicant's version counts and goes on into the form."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onevisit.cases import shared_data
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import editable
from onevisit.cases.errors import Invalid
from onevisit.cases.shared_data import FIELD, Key
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.engine import CASE
from onevisit.store.citizen_tables import SharedFact
from onevisit.store.tables import Case

WHY_AT_MOST = 500
SAME = "与登记的内容相同；没有不同的请选“确认无误”"


@dataclass(frozen=True)
class Answer:
    """What the applicant says of one fact: `choice` is confirmed or disputed; `said` is their
    version as typed, `why` their reason."""

    choice: str
    said: str = ""
    why: str = ""


def answer(ctx: Context, case_id: uuid.UUID, answers: Mapping[Key, Answer], revision: int) -> Case:
    """Keep what the applicant says of everything that was shown for their draft.

    Raises Invalid, paths `<kind>.<id>`, `.said` and `.why` after it, with all faults at once; and
    NotPossible once it is handed in.
    """
    dossier, correction = editable(ctx, case_id, revision)
    turn = Turn(ctx, dossier)
    if correction is not None:
        raise turn.not_possible(CASE, "submit")
    facts = shared_data.asked_facts(dossier, shared_data.facts_of(ctx, case_id))
    errors: list[FieldError] = []
    form: dict[str, Any] = dict(dossier.case.form)
    for key, row in facts.items():
        given = answers.get(key, Answer(""))
        said = _said(dossier, row, given, errors)
        _keep(ctx, row, given, said)
        if row.kind == FIELD:
            form[row.name] = row.value if given.choice == "confirmed" else said
    if errors:
        raise Invalid(errors)
    turn.set(CASE, form=form, saved_at=ctx.now)
    turn.save()
    return dossier.case


def _keep(ctx: Context, row: SharedFact, given: Answer, said: Any) -> None:
    disputed = given.choice == "disputed"
    row.state = "disputed" if disputed else "confirmed"
    row.said, row.why = (said, given.why.strip()) if disputed else (None, None)
    row.decided_by, row.decided_at = ctx.actor.id, ctx.now


def _said(dossier: Dossier, row: SharedFact, given: Answer, errors: list[FieldError]) -> Any:
    """The applicant's version as the form holds it; faults go to `errors`."""
    path = f"{row.kind}.{row.name}"
    if given.choice == "confirmed":
        return None
    if given.choice != "disputed":
        errors.append(FieldError(path, "请选择“确认无误”或者“有异议”"))
        return None
    if not given.why.strip():
        errors.append(FieldError(f"{path}.why", "请写明为什么有异议，例如哪天起变了、有什么凭证"))
    elif len(given.why) > WHY_AT_MOST:
        errors.append(FieldError(f"{path}.why", f"最多 {WHY_AT_MOST} 个字"))
    said: Any = given.said.strip()[:WHY_AT_MOST]
    if said and row.kind == FIELD:
        field = shared_data.form_needed(dossier).field(row.name)
        said = shared_data.typed_value(dossier, field, said)
        if said is None:
            errors.append(FieldError(f"{path}.said", "填写的格式不对，请检查"))
            return None
    if said in ("", None):
        errors.append(FieldError(f"{path}.said", "请填写您认为正确的内容"))
    elif said == row.value:
        errors.append(FieldError(f"{path}.said", SAME))
    return said
