"""The pieces that several pages show: badges, files, material, form rows, documents, history."""

import uuid
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy.orm import defer
from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.lights import Due, due_on
from onevisit.definition.form import Field, Section
from onevisit.definition.lifecycle import State
from onevisit.definition.workflow import Material
from onevisit.documents.format import answer_text, mask_id, mask_phone, masked
from onevisit.engine import CASE, Move
from onevisit.store.tables import Account, Case, Check, Correction, Document, Upload

Row = TypeVar("Row")
StepState = Literal["done", "current", "todo"]
UNREAD = (defer(Case.form, raiseload=True), defer(Case.answers, raiseload=True))  # type: ignore[arg-type]  # SQLModel types a column as its value
"""What a list has no use for: by far the most of a case's row."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list; `next` is handed back as `after` for the rows that follow."""

    rows: tuple[Row, ...]
    next: str | None = None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


@dataclass(frozen=True)
class Badge:
    """A state by word and tone (waiting, active, done, refused, attention)."""

    state: str
    title: str
    tone: str


@dataclass(frozen=True)
class Event:
    """One line of a history."""

    at: datetime
    title: str
    who: str | None
    note: str | None


@dataclass(frozen=True)
class DocumentLink:
    """A document to download; `made` when its PDF is there already."""

    id: uuid.UUID
    title: str
    number: str
    kind: str
    created_at: datetime
    made: bool


@dataclass(frozen=True)
class UploadLink:
    """A file that was handed in."""

    id: uuid.UUID
    filename: str
    size: int
    content_type: str
    uploaded_at: datetime


@dataclass(frozen=True)
class MaterialRow:
    """One material with its files and what the clerk found of it."""

    id: str
    title: str
    source: str
    source_title: str
    need: str
    need_title: str
    media: str
    original: tuple[str, ...]
    issuer: str | None
    standard: str | None
    alternatives: tuple[str, ...]
    sample: str | None
    copies: int
    items: tuple[str, ...]
    uploads: tuple[UploadLink, ...]
    uploadable: bool
    status: str | None
    status_title: str
    note: str | None
    how: str | None


@dataclass(frozen=True)
class FieldRow:
    """One answered field, in words; `masked` when its numbers are shown with stars."""

    id: str
    title: str
    value: Any
    text: str
    sensitivity: str | None
    masked: bool = False


@dataclass(frozen=True)
class SectionRows:
    """One page of the form, answered."""

    id: str
    title: str
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True)
class Act:
    """A button: an event that may happen now; `reasons` when it needs them."""

    event: str
    title: str
    reasons: bool


@dataclass(frozen=True)
class TurnLink:
    """A standing act that somebody may do now on the case (region `case`) or on one item."""

    region: str
    event: str
    title: str


@dataclass(frozen=True)
class Missing:
    """One thing to correct."""

    title: str
    problem: str
    how: str
    material_id: str | None
    field: str | None


@dataclass(frozen=True)
class CorrectionView:
    """The one correction notice of a case."""

    issued_at: datetime
    due: Due | None
    answered_at: datetime | None
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Person:
    """Who applies, and through whom."""

    name: str
    id_type: str
    id_number: str
    phone: str
    agent: str | None


def badge(state: str, what: State) -> Badge:
    """The badge of a state."""
    return Badge(state, what.title, what.tone)


def person(dossier: Dossier, *, whole: bool = False) -> Person:
    """The applicant of a case, with the numbers masked; `whole` for what belongs to them and for
    the archive."""
    applicant: Account = dossier.applicant
    number = applicant.id_number or ""
    agent = dossier.agent.name if dossier.agent else None
    kind = wording.identity_type(number)
    phone = applicant.phone or ""
    if not whole:
        number, phone = mask_id(number), mask_phone(phone)
    return Person(applicant.name, kind, number, phone, agent)


def acts(moves: Sequence[Move]) -> tuple[Act, ...]:
    """One button for each event."""
    found = {move.event: Act(move.event, move.title, move.reasons) for move in moves}
    return tuple(found.values())


