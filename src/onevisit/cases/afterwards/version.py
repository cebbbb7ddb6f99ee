"""The next paper of a certificate: the right stays one, the paper that shows it is another.

GB/T 36904: a certificate that is issued again keeps its serial and counts its version up. The
paper before stays among the documents of the case; from then on it is replaced.
"""

from typing import Any

from onevisit.cases.afterwards.certificate import CertificateTurn, Held
from onevisit.cases.context import Context
from onevisit.cases.snapshot import Particulars
from onevisit.documents.certificate import next_certificate_number
from onevisit.documents.format import cn_date
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Certificate


def printed(ctx: Context, row: Certificate) -> dict[str, Any]:
    """What the paper in force says of the certificate: title, number, holder, fields, term."""
    return dict(ctx.session.get_one(Document, row.document_id).snapshot["certificate"])


def following(turn: CertificateTurn, **changed: Any) -> Particulars:
    """The next paper: what the one in force says, but for what is `changed`, under the next
    version of its number."""
    paper = turn.ctx.session.get_one(Document, turn.row.document_id).snapshot
    number = next_certificate_number(turn.row.number)
    said = {**paper["certificate"], "number": number, **changed}
    return Particulars(certificate=said, basis=tuple(paper["basis"]))


def described(held: Held) -> list[tuple[str, str]]:
    """What a notice says of the certificate it is about."""
    row = held.row
    span = f"自{cn_date(row.valid_from)}" + (
        f"至{cn_date(row.valid_until)}" if row.valid_until else "起长期有效"
    )
    return [("证照", row.title), ("证照编号", row.number), ("有效期", span)]
