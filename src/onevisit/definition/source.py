"""Reads YAML text into plain values that remember where each of them stands.

YAML 1.2 core schema by ruamel.yaml's event stream; anchors, aliases and tags are refused, so
that every value has exactly one place and no small text can grow into a huge one.

libyaml reads first, being six times as fast. It is a reader of YAML 1.1 with words of its own, so
whatever it refuses, or might take in another way, is read again by the pure parser: that one alone
decides what a text means, what is wrong with it and where. A property test holds the two equal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.main import CParser  # type: ignore[attr-defined]  # None without libyaml

from onevisit.definition.problem import DefinitionError, Problem, Words
from onevisit.definition.syntax import explained

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_EVENTS = 20_000
"""Ten times the largest service; reading that many takes about half a second."""
EACH = "*"
Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,2})?")
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_READ_TWICE = re.compile(
    r"""[^\S\n ]|\ufeff    # tabs, wide and unbreakable spaces: what counts as a space differs
    |^(?:\.\.\.|[ ]+$)    # ends of documents, lines of spaces only
    |[|>][-+0-9]*\#       # a comment that touches the mark of a block
    |["'\]}][ \n]*:[^ \n] # JSON's "key":value""",
    re.VERBOSE | re.MULTILINE,
)
_QUOTES = ("'", '"')
_MAPPING, _LIST = Words("（键值对）", "(a mapping)"), Words("（列表）", "(a list)")


@dataclass(frozen=True)
class Source:
    """The plain data of one file, the (line, column) of each value and each key, and how the
    values that are no text were written (1.0, 007, null)."""

    path: str
    text: str
    data: Any
    positions: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]
    written: dict[Path, str]

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
        return Problem(self.path, line, column, code, _shown(found), expected, nearest)

    def wrong_value(self, at: Path, expected: str, nearest: str | None = None) -> Problem:
        """The problem that the value at path `at`, shown as it was written, is none of these."""
        found = self.written.get(at, self.value(at))
        return self.problem(at, "wrong_value", found, expected, nearest)

    def value(self, at: Path) -> Any:
        """The value at path `at`; None where there is nothing."""
        return next((value for _, value in self.find(*at)), None)

    def find(self, *pattern: str | int) -> Iterator[tuple[Path, Any]]:
        """Every (path, value) that a pattern like ("items", EACH, "id") leads to; whatever is
        not there or is of another shape is passed over."""
        found: list[tuple[Path, Any]] = [((), self.data)]
        for part in pattern:
            found = [
                ((*at, key), each)
                for at, value in found
                for key, each in _members(value)
                if part in (EACH, key)
            ]
        yield from found

    def texts(self, *pattern: str | int) -> Iterator[tuple[Path, str]]:
        """Like `find`, but only what is text."""
        return ((at, value) for at, value in self.find(*pattern) if isinstance(value, str))


def _members(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _shown(found: object) -> str:
    if isinstance(found, (dict, list)):
        return _MAPPING if isinstance(found, dict) else _LIST
    text = str(found)
    return text if len(text) <= 80 else text[:77] + "…"


def read(text: str | bytes, path: str) -> Source:
    """The values of a YAML file; DefinitionError names every syntax fault found."""
    if len(text) > MAX_BYTES:
        raise DefinitionError([Problem(path, 1, 1, "too_large", expected="1 MB")])
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DefinitionError([Problem(path, 1, 1, "encoding")]) from error
    text = text.replace("\r\n", "\n")
    unusable = _UNUSABLE.search(text)
    if unusable:
        before = text[: unusable.start()]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise DefinitionError([_unusable(path, line, column, unusable[0])])
    return _read_quickly(text, path) or _read_thoroughly(text, path)


def _read_quickly(text: str, path: str) -> Source | None:
    """What libyaml reads; None without it, and when anything at all is unusual or wrong."""
    if CParser is None or _READ_TWICE.search(text):
        return None
    reader = _Reader(path)
    try:
        for event in islice(iter(CParser(text).get_event, None), MAX_EVENTS):
            if isinstance(event, ScalarEvent) and not event.value and event.style not in _QUOTES:
                return None  # nothing has no place of its own: the parsers put it differently
            reader.take(event)
    except (DefinitionError, YAMLError):
        return None
    usual = isinstance(reader.root, (dict, list)) and not reader.stack and not reader.problems
    return reader.source(text) if usual else None


def _read_thoroughly(text: str, path: str) -> Source:
    """What ruamel.yaml's own parser reads; DefinitionError with everything that is wrong."""
    reader = _Reader(path)
    try:
        for event in islice(YAML(typ="safe", pure=True).parse(text), MAX_EVENTS):
            reader.take(event)
    except MarkedYAMLError as error:
        reader.problems.append(explained(error, path))
    if reader.stack and not reader.problems:
        reader.problems.append(Problem(path, 1, 1, "too_many", expected=f"{MAX_EVENTS}"))
    if not reader.problems and reader.documents == 0:
        reader.problems.append(Problem(path, 1, 1, "empty"))
    if reader.problems:
        raise DefinitionError(reader.problems)
    return reader.source(text)


def _unusable(path: str, line: int, column: int, character: str) -> Problem:
    """A character that neither a page nor a database can carry."""
    return Problem(path, line, column, "character", f"U+{ord(character):04X}")


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
    written: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def source(self, text: str) -> Source:
        """Everything taken, as the source of this text."""
        return Source(self.path, text, self.root, self.positions, self.keys, self.written)

    def take(self, event: Event) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._fail(line, column, "documents")
        elif isinstance(event, AliasEvent):
            self._fail(line, column, "alias", f"*{event.anchor}")
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self.stack.pop()
        elif isinstance(event, NodeEvent):
            self._refuse_extras(event, line, column)
            if isinstance(event, ScalarEvent):
                self._scalar(event, line, column)
            else:
                self._open({} if isinstance(event, MappingStartEvent) else [], line, column)

    def _fail(self, line: int, column: int, code: str, found: str = "", expected: str = "") -> None:
        self.problems.append(Problem(self.path, line, column, code, found, expected))
        if code not in ("duplicate_key", "tag"):
            raise DefinitionError(self.problems)

    def _refuse_extras(self, event: Any, line: int, column: int) -> None:
        if event.anchor is not None:
            self._fail(line, column, "alias", f"&{event.anchor}")
        if event.tag is not None:
            self._fail(line, column, "tag", str(event.tag))

    def _open(self, value: dict[str, Any] | list[Any], line: int, column: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._fail(line, column, "too_deep", expected=str(MAX_DEPTH))
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            self._fail(line, column, "key_type", "{…}")
        self.stack.append(_Container(self._place(value, line, column), value))

    def _scalar(self, event: ScalarEvent, line: int, column: int) -> None:
        written = event.value
        unusable = _UNUSABLE.search(written)
        if unusable:
            self.problems.append(_unusable(self.path, line, column, unusable[0]))
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            if written in top.value:
                self._fail(line, column, "duplicate_key", written)
            self.keys[(*top.path, written)] = (line, column)
            top.key = written
            return
        value = resolve(written) if event.implicit[0] else written
        at = self._place(value, line, column)
        if not isinstance(value, str):
            self.written[at] = written or "null"

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
    """A plain scalar by the YAML 1.2 core schema: null, bool, int, float, else the text.

    Numbers longer than any that a definition can mean stay text and are told as such.
    """
    if written in _CONSTANTS:
        return _CONSTANTS[written]
    if _INTEGER.fullmatch(written):
        return int(written, 0 if written[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(written):
        return float(written)
    return written
