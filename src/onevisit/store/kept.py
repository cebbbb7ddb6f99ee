"""Columns that are kept secret: sealed on the way into the database, opened on the way out, and
found by a keyed hash of their own. The keys come with the engine (session.engine_for)."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Dialect, LargeBinary, String, event, inspect
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.sql.operators import OperatorType, eq, in_op, is_, is_not, ne
from sqlalchemy.types import TypeDecorator, TypeEngine

from onevisit.store.packed import pack, unpack
from onevisit.store.secret import Keyring, KeysFault

ATTRIBUTE = "onevisit_keyring"
"""Under which name an engine's dialect carries its keyring."""
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def keyring_on(dialect: Dialect) -> Keyring:
    """The keyring of an engine; KeysFault when none was handed to it."""
    found = getattr(dialect, ATTRIBUTE, None)
    if found is None:
        raise KeysFault("打开数据库时没有给出密钥：engine_for(url, settings.keyring)")
    return cast("Keyring", found)


class KeptValue(TypeDecorator[Any], ABC):
    """A sealed value of the column `place` (table.column)."""

    impl = LargeBinary
    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[Any]):  # noqa: N801 -- SQLAlchemy's name
        """Nothing but presence can be asked: every sealing of one value is different."""

        def operate(self, op: OperatorType, *other: Any, **options: Any) -> ColumnElement[Any]:
            """Refuse a comparison that could never be true."""
            if op not in (is_, is_not, eq, ne) or other != (None,):
                raise TypeError("a sealed column cannot be compared: find it by its keyed hash")
            return super().operate(op, *other, **options)

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Seal it."""
        if value is None and self.absent(value):
            return None
        return keyring_on(dialect).seal(pack(self.written(value)), self.place)

    def process_result_value(self, value: bytes | str | None, dialect: Dialect) -> Any:
        """Open it."""
        if value is None:
            return None
        if isinstance(value, str):  # SQLite keeps whatever somebody writes past the program
            raise KeysFault(f"{self.place} 里有没有加密的内容：有人绕过系统写了数据库")
        plain = keyring_on(dialect).open(bytes(value), self.place)
        try:
            return self.read(unpack(plain))
        except LookupError:
            raise KeysFault(f"{self.place} 的内容由更新的版本写成；请换用那个版本") from None

    def absent(self, _: object) -> bool:
        """Whether None is no value at all."""
        return True

    @abstractmethod
    def written(self, value: Any) -> bytes:
        """The bytes of a value."""

    @abstractmethod
    def read(self, plain: bytes) -> Any:
        """The value of these bytes."""


class KeptText(KeptValue):
    """A text."""

    cache_ok = True

    def written(self, value: str) -> bytes:
        """UTF-8."""
        return value.encode()

    def read(self, plain: bytes) -> str:
        """UTF-8."""
        return plain.decode()


class KeptJson(KeptValue):
    """A JSON value; None is JSON's null, or with `none_as_null` no value at all."""

    cache_ok = True

    def __init__(self, place: str, *, none_as_null: bool = False) -> None:
        super().__init__(place)
        self.none_as_null = none_as_null

    def absent(self, _: object) -> bool:
        """As SQLAlchemy's own JSON does."""
        return self.none_as_null

    def written(self, value: Any) -> bytes:
        """Without blanks."""
        return _COMPACT.encode(value).encode()

    def read(self, plain: bytes) -> Any:
        """What it was."""
        return json.loads(plain)


class Digest(str):
    """A keyed hash that is one already, as the database has it."""

    __slots__ = ()


class Sought(str):
    """A value in the one spelling in which it is hashed; made by `sought`."""

    __slots__ = ()


class _SoughtElsewhere(str):
    """The same, to be hashed with the other search key."""

    __slots__ = ()


def sought(value: str) -> Sought:
    """The value as it is looked for: blanks and dashes do not count, nor do small letters.

    `select(Account).where(Account.id_number_hash == sought(number))`; every look-up of an ID
    number, a telephone or whatever else is sealed goes this way.
    """
    return Sought("".join(value.split()).replace("-", "").upper())


class KeyedHash(TypeDecorator[str]):
    """HMAC-SHA256 of the column `of`, by which its row is found; filled in by itself on rows that
    are written as objects."""

    impl = String(64)
    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[str]):  # noqa: N801 -- SQLAlchemy's name
        """Whoever is sought is found by either search key, also while they are being changed."""

        def operate(self, op: OperatorType, *other: Any, **options: Any) -> ColumnElement[Any]:
            """One value is looked for as two."""
            if op is eq and isinstance(other[0], Sought):
                return super().operate(in_op, _by_either([other[0]]), **options)
            if op is in_op and isinstance(other[0], list | tuple | set | frozenset):
                return super().operate(in_op, _by_either(other[0]), **options)
            if isinstance(other[0] if other else None, Sought):
                raise TypeError("whoever is sought can only be found: == or in_")
            return super().operate(op, *other, **options)

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Hash what is sought; refuse what nobody brought into its one spelling."""
        if value is None or isinstance(value, Digest):
            return value
        if isinstance(value, _SoughtElsewhere):
            return keyring_on(dialect).other_digest(value)
        if not isinstance(value, Sought):
            raise TypeError("look a sealed value up with sought(value)")
        return keyring_on(dialect).digest(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Digest | None:
        """Mark it as hashed."""
        return None if value is None else Digest(value)


def _by_either(values: Iterable[str]) -> list[str]:
    """What is sought, for each of the two search keys."""
    return [
        each
        for value in values
        for each in ((value, _SoughtElsewhere(value)) if isinstance(value, Sought) else (value,))
    ]


def keyed(session: Session, value: str) -> str:
    """The keyed hash of a value, for what is called after it."""
    return keyring_on(session.connection().dialect).digest(sought(value))


def is_secret(kind: TypeEngine[Any]) -> bool:
    """Whether a column of this type holds what must not be shown where nobody asked for it."""
    return isinstance(kind, KeptValue | KeyedHash)


def fill_hashes(_: Mapper[Any], connection: Connection, row: Any) -> None:
    """Before a row is written: the keyed hashes of whatever it holds now."""
    for column in inspect(type(row)).columns:
        if isinstance(column.type, KeyedHash):
            value = getattr(row, column.type.of)
            digest = None if value is None else keyring_on(connection.dialect).digest(sought(value))
            setattr(row, column.key, None if digest is None else Digest(digest))


def watch(rows: type[Any]) -> None:
    """Fill the keyed hashes of these rows, and of all classes below, whenever one is written."""
    for moment in ("before_insert", "before_update"):
        event.listen(rows, moment, fill_hashes, propagate=True)
