"""What citizens get from their portal: shared records, authorisations, ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "shared_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("holder", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=18), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_records")),
        sa.UniqueConstraint("source", "holder", name=op.f("uq_shared_records_source_holder")),
    )
    op.create_index(
        "ix_shared_records_source_person", "shared_records", ["source", "person"], unique=False
    )
    op.create_table(
        "authorisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("agent_name", sa.String(length=100), nullable=False),
        sa.Column("named", sa.String(length=20), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('offered', 'active', 'revoked', 'declined')",
            name=op.f("ck_authorisations_state"),
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["accounts.id"], name=op.f("fk_authorisations_agent_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["accounts.id"], name=op.f("fk_authorisations_ended_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["accounts.id"], name=op.f("fk_authorisations_principal_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisations")),
    )
    op.create_index(
        "ix_authorisations_agent_id_id", "authorisations", ["agent_id", "id"], unique=False
    )
    op.create_index(
        "ix_authorisations_named_state", "authorisations", ["named", "state"], unique=False
    )
    op.create_index(
        "ix_authorisations_principal_id_id", "authorisations", ["principal_id", "id"], unique=False
    )
    op.create_index(
        "ix_authorisations_state_until", "authorisations", ["state", "until"], unique=False
    )
    op.create_table(
        "shared_reads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("holder", sa.String(length=18), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["read_by"], ["accounts.id"], name=op.f("fk_shared_reads_read_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_reads")),
    )
    op.create_index(op.f("ix_shared_reads_case_id"), "shared_reads", ["case_id"], unique=False)
    op.create_index("ix_shared_reads_holder_at", "shared_reads", ["holder", "at"], unique=False)
    op.create_table(
        "rating_skips",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("skipped_by", sa.Uuid(), nullable=False),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_rating_skips_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["skipped_by"], ["accounts.id"], name=op.f("fk_rating_skips_skipped_by_accounts")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_rating_skips")),
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("rated_by", sa.Uuid(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_due", sa.Date(), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_ratings_grade")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_ratings_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["contacted_by"], ["accounts.id"], name=op.f("fk_ratings_contacted_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["rated_by"], ["accounts.id"], name=op.f("fk_ratings_rated_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint("case_id", name=op.f("uq_ratings_case_id")),
    )
    op.create_index("ix_ratings_contact_due", "ratings", ["contact_due"], unique=False)
    op.create_index("ix_ratings_rated_at", "ratings", ["rated_at", "id"], unique=False)
    op.create_table(
        "shared_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=130), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("said", sa.JSON(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('field', 'material')", name=op.f("ck_shared_facts_kind")),
        sa.CheckConstraint(
            "state IN ('shown', 'confirmed', 'disputed')", name=op.f("ck_shared_facts_state")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_shared_facts_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_shared_facts_decided_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_facts")),
        sa.UniqueConstraint(
            "case_id", "kind", "name", name=op.f("uq_shared_facts_case_id_kind_name")
        ),
    )
    op.add_column("cases", sa.Column("authorisation_id", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_cases_agent_id_id", "cases", ["agent_id", "id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_cases_agent_id_id", table_name="cases")
    op.drop_column("cases", "saved_at")
    op.drop_column("cases", "authorisation_id")
    op.drop_table("shared_facts")
    op.drop_index("ix_ratings_rated_at", table_name="ratings")
    op.drop_index("ix_ratings_contact_due", table_name="ratings")
    op.drop_table("ratings")
    op.drop_table("rating_skips")
    op.drop_index("ix_shared_reads_holder_at", table_name="shared_reads")
    op.drop_index(op.f("ix_shared_reads_case_id"), table_name="shared_reads")
    op.drop_table("shared_reads")
    op.drop_index("ix_authorisations_state_until", table_name="authorisations")
    op.drop_index("ix_authorisations_principal_id_id", table_name="authorisations")
    op.drop_index("ix_authorisations_named_state", table_name="authorisations")
    op.drop_index("ix_authorisations_agent_id_id", table_name="authorisations")
    op.drop_table("authorisations")
    op.drop_index("ix_shared_records_source_person", table_name="shared_records")
    op.drop_table("shared_records")
