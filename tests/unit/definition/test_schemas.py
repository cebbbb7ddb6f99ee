"""Parser and published JSON Schema say the same of a file's shape, and explain every key."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from onevisit.definition.keys import KEYS, KINDS, meaning
from onevisit.definition.parse import build
from onevisit.definition.schemas import _models, schema
from onevisit.definition.source import Source, read
from unit.definition import complete

ROOT = Path(__file__).parents[3]
WRONG: tuple[Any, ...] = ("…", "", 7, 7.5, -1, True, None, [], ["…"], [7], {}, {"zz": 1})
Path_ = tuple[str | int, ...]


def files(kind: str) -> list[Path]:
    """The files of one kind that ship."""
    folders = {
        "form": "forms",
        "workflow": "workflows",
        "directory": "workflows",
    }
    found = sorted((ROOT / folders.get(kind, f"workflows/{kind}s")).glob("*.yaml"))
    if kind in ("workflow", "directory"):
        found = [each for each in found if (each.stem == "directory") == (kind == "directory")]
    assert found
    return found


def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind), format_checker=FormatChecker(["date"]))


def shape_faults(kind: str, data: Any) -> list[str]:
    """The codes of what the parser says of the shape; rules between keys are no shape."""
    _, problems = build(Source("x.yaml", "", data, {}, {}, {}), KINDS[kind][0])
    return [each.code for each in problems if each.code != "rule"]


def nodes(value: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    yield at, value
    members: dict[Any, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        members = dict(enumerate(value))
    for key, each in members.items():
        yield from nodes(each, (*at, key))


def changed(data: Any, at: Path_, new: Any) -> Any:
    result = copy.deepcopy(data)
    holder = result
    for part in at[:-1]:
        holder = holder[part]
    holder[at[-1]] = new
    return result


def mutations(data: Any) -> Iterator[tuple[str, Any]]:
    """Every structural mutation: each value of a wrong type, each key left out, one too many."""
    for at, value in nodes(data):
        if at:
            yield from ((f"{at} = {wrong!r}", changed(data, at, wrong)) for wrong in WRONG)
        if isinstance(value, dict):
            if at:
                yield f"{at} + key", changed(data, at, {**value, "zz_unknown": 1})
            for key in value:
                less = {other: each for other, each in value.items() if other != key}
                yield f"{at} - {key}", changed(data, at, less) if at else less
    yield "() + key", {**data, "zz_unknown": 1}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_schema_is_itself_valid_and_closed(kind: str) -> None:
    found = schema(kind)
    Draft202012Validator.check_schema(found)
    assert found["additionalProperties"] is False
    assert found["title"] == KINDS[kind][1]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_ships_is_accepted_by_both(kind: str) -> None:
    for path in files(kind):
        data = read(path.read_text(encoding="utf-8"), path.name).data
        assert [each.message for each in validator(kind).iter_errors(data)] == []
        assert shape_faults(kind, data) == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_structural_mutation_gets_the_same_verdict_from_both(kind: str) -> None:
    data = read(complete.TEXTS[kind], "x.yaml").data
    check = validator(kind)
    assert check.is_valid(data)
    assert shape_faults(kind, data) == []
    verdicts: dict[bool, int] = {True: 0, False: 0}
    differing = []
    for name, mutated in mutations(data):
        accepted = not shape_faults(kind, mutated)
        verdicts[accepted] += 1
        if check.is_valid(mutated) != accepted:
            differing.append((name, "parser accepts" if accepted else "parser refuses"))
    assert differing == []
    assert verdicts[False] > verdicts[True] > 0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_mutated_file_writes_every_key(kind: str) -> None:
    written: dict[str, set[str]] = {}
    data = read(complete.TEXTS[kind], "x.yaml").data

    def visit(value: Any, definition: dict[str, Any], root: dict[str, Any]) -> None:
        """Notes which keys of which definition of the schema a value uses."""
        for part in definition.get("anyOf", ()):
            visit(value, part, root)
        if "$ref" in definition:
            name = definition["$ref"].rsplit("/", 1)[1]
            written.setdefault(name, set())
            if isinstance(value, dict):
                written[name] |= set(value)
            visit(value, root["$defs"][name], root)
        if isinstance(value, dict):
            (other,) = definition.get("patternProperties", {"": {}}).values()
            for key, each in value.items():
                visit(each, definition.get("properties", {}).get(key, other), root)
        if isinstance(value, list):
            for each in value:
                visit(each, definition.get("items", {}), root)

    found = schema(kind)
    visit(data, found, found)
    known = {name: set(each.get("properties", ())) for name, each in found["$defs"].items()}
    unwritten = {name: keys - written.get(name, set()) for name, keys in known.items()}
    assert {name: keys for name, keys in unwritten.items() if keys} == {}
    assert set(found["properties"]) == set(data)


def test_every_key_is_explained_and_nothing_else() -> None:
    models = {each for model, _ in KINDS.values() for each in _models(model)}
    for model in models:
        for name, field in model.model_fields.items():
            assert meaning(model, field.alias or name)
    with pytest.raises(KeyError):
        meaning(next(iter(models)), "zz_unknown")
    for model, keys in KEYS.items():
        assert set(keys) <= {field.alias or name for name, field in model.model_fields.items()}
    assert {each for each in KEYS if each not in models} <= {
        base for model in models for base in model.__mro__
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_editor_finds_the_meaning_at_every_key(kind: str) -> None:
    found = schema(kind)
    for definition in (found, *found["$defs"].values()):
        for key, each in definition.get("properties", {}).items():
            assert each["description"], key
            assert "title" not in each
