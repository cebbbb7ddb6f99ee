"""Keys of departments' systems, and answers kept so that a request repeated does nothing twice."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""


def downgrade() -> None:
    """Undo it."""
