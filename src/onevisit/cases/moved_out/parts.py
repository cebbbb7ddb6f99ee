"""Which rows of a closed case leave the database, which stay, and what is left of the others.

What stays is what somebody may still ask for without opening the file: the case's own line, its
certificates and papers as far as the public verification needs them, and bars against a person.
"""

from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from onevisit.cases.verification.no_longer import TAKES_BACK
from onevisit.store.tables import LedgerEntry

LEAVE = (
    "alerts", "appointments", "approvals", "checks", "claims", "corrections", "extensions",
    "findings", "handouts", "hearings", "holdings", "intakes", "ledger_entries", "owed", "pauses",
    "pledge_checks", "scans", "shared_facts", "uploads",
)  # fmt: skip
"""Their rows go; of the ledger all but what `stays_in_ledger` says."""
SHRINK = ("cases", "documents")
"""Their rows stay without what was filled in and written; the file has them whole."""
STAY = ("bars", "certificates", "erasures", "rating_skips", "ratings")
"""Their rows stay as they are; the file has them as well, so that it tells the whole case."""
NOT_OF_IT = ("archived_cases", "dispatches", "messages")
"""What people were told has a time of its own (docs/guide/kept.md) and is in no file."""
IN_FILE = frozenset({*LEAVE, *SHRINK, *STAY})
OF_APPROVALS, OF_UPLOADS = "claims", "scans"
"""Tables that are of a case by another row alone."""
NAMED = ("accounts", "tickets")
"""What the rows name; brought along for a database that does not know it."""


def stays_in_ledger() -> ColumnElement[bool]:
    """The chains of certificates, and acts that took papers back: verification reads them."""
    return or_(
        col(LedgerEntry.region).startswith("certificate/", autoescape=True),
        col(LedgerEntry.act).in_(TAKES_BACK),
    )


def case_left() -> dict[str, Any]:
    """What a case's own row says while the rest lies in a file."""
    return {"answers": {}, "form": {}, "recipient": None, "pickup_code": None}


def snapshot_left(snapshot: dict[str, Any]) -> dict[str, Any]:
    """What of a paper stays: no more than the public verification compares and shows."""
    if not snapshot:
        return {}
    authority = snapshot["authority"]
    left: dict[str, Any] = {
        "authority": {"title": authority["title"], "uscc": authority["uscc"]},
        "applicant": {"name": snapshot["applicant"]["name"]},
        "certificate": None,
    }
    if "check_code" in snapshot:
        left["check_code"] = snapshot["check_code"]
    printed = snapshot["certificate"]
    if printed is not None:
        shown = ("holder", "holder_shown", "valid_from", "valid_until")
        left["certificate"] = {name: printed[name] for name in shown}
    return left
