"""What happens to a case on its way (pauses, hearings, deferred material, certificates) and the
work that is owed to somebody (messages, lights); who may approve extensions."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = "'applicant', 'clerk', 'handler', 'reviewer', 'decider', 'window', 'admin', 'supervisor'"
MORE = f"{ROLES}, 'head', 'government', 'operator'"
BEIJING = ZoneInfo("Asia/Shanghai")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "rules",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('calendar', 'jurisdiction')", name=op.f("ck_rules_kind")),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_rules")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reasons", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('yellow', 'red', 'supervision', 'delivery')", name=op.f("ck_alerts_kind")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_alerts_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint(
            "case_id", "region", "kind", "due", name=op.f("uq_alerts_case_id_region_kind_due")
        ),
    )
    op.create_index("ix_alerts_fired_at", "alerts", ["fired_at"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("joint", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('inspection', 'meeting')", name=op.f("ck_appointments_kind")),
        sa.CheckConstraint(
            "state IN ('called', 'held', 'cancelled', 'missed', 'waived')",
            name=op.f("ck_appointments_state"),
        ),
        sa.ForeignKeyConstraint(
            ["called_by"], ["accounts.id"], name=op.f("fk_appointments_called_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_appointments_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index(op.f("ix_appointments_case_id"), "appointments", ["case_id"], unique=False)
    op.create_index("ix_appointments_state_at", "appointments", ["state", "at"], unique=False)
    op.create_table(
        "bars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.String(length=63), nullable=False),
        sa.Column("item_id", sa.String(length=63), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope IN ('item', 'pledge')", name=op.f("ck_bars_scope")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_bars_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_bars_case_id_cases")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_bars_set_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bars")),
    )
    op.create_index(op.f("ix_bars_account_id"), "bars", ["account_id"], unique=False)
    op.create_table(
        "extensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'refused')", name=op.f("ck_extensions_state")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["accounts.id"], name=op.f("fk_extensions_asked_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_extensions_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_extensions_decided_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    op.create_index(op.f("ix_extensions_case_id"), "extensions", ["case_id"], unique=False)
    op.create_index(
        "uq_extensions_granted",
        "extensions",
        ["case_id", "region"],
        unique=True,
        sqlite_where=sa.text("state = 'granted'"),
        postgresql_where=sa.text("state = 'granted'"),
    )
    op.create_table(
        "hearings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("interests", sa.String(), nullable=False),
        sa.Column("parties", sa.String(), nullable=True),
        sa.Column("on_own", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("ask_by", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("hold_by", sa.Date(), nullable=True),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chair_id", sa.Uuid(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by", sa.Uuid(), nullable=True),
        sa.Column("attended", sa.String(), nullable=True),
        sa.Column("record", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["called_by"], ["accounts.id"], name=op.f("fk_hearings_called_by_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_hearings_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["chair_id"], ["accounts.id"], name=op.f("fk_hearings_chair_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["accounts.id"], name=op.f("fk_hearings_told_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearings")),
        sa.UniqueConstraint("case_id", "region", name=op.f("uq_hearings_case_id_region")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_messages_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_messages_key")),
    )
    op.create_index("ix_messages_account_id_id", "messages", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_messages_account_id_read_at", "messages", ["account_id", "read_at"], unique=False
    )
    op.create_index(op.f("ix_messages_case_id"), "messages", ["case_id"], unique=False)
    op.create_table(
        "owed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("material_id", sa.String(length=63), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("on_timeout", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("on_timeout IN ('revoke', 'reject')", name=op.f("ck_owed_on_timeout")),
        sa.CheckConstraint(
            "state IN ('owed', 'brought', 'received', 'overdue')", name=op.f("ck_owed_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_owed_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["accounts.id"], name=op.f("fk_owed_settled_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owed")),
        sa.UniqueConstraint("case_id", "material_id", name=op.f("uq_owed_case_id_material_id")),
    )
    op.create_index("ix_owed_state_due", "owed", ["state", "due"], unique=False)
    op.create_table(
        "pauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=63), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("stops_legal", sa.Boolean(), nullable=False),
        sa.Column("stops_promise", sa.Boolean(), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("planned", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("begun_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["accounts.id"], name=op.f("fk_pauses_begun_by_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_pauses_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["accounts.id"], name=op.f("fk_pauses_ended_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pauses")),
    )
    op.create_index("ix_pauses_case_id_region", "pauses", ["case_id", "region"], unique=False)
    op.create_table(
        "pledge_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("finding", sa.String(), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mend_by", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state IN ('due', 'kept', 'broken', 'mended', 'failed')",
            name=op.f("ck_pledge_checks_state"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_pledge_checks_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["accounts.id"], name=op.f("fk_pledge_checks_checked_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_checks")),
        sa.UniqueConstraint("case_id", "region", name=op.f("uq_pledge_checks_case_id_region")),
    )
    op.create_index("ix_pledge_checks_state_due", "pledge_checks", ["state", "due"], unique=False)
    op.create_table(
        "certificates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("item_id", sa.String(length=63), nullable=False),
        sa.Column("department", sa.String(length=63), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=63), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("timer_due", sa.Date(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.Column("ledger_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_certificates_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_certificates_document_id_documents")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["accounts.id"], name=op.f("fk_certificates_holder_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("case_id", "region", name=op.f("uq_certificates_case_id_region")),
        sa.UniqueConstraint("document_id", name=op.f("uq_certificates_document_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificates_number")),
    )
    op.create_index(
        "ix_certificates_holder_id_id", "certificates", ["holder_id", "id"], unique=False
    )
    op.create_index("ix_certificates_timer_due", "certificates", ["timer_due"], unique=False)
    op.create_table(
        "dispatches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_dispatches_channel")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'off')", name=op.f("ck_dispatches_state")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_dispatches_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatches")),
        sa.UniqueConstraint("message_id", "channel", name=op.f("uq_dispatches_message_id_channel")),
    )
    op.create_index("ix_dispatches_state_next_at", "dispatches", ["state", "next_at"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("officers", sa.JSON(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_findings_appointment_id_appointments"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_findings_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["accounts.id"], name=op.f("fk_findings_recorded_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint(
            "appointment_id", "region", name=op.f("uq_findings_appointment_id_region")
        ),
    )
    op.create_index(op.f("ix_findings_case_id"), "findings", ["case_id"], unique=False)
    op.add_column("accounts", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("approvals", sa.Column("clock_from", sa.Date(), nullable=True))
    op.add_column("approvals", sa.Column("yellow_on", sa.Date(), nullable=True))
    op.add_column("approvals", sa.Column("alert_on", sa.Date(), nullable=True))
    op.create_index("ix_approvals_alert_on", "approvals", ["alert_on"], unique=False)
    op.add_column("cases", sa.Column("clock_from", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("yellow_on", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("alert_on", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("delivery_due", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("reopens", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("only", sa.JSON(), nullable=True))
    op.create_index("ix_cases_alert_on", "cases", ["alert_on"], unique=False)
    op.add_column("documents", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("claim", sa.String(length=64), nullable=True))
    op.add_column(
        "documents", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True)
    )
    _posts(MORE)
    _clocks()


def downgrade() -> None:
    """Take the change back."""
    op.execute("DELETE FROM posts WHERE role IN ('head', 'government', 'operator')")
    _posts(ROLES)
    op.drop_column("documents", "claimed_until")
    op.drop_column("documents", "claim")
    op.drop_column("documents", "next_at")
    op.drop_index("ix_cases_alert_on", "cases")
    op.drop_column("cases", "only")
    op.drop_column("cases", "reopens")
    op.drop_column("cases", "delivery_due")
    op.drop_column("cases", "alert_on")
    op.drop_column("cases", "yellow_on")
    op.drop_column("cases", "clock_from")
    op.drop_index("ix_approvals_alert_on", "approvals")
    op.drop_column("approvals", "alert_on")
    op.drop_column("approvals", "yellow_on")
    op.drop_column("approvals", "clock_from")
    op.drop_column("accounts", "email")
    op.drop_index(op.f("ix_findings_case_id"), "findings")
    op.drop_table("findings")
    op.drop_index("ix_dispatches_state_next_at", "dispatches")
    op.drop_table("dispatches")
    op.drop_index("ix_certificates_timer_due", "certificates")
    op.drop_index("ix_certificates_holder_id_id", "certificates")
    op.drop_table("certificates")
    op.drop_index("ix_pledge_checks_state_due", "pledge_checks")
    op.drop_table("pledge_checks")
    op.drop_index("ix_pauses_case_id_region", "pauses")
    op.drop_table("pauses")
    op.drop_index("ix_owed_state_due", "owed")
    op.drop_table("owed")
    op.drop_index(op.f("ix_messages_case_id"), "messages")
    op.drop_index("ix_messages_account_id_read_at", "messages")
    op.drop_index("ix_messages_account_id_id", "messages")
    op.drop_table("messages")
    op.drop_table("hearings")
    op.drop_index("uq_extensions_granted", "extensions")
    op.drop_index(op.f("ix_extensions_case_id"), "extensions")
    op.drop_table("extensions")
    op.drop_index(op.f("ix_bars_account_id"), "bars")
    op.drop_table("bars")
    op.drop_index(op.f("ix_appointments_case_id"), "appointments")
    op.drop_table("appointments")
    op.drop_index("ix_alerts_fired_at", "alerts")
    op.drop_table("alerts")
    op.drop_table("rules")


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


def _clocks() -> None:
    """Limits that already run get the day they started from, and a first look at their lights."""
    for name, started in (("cases", "accepted_at"), ("approvals", "started_at")):
        rows = sa.table(
            name,
            sa.column("id", sa.Uuid()),
            sa.column(started, sa.DateTime(timezone=True)),
            sa.column("promise_due", sa.Date()),
            sa.column("clock_from", sa.Date()),
            sa.column("yellow_on", sa.Date()),
            sa.column("alert_on", sa.Date()),
            sa.column("decided_at", sa.DateTime(timezone=True)),
        )
        connection = op.get_bind()
        found = connection.execute(
            sa.select(rows.c.id, rows.c[started], rows.c.promise_due, rows.c.decided_at).where(
                rows.c[started].is_not(None)
            )
        )
        for row_id, moment, due, decided in found.all():
            local = (
                moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
            ).astimezone(BEIJING)
            look = None if decided else due
            values = {"clock_from": local.date(), "yellow_on": look, "alert_on": look}
            connection.execute(sa.update(rows).where(rows.c.id == row_id).values(**values))
