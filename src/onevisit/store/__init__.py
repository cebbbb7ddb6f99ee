"""Rows and files: SQLModel tables, sessions, the hash-chained ledger, numbers and migrations."""
