"""Takes away what nobody asks about any more: what was open on a kiosk, old sessions, wrong tries
of days gone by, and offers to bind an account that nobody took up."""

from datetime import datetime

from sqlmodel import Session

from onevisit.cases import identities, kiosk_visit
from onevisit.cases.signing_in import limits, sessions


def is_due(session: Session, now: datetime) -> bool:
    """Whether there is something to take away; each question has an index."""
    return bool(
        limits.are_old(session, now)
        or kiosk_visit.over(session, now)
        or sessions.old_rows(session, now)
        or identities.offers_are_over(session, now)
    )


def run(session: Session, now: datetime) -> None:
    """Take some of it away."""
    limits.forget(session, now)
    kiosk_visit.forget(session, now)
    sessions.forget(session, sessions.old_rows(session, now))
    identities.clear_offers(session, now)
