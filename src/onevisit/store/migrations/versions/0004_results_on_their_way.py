"""Results on their way: where they are posted and with whom, the code that opens them at a kiosk,
and the post of such a device."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLES = (
    "'applicant', 'clerk', 'handler', 'reviewer', 'decider', 'window', 'admin', 'supervisor',"
    " 'head', 'government', 'operator'"
)
MORE = f"{ROLES}, 'kiosk'"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("cases", sa.Column("recipient", sa.JSON(), nullable=True))
    op.add_column("cases", sa.Column("pickup_code", sa.String(length=6), nullable=True))
    op.add_column(
        "cases", sa.Column("pickup_tries", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("handouts", sa.Column("carrier", sa.String(length=50), nullable=True))
    op.add_column("handouts", sa.Column("tracking_number", sa.String(length=40), nullable=True))
    _posts(MORE)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DELETE FROM posts WHERE role = 'kiosk'")
    _posts(ROLES)
    op.drop_column("handouts", "tracking_number")
    op.drop_column("handouts", "carrier")
    op.drop_column("cases", "pickup_tries")
    op.drop_column("cases", "pickup_code")
    op.drop_column("cases", "recipient")


def _posts(roles: str) -> None:
    """Let posts hold these roles; SQLite can only do it in a new table."""
    check = f"role IN ({roles})"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_posts_role"), "posts", type_="check")
        op.create_check_constraint(op.f("ck_posts_role"), "posts", check)
        return
    op.rename_table("posts", "old_posts")
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=True),
        sa.CheckConstraint(check, name=op.f("ck_posts_role")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_posts_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint(
            "account_id", "role", "department", name=op.f("uq_posts_account_id_role_department")
        ),
    )
    op.execute(
        "INSERT INTO posts (id, account_id, role, department)"
        " SELECT id, account_id, role, department FROM old_posts"
    )
    op.drop_table("old_posts")
