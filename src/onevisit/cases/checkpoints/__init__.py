"""Signed checkpoints over everything that is only appended to, and finding whatever was changed."""

from onevisit.cases.checkpoints.finding import Finding
from onevisit.cases.checkpoints.keys import BadKey, Keys
from onevisit.cases.checkpoints.make import Maker, RolledBack
from onevisit.cases.checkpoints.outside import Outside
from onevisit.cases.checkpoints.verify import Verifier

__all__ = ["BadKey", "Finding", "Keys", "Maker", "Outside", "RolledBack", "Verifier"]
