"""The tables of the studio: drafts of services, what was published from them, when and by whom."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.tables import Row


class Draft(Row, table=True):
    """A service that an admin is writing: `files` are its texts by path. `began_from` is the hash
    of the version that it was copied from; `closed_at` says that it was published (`published`:
    the hash of that version) or given up."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_closed_at_changed_at", "closed_at", "changed_at"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    workflow_id: str = Field(max_length=63, index=True)
    title: str = Field(max_length=200)
    files: dict[str, str] = Field(sa_type=JSON)
    began_from: str | None = Field(default=None, max_length=64)
    revision: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: uuid.UUID = Field(foreign_key="accounts.id")
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: uuid.UUID = Field(foreign_key="accounts.id")
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published: str | None = Field(default=None, max_length=64)


class DraftText(Row, table=True):
    """What a draft said at one of its revisions, so that nobody's words are lost when two write."""

    __tablename__ = "draft_texts"
    draft_id: uuid.UUID = Field(foreign_key="drafts.id", primary_key=True)
    revision: int = Field(primary_key=True)
    files: dict[str, str] = Field(sa_type=JSON)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    saved_by: uuid.UUID = Field(foreign_key="accounts.id")
    by_itself: bool = False


class Publication(Row, table=True):
    """One time that a version came into force: from the service folder, from a draft, or a former
    text again (`restored`), which may state on what it rests that it asks more."""

    __tablename__ = "publications"
    __table_args__ = (
        CheckConstraint("how IN ('folder', 'draft', 'restored')", name="how"),
        Index("ix_publications_workflow_id_id", "workflow_id", "id"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    workflow_id: str = Field(max_length=63)
    hash: str = Field(foreign_key="workflow_versions.hash", max_length=64)
    replaced: str | None = Field(default=None, max_length=64)
    how: str = Field(max_length=16)
    basis: str | None = None
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")


class AuthoredText(Row, table=True):
    """A file of the service folder as it was last published in the browser. It holds on every node
    whose folder has none of the texts that it replaced (`replaces`: their hashes) changed since."""

    __tablename__ = "authored_texts"
    path: str = Field(primary_key=True, max_length=200)
    content: str
    replaces: list[str] = Field(sa_type=JSON)
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: uuid.UUID = Field(foreign_key="accounts.id")
