"""A correction brought to the counter: the clerk takes in what the notice names, for the applicant
(申请人可以自行选择补正的渠道, 浙江规定第六条)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from onevisit.cases import check, correct, material
from onevisit.cases.accept import taken_in
from onevisit.cases.context import Context
from onevisit.cases.correct import SUPPLEMENT
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import form_of
from onevisit.cases.paper import live_uploads
from onevisit.cases.turn import Turn
from onevisit.definition.form import Field
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.tables import Case, Correction, Upload


def opened(ctx: Context, case_id: uuid.UUID) -> tuple[Dossier, Correction]:
    """A case whose notice is not answered yet, locked; NotPossible where nothing is asked."""
    dossier = taken_in(ctx, case_id)
    correction = check.correction_of(ctx, dossier)
    if correction is None or all(move.event != SUPPLEMENT for move in dossier.possible()):
        raise Turn(ctx, dossier).not_possible(CASE, SUPPLEMENT)
    return dossier, correction


def named_fields(dossier: Dossier, correction: Correction) -> list[Field]:
    """The fields of the form that the notice names."""
    named = {each["field"] for each in correction.missing}
    return [each for each in form_of(dossier).fields if each.id in named]


def attach(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    case_id: uuid.UUID,
    material_id: str,
    filename: str,
    stream: Iterable[bytes],
    limit: int,
) -> Upload:
    """Keep a scan of a material that the notice names; raises as `material.attach`."""
    dossier, correction = opened(ctx, case_id)
    material.check_wanted(dossier, correction, material_id)
    present = [each for each in live_uploads(ctx, dossier) if each.material_id == material_id]
    fresh = [each for each in present if each.uploaded_at >= correction.issued_at]
    upload, same = material.stored(
        ctx, case_id, material_id, filename, stream, limit, present, fresh
    )
    if not same:
        turn = Turn(ctx, dossier)
        turn.note("attach", "clerk", material=material_id, file=upload.filename)
        turn.vouch(lambda: evidence.of_uploads(live_uploads(ctx, dossier)))
        turn.save()
    return upload


def hand_in(ctx: Context, case_id: uuid.UUID, form: Mapping[str, Any], revision: int) -> Case:
    """Answer the notice with the named fields as corrected; Invalid while something named is
    still missing, Stale."""
    dossier, correction = opened(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    named = {each.id for each in named_fields(dossier, correction)}
    kept = {name: value for name, value in dossier.case.form.items() if name not in named}
    given = {name: value for name, value in form.items() if name in named}
    turn.set(CASE, form={**kept, **given})
    correct.answer(turn, by="clerk")
    return dossier.case
