"""What every verb is handed: the session, services and files, who acts, and what time it is."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from onevisit.access import Actor
from onevisit.cases.seen import Looks
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import BEIJING
from onevisit.store.files import FileStore


@dataclass(frozen=True)
class Context:
    """One request: `now` is aware; nothing in here is ever committed by a verb. `seen` gathers what
    is shown of whose data; the edge writes it down."""

    session: Session
    catalog: Catalog
    files: FileStore
    actor: Actor
    now: datetime
    seen: Looks = field(default_factory=Looks, compare=False, repr=False)

    @property
    def local(self) -> datetime:
        """The local time, by which the authority opens and closes."""
        return self.now.astimezone(BEIJING)

    @property
    def today(self) -> date:
        """The local calendar day, from which days are counted."""
        return self.now.astimezone(BEIJING).date()
