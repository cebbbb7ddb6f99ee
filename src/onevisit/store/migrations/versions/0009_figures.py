"""What supervisors and the public read at a glance: monthly figures, and indexes for today."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("decided_at IS NULL")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "figures",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("workflow_id", sa.String(length=63), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "measure", "workflow_id", "value", name=op.f("pk_figures")
        ),
    )
    op.create_table(
        "counted_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_counted_days")),
    )
    op.create_index("ix_ledger_entries_at", "ledger_entries", ["at"])
    op.create_index(
        "ix_cases_promise_due_open",
        "cases",
        ["promise_due"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_approvals_yellow_on_open",
        "approvals",
        ["yellow_on"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_approvals_yellow_on_open", "approvals")
    op.drop_index("ix_cases_promise_due_open", "cases")
    op.drop_index("ix_ledger_entries_at", "ledger_entries")
    op.drop_table("counted_days")
    op.drop_table("figures")
