"""Keys of departments' systems, and answers kept so that a request repeated does nothing twice."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    _keys()
    _answers()


def downgrade() -> None:
    """Undo it."""
    op.drop_table("kept_answers")
    op.drop_table("interface_keys")


def _account(column: str) -> sa.ForeignKeyConstraint:
    name = f"fk_interface_keys_{column}_accounts"
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=name)


def _keys() -> None:
    op.create_table(
        "interface_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        _account("account_id"),
        _account("created_by"),
        _account("revoked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_interface_keys"),
        sa.UniqueConstraint("account_id", name="uq_interface_keys_account_id"),
        sa.UniqueConstraint("secret_hash", name="uq_interface_keys_secret_hash"),
    )
    op.create_index("ix_interface_keys_department_id", "interface_keys", ["department", "id"])


def _answers() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(length=40), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["interface_keys.id"], name="fk_kept_answers_key_id_interface_keys"
        ),
        sa.PrimaryKeyConstraint("key_id", "name", name="pk_kept_answers"),
    )
    op.create_index("ix_kept_answers_at", "kept_answers", ["at"])
