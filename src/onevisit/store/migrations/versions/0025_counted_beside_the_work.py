"""Open work is counted beside the work, and queues are sorted whole by their indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
LAST_DAY = sa.text("coalesce(delivery_due, '2000-01-01')")
AT_THE_WINDOW = sa.text("awaits = 'window'")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "board_looks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_looks")),
    )
    op.create_table(
        "board_counts",
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=False),
        sa.Column("workflow_id", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "measure", "department", "workflow_id", name=op.f("pk_board_counts")
        ),
    )
    op.create_table(
        "board_lights",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=False),
        sa.Column("workflow_id", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_board_lights")),
    )
    op.create_index("ix_board_lights_kind_alert_id", "board_lights", ["kind", "alert_id"])
    op.create_index(
        "ix_board_lights_kind_department_workflow_id",
        "board_lights",
        ["kind", "department", "workflow_id", "alert_id"],
    )
    op.create_table(
        "engagements",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", "department", name=op.f("pk_engagements")),
    )
    op.create_index(
        "ix_engagements_department_at", "engagements", ["department", "at", "appointment_id"]
    )
    op.create_index(
        "ix_approvals_department_awaits_promise_due_id",
        "approvals",
        ["department", "awaits", "promise_due", "id", "yellow_on"],
    )
    op.drop_index("ix_approvals_department_awaits_promise_due", "approvals")
    op.create_index(
        "ix_cases_last_day_window",
        "cases",
        ["awaits", LAST_DAY, "id"],
        sqlite_where=AT_THE_WINDOW,
        postgresql_where=AT_THE_WINDOW,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_cases_last_day_window", "cases")
    op.create_index(
        "ix_approvals_department_awaits_promise_due",
        "approvals",
        ["department", "awaits", "promise_due"],
    )
    op.drop_index("ix_approvals_department_awaits_promise_due_id", "approvals")
    for table in ("engagements", "board_lights", "board_counts", "board_looks"):
        op.drop_table(table)
