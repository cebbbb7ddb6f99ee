"""What administrators edit in the browser: drafts of services, accounts with dates."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ADDED = (
    ("accounts", "staff"), ("accounts", "temporary_until"), ("accounts", "revision"),
    ("posts", "first_day"), ("posts", "last_day"),
)  # fmt: skip
"""Columns of the tables that were there before."""


def upgrade() -> None:
    """Apply the change."""
    _drafts()
    _publications()
    running = sa.text("number IS NOT NULL AND concluded_at IS NULL")
    op.create_index(
        "ix_cases_version_hash_running",
        "cases",
        ["version_hash", "id"],
        sqlite_where=running,
        postgresql_where=running,
    )
    _accounts()
    _place_changes()


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("place_changes")
    op.drop_table("account_changes")
    op.drop_index("ix_accounts_staff_username", "accounts")
    for table, column in ADDED:
        op.drop_column(table, column)
    op.drop_index("ix_cases_version_hash_running", "cases")
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


def _accounts() -> None:
    """Whose account is for work, posts from a day to a day, and who changed what."""
    no = sa.false()
    op.add_column("accounts", sa.Column("staff", sa.Boolean(), server_default=no, nullable=False))
    op.execute(
        "UPDATE accounts SET staff = true WHERE EXISTS (SELECT 1 FROM posts"
        " WHERE posts.account_id = accounts.id AND posts.role <> 'applicant')"
    )
    op.create_index("ix_accounts_staff_username", "accounts", ["staff", "username"])
    until = sa.Column("temporary_until", sa.DateTime(timezone=True), nullable=True)
    op.add_column("accounts", until)
    op.add_column(
        "accounts", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column("posts", sa.Column("first_day", sa.Date(), nullable=True))
    op.add_column("posts", sa.Column("last_day", sa.Date(), nullable=True))
    op.create_table(
        "account_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "act IN ('open', 'details', 'posts', 'disable', 'enable', 'reset', 'password')",
            name=op.f("ck_account_changes_act"),
        ),
        _account("account_id", "account_changes"),
        _account("actor_id", "account_changes"),
        sa.PrimaryKeyConstraint("id", name="pk_account_changes"),
    )
    op.create_index("ix_account_changes_account_id_id", "account_changes", ["account_id", "id"])


def _place_changes() -> None:
    op.create_table(
        "place_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        _account("actor_id", "place_changes"),
        sa.PrimaryKeyConstraint("id", name="pk_place_changes"),
    )
    op.create_index("ix_place_changes_path_id", "place_changes", ["path", "id"])
