"""Which services there are: reads the service folder and publishes versions pinned by content."""

from onevisit.catalog.catalog import Catalog, Listed
from onevisit.catalog.folder import Folder, Refusal, load_folder
from onevisit.catalog.published import Published

__all__ = ["Catalog", "Folder", "Listed", "Published", "Refusal", "load_folder"]
