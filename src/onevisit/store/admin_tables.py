"""What administrators changed: accounts and posts, and the files that hold for a whole place."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptJson
from onevisit.store.tables import Row


class AccountChange(Row, table=True):
    """One change of one account: what it was and what it became, never a password. No `actor_id`:
    from the command line. Rows are added and never changed."""

    __tablename__ = "account_changes"
    __table_args__ = (
        CheckConstraint(
            "act IN ('open', 'details', 'posts', 'disable', 'enable', 'reset', 'password',"
            " 'factor', 'no_factor', 'end', 'bind', 'unbind', 'deputy', 'no_deputy')",
            name="act",
        ),
        Index("ix_account_changes_account_id_id", "account_id", "id"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id")
    actor_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    act: str = Field(max_length=16)
    at: datetime = Field(sa_type=UtcDateTime)
    before: dict[str, Any] | None = Field(
        default=None, sa_type=KeptJson("account_changes.before", none_as_null=True)
    )
    after: dict[str, Any] | None = Field(
        default=None, sa_type=KeptJson("account_changes.after", none_as_null=True)
    )


class PlaceChange(Row, table=True):
    """One change of the departments, of a calendar or of the rules of a place: the whole text that
    held before and after, on what it rests, and who made it. Rows are added and never changed."""

    __tablename__ = "place_changes"
    __table_args__ = (Index("ix_place_changes_path_id", "path", "id"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    path: str = Field(max_length=200)
    what: str = Field(max_length=200)
    basis: str
    before: str
    after: str
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: uuid.UUID = Field(foreign_key="accounts.id")
