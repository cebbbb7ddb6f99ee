"""The last day before a state ends by itself, on cases and approvals, indexed for the sweep."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    for table in ("cases", "approvals"):
        op.add_column(table, sa.Column("timer_due", sa.Date(), nullable=True))
        op.create_index(f"ix_{table}_timer_due", table, ["timer_due"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    for table in ("cases", "approvals"):
        op.drop_index(f"ix_{table}_timer_due", table)
        op.drop_column(table, "timer_due")
