"""A whole case as one folder for a court: what was said and done, and how anybody can check it."""

from onevisit.cases.archive.collect import Record, collect
from onevisit.cases.archive.write import AlreadyThere, Paper, Papers, Sources, write

__all__ = ["AlreadyThere", "Paper", "Papers", "Record", "Sources", "collect", "write"]
