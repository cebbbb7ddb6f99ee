"""What is open on a kiosk for the few minutes in which one person takes their results: a row behind
the terminal's session, so that no card's number and no code ever lies in a browser."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from onevisit.access import check_can_self_serve
from onevisit.cases.context import Context
from onevisit.store.sign_in_tables import KioskVisit

SWEPT = 500
"""Rows that one look of the sweep takes away at most."""


def keep(ctx: Context, sign_in_id: uuid.UUID, span: timedelta, entered: Mapping[str, str]) -> None:
    """This is open on the terminal for so long, instead of whatever was. Raises Forbidden."""
    check_can_self_serve(ctx.actor)
    close(ctx, sign_in_id)
    row = KioskVisit(sign_in_id=sign_in_id, entered=dict(entered), ends_at=ctx.now + span)
    ctx.session.add(row)
    ctx.session.flush()


def kept(ctx: Context, sign_in_id: uuid.UUID) -> dict[str, str]:
    """What is open on the terminal; empty when nothing is, or not any more. Raises Forbidden."""
    check_can_self_serve(ctx.actor)
    row = ctx.session.get(KioskVisit, sign_in_id)
    return dict(row.entered) if row is not None and ctx.now < row.ends_at else {}


def close(ctx: Context, sign_in_id: uuid.UUID) -> None:
    """Nothing is open on the terminal any more."""
    gone = delete(KioskVisit).where(col(KioskVisit.sign_in_id) == sign_in_id)
    ctx.session.connection().execute(gone)


def over(session: Session, now: datetime) -> list[uuid.UUID]:
    """Terminals whose time for what was open on them has passed, some of them."""
    statement = select(KioskVisit.sign_in_id).where(KioskVisit.ends_at <= now).limit(SWEPT)
    return list(session.exec(statement))


def forget(session: Session, now: datetime) -> None:
    """Take away what is not open any more."""
    gone = delete(KioskVisit).where(col(KioskVisit.sign_in_id).in_(over(session, now)))
    session.connection().execute(gone)
