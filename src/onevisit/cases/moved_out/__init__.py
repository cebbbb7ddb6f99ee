"""Closed cases in archive files outside the database: moving them out, and bringing them back."""
