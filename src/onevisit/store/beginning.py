"""Conditions that find rows by an index on either kind of database, and those that only check."""

from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, func, literal_column
from sqlalchemy.sql.operators import custom_op
from sqlmodel import Session

LAST = "\U0010ffff"
"""Sorts after every character that a name can hold."""


def begins_with(session: Session, column: Any, beginning: str) -> ColumnElement[bool]:
    """Whether `column` begins with `beginning`, letter by letter.

    SQLite compares texts by code point, so a range does it; PostgreSQL compares by its locale, so
    there it is a LIKE, for which the index is made with text_pattern_ops.
    """
    if session.get_bind().dialect.name == "postgresql":
        found: ColumnElement[bool] = column.startswith(beginning, autoescape=True)
        return found
    return and_(column >= beginning, column < beginning + LAST)


def by_letters(session: Session, column: Any) -> ColumnElement[Any]:
    """The order in which the index of `begins_with` has a text column; the locale's is another, for
    which PostgreSQL would sort everything that begins so."""
    if session.get_bind().dialect.name == "postgresql":
        return UnaryExpression(column, modifier=custom_op("USING ~<~"))
    found: ColumnElement[Any] = column
    return found


def only_checked(column: Any) -> ColumnElement[Any]:
    """The same text column as one that no index serves.

    A condition on it is checked on the rows that another condition finds. SQLite knows how often
    no value occurs, and would go through all cases of a state for the one that is somebody's.
    """
    found: ColumnElement[Any] = func.coalesce(column, literal_column("''"))
    return found
