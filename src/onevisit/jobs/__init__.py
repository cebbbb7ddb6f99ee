"""Work that nobody waits for: makes documents, lets deadlines pass; the rows say what is due."""

from onevisit.jobs.sweep import Sweeper

__all__ = ["Sweeper"]
