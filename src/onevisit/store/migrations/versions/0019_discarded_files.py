"""Files that nothing names any more are written down until they are removed."""

import sqlalchemy as sa
from alembic import op

from onevisit.store.columns import UtcDateTime

revision = "0019"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "discarded_files",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_discarded_files_due_at", "discarded_files", ["due_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("discarded_files")
