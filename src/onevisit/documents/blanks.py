"""Makes a blank on paper impossible: a null, empty or absent value stops the document by name.

A template may ask whether an optional value is there (`{% if due %}`) or offer another one
(`{{ note or "—" }}`); printing, formatting or reaching into a blank raises Unfilled.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import TemplateRuntimeError, UndefinedError
from jinja2.utils import missing


class Unfilled(UndefinedError):
    """Raised inside a template that needs a value which is not there; `name` is its dotted path."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.name = name or ""


class Record(dict[str, Any]):
    """A JSON object that knows where in the snapshot it sits."""

    _where: str


class Rows(list[Any]):
    """A JSON array that knows where in the snapshot it sits."""

    _where: str


class Blank(str):
    """Stands for null, "" and white space: false when asked, an error naming it when printed."""

    _where: str

    def _refuse(self, *_: object) -> NoReturn:
        raise Unfilled(self._where)

    # Every way a template turns a string into paper goes through one of these.
    __html__ = __str__ = __format__ = __iter__ = __add__ = __radd__ = _refuse


class Absent(StrictUndefined):
    """What a template meets where the snapshot has no such key: the error names the whole path."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, Unfilled if exc is UndefinedError else exc)

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        where = getattr(self._undefined_obj, "_where", "")
        return f"{where}.{self._undefined_name}" if where else str(self._undefined_name)


def located(value: Any, where: str) -> Any:
    """A copy of a JSON value in which every object, array and blank knows its dotted path.

    Elements are counted from 1 (materials[3].title), as a person counts rows.
    """
    copy: Record | Rows | Blank
    if value is None or (isinstance(value, str) and not value.strip()):
        copy = Blank()
    elif isinstance(value, Mapping):
        copy = Record((key, located(val, f"{where}.{key}")) for key, val in value.items())
    elif isinstance(value, list | tuple):
        copy = Rows(located(val, f"{where}[{n}]") for n, val in enumerate(value, 1))
    else:
        return value
    copy._where = where
    return copy


def required(value: Any) -> Any:
    """Jinja filter: the value itself, or Unfilled where it is blank, an empty list or record."""
    if not value:
        raise Unfilled(getattr(value, "_where", ""))
    return value


def printable(value: Any) -> Any:
    """What `{{ … }}` may put on paper: text and numbers; anything else is a template's mistake."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, StrictUndefined) or hasattr(value, "__html__"):
        return value  # an Absent or a Blank raises by itself when it is turned into text
    if isinstance(value, Undefined):
        raise Unfilled(value._undefined_message)
    if value is None or value == "":
        raise Unfilled("{{ … }}")
    if not isinstance(value, str | int | float):
        raise TypeError(f"不能打印{type(value).__name__}")
    return value
