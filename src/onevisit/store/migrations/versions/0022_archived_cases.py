"""Closed cases may lie in archive files outside the database."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None
HERE = sa.text("concluded_at IS NOT NULL AND archived_at IS NULL")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "archive_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_files")),
        sa.UniqueConstraint("name", name=op.f("uq_archive_files_name")),
    )
    op.create_table(
        "archived_cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_archived_cases_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["archive_files.id"], name=op.f("fk_archived_cases_file_id_archive_files")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_archived_cases")),
    )
    op.create_index("ix_archived_cases_file_id", "archived_cases", ["file_id"])
    op.add_column("cases", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_cases_concluded_at_here",
        "cases",
        ["concluded_at", "id"],
        sqlite_where=HERE,
        postgresql_where=HERE,
    )


def downgrade() -> None:
    """Undo it; what lies in archive files has to be brought back before."""
    op.drop_index("ix_cases_concluded_at_here", table_name="cases")
    op.drop_column("cases", "archived_at")
    op.drop_index("ix_archived_cases_file_id", table_name="archived_cases")
    op.drop_table("archived_cases")
    op.drop_table("archive_files")
