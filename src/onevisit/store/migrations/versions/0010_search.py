"""People are found by the beginning of their name, without reading all accounts."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index(
        "ix_accounts_name",
        "accounts",
        ["name"],
        postgresql_ops={"name": "text_pattern_ops"},
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_accounts_name", table_name="accounts")
