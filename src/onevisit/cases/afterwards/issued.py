"""The moment at which a certificate begins a life of its own: with its document, at the join.

Its row and the first entry of its own ledger chain are written by the turn that wrote the paper.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.store import evidence, ledger
from onevisit.store.plain import write_new
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Certificate

ISSUE = "issue"


@dataclass(frozen=True)
class Issued:
    """A certificate that has just begun, and the ledger entry with which it did."""

    row: Certificate
    entry: dict[str, Any]


def start_life(ctx: Context, dossier: Dossier, document: Document) -> Issued | None:
    """The row of a certificate for the document that hands it out, flushed; None where this kind
    of service follows no certificate afterwards. The entry is not yet written."""
    life = dossier.definition.lifecycle.certificate
    if life is None:
        return None
    row = _row(dossier, document, life.initial)
    act = ledger.Act(
        act=ISSUE,
        at=ctx.now,
        actor_id=None,
        actor_role="automatic",
        from_state=None,
        to_state=row.state,
        version_hash=dossier.case.version_hash,
        detail={"number": row.number, "evidence": evidence.of_certificate(row)},
    )
    entry = ledger.next_entry(row, act)
    row.ledger_seq, row.ledger_hash = entry["seq"], entry["hash"]
    write_new(ctx.session, [row])
    return Issued(row, entry)


def _row(dossier: Dossier, document: Document, state: str) -> Certificate:
    assert document.region is not None, "a certificate belongs to an item"
    printed = document.snapshot["certificate"]
    until = printed["valid_until"]
    last = date.fromisoformat(until) if until else None
    approval = dossier.approvals[document.region]
    return Certificate(
        case_id=document.case_id,
        document_id=document.id,
        region=document.region,
        item_id=approval.item_id,
        department=approval.department,
        holder_id=dossier.case.applicant_id,
        number=document.number,
        title=document.title,
        state=state,
        valid_from=date.fromisoformat(printed["valid_from"]),
        valid_until=last,
        timer_due=last,
    )
