"""A checkpoint may carry the time stamp of an independent authority."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("checkpoints", sa.Column("stamp", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("checkpoints", "stamp")
