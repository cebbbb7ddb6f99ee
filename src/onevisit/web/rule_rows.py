"""The rules of a place as rows of a table that can be typed into: each number with its basis."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onevisit.catalog.retouch import Scalar
from onevisit.definition.form import FieldError
from onevisit.definition.keys import meaning
from onevisit.definition.place import Jurisdiction
from onevisit.definition.source import Path
from onevisit.definition.values import Value

FIXED = frozenset({"id", "region", "calendar"})
"""Keys that other files and cases refer to: not changed here."""


@dataclass(frozen=True)
class Leaf:
    """One value: where it stands in the file, the name of its field, what it means."""

    path: Path
    label: str
    value: Scalar
    kind: str

    @property
    def name(self) -> str:
        """The name of its field in the form."""
        return ".".join(str(part) for part in self.path)

    @property
    def text(self) -> str:
        """What stands in the field."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return "" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Group:
    """One rule of the place: its values, and the basis that they rest on."""

    key: str
    title: str
    leaves: tuple[Leaf, ...]
    basis: Leaf | None


def groups(place: Jurisdiction) -> list[Group]:
    """All rules that the place has, in the order of the language."""
    found = []
    for key in type(place).model_fields:
        value = getattr(place, key)
        title = meaning(Jurisdiction, key)
        if isinstance(value, tuple) and value and isinstance(value[0], Value):
            found += [
                _group(f"{key}.{at}", f"{title}（第 {at + 1} 项）", (key, at), each)
                for at, each in enumerate(value)
            ]
        elif isinstance(value, Value):
            found.append(_group(key, title, (key,), value))
        elif value is not None:
            found.append(Group(key, title, tuple(_leaves((key,), title, value, None)), None))
    return [each for each in found if each.leaves]


def without(place: Jurisdiction) -> list[str]:
    """What the place has no rule for: those turns cannot be taken there."""
    keys = type(place).model_fields
    return [meaning(Jurisdiction, key) for key in keys if getattr(place, key) in (None, ())]


def typed_values(
    place: Jurisdiction, typed: Mapping[str, str]
) -> tuple[dict[Path, Scalar], list[FieldError]]:
    """What differs from the file, by its place in it; and what is no such value."""
    values: dict[Path, Scalar] = {}
    errors = []
    for leaf in all_leaves(place):
        text = typed.get(leaf.name, leaf.text)
        if text == leaf.text:
            continue
        try:
            values[leaf.path] = _read(leaf, text)
        except ValueError:
            errors.append(FieldError(leaf.name, f"“{leaf.label}”应当是{_EXPECTED[leaf.kind]}"))
    return values, errors


def all_leaves(place: Jurisdiction) -> Iterator[Leaf]:
    """Every value that can be typed, the bases among them."""
    for group in groups(place):
        yield from group.leaves
        if group.basis is not None:
            yield group.basis


_EXPECTED = {"int": "整数", "float": "数字", "text": "文字，不能空着", "flag": "是或者否"}


def _group(key: str, title: str, path: Path, value: Value) -> Group:
    leaves = list(_leaves(path, title, value, None))
    basis = next((each for each in leaves if each.path == (*path, "basis")), None)
    return Group(key, title, tuple(each for each in leaves if each is not basis), basis)


def _leaves(path: Path, label: str, value: object, model: type[Value] | None) -> Iterator[Leaf]:
    if isinstance(value, Value):
        keys = [key for key in type(value).model_fields if key not in FIXED]
        for key in keys:
            inner, listed = getattr(value, key), isinstance(path[-1], int)
            named = label if listed and len(keys) == 1 else meaning(type(value), key)
            yield from _leaves((*path, key), named, inner, type(value))
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from _leaves((*path, at), f"{label}（第 {at + 1} 项）", each, model)
    elif path[-1] not in FIXED:
        yield Leaf(path, label, _scalar(value), _kind(path, value, model))


def _kind(path: Path, value: object, model: type[Value] | None) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return type(value).__name__
    if value is None and model is not None:
        declared = str(model.model_fields[str(path[-1])].annotation)
        return "int" if "int" in declared else "optional"
    return "text"


def _scalar(value: object) -> Scalar:
    assert value is None or isinstance(value, str | int | float | bool)
    return value


def _read(leaf: Leaf, text: str) -> Scalar:
    if leaf.kind == "flag":
        return {"yes": True, "no": False}[text] if text in ("yes", "no") else _fail()
    if not text:
        return None if leaf.value is None or leaf.kind == "optional" else _fail()
    if leaf.kind == "int":
        return int(text)
    return float(text) if leaf.kind == "float" else text


def _fail() -> Scalar:
    raise ValueError
