"""The oldest work of a state, and what is claimed, are found without reading what is long done."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
TABLES = ("documents", "dispatches")
CLAIMED = sa.text("claimed_until IS NOT NULL")


def upgrade() -> None:
    """Apply the change."""
    for table in TABLES:
        op.create_index(f"ix_{table}_state_id", table, ["state", "id"])
        op.create_index(
            f"ix_{table}_claimed_until",
            table,
            ["claimed_until"],
            sqlite_where=CLAIMED,
            postgresql_where=CLAIMED,
        )


def downgrade() -> None:
    """Take the change back."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_claimed_until", table_name=table)
        op.drop_index(f"ix_{table}_state_id", table_name=table)
