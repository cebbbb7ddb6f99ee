"""The JSON of the interface, field by field: only what stands here is ever sent.

Every shape is filled from a view of the office's pages by name; a field that a view gains later
does not leave the house until it is written here.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from onevisit.web.incoming import plain

Text = Annotated[str, AfterValidator(plain)]
"""What somebody wrote, without characters that nobody can see."""


class Shape(BaseModel):
    """What all answers share: filled from a view, by name."""

    model_config = ConfigDict(from_attributes=True)


class Wrong(Shape):
    """One fault: where in the request, and what is wrong."""

    path: str
    message: str


class Problem(Shape):
    """RFC 9457: what went wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong]


class State(Shape):
    """A state: its name, which stays, and its title in Chinese."""

    state: str
    title: str


class Due(Shape):
    """A last day; provisional while the holidays before it are not all announced."""

    day: date
    provisional: bool


class Held(Shape):
    """Who has an item in hand; `mine`: this key."""

    name: str
    since: datetime
    mine: bool


class Row(Shape):
    """One item in the list."""

    approval_id: UUID
    revision: int
    case_number: str | None
    service: str
    item: str
    applicant: str
    state: State
    started_at: datetime | None
    arrived_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Literal["ok", "soon", "late", "none"]
    claimed: Held | None


class Listed(Shape):
    """One page of the list; `next` is sent back as `after` for the page that follows."""

    rows: list[Row]
    next: str | None


class FieldRow(Shape):
    """One answered field that the item needs (x-for): as data and in words."""

    id: str
    title: str
    value: Any
    text: str
    sensitivity: str | None


class SectionRows(Shape):
    """One page of the form."""

    id: str
    title: str
    rows: list[FieldRow]


class UploadLink(Shape):
    """A file to download."""

    id: UUID
    filename: str
    size: int
    content_type: str
    uploaded_at: datetime


class MaterialRow(Shape):
    """One material that the item needs, what the desk found of it, and its files."""

    id: str
    title: str
    need: str
    status: str | None
    status_title: str
    note: str | None
    uploads: list[UploadLink]


class Act(Shape):
    """What this key may sign now; `reasons`: only with reasons."""

    event: str
    title: str
    reasons: bool


class Event(Shape):
    """What happened to the item."""

    at: datetime
    title: str
    who: str | None
    note: str | None


class DocumentLink(Shape):
    """A document of the item, or of an item that this one builds on."""

    title: str
    number: str
    kind: str
    created_at: datetime


class Other(Shape):
    """Another item of the case: where it stands, and nothing of its data."""

    title: str
    department: str
    state: State


class Approval(Shape):
    """One item of one case with only what it needs of the case."""

    approval_id: UUID
    revision: int
    case_number: str | None
    service: str
    item: str
    department: str
    route_title: str
    state: State
    state_final: bool
    submitted_at: datetime | None
    started_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Literal["ok", "soon", "late", "none"]
    applicant: str
    sections: list[SectionRows]
    materials: list[MaterialRow]
    prior: list[DocumentLink]
    acts: list[Act]
    hindered: list[str]
    waits: list[str]
    events: list[Event]
    documents: list[DocumentLink]
    opinion: str | None
    reasons: str | None
    others: list[Other]
    claimed: Held | None


class Signature(BaseModel):
    """One signature: an event out of `acts`, the opinion, and the reasons where they are due."""

    model_config = ConfigDict(extra="forbid", strict=True)

    event: str = Field(pattern="^[a-z_]{1,40}$", examples=["forward"])
    opinion: Text = Field(default="", max_length=2000)
    reasons: Text = Field(default="", max_length=4000)
    false_material: bool = False


class Signed(Shape):
    """What a signature led to; `joined`: it ended the review of the whole case."""

    approval_id: UUID
    revision: int
    state: State
    done: str
    message: str
    joined: bool


class Taken(Shape):
    """An item that was taken in hand or put back."""

    approval_id: UUID
    revision: int
    claimed: bool


class ServiceRow(Shape):
    """One service in the public list."""

    id: str
    title: str
    version: str
    summary: str
    audience: list[str]


class Meaning(Shape):
    """What a type of problem means and what to do about it."""

    status: int
    title: str
    next: str
