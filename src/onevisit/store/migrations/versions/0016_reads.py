"""Who read whose data, when and why; what became of data whose time was over."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    _reads()
    op.create_table(
        "read_blocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_blocks")),
        sa.UniqueConstraint("number", name=op.f("uq_read_blocks_number")),
    )
    op.create_table(
        "read_erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_erasures")),
    )
    op.create_table(
        "erasures",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("vouched", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_erasures_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "closings",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('kept', 'erased')", name=op.f("ck_closings_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_closings_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_closings")),
    )


def _reads() -> None:
    op.create_table(
        "reads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("thing", sa.Uuid(), nullable=True),
        sa.Column("block", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["accounts.id"], name=op.f("fk_reads_reader_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["accounts.id"], name=op.f("fk_reads_subject_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reads")),
    )
    for columns in (
        ["subject_id", "id"],
        ["case_id", "id"],
        ["reader_id", "thing"],
        ["block", "id"],
    ):
        op.create_index(f"ix_reads_{'_'.join(columns)}", "reads", columns, unique=False)
    op.create_index(
        "ix_reads_unsealed",
        "reads",
        ["id"],
        unique=False,
        sqlite_where=sa.text("block IS NULL"),
        postgresql_where=sa.text("block IS NULL"),
    )


def downgrade() -> None:
    """Undo it."""
    for table in ("closings", "erasures", "read_erasures", "read_blocks", "reads"):
        op.drop_table(table)
