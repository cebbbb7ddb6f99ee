"""Reads a serial description with the files it names, and checks every name in it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TypeVar

from onevisit.definition.bundle import DIRECTORY
from onevisit.definition.lifecycle import Lifecycle
from onevisit.definition.names import repeated, unknown
from onevisit.definition.parse import build
from onevisit.definition.place import Directory, Jurisdiction
from onevisit.definition.problem import DefinitionError, Problem, Words, nearest_name
from onevisit.definition.serial import FORM, SerialProcess, name_of
from onevisit.definition.source import EACH, Path, Source, read
from onevisit.definition.values import Value

Read = TypeVar("Read", bound=Value)
_ITEMS: Path = ("items", EACH)
_DEPARTMENT = Words("部门", "department")
_ORIGIN = Words("来源（事项的 id，或共享来源.字段）", "origin (the id of an item, or source.field)")
_FIELD = Words("字段", "field")
_THING = Words(
    "东西：没有事项产出它，没有共享来源存有它，也没有事项收取它",
    "thing: no item makes it, no shared source holds it, no item asks for it",
)
_MADE_TWICE = Words(
    "“{thing}”已由“{item}”产出；请改成不同的名称，或者只留一处",
    "“{thing}” is already made by “{item}”: give one of them another title",
)
_TYPES_DIFFER = Words(
    "“{title}”在“{item}”里是 {there}，这里是 {here}；合成一个字段前请先统一",
    "“{title}” is {there} in “{item}” and {here} here: agree on one type",
)


@dataclass(frozen=True)
class Serial:
    """A serial description with the place it belongs to. `held` says by name which shared source
    (source.field) holds a thing."""

    process: SerialProcess
    source: Source
    directory: Directory
    jurisdiction: Jurisdiction
    lifecycle: Lifecycle
    held: Mapping[str, str]


def parse_serial(path: str, files: Mapping[str, str]) -> Serial:
    """The description in the file `path`; the other files are those of the service folder.

    DefinitionError lists everything that is wrong with it, in one go.
    """
    opened = _Opened(files, _spelt_out(read(files[path], path)))
    source = opened.source
    process = opened.build(source, SerialProcess)
    directory = opened.file(DIRECTORY, (), Directory)
    jurisdiction = opened.named("jurisdictions", "jurisdiction", "", Jurisdiction)
    lifecycle = opened.named("lifecycles", "lifecycle", "standard", Lifecycle)
    opened.problems += repeated(source, *_ITEMS, "id")
    opened.problems += _made_twice(source)
    opened.problems += _types(source)
    opened.problems += _printed(source)
    held = held_names(directory) if directory else {}
    if directory is not None:
        opened.problems += _places(source, directory)
        opened.problems += _things(source, held)
    if opened.problems:
        raise DefinitionError(opened.problems)
    assert process and directory and jurisdiction and lifecycle
    return Serial(process, source, directory, jurisdiction, lifecycle, held)


def _spelt_out(source: Source) -> Source:
    """The source with what may be written short written in full."""
    data, positions = deepcopy(source.data), dict(source.positions)
    for group, key in (("consumes", "what"), ("produces", "title")):
        for at, text in source.texts(*_ITEMS, group, EACH):
            data["items"][at[1]][group][at[3]] = {key: text}
            positions[*at, key] = source.positions[at]
    return replace(source, data=data, positions=positions)


def held_names(directory: Directory) -> dict[str, str]:
    """By name, the field of a shared source (source.field) that holds the thing called so."""
    return {
        name_of(title): f"{source.id}.{known.field}"
        for source in directory.sources
        for known in source.known_as
        for title in known.titles
    }


@dataclass
class _Opened:
    """Reads the files that the description names; a missing one is told where it is named."""

    files: Mapping[str, str]
    source: Source
    problems: list[Problem] = field(default_factory=list)

    def build(self, source: Source, kind: type[Read]) -> Read | None:
        value, problems = build(source, kind)
        self.problems += problems
        return value

    def named(self, folder: str, key: str, otherwise: str, kind: type[Read]) -> Read | None:
        name = self.source.value((key,)) or otherwise
        if not isinstance(name, str) or not name:
            return None
        return self.file(f"workflows/{folder}/{name}.yaml", (key,), kind)

    def file(self, path: str, at: Path, kind: type[Read]) -> Read | None:
        if path not in self.files:
            folder = path.rsplit("/", 1)[0] + "/"
            near = nearest_name(path, [each for each in self.files if each.startswith(folder)])
            self.problems.append(self.source.problem(at, "missing_file", path, nearest=near))
            return None
        try:
            return self.build(read(self.files[path], path), kind)
        except DefinitionError as error:
            self.problems += error.problems
            return None


def _places(source: Source, directory: Directory) -> Iterator[Problem]:
    departments = [each.id for each in directory.departments]
    yield from unknown(source, ("authority",), departments, _DEPARTMENT)
    yield from unknown(source, (*_ITEMS, "department"), departments, _DEPARTMENT)
    origins = [text for _, text in source.texts(*_ITEMS, "id")]
    origins += [f"{each.id}.{name}" for each in directory.sources for name in each.fields]
    for group in ("consumes", "materials", "fields"):
        valid = [*origins, FORM] if group == "materials" else origins
        yield from unknown(source, (*_ITEMS, group, EACH, "from"), valid, _ORIGIN)


def _made(source: Source) -> Iterator[tuple[Path, str]]:
    """Every title of a result, and of what can be read from it."""
    at: Path = (*_ITEMS, "produces", EACH)
    yield from source.texts(*at, "title")
    yield from source.texts(*at, "also", EACH)
    yield from source.texts(*at, "gives", EACH)


def _asked(source: Source, group: str) -> Iterator[tuple[Path, str]]:
    """Every title of a material or field."""
    yield from source.texts(*_ITEMS, group, EACH, "title")
    yield from source.texts(*_ITEMS, group, EACH, "also", EACH)


def _made_twice(source: Source) -> Iterator[Problem]:
    """Whoever consumes a thing must be able to tell which item makes it."""
    makers: dict[str, int | str] = {}
    for at, title in _made(source):
        maker = makers.setdefault(name_of(title), at[1])
        if maker != at[1]:
            item = source.value(("items", maker, "title"))
            words = _MADE_TWICE.filled(thing=title, item=item)
            yield source.problem(at, "rule", expected=words)


def _types(source: Source) -> Iterator[Problem]:
    """The same blank must take the same kind of answer everywhere."""
    seen: dict[str, tuple[object, Path]] = {}
    for at, title in _asked(source, "fields"):
        kind = source.value((*at[:4], "type"))
        there, place = seen.setdefault(name_of(title), (kind, at))
        if kind != there:
            item = source.value((*place[:2], "title"))
            words = _TYPES_DIFFER.filled(title=title, item=item, there=there, here=kind)
            yield source.problem(at, "rule", expected=words)


def _printed(source: Source) -> Iterator[Problem]:
    fields = {name_of(title): title for _, title in _asked(source, "fields")}
    for at, title in source.texts(*_ITEMS, "produces", EACH, "prints", EACH):
        if name_of(title) not in fields:
            near = nearest_name(title, fields.values())
            yield source.problem(at, "unknown_name", title, _FIELD, near)


def _things(source: Source, held: Mapping[str, str]) -> Iterator[Problem]:
    """What an item consumes comes from somewhere."""
    titles = [*_made(source), *_asked(source, "materials"), *_asked(source, "fields")]
    known = {name_of(title): title for _, title in titles}
    consumed: Path = (*_ITEMS, "consumes", EACH)
    for at, title in source.texts(*consumed, "what"):
        hinted = source.value((*at[:4], "from")) is not None
        if not hinted and name_of(title) not in known and name_of(title) not in held:
            near = nearest_name(title, known.values())
            yield source.problem(at, "unknown_name", title, _THING, near)
