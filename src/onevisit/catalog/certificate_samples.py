"""Sample certificates of a service with the fields that it declares itself, to try templates on."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from onevisit.definition.form import Field
from onevisit.definition.sample import sample
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Item
from onevisit.documents import sample_snapshot
from onevisit.documents.format import answer_text
from onevisit.documents.variants import Json, Variant, bare

LONGEST = 500
"""Characters of a text whose schema sets no limit."""


def certificate_variants(definition: Definition, item: Item) -> Iterator[Variant]:
    """The shapes in which an item's certificate can be printed: with every declared field, without
    those that may stay empty, with all texts as long as the form takes them."""
    fields = _fields(definition, item)
    title = item.result.title if item.result else item.title
    full = _snapshot(definition, item, title, [(each.title, _usual(each)) for each in fields])
    yield Variant("全部栏目", full)
    needed = [(each.title, _usual(each)) for each in fields if each.required]
    yield Variant("只有必填的栏目", _snapshot(definition, item, title, needed))
    longest = [(each.title, _longest(each)) for each in fields]
    yield Variant("栏目内容最长", _snapshot(definition, item, title, longest))
    yield Variant("没有声明的栏目", bare(_snapshot(definition, item, title, []), "certificate"))


def _snapshot(
    definition: Definition, item: Item, title: str, printed: list[tuple[str, str]]
) -> Json:
    """A sample snapshot of the item's certificate; what is printed first names the holder."""
    snapshot = sample_snapshot("certificate", title)
    department = definition.directory.department(item.department)
    valid = item.result is not None and item.result.valid is not None
    snapshot["authority"] = {"title": department.title, "uscc": department.uscc}
    snapshot["case"]["service"] = definition.workflow.title
    snapshot["basis"] = list(item.basis)
    snapshot["certificate"] |= {
        "title": title,
        "holder": printed[0][1] if printed else snapshot["applicant"]["name"],
        "fields": [{"label": label, "value": value} for label, value in printed[1:]],
        "valid_until": snapshot["certificate"]["valid_until"] if valid else None,
    }
    return snapshot


def _fields(definition: Definition, item: Item) -> list[Field]:
    """The declared fields as the form describes them; of a list element, its own."""
    known = {each.id: each for each in definition.form.fields}
    if item.foreach is not None:
        entries = known[item.foreach].schema.get("items", {})
        for name, schema in entries.get("properties", {}).items():
            needed = name in entries.get("required", ())
            known[name] = Field(name, schema.get("title", name), schema, needed, ())
    return [known[name] for name in (item.result.fields if item.result else ())]


def _usual(field: Field) -> str:
    return answer_text(field.schema, sample(field))


def _longest(field: Field) -> str:
    """The longest text that the form takes, as far as texts and choices go."""
    return answer_text(field.schema, _largest(field.schema))


def _largest(schema: Mapping[str, Any]) -> Any:
    if "oneOf" in schema:
        option = max(schema["oneOf"], key=lambda each: len(str(each.get("title", ""))))
        return option["const"]
    if schema.get("type") == "array":
        return _many(schema)
    if schema.get("type") == "string" and "format" not in schema:
        length = min(int(schema.get("maxLength", LONGEST)), LONGEST)
        return ("示例市示范区演示路一百二十三号" * (length // 15 + 1))[:length]
    return sample(Field("", schema.get("title", ""), schema, True, ()))


def _many(schema: Mapping[str, Any]) -> list[Any]:
    entries = schema["items"]
    if entries.get("type") != "object":
        return [option["const"] for option in entries.get("oneOf", ())]
    largest: Callable[[Mapping[str, Any]], Any] = _largest
    row = {name: largest(each) for name, each in entries["properties"].items()}
    return [dict(row) for _ in range(min(int(schema.get("maxItems", 5)), 5))]
