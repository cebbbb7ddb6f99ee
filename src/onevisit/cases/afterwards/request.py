"""What a holder asks for once they have the certificate: a lost or damaged one again, a wrong one
corrected, one they no longer need cancelled.

Asking leaves the certificate in force. The department answers by doing it (`reissue`,
`correct_certificate`, `cancel_certificate`) or by refusing with reasons (许可法第三十八条第二款).
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from onevisit.access import check_can_edit
from onevisit.cases.afterwards.certificate import CertificateTurn, Held, held
from onevisit.cases.afterwards.version import described
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.store.turn_tables import Certificate

ASK, ASK_TO_CANCEL, REFUSE = "ask_reissue", "ask_cancellation", "refuse_request"
CANCEL = "cancel"
KINDS: Mapping[str, str] = {
    "lost": "遗失补发",
    "damaged": "损毁补发",
    "wrong": "更正记载的错误",
    CANCEL: "注销",
}
PAPERS = ("lost", "damaged")
"""What is asked for and answered by any new paper."""
ON_RECEIPT = "《中华人民共和国行政许可法》第三十二条第二款"
ON_REASONS = "《中华人民共和国行政许可法》第三十八条第二款"
FOLLOWS = {
    "lost": "审批部门核实后补发；新的证照发出之日起，原来的一份作废。",
    "damaged": "审批部门核实后补发；新的证照发出之日起，原来的一份作废。",
    "wrong": "审批部门核实后更正；更正后的证照发出之日起，原来的一份作废。",
    CANCEL: "审批部门核实后依法注销；注销以前，证照仍然有效。",
}


@dataclass(frozen=True)
class Request:
    """What the holder asked for and nobody has answered yet."""

    kind: str
    text: str
    asked_on: date

    @property
    def title(self) -> str:
        """What is asked for, in words."""
        return KINDS[self.kind]


def open_request(row: Certificate) -> Request | None:
    """What waits for an answer; None when nothing does."""
    found = row.detail.get("request")
    if found is None:
        return None
    return Request(found["kind"], found["text"], date.fromisoformat(found["asked_on"]))


def answered(row: Certificate, kinds: Collection[str]) -> dict[str, Any]:
    """The certificate's detail without the request, if it was one of these kinds."""
    asked = open_request(row)
    if asked is None or asked.kind not in kinds:
        return row.detail
    return {name: each for name, each in row.detail.items() if name != "request"}


def ask(
    ctx: Context, certificate_id: uuid.UUID, kind: str, text: str, revision: int
) -> Certificate:
    """The holder asks for another paper, for a correction or (kind `cancel`) for cancellation.

    Invalid (paths `kind`, `text`), Forbidden, Stale; NotPossible while an earlier one waits.
    """
    found = held(ctx, certificate_id, lock=True)
    case = found.dossier.case
    check_can_edit(ctx.actor, case.applicant_id, case.agent_id)
    turn = CertificateTurn(ctx, found)
    turn.check_revision(revision)
    event = ASK_TO_CANCEL if kind == CANCEL else ASK
    hindered = hindrance(found)
    if hindered is not None:
        raise turn.not_possible(event, hindered)
    said = _checked(kind, text)
    turn.act(event, kind=kind, text="：".join(each for each in (KINDS[kind], said) if each))
    asked = {"kind": kind, "text": said, "asked_on": ctx.today.isoformat()}
    turn.set(detail={**found.row.detail, "request": asked})
    facts = [*described(found), ("申请", KINDS[kind]), ("申请日期", cn_date(ctx.today))]
    facts += [("说明", said)] if said else []
    letter = Letter(facts=facts, paragraphs=[FOLLOWS[kind]])
    turn.write_documents({"receipt": Particulars(letter=letter, basis=(ON_RECEIPT,))})
    _tell_department(turn, kind)
    turn.save()
    return found.row


def refuse(ctx: Context, certificate_id: uuid.UUID, reasons: str, revision: int) -> Certificate:
    """The department does not do what was asked, with reasons and remedies; the certificate stays
    as it is. NotPossible where nothing was asked."""
    turn = CertificateTurn(ctx, held(ctx, certificate_id, lock=True))
    turn.admit(REFUSE, revision)
    asked = open_request(turn.row)
    if asked is None:
        raise turn.not_possible(REFUSE, "没有等待答复的申请")
    said = reasons.strip()
    turn.act(REFUSE, reasons=said, kind=asked.kind)
    facts = [
        *described(turn.held), ("申请", asked.title), ("申请日期", cn_date(asked.asked_on)),
    ]  # fmt: skip
    paragraphs = [f"决定不予{asked.title}。理由：{said}", "证照的效力不因本决定改变。"]
    letter = Letter(facts=facts, paragraphs=paragraphs, remedies=True)
    turn.write_documents({"rejection": Particulars(letter=letter, basis=(ON_REASONS,))})
    turn.set(detail=answered(turn.row, KINDS))
    turn.save()
    return turn.row


def hindrance(found: Held) -> str | None:
    """A sentence on why nothing can be asked for now, beside the state; None when it can."""
    asked = open_request(found.row)
    if asked is None:
        return None
    return f"您已在{cn_date(asked.asked_on)}申请{asked.title}，正在等待答复"


def _checked(kind: str, text: str) -> str:
    if kind not in KINDS:
        raise Invalid([FieldError("kind", "请选择申请什么")])
    if kind != CANCEL and not text.strip():
        missing = "哪一项记载有误、应当是什么" if kind == "wrong" else "遗失或者损毁的情况"
        raise Invalid([FieldError("text", f"请写明{missing}")])
    return text.strip()


def _tell_department(turn: CertificateTurn, kind: str) -> None:
    """Those who may answer are told of it: handlers issue again, deciders correct and cancel."""
    row, case = turn.row, turn.held.dossier.case
    tell(
        turn.ctx,
        f"request/{row.id}/{row.revision}",
        holders(turn.ctx, "handler" if kind in PAPERS else "decider", row.department),
        "证照持有人有申请等待办理",
        f"办件{case.number}发出的“{row.title}”，持有人申请{KINDS[kind]}。",
        link=f"/office/certificates/{row.id}",
        case_id=row.case_id,
    )