def turn_links(
    dossier: Dossier, role: str, idle: Container[tuple[str, str]] = ()
) -> tuple[TurnLink, ...]:
    """Every standing act of the case and of its items that `role` may do now, less the `idle`."""
    regions = (CASE, *dossier.approvals)
    return tuple(
        TurnLink(region, act.event, act.title)
        for region in regions
        for act in dossier.acts(region)
        if act.by == role and (region, act.event) not in idle
    )


def correction_view(dossier: Dossier, row: Correction | None) -> CorrectionView | None:
    """A correction notice as a value."""
    if row is None:
        return None
    missing = tuple(
        Missing(each["title"], each["problem"], each["how"], each["material_id"], each["field"])
        for each in row.missing
    )
    due = due_on(dossier.definition.calendar, row.due)
    return CorrectionView(row.issued_at, due, row.answered_at, missing)


def upload_link(row: Upload) -> UploadLink:
    """A file as a value."""
    return UploadLink(row.id, row.filename, row.size, row.content_type, row.uploaded_at)


def material_rows(
    dossier: Dossier,
    materials: Sequence[Material],
    uploads: Sequence[Upload],
    checks: Mapping[str, Check],
    correction: Correction | None = None,
) -> tuple[MaterialRow, ...]:
    """The materials with their files; in an open correction only those named may be replaced."""
    titles = {part.item.id: part.item.title for part in dossier.selection.parts}
    asked = {each.id for each in dossier.selection.asked if each.source == "applicant"}
    if correction is not None:
        asked = {each["material_id"] for each in correction.missing}
    found = []
    for material in materials:
        files = tuple(upload_link(row) for row in uploads if row.material_id == material.id)
        items = tuple(titles[each] for each in material.items if each in titles)
        check = checks.get(material.id)
        row = _material_row(material, items, files, check, uploadable=material.id in asked)
        if check is None and dossier.case.accepted_at and (files or material.need != "optional"):
            row = replace(row, status_title=wording.UNCHECKED)
        found.append(row)
    return tuple(found)


def _material_row(
    material: Material,
    items: tuple[str, ...],
    files: tuple[UploadLink, ...],
    check: Check | None,
    *,
    uploadable: bool,
) -> MaterialRow:
    return MaterialRow(
        id=material.id,
        title=material.title,
        source=material.source,
        source_title=wording.SOURCES[material.source],
        need=material.need,
        need_title=wording.NEEDS[material.need],
        media=material.media,
        original=material.original,
        issuer=material.issuer,
        standard=material.standard,
        alternatives=material.alternatives,
        sample=material.sample,
        copies=material.copies,
        items=items,
        uploads=files,
        uploadable=uploadable,
        status=check.status if check else None,
        status_title=wording.CHECKED[check.status] if check else "",
        note=check.note if check else None,
        how=check.how if check else None,
    )


def section_rows(
    sections: Sequence[Section], data: Mapping[str, Any], *, whole: bool = False
) -> tuple[SectionRows, ...]:
    """What was filled in, in words, with numbers that name or reach a person masked unless it is
    for themselves or the archive (`whole`); fields left empty are left out."""
    found = []
    for section in sections:
        rows = tuple(
            _field_row(each, data[each.id], whole=whole)
            for each in section.fields
            if data.get(each.id) not in (None, "", [])
        )
        if rows:
            found.append(SectionRows(section.id, section.title, rows))
    return tuple(found)


def _field_row(field: Field, value: Any, *, whole: bool) -> FieldRow:
    shown = value if whole else masked(field.schema, value)
    text = answer_text(field.schema, shown)
    return FieldRow(field.id, field.title, shown, text, field.sensitivity, shown != value)


def documents_of(ctx: Context, case_id: uuid.UUID) -> list[Document]:
    """All documents of a case in the order in which they were written."""
    statement = select(Document).where(Document.case_id == case_id).order_by(col(Document.id))
    return list(ctx.session.exec(statement))


def document_link(row: Document) -> DocumentLink:
    """A document as a value."""
    made = row.state == "made"
    return DocumentLink(row.id, row.title, row.number, row.kind, row.created_at, made)
