"""What administrators edit in the browser: drafts of services, accounts with dates."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    _drafts()
    _publications()


def downgrade() -> None:
    """Take the change back."""
    for table in ("authored_texts", "publications", "draft_texts", "drafts"):
        op.drop_table(table)


def _account(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=f"fk_{table}_{column}_accounts")


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.String(length=63), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("began_from", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published", sa.String(length=64), nullable=True),
        _account("created_by", "drafts"),
        _account("changed_by", "drafts"),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_workflow_id", "drafts", ["workflow_id"])
    op.create_index("ix_drafts_closed_at_changed_at", "drafts", ["closed_at", "changed_at"])
    op.create_table(
        "draft_texts",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="fk_draft_texts_draft_id_drafts"),
        _account("saved_by", "draft_texts"),
        sa.PrimaryKeyConstraint("draft_id", "revision", name="pk_draft_texts"),
    )


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.String(length=63), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("replaced", sa.String(length=64), nullable=True),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "how IN ('folder', 'draft', 'restored')", name=op.f("ck_publications_how")
        ),
        sa.ForeignKeyConstraint(
            ["hash"], ["workflow_versions.hash"], name="fk_publications_hash_workflow_versions"
        ),
        _account("published_by", "publications"),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
    )
    op.create_index("ix_publications_workflow_id_id", "publications", ["workflow_id", "id"])
    op.create_table(
        "authored_texts",
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("replaces", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        _account("published_by", "authored_texts"),
        sa.PrimaryKeyConstraint("path", name="pk_authored_texts"),
    )
