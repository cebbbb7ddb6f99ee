"""Reads YAML text into plain values that remember where each of them stands.

YAML 1.2 core schema by ruamel.yaml's event stream; anchors, aliases and tags are refused, so
that every value has exactly one place and no small text can grow into a huge one.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from onevisit.definition.problem import DefinitionError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The plain data of one file and the (line, column) of each value and each key."""

    path: str
    text: str
    data: Any
    positions: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]

    def problem(
        self,
        at: Path,
        code: str,
        found: object = "",
        expected: str = "",
        nearest: str | None = None,
        *,
        on_key: bool = False,
    ) -> Problem:
        """A problem at the value (or its key) at path `at`, or at its closest known parent."""
        places = self.keys if on_key else self.positions
        where = at
        while where and where not in places:
            where = where[:-1]
            places = self.positions
        line, column = places.get(where, (1, 1))
        shown = str(found)
        shown = shown if len(shown) <= 80 else shown[:77] + "…"
        return Problem(self.path, line, column, code, shown, expected, nearest)


def read(text: str | bytes, path: str) -> Source:
    """The values of a YAML file; DefinitionError names every syntax fault found."""
    if len(text) > MAX_BYTES:
        raise DefinitionError([Problem(path, 1, 1, "too_large", expected="1 MB")])
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DefinitionError([Problem(path, 1, 1, "encoding")]) from error
    reader = _Reader(path)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            reader.take(event)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        reader.problems.append(Problem(path, line, column, "syntax", found=str(reason)))
    if not reader.problems and reader.documents == 0:
        reader.problems.append(Problem(path, 1, 1, "empty"))
    if reader.problems:
        raise DefinitionError(reader.problems)
    return Source(path, text, reader.root, reader.positions, reader.keys)


@dataclass
class _Container:
    path: Path
    value: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass
class _Reader:
    """Builds values from events with an explicit stack: deep input cannot exhaust Python's."""

    path: str
    root: Any = None
    documents: int = 0
    stack: list[_Container] = field(default_factory=list)
    positions: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, event: Event) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._fail(line, column, "documents")
        elif isinstance(event, AliasEvent):
            self._fail(line, column, "alias", "*" + str(event.anchor))
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._refuse_extras(event, line, column)
            self._open({} if isinstance(event, MappingStartEvent) else [], line, column)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self.stack.pop()
        elif isinstance(event, ScalarEvent):
            self._refuse_extras(event, line, column)
            plain = event.implicit[0]
            self._scalar(event.value, resolve(event.value) if plain else event.value, line, column)

    def _fail(self, line: int, column: int, code: str, found: str = "", expected: str = "") -> None:
        self.problems.append(Problem(self.path, line, column, code, found, expected))
        if code in ("alias", "documents", "too_deep", "key_type"):
            raise DefinitionError(self.problems)

    def _refuse_extras(self, event: Any, line: int, column: int) -> None:
        if event.anchor is not None:
            self._fail(line, column, "alias", "&" + str(event.anchor))
        scalar = isinstance(event, ScalarEvent)
        if event.ctag is not None and not (any(event.implicit) if scalar else event.implicit):
            self._fail(line, column, "tag", str(event.ctag))

    def _open(self, value: dict[str, Any] | list[Any], line: int, column: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._fail(line, column, "too_deep", expected=str(MAX_DEPTH))
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            self._fail(line, column, "key_type", "{…}")
        self.stack.append(_Container(self._place(value, line, column), value))

    def _scalar(self, written: str, value: Any, line: int, column: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            at = (*top.path, written)
            if written in top.value:
                self._fail(line, column, "duplicate_key", written)
            self.keys[at] = (line, column)
            top.key = written
        else:
            self._place(value, line, column)

    def _place(self, value: Any, line: int, column: int) -> Path:
        """Puts a value into its container and answers its path."""
        at: Path = ()
        if not self.stack:
            self.root = value
        else:
            top = self.stack[-1]
            if isinstance(top.value, dict):
                at = (*top.path, str(top.key))
                top.value[str(top.key)] = value
                top.key = None
            else:
                at = (*top.path, len(top.value))
                top.value.append(value)
        self.positions[at] = (line, column)
        return at


def resolve(written: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema: null, bool, int, float, else the text."""
    if written in _CONSTANTS:
        return _CONSTANTS[written]
    if _INTEGER.fullmatch(written):
        return int(written, 0 if written[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(written):
        return float(written)
    return written
