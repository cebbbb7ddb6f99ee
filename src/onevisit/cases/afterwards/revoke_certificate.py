"""Revoking a certificate (许可法第六十九条): on a ground of the law, with reasons and remedies."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from onevisit.cases.afterwards import bars, pledge
from onevisit.cases.afterwards.certificate import CertificateTurn, held
from onevisit.cases.afterwards.version import described
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.definition.form import FieldError
from onevisit.store import evidence
from onevisit.store.turn_tables import Bar, Certificate

EVENT = "revoke_certificate"
LAW = "《中华人民共和国行政许可法》"
DAMAGES = "合法权益因此受到损害的，可以依法申请赔偿（行政许可法第六十九条第四款）。"
NOT_PROTECTED = "基于该许可取得的利益不受保护（行政许可法第六十九条第四款）。"


@dataclass(frozen=True)
class Ground:
    """One ground of the law, and whether the holder brought it about by deceit."""

    title: str
    article: str
    deceit: bool = False


GROUNDS: Mapping[str, Ground] = {
    "abuse": Ground("工作人员滥用职权、玩忽职守作出准予许可决定", "第六十九条第一款第（一）项"),
    "competence": Ground("超越法定职权作出准予许可决定", "第六十九条第一款第（二）项"),
    "procedure": Ground("违反法定程序作出准予许可决定", "第六十九条第一款第（三）项"),
    "unqualified": Ground(
        "对不具备申请资格或者不符合法定条件的申请人准予许可", "第六十九条第一款第（四）项"
    ),
    "other": Ground("依法可以撤销的其他情形", "第六十九条第一款第（五）项"),
    "fraud": Ground("被许可人以欺骗、贿赂等不正当手段取得许可", "第六十九条第二款", deceit=True),
}


def revoke(
    ctx: Context, certificate_id: uuid.UUID, ground: str, reasons: str, revision: int
) -> Certificate:
    """Revoke for good; after deceit nobody may apply again for the place's years (第七十九条).

    Invalid (paths `ground`, `reasons`), Forbidden, Stale, NotPossible.
    """
    turn = CertificateTurn(ctx, held(ctx, certificate_id, lock=True))
    turn.admit(EVENT, revision)
    known = GROUNDS.get(ground)
    if known is None:
        raise Invalid([FieldError("ground", "请选择撤销的法定情形")])
    said = reasons.strip()
    turn.fire(EVENT, reasons=said, ground=ground)
    paragraphs = [f"经查明，{known.title}，决定撤销该许可，证照自即日起失效。理由：{said}"]
    paragraphs.append(NOT_PROTECTED if known.deceit else DAMAGES)
    bar = _bar(turn, known, said)
    if bar is not None:
        paragraphs.append(f"{bars.last_day(bar)}不得再次申请该许可（{bar.basis}）。")
        turn.vouch(lambda: evidence.of_row(bar))
    check = pledge.close(ctx, turn.row.case_id, turn.row.region, said)
    if check is not None:
        turn.vouch(lambda: evidence.of_row(check))
    letter = Letter(facts=described(turn.held), paragraphs=paragraphs, remedies=True)
    told = Particulars(letter=letter, basis=(f"{LAW}{known.article}",))
    turn.write_documents({"certificate_revocation": told})
    turn.save()
    return turn.row


def _bar(turn: CertificateTurn, ground: Ground, reasons: str) -> Bar | None:
    rules = turn.held.dossier.definition.jurisdiction.bars
    if not ground.deceit or rules is None:
        return None
    return bars.bar(turn.ctx, turn.held.dossier, turn.row.region, rules.fraud, reasons, rules.basis)
