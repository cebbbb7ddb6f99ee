"""Sessions that the server can end, second factors, and what was tried at the door."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ACTS = "act IN ('open', 'details', 'posts', 'disable', 'enable', 'reset', 'password'{})"


def upgrade() -> None:
    """Apply the change."""
    _sign_ins()
    _at_the_door()
    _factors()
    _acts(", 'factor', 'no_factor', 'end'")


def downgrade() -> None:
    """Undo it."""
    op.execute("DELETE FROM account_changes WHERE act IN ('factor', 'no_factor', 'end')")
    _acts("")
    for table in ("recovery_codes", "second_factors", "knocks", "missed_sign_ins", "sign_ins"):
        op.drop_table(table)


def _acts(more: str) -> None:
    """What a change of an account may be."""
    with op.batch_alter_table("account_changes") as table:
        table.drop_constraint("act", type_="check")
        table.create_check_constraint("act", ACTS.format(more))


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _account(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_account_id_accounts"
    return sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=name)


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("agent", sa.String(length=60), nullable=False),
        *(_moment(name) for name in ("begun_at", "seen_at", "proven_at", "ends_at")),
        _moment("ended_at", nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("missed_codes", sa.Integer(), nullable=False),
        sa.CheckConstraint("stage IN ('whole', 'password', 'code', 'factor')", name="stage"),
        sa.CheckConstraint(
            "ended_by IN ('out', 'again', 'others', 'password', 'factor', 'disabled', 'many')",
            name="ended_by",
        ),
        _account("sign_ins"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.UniqueConstraint("token", name="uq_sign_ins_token"),
    )
    op.create_index("ix_sign_ins_account_id_id", "sign_ins", ["account_id", "id"])
    op.create_index("ix_sign_ins_ends_at", "sign_ins", ["ends_at"])


def _at_the_door() -> None:
    op.create_table(
        "missed_sign_ins",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("passwords", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        _moment("last_at"),
        _account("missed_sign_ins"),
        sa.PrimaryKeyConstraint("account_id", name="pk_missed_sign_ins"),
    )
    op.create_table(
        "knocks",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        _moment("last_at"),
        _moment("opens_at"),
        sa.PrimaryKeyConstraint("place", name="pk_knocks"),
    )
    op.create_index("ix_knocks_last_at", "knocks", ["last_at"])


def _factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("offered", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        _moment("confirmed_at", nullable=True),
        _account("second_factors"),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        _moment("used_at", nullable=True),
        _account("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"])
