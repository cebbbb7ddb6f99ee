"""Rows and files: SQLModel tables, sessions, the hash-chained ledger, numbers and migrations."""

from onevisit.store import (
    admin_tables,
    archive_tables,
    checkpoint_tables,
    citizen_tables,
    desk_tables,
    figure_tables,
    identity_tables,
    interface_tables,
    key_tables,
    office_tables,
    read_tables,
    sign_in_tables,
    studio_tables,
    tables,
    turn_tables,
    work_tables,
)

__all__ = [
    "admin_tables",
    "archive_tables",
    "checkpoint_tables",
    "citizen_tables",
    "desk_tables",
    "figure_tables",
    "identity_tables",
    "interface_tables",
    "key_tables",
    "office_tables",
    "read_tables",
    "sign_in_tables",
    "studio_tables",
    "tables",
    "turn_tables",
    "work_tables",
]
