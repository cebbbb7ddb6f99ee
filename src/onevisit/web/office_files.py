"""The file that an officer looks at beside the decision, between the one before and the next."""

from dataclasses import dataclass, replace
from uuid import UUID

from onevisit.cases.context import Context
from onevisit.cases.material import upload_file
from onevisit.cases.views.office import OfficeCase
from onevisit.cases.views.parts import MaterialRow, UploadLink
from onevisit.store.files import Stored
from onevisit.web.sending import leaf_of

MOST_PAGES = 60
"""Pages shown below one another; the file itself can be opened."""


@dataclass(frozen=True)
class Shelf:
    """One file of an item's material; `pages` 0 when it cannot be shown but only be opened."""

    material: MaterialRow
    file: UploadLink
    number: int
    count: int
    before: UUID | None
    after: UUID | None
    stored: Stored
    pages: int = 0

    def with_pages(self) -> "Shelf":
        """The same with the number of its pages, which somebody has to look into the file for; not
        while the database is held."""
        found = leaf_of(self.stored, self.file.content_type, 1, small=True)
        return replace(self, pages=min(found.count, MOST_PAGES) if found else 0)


def first_file(view: OfficeCase) -> UUID | None:
    """The first file of an item's material; None when it has none."""
    return next((file.id for row in view.materials for file in row.uploads), None)


def looked_at(ctx: Context, view: OfficeCase, file: str) -> Shelf | None:
    """The file whose id stands in the address; None when it is none of this item's."""
    files = [(row, each) for row in view.materials for each in row.uploads]
    place = next((at for at, (_, each) in enumerate(files) if str(each.id) == file), None)
    if place is None:
        return None
    row, found = files[place]
    _, stored = upload_file(ctx, found.id)
    before = files[place - 1][1].id if place else None
    after = files[place + 1][1].id if place + 1 < len(files) else None
    return Shelf(row, found, place + 1, len(files), before, after, stored)
