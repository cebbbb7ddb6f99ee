"""Rows and files: SQLModel tables, sessions, the hash-chained ledger, numbers and migrations."""

from onevisit.store import tables, turn_tables, work_tables

__all__ = ["tables", "turn_tables", "work_tables"]
