"""Work that nobody waits for: makes documents, sends notices, lets deadlines pass."""

from onevisit.jobs.sweep import Sweeper

__all__ = ["Sweeper"]
