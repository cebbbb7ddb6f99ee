"""Lists, the sweep and the calendar find their rows by an index among a million concluded cases."""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None


class Wanted(NamedTuple):
    """An index over the rows of a table that `where` names, or over all."""

    table: str
    name: str
    columns: list[str]
    where: str = ""


ADDED = (
    Wanted("cases", "submitted_at_closed", ["submitted_at", "id"],
           "awaits IS NULL AND number IS NOT NULL"),
    Wanted("cases", "timer_due_id", ["timer_due", "id"], "timer_due IS NOT NULL"),
    Wanted("cases", "alert_on_id", ["alert_on", "id"], "alert_on IS NOT NULL"),
    Wanted("approvals", "timer_due_id", ["timer_due", "id"], "timer_due IS NOT NULL"),
    Wanted("approvals", "alert_on_id", ["alert_on", "id"], "alert_on IS NOT NULL"),
    Wanted("approvals", "department_promise_due_open", ["department", "promise_due", "id"],
           "decided_at IS NULL"),
    Wanted("approvals", "department_decided_at", ["department", "decided_at", "id"],
           "decided_at IS NOT NULL"),
    Wanted("certificates", "timer_due_id", ["timer_due", "id"], "timer_due IS NOT NULL"),
    Wanted("certificates", "department_id", ["department", "id"]),
    Wanted("certificates", "department_state_id", ["department", "state", "id"]),
    Wanted("certificates", "department_asked", ["department", "id"], "asked IS NOT NULL"),
    Wanted("hearings", "called", ["held_at", "id"],
           "called_at IS NOT NULL AND recorded_at IS NULL"),
)  # fmt: skip
REMOVED = (
    Wanted("cases", "timer_due", ["timer_due"]),
    Wanted("cases", "alert_on", ["alert_on"]),
    Wanted("approvals", "timer_due", ["timer_due"]),
    Wanted("approvals", "alert_on", ["alert_on"]),
    Wanted("certificates", "timer_due", ["timer_due"]),
)


def upgrade() -> None:
    """Apply the change."""
    for each in ADDED:
        _create(each)
    for each in REMOVED:
        _drop(each)


def downgrade() -> None:
    """Take the change back."""
    for each in REMOVED:
        _create(each)
    for each in ADDED:
        _drop(each)


def _create(wanted: Wanted) -> None:
    where = sa.text(wanted.where) if wanted.where else None
    op.create_index(
        f"ix_{wanted.table}_{wanted.name}",
        wanted.table,
        wanted.columns,
        sqlite_where=where,
        postgresql_where=where,
    )


def _drop(wanted: Wanted) -> None:
    op.drop_index(f"ix_{wanted.table}_{wanted.name}", table_name=wanted.table)
