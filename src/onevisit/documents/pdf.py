"""HTML → PDF by WeasyPrint: the same document gives the same bytes, on any thread, at any time."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock

import structlog
from weasyprint import HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from onevisit.documents.assets import ORIGIN, TemplateAssets

log = structlog.get_logger()

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
    with _one_at_a_time, contextlib.suppress(FatalURLFetchingError):
        document = HTML(string=html, base_url=ORIGIN + address, url_fetcher=assets).render(
            font_config=_fonts()
        )
        issued = identity.issued_at.isoformat(timespec="seconds")
        document.metadata.title = identity.title
        document.metadata.authors = [identity.author]
        document.metadata.created = document.metadata.modified = issued
        pdf = document.write_pdf(pdf_identifier=identity.identifier.encode())
    if assets.refused:
        raise assets.refused
    _warn_of_boxes(document, identity)
    assert isinstance(pdf, bytes)
    return pdf


def _warn_of_boxes(document: Document, identity: Identity) -> None:
    """A rare character that no installed font has prints as a box: whoever runs this must know."""
    points = {point for font in document.fonts.values() for point in font.missing}
    if points:
        characters = " ".join(f"{chr(point)} U+{point:04X}" for point in sorted(points))
        log.warning("no font has these characters", title=identity.title, characters=characters)
