"""The ledger (留痕): every act on a case, each entry sealed by the hash of the one before it.

There is one chain per region, so that departments never wait for each other; an entry of the case
chain that joins or closes regions lists the heads of their chains and so binds them.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from onevisit.store.checkpoint_tables import register
from onevisit.store.columns import new_id
from onevisit.store.tables import METADATA, Approval, Case
from onevisit.store.turn_tables import Certificate

CASE = "case"
"""The region name of the case itself."""
LOG = "cases"
"""The name that all these chains have together, for the checkpoints that cover them."""
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_WRITTEN = insert(METADATA.tables["ledger_entries"])


@dataclass(frozen=True)
class Act:
    """What is being recorded. `detail` holds JSON values only.

    `actor_id` is None and `actor_role` "automatic" or "timer" when nobody acted in person.
    """

    act: str
    at: datetime
    actor_id: uuid.UUID | None
    actor_role: str
    from_state: str | None
    to_state: str | None
    version_hash: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def digest(value: object) -> str:
    """SHA-256 (hex) of a JSON value in canonical form: sorted keys, no spaces, UTF-8."""
    return hashlib.sha256(_CANONICAL.encode(value).encode()).hexdigest()


def seal(entry: Mapping[str, Any]) -> str:
    """The hash of an entry, over everything in it and the hash of the entry before it."""
    actor = entry["actor_id"]
    return digest(
        [
            str(entry["case_id"]),
            entry["region"],
            entry["seq"],
            entry["at"].astimezone(UTC).isoformat(timespec="microseconds"),
            str(actor) if actor else None,
            entry["actor_role"],
            entry["act"],
            entry["from_state"],
            entry["to_state"],
            entry["version_hash"],
            entry["detail"],
            entry["prev_hash"],
        ]
    )


Chained = Case | Approval | Certificate
"""A row that keeps the head of a chain."""


def next_entry(row: Chained, act: Act) -> dict[str, Any]:
    """The entry that follows the head kept on `row`, as column values, not yet written.

    Whoever calls moves the head (`ledger_seq`, `ledger_hash`) in the same conditional UPDATE that
    changes the row, and only then writes the entry.
    """
    entry: dict[str, Any] = {
        "id": new_id(),
        "case_id": row.case_id,
        "region": row.chain,
        "seq": row.ledger_seq + 1,
        "at": act.at,
        "actor_id": act.actor_id,
        "actor_role": act.actor_role,
        "act": act.act,
        "from_state": act.from_state,
        "to_state": act.to_state,
        "version_hash": act.version_hash,
        "detail": dict(act.detail),
        "prev_hash": row.ledger_hash,
    }
    entry["hash"] = seal(entry)
    return entry


def write(session: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Insert entries made by `next_entry`, in one statement; the next checkpoint covers them."""
    if entries:
        session.connection().execute(_WRITTEN, [dict(entry) for entry in entries])
        register(session, LOG, [entry["id"] for entry in entries])


def heads(approvals: Sequence[Approval]) -> dict[str, list[int | str]]:
    """The heads of region chains, {region: [seq, hash]}, for the detail of a binding case entry."""
    return {row.region: [row.ledger_seq, row.ledger_hash] for row in approvals}
