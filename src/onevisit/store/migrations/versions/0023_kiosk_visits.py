"""What is open on a kiosk lies in a row behind its session, not in a cookie."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "kiosk_visits",
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("entered", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sign_in_id"], ["sign_ins.id"], name="fk_kiosk_visits_sign_in_id_sign_ins"
        ),
        sa.PrimaryKeyConstraint("sign_in_id", name="pk_kiosk_visits"),
    )
    op.create_index("ix_kiosk_visits_ends_at", "kiosk_visits", ["ends_at"])


def downgrade() -> None:
    """Undo it; whoever is at a kiosk begins again."""
    op.drop_table("kiosk_visits")
