"""What every verb is handed: the session, services and files, who acts, and what time it is."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from onevisit.access import Actor
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import BEIJING
from onevisit.store.files import FileStore


@dataclass(frozen=True)
class Context:
    """One request: `now` is aware; nothing in here is ever committed by a verb."""

    session: Session
    catalog: Catalog
    files: FileStore
    actor: Actor
    now: datetime

    @property
    def local(self) -> datetime:
        """The local time, by which the authority opens and closes."""
        return self.now.astimezone(BEIJING)

    @property
    def today(self) -> date:
        """The local calendar day, from which days are counted."""
        return self.now.astimezone(BEIJING).date()
