"""Declining: on which ground, why, whose business it is, and how to object; told at once."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from onevisit.cases import check
from onevisit.cases.accept import taken_in
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.engine import CASE
from onevisit.store.tables import Case

EVENT = "decline"
LAW = "《中华人民共和国行政许可法》第三十二条第一款"


@dataclass(frozen=True)
class Ground:
    """One of the cases in which an application is declined; `advice` is what can be done instead,
    `basis` None where it is the place's own rule on corrections."""

    title: str
    finding: str
    advice: str
    basis: str | None
    elsewhere: bool = False
    after_correction: bool = False


GROUNDS: Mapping[str, Ground] = {
    "not_needed": Ground(
        "依法不需要取得行政许可",
        "申请事项依法不需要取得行政许可",
        "这件事不需要申请，可以依法自行办理。",
        f"{LAW}第（一）项",
    ),
    "elsewhere": Ground(
        "不属于本行政机关职权范围",
        "申请事项依法不属于本行政机关职权范围",
        "请向{belongs_to}提出申请。",
        f"{LAW}第（二）项",
        elsewhere=True,
    ),
    "still_unfit": Ground(
        "补正以后仍然不符合要求",
        "申请材料补正以后仍然不符合要求",
        "备齐符合要求的材料以后，可以重新提出申请。",
        None,
        after_correction=True,
    ),
}


def decline(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    case_id: uuid.UUID,
    ground: str,
    reasons: str,
    belongs_to: str | None,
    revision: int,
) -> Case:
    """Decline the case in writing (许可法第三十二条第一款、第二款; 浙江规定第十一条第三款).

    belongs_to: the authority whose business it is, due on the ground `elsewhere`. Invalid names
    everything that is wrong (paths ground, reasons, belongs_to) at once.
    """
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    said, other = reasons.strip(), (belongs_to or "").strip()
    errors = faults(ctx, dossier, ground, said, other)
    written = said or str(errors)  # what is not possible any more is told before what is wrong
    turn.fire(EVENT, reasons=written, text=said, ground=ground, belongs_to=other or None)
    if errors:
        raise Invalid(errors)
    chosen = GROUNDS[ground]
    basis = chosen.basis or dossier.definition.jurisdiction.correction_reply.basis
    decision = {
        "item": dossier.definition.workflow.title,
        "result": "不予受理。",
        "reasons": f"{chosen.finding}：{said}",
        "opinion": chosen.advice.format(belongs_to=other),
        "basis": [basis],
        "remedies": list(dossier.definition.jurisdiction.remedies),
    }
    turn.write_documents({"decline": Particulars(decision=decision, basis=(basis,))})
    turn.save()
    return dossier.case


def grounds_of(ctx: Context, dossier: Dossier) -> dict[str, str]:
    """The grounds that there can be now, with their titles."""
    correction = check.correction_of(ctx, dossier)
    answered = correction is not None and correction.answered_at is not None
    return {
        name: ground.title
        for name, ground in GROUNDS.items()
        if answered or not ground.after_correction
    }


def faults(
    ctx: Context, dossier: Dossier, ground: str, reasons: str, belongs_to: str
) -> list[FieldError]:
    """Everything that a written refusal would lack."""
    errors = []
    if ground not in grounds_of(ctx, dossier):
        errors.append(FieldError("ground", "请选择不予受理的情形"))
    if not reasons:
        errors.append(FieldError("reasons", "请写明不予受理的理由，申请人会看到原文"))
    if ground == "elsewhere" and not belongs_to:
        told = "请写明应当向哪个机关申请（行政许可法第三十二条第一款第（二）项）"
        errors.append(FieldError("belongs_to", told))
    return errors
