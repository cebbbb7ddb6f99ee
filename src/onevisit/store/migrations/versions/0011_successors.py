"""Finds the cases that handle another anew, and who holds a post, without reading all of them."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_cases_reopens", "cases", ["reopens"])
    op.create_index("ix_posts_role_department", "posts", ["role", "department"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_posts_role_department", "posts")
    op.drop_index("ix_cases_reopens", "cases")
