"""A look that asks the database the same question once: in one consistent look the answer cannot
change, and the guards of a page's many turns ask alike."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Select
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlmodel import Session

from onevisit.cases.context import Context


class Answer:
    """What a statement found, to be read as often as it is asked."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        """Every row."""
        return list(self._rows)

    def first(self) -> Any:
        """The first row; None when there is none."""
        return next(iter(self._rows), None)

    def one_or_none(self) -> Any:
        """The only row; None when there is none. MultipleResultsFound."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("more than one row where one is expected")
        return self.first()

    def one(self) -> Any:
        """The only row. NoResultFound, MultipleResultsFound."""
        if not self._rows:
            raise NoResultFound("no row where one is expected")
        return self.one_or_none()


class _Remembering:
    """Stands for a session that only reads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._answers: dict[tuple[Any, ...], Answer] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def exec(self, statement: Any, *, params: Mapping[str, Any] | None = None) -> Any:
        """As Session.exec, asked once for the same SELECT with the same values."""
        key = statement._generate_cache_key() if isinstance(statement, Select) else None
        if key is None:
            return self._session.exec(statement, params=params)
        asked = (key.key, repr([each.value for each in key.bindparams]), repr(params))
        if asked not in self._answers:
            self._answers[asked] = Answer(list(self._session.exec(statement, params=params)))
        return self._answers[asked]


def remembering(ctx: Context) -> Context:
    """The same look, remembering what it was answered; only for looks, never for verbs."""
    return replace(ctx, session=cast(Session, _Remembering(ctx.session)))
