"""Where each department is expected: one row for an appointment and a department until it has
recorded what came of it, so that a calendar reads its own and nobody else's.

Verbs write the rows with the appointment; the count goes over all of them once more and mends
whatever no verb of an appointment saw: an item that was decided, a case that left the database.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import delete, exists, insert, or_, union_all
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.store.beginning import only_checked
from onevisit.store.board_tables import Engagement
from onevisit.store.tables import Approval
from onevisit.store.turn_tables import Appointment, Finding

Place = tuple[uuid.UUID, str, datetime]
"""An appointment, a department that is expected, and when."""
SOME = 1000
"""Rows that are in memory at once."""


def write(ctx: Context, dossier: Dossier, row: Appointment) -> None:
    """Who is still expected at an appointment that has just been made, moved or recorded."""
    connection = ctx.session.connection()
    connection.execute(delete(Engagement).where(col(Engagement.appointment_id) == row.id))
    regions = _expected(ctx, row)
    departments = {dossier.approvals[each].department for each in regions}
    if departments:
        rows = [
            {"appointment_id": row.id, "department": each, "at": row.at}
            for each in sorted(departments)
        ]
        connection.execute(insert(Engagement), rows)


def _expected(ctx: Context, row: Appointment) -> list[str]:
    """The items that an appointment still serves."""
    if row.state == "called":
        return row.regions
    if row.state != "held" or row.kind != "inspection":
        return []
    written = ctx.session.exec(select(Finding.region).where(Finding.appointment_id == row.id))
    return sorted(set(row.regions) - set(written))


def places(ctx: Context) -> Iterator[Place]:
    """Everywhere that a department is expected for an open item, once each, by appointment."""
    is_open = (col(Approval.decided_at).is_(None), col(Approval.yellow_on).is_not(None))
    called = rows_of(col(Appointment.id)).where(col(Appointment.state) == "called")
    held = rows_of(col(Appointment.id)).where(
        only_checked(Appointment.state) == "held",
        col(Appointment.kind) == "inspection",
        col(Appointment.case_id).in_(rows_of(col(Approval.case_id)).where(*is_open)),
    )
    written = exists().where(
        col(Finding.appointment_id) == col(Appointment.id),
        col(Finding.region) == col(Approval.region),
    )
    statement = (
        rows_of(
            col(Appointment.id),
            col(Approval.department),
            col(Appointment.at),
            col(Appointment.regions),
            col(Approval.region),
        )
        .join(Approval, col(Approval.case_id) == col(Appointment.case_id))
        .where(
            col(Appointment.id).in_(union_all(called, held)),
            col(Approval.decided_at).is_(None),
            or_(col(Appointment.state) == "called", ~written),
        )
        .order_by(col(Appointment.id))
        .execution_options(yield_per=SOME)
    )
    found = ctx.session.connection().execute(statement)
    serves = ((row[0], row[1], row[2]) for row in found if row[4] in row[3])
    for _, same in groupby(serves, key=itemgetter(0)):
        yield from set(same)
