"""HTML → PDF/A-3 by WeasyPrint: one document gives the same bytes, on any thread, at any time."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import Lock

import structlog
from weasyprint import HTML, Attachment, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from onevisit.documents.assets import ORIGIN, TemplateAssets
from onevisit.documents.trust.signing import Place

log = structlog.get_logger()

VARIANT = "pdf/a-3u"
"""Kept for good, with text that can be searched and a file inside (ISO 19005-3, level U)."""
SEAL = "seal"
"""The id of what a template draws as the seal."""
POINTS = 0.75
"""Points in a pixel of CSS."""

_one_at_a_time = Lock()
"""Pango's font map may not be shared between threads, and layout holds Python's own lock anyway."""


@dataclass(frozen=True)
class Identity:
    """What the file says of itself; nothing in it comes from the clock or the machine."""

    title: str
    author: str
    issued_at: datetime
    identifier: str


@dataclass(frozen=True)
class Enclosed:
    """A file that travels inside the PDF: its name, what it is, and what is in it."""

    name: str
    description: str
    content: bytes


@dataclass(frozen=True)
class Sheet:
    """A PDF file as laid out, and where its seal is drawn, if it is."""

    pdf: bytes
    seal: Place | None


@cache
def _fonts() -> FontConfiguration:
    """The machine's fonts, read once a process."""
    return FontConfiguration()


def to_pdf(
    html: str, address: str, identity: Identity, assets: TemplateAssets, enclosed: Enclosed
) -> Sheet:
    """One PDF file of a filled template.

    address: the template's path below templates/, against which its style sheets and images are
    found. Raises RefusedAsset where it names one that is not its own.
    """
    pdf = None
    with _one_at_a_time, contextlib.suppress(FatalURLFetchingError):
        document = HTML(string=html, base_url=ORIGIN + address, url_fetcher=assets).render(
            font_config=_fonts(), pdf_variant=VARIANT
        )
        issued = identity.issued_at.isoformat(timespec="seconds")
        document.metadata.title = identity.title
        document.metadata.authors = [identity.author]
        document.metadata.created = document.metadata.modified = issued
        document.metadata.attachments.append(_attachment(enclosed, identity))
        pdf = document.write_pdf(pdf_identifier=identity.identifier.encode(), pdf_variant=VARIANT)
    if assets.refused:
        raise assets.refused
    _warn_of_boxes(document, identity)
    assert isinstance(pdf, bytes)
    return Sheet(pdf, _seal(document))


def _attachment(enclosed: Enclosed, identity: Identity) -> Attachment:
    issued = identity.issued_at.astimezone(UTC)  # whatever its zone, it is written as if in UTC
    return Attachment(
        string=enclosed.content,
        name=enclosed.name,
        description=enclosed.description,
        created=issued,
        modified=issued,
        relationship="Data",
    )


def _seal(document: Document) -> Place | None:
    """Where the last seal is, in the points of a PDF page."""
    for number, page in reversed(list(enumerate(document.pages))):
        if SEAL in page.anchors:
            left, top, right, bottom = (each * POINTS for each in page.anchors[SEAL])
            height = page.height * POINTS
            box = (left, height - bottom, right, height - top)
            x1, y1, x2, y2 = (round(each) for each in box)
            return Place(number, (x1, y1, x2, y2))
    return None


def _warn_of_boxes(document: Document, identity: Identity) -> None:
    """A rare character that no installed font has prints as a box: whoever runs this must know."""
    points = {point for font in document.fonts.values() for point in font.missing}
    if points:
        characters = " ".join(f"{chr(point)} U+{point:04X}" for point in sorted(points))
        log.warning("no font has these characters", title=identity.title, characters=characters)
