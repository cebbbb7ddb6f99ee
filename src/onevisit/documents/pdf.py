"""HTML → PDF by WeasyPrint: the same document gives the same bytes, on any thread, at any time."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from onevisit.documents.assets import ORIGIN, TemplateAssets
from onevisit.documents.errors import RefusedAsset

_one_at_a_time = Lock()
"""Pango's font map may not be shared between threads, and layout holds Python's own lock anyway."""


@dataclass(frozen=True)
class Identity:
    """What the file says of itself; nothing in it comes from the clock or the machine."""

    title: str
    author: str
    issued_at: datetime
    identifier: str


@cache
def _fonts() -> FontConfiguration:
    """The machine's fonts, read once a process."""
    return FontConfiguration()


def to_pdf(html: str, address: str, identity: Identity, templates: Path) -> bytes:
    """One PDF file of a filled template.

    address: the template's path below templates/, against which its style sheets and images are
    found. Raises RefusedAsset where it names one that is not its own.
    """
    assets = TemplateAssets(templates)
    with _one_at_a_time:
        try:
            document = HTML(string=html, base_url=ORIGIN + address, url_fetcher=assets).render(
                font_config=_fonts()
            )
            issued = identity.issued_at.isoformat(timespec="seconds")
            document.metadata.title = identity.title
            document.metadata.authors = [identity.author]
            document.metadata.created = document.metadata.modified = issued
            pdf = document.write_pdf(pdf_identifier=identity.identifier.encode())
        except FatalURLFetchingError as refused:
            cause = refused.__cause__
            raise (
                cause if isinstance(cause, RefusedAsset) else RefusedAsset(str(refused), "读取失败")
            ) from refused
    assert isinstance(pdf, bytes)
    return pdf
