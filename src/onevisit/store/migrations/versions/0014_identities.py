"""Identities from the city's unified sign-in, and deputies."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = (
    "act IN ('open', 'details', 'posts', 'disable', 'enable', 'reset', 'password',"
    " 'factor', 'no_factor', 'end')"
)
ACTS = f"{BEFORE[:-1]}, 'bind', 'unbind', 'deputy', 'no_deputy')"
"""What may be written down of an account from now on."""


def upgrade() -> None:
    """Apply the change."""
    _identities()
    _deputies()
    _allow(ACTS)


def downgrade() -> None:
    """Undo it."""
    new = "('bind', 'unbind', 'deputy', 'no_deputy')"
    op.execute(f"DELETE FROM account_changes WHERE act IN {new}")  # noqa: S608  # a constant
    _allow(BEFORE)
    for table in ("deputies", "identity_offers", "identities"):
        op.drop_table(table)


def _allow(acts: str) -> None:
    with op.batch_alter_table("account_changes") as table:
        table.drop_constraint("act", type_="check")
        table.create_check_constraint("act", acts)


def _account(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=f"fk_{table}_{column}_accounts")


def _moment(name: str, *, nullable: bool) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        _moment("bound_at", nullable=False),
        sa.Column("bound_by", sa.Uuid(), nullable=False),
        _moment("ended_at", nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("acr", sa.String(length=255), nullable=True),
        sa.Column("amr", sa.JSON(), nullable=True),
        _moment("used_at", nullable=True),
        *(_account(column, "identities") for column in ("account_id", "bound_by", "ended_by")),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
    )
    op.create_index("ix_identities_account_id", "identities", ["account_id"])
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_identities_issuer_subject_open",
        "identities",
        ["issuer", "subject"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
    op.create_table(
        "identity_offers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("acr", sa.String(length=255), nullable=True),
        sa.Column("amr", sa.JSON(), nullable=True),
        _moment("expires_at", nullable=False),
        _account("account_id", "identity_offers"),
        sa.PrimaryKeyConstraint("key", name="pk_identity_offers"),
    )
    op.create_index("ix_identity_offers_expires_at", "identity_offers", ["expires_at"])


def _deputies() -> None:
    op.create_table(
        "deputies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        _moment("made_at", nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        _moment("ended_at", nullable=True),
        sa.CheckConstraint("first_day <= last_day", name="days"),
        sa.CheckConstraint("principal_id <> deputy_id", name="somebody_else"),
        sa.CheckConstraint("role IN ('handler', 'reviewer', 'decider', 'head')", name="role"),
        *(
            _account(column, "deputies")
            for column in ("principal_id", "deputy_id", "made_by", "ended_by")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deputies"),
    )
    for column in ("deputy_id", "principal_id", "department"):
        op.create_index(f"ix_deputies_{column}_last_day", "deputies", [column, "last_day"])
