"""The published JSON Schemas of the language, so that an editor completes, checks and explains."""

from collections.abc import Iterator
from typing import Any

from onevisit.definition.keys import KINDS, meaning
from onevisit.definition.values import Value

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema 2020-12 of one kind of definition file (see KINDS); KeyError if unknown.

    It says what the parser says of a file's shape: keys, types, ranges, choices. Rules between
    keys and names across files are the parser's alone.
    """
    model, title = KINDS[kind]
    found = model.model_json_schema()
    models = {each.__name__: each for each in _models(model) if each is not model}
    definitions = found.pop("$defs", {})
    for name, each in models.items():
        _explain(definitions[name], each)
    _explain(found, model)
    return {"$schema": DIALECT, **found, "title": title, "$defs": definitions}


def _models(model: type[Value]) -> Iterator[type[Value]]:
    """The value and every value inside it."""
    yield model
    for field in model.model_fields.values():
        for each in _values_in(field.annotation):
            yield from _models(each)


def _values_in(annotation: Any) -> Iterator[type[Value]]:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _values_in(inner)


def _explain(definition: dict[str, Any], model: type[Value]) -> None:
    """Puts the meaning of each key where editors show it, and takes generated titles out."""
    definition.pop("title")
    definition.pop("description")
    for key, property_ in definition["properties"].items():
        property_.pop("title", None)
        property_["description"] = meaning(model, key)
        for part in (property_, *property_.get("anyOf", ())):
            if "patternProperties" in part:  # a name of another shape is refused, not passed over
                part["additionalProperties"] = False
                part.pop("propertyNames")
