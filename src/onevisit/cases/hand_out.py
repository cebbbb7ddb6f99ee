"""Handing out: all results at once, to the right person, with a receipt that says so."""

import re
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import col, select
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from onevisit.access import check_can_edit, check_can_hand_out
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.tables import Case, Document, Handout
from onevisit.store.turn_tables import Certificate

EVENT, COLLECT = "hand_out", "collect"
RESULTS = ("approval", "rejection", "certificate")
"""The kinds of document that a bundle consists of, in the order in which it lists them."""
DOWNLOAD = "download"


@dataclass(frozen=True)
class Collector:
    """Who collects. An agent brings a letter of authority; `authorisation` says which."""

    name: str
    id_number: str
    relation: Literal["self", "agent"] = "self"
    authorisation: str = ""


def hand_out(
    ctx: Context, case_id: uuid.UUID, collector: Collector, method: str, revision: int
) -> Case:
    """Hand the whole bundle out and conclude the case; Invalid when the collector is not entitled.

    method: a pickup of the service other than download (许可法第四十四条: within ten working days).
    """
    dossier = load(ctx, case_id, lock=True)
    check_can_hand_out(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if dossier.case.number is None:  # a draft is its applicant's alone
        raise NotFound("这个办件")
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(EVENT)
    errors = _collector_faults(dossier, collector)
    if method == DOWNLOAD or method not in dossier.definition.workflow.issue.pickup:
        errors.append(FieldError("method", "请选择这个一件事允许的出件方式"))
    if errors:
        raise Invalid(errors)
    return _conclude(ctx, turn, collector, method)


def collect(ctx: Context, case_id: uuid.UUID, revision: int) -> Case:
    """The applicant downloads everything themselves, which concludes the case."""
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(COLLECT)
    if not downloadable(dossier):
        raise Invalid([FieldError("method", "这些结果不能下载领取，请到出件窗口领取或者选择邮寄")])
    relation: Literal["self", "agent"] = "self"
    person = dossier.applicant
    if ctx.actor.id == dossier.case.agent_id and dossier.agent is not None:
        relation, person = "agent", dossier.agent
    collector = Collector(person.name, person.id_number or "", relation)
    return _conclude(ctx, turn, collector, DOWNLOAD)


def downloadable(dossier: Dossier) -> bool:
    """Whether every result of the case may be collected by download."""
    if DOWNLOAD not in dossier.definition.workflow.issue.pickup:
        return False
    results = [part.item.result for part in dossier.selection.parts]
    return all(
        DOWNLOAD in result.pickup for result in results if result is not None and result.pickup
    )


def results_of(ctx: Context, dossier: Dossier) -> list[Document]:
    """The bundle: all decisions of the case and its certificates, but for those that have been
    revoked meanwhile; what is decided later on (a renewal) is told by itself."""
    revoked = select(Certificate.document_id).where(
        Certificate.case_id == dossier.case.id, Certificate.state == "revoked"
    )
    statement = select(Document).where(
        Document.case_id == dossier.case.id,
        col(Document.kind).in_(RESULTS),
        col(Document.created_at) <= (dossier.case.decided_at or ctx.now),
        col(Document.id).not_in(revoked),
    )
    rows = ctx.session.exec(statement).all()
    order = {part.key: place for place, part in enumerate(dossier.selection.parts)}
    return sorted(rows, key=lambda row: (RESULTS.index(row.kind), order[row.region or CASE]))


def _collector_faults(dossier: Dossier, collector: Collector) -> list[FieldError]:
    """Why this person may not take the results away."""
    errors = []
    applicant = dossier.applicant
    if not collector.name.strip():
        errors.append(FieldError("collector.name", "请填写领取人姓名"))
    number = _compact(collector.id_number)
    if collector.relation == "self":
        if collector.name.strip() and collector.name.strip() != applicant.name:
            errors.append(FieldError("collector.name", "姓名与申请人不一致；代领请选择“代办人”"))
        if number != _compact(applicant.id_number or ""):
            errors.append(
                FieldError("collector.id_number", "证件号码与申请人登记的不一致，不能出件")
            )
        return errors
    if not _is_identity_number(number):
        errors.append(FieldError("collector.id_number", "代办人的身份证号码不正确，请核对证件"))
    if not collector.authorisation.strip():
        errors.append(
            FieldError("collector.authorisation", "请写明授权委托书的情况（编号或者日期）")
        )
    return errors


def _conclude(ctx: Context, turn: Turn, collector: Collector, method: str) -> Case:
    """The bundle, the receipt, the record of who took it, and the end of the case."""
    dossier = turn.dossier
    bundle = [{"title": row.title, "number": row.number} for row in results_of(ctx, dossier)]
    taken_by: dict[str, Any] = {
        "name": collector.name.strip(),
        "id_number": _compact(collector.id_number),
        "relation": collector.relation,
        "authorisation": collector.authorisation.strip() or None,
    }
    handout = Handout(
        case_id=dossier.case.id,
        method=method,
        collector=taken_by,
        handed_by=ctx.actor.id,
        handed_at=ctx.now,
        bundle=bundle,
    )
    ctx.session.add(handout)
    turn.vouch(lambda: evidence.of_handout(handout))
    shown = {
        "name": taken_by["name"],
        "id_number": taken_by["id_number"],
        "relation": wording.RELATIONS[collector.relation],
        "method": wording.PICKUPS[method],
    }
    turn.write_documents({"delivery": Particulars(bundle=bundle, collector=shown)})
    turn.save()
    return dossier.case


def _is_identity_number(number: str) -> bool:
    """18 characters with a real date of birth and the right check character (GB 11643).

    The place code is not looked up: places are renamed, their old codes stay on people's cards.
    """
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(number) == number[-1])


def _compact(number: str) -> str:
    return number.replace(" ", "").upper()
