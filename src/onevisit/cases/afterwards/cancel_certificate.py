"""Cancelling a certificate (许可法第七十条, 注销): the right has ended, or is given up."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from onevisit.cases.afterwards import request
from onevisit.cases.afterwards.certificate import CertificateTurn, held
from onevisit.cases.afterwards.version import described
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.definition.form import FieldError
from onevisit.store.turn_tables import Certificate

EVENT, EXPIRED = "cancel_certificate", "expired"
LAW = "《中华人民共和国行政许可法》"


@dataclass(frozen=True)
class Ground:
    """One of the law's grounds, with its place in the law."""

    title: str
    article: str


GROUNDS: Mapping[str, Ground] = {
    "request": Ground("持证人申请注销", "第七十条第（六）项"),
    EXPIRED: Ground("行政许可有效期届满未延续", "第七十条第（一）项"),
    "death": Ground("赋予公民特定资格的行政许可，该公民死亡或者丧失行为能力", "第七十条第（二）项"),
    "ended": Ground("法人或者其他组织依法终止", "第七十条第（三）项"),
    "withdrawn": Ground("行政许可依法被撤回，或者许可证件依法被吊销", "第七十条第（四）项"),
    "impossible": Ground("因不可抗力导致行政许可事项无法实施", "第七十条第（五）项"),
    "other": Ground("法律、法规规定的应当注销的其他情形", "第七十条第（六）项"),
}
"""What is revoked (撤销) has an act of its own, `revoke_certificate`."""


def cancel(
    ctx: Context, certificate_id: uuid.UUID, ground: str, reasons: str, revision: int
) -> Certificate:
    """Cancel for good, with a decision that can be objected to.

    Invalid (paths `ground`, `reasons`), Forbidden, Stale, NotPossible.
    """
    turn = CertificateTurn(ctx, held(ctx, certificate_id, lock=True))
    turn.admit(EVENT, revision)
    known = _checked(turn.row, ground)
    said = reasons.strip()
    turn.fire(EVENT, reasons=said, ground=ground)
    letter = Letter(
        facts=described(turn.held),
        paragraphs=[f"{known.title}，依法注销，证照自即日起作废。理由：{said}"],
        remedies=True,
    )
    told = Particulars(letter=letter, basis=(f"{LAW}{known.article}",))
    turn.write_documents({"certificate_cancellation": told})
    kept = request.answered(turn.row, request.KINDS)
    turn.set(detail={name: each for name, each in kept.items() if name != "renewal"})
    turn.save()
    return turn.row


def _checked(row: Certificate, ground: str) -> Ground:
    known = GROUNDS.get(ground)
    if known is None:
        raise Invalid([FieldError("ground", "请选择注销的法定情形")])
    if ground == EXPIRED and row.state != EXPIRED:
        raise Invalid([FieldError("ground", "有效期还没有届满，请选择其他情形")])
    return known
