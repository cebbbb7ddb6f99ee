"""Rows and files: SQLModel tables, sessions, the hash-chained ledger, numbers and migrations."""

from onevisit.store import (
    admin_tables,
    citizen_tables,
    desk_tables,
    figure_tables,
    interface_tables,
    office_tables,
    sign_in_tables,
    studio_tables,
    read_tables,
    tables,
    turn_tables,
    work_tables,
)

__all__ = [
    "admin_tables",
    "citizen_tables",
    "desk_tables",
    "figure_tables",
    "interface_tables",
    "office_tables",
    "sign_in_tables",
    "studio_tables",
    "tables",
    "turn_tables",
    "read_tables",
    "work_tables",
]
