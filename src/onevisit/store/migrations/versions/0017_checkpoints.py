"""Signed checkpoints over the heads of all cases; the ledger so far waits for the first one."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "uncovered",
        sa.Column("log", sa.String(length=16), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("log", "row_id", name=op.f("pk_uncovered")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "checkpoint_leaves",
        sa.Column("checkpoint", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("log", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint"],
            ["checkpoints.number"],
            name=op.f("fk_checkpoint_leaves_checkpoint_checkpoints"),
        ),
        sa.PrimaryKeyConstraint("checkpoint", "position", name=op.f("pk_checkpoint_leaves")),
    )
    op.create_index("ix_checkpoint_leaves_log_subject", "checkpoint_leaves", ["log", "subject"])
    op.execute("INSERT INTO uncovered (log, row_id) SELECT 'cases', id FROM ledger_entries")


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_checkpoint_leaves_log_subject", "checkpoint_leaves")
    op.drop_table("checkpoint_leaves")
    op.drop_table("checkpoints")
    op.drop_table("uncovered")
