"""Proves that nobody is asked twice, nor for what the government already holds.

Over all situations a field or a piece of material reaches the applicant's list at most once, and
never when a shared source, an earlier result or another answer determines it (浙江规定第七条).
"""

from collections.abc import Callable, Iterator
from itertools import combinations

from onevisit.definition.form import EVERY_ITEM, Field
from onevisit.definition.problem import Words
from onevisit.definition.serial import name_of
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Material
from onevisit.engine.proof.findings import Finding
from onevisit.engine.situations import Situations


def asked_again(situations: Situations) -> Iterator[Finding]:
    """Everything that is asked although it is there already."""
    yield from _same_material(situations)
    yield from _held_material(situations)
    yield from _same_fields(situations)
    yield from _held_fields(situations)


def supplied(definition: Definition) -> tuple[tuple[str, str], ...]:
    """The complement: (title, who supplies it) of what the service needs but does not ask."""
    sources = {each.id: each.title for each in definition.directory.sources}
    found = []
    for each in definition.workflow.materials:
        origin = each.origin or ""
        if each.source == "shared":
            found.append((each.title, sources[origin.split(".")[0]]))
        elif each.source == "form":
            found.append((each.title, "由一张表单生成"))
        elif each.source == "prior" and not each.carried:
            found.append((each.title, f"“{definition.workflow.item(origin).title}”的结果"))
    for field in definition.form.fields:
        if field.shared is not None:
            found.append((field.title, sources[field.shared.split(".")[0]]))
        elif field.answer is not None:
            found.append((field.title, "情形引导中的回答"))
    return tuple(found)


def held_titles(definition: Definition) -> dict[str, str]:
    """What shared sources hold, by the name of the title, and the title of the source."""
    found = {
        name_of(title): source.title
        for source in definition.directory.sources
        for known in source.known_as
        for title in known.titles
    }
    sources = {each.id: each.title for each in definition.directory.sources}
    for each in definition.workflow.materials:
        if each.source == "shared" and each.origin is not None:
            found[name_of(each.title)] = sources[each.origin.split(".")[0]]
    return found


# ---- material ------------------------------------------------------------------------------


def _from_applicant(definition: Definition) -> list[tuple[int, Material]]:
    return [
        (place, each)
        for place, each in enumerate(definition.workflow.materials)
        if each.source == "applicant"
    ]


def _same_material(situations: Situations) -> Iterator[Finding]:
    for (_, one), (place, other) in combinations(_from_applicant(situations.definition), 2):
        if name_of(one.title) != name_of(other.title):
            continue
        text = situations.find((*one.items, *other.items), (one.id, other.id), _both(one, other))
        if text is not None:
            words = Words(
                f"材料“{other.title}”要交两次：“{one.id}”和“{other.id}”，请合并为一份共用",
                f"“{other.title}” is asked twice, as “{one.id}” and “{other.id}”",
            )
            yield Finding(words, ("materials", place, "title"), (text,))


def _both(one: Material, other: Material) -> Callable[[frozenset[str], frozenset[str]], bool]:
    return lambda chosen, asked: all(_is_asked(each, chosen, asked) for each in (one, other))


def _is_asked(material: Material, chosen: frozenset[str], asked: frozenset[str]) -> bool:
    if material.when is not None:
        return material.id in asked
    return not chosen.isdisjoint(material.items)


def _held_material(situations: Situations) -> Iterator[Finding]:
    definition = situations.definition
    held = held_titles(definition)
    results = {
        name_of(item.result.title): item for item in definition.workflow.items if item.result
    }
    for place, each in _from_applicant(definition):
        name = name_of(each.title)
        if name in held:
            words = Words(
                f"材料“{each.title}”在“{held[name]}”里已有，不应再向申请人要",
                f"“{each.title}” is held by “{held[name]}” and must not be asked for",
            )
            yield Finding(words, ("materials", place, "source"))
        elif name in results:
            item = results[name]
            words = Words(
                f"材料“{each.title}”就是“{item.title}”的结果，应写 source: prior",
                f"“{each.title}” is the result of “{item.title}”: use source: prior",
            )
            yield Finding(words, ("materials", place, "source"))
    for place, each in enumerate(definition.workflow.materials):
        if each.carried:
            words = Words(
                f"“{each.title}”由申请人领出来再交回去，部门之间应当直接传递",
                f"“{each.title}” is carried by the applicant from one department to another",
            )
            yield Finding(words, ("materials", place, "carried"))


# ---- fields --------------------------------------------------------------------------------


def _same_fields(situations: Situations) -> Iterator[Finding]:
    fields = situations.definition.form.fields
    for one, other in combinations(fields, 2):
        same = _same(one, other)
        text = None if same is None else situations.find(*_served(one, other))
        if same is not None and text is not None:
            words = Words(
                f"字段“{other.title}”与“{one.title}”{same}，同一件事问了两次",
                f"the fields “{one.id}” and “{other.id}” {same.en}",
            )
            yield Finding(words, ("properties", other.id), (text,), in_form=True)


def _served(
    one: Field, other: Field
) -> tuple[tuple[str, ...], tuple[str, ...], Callable[[frozenset[str], frozenset[str]], bool]]:
    """The arguments of `find` for a situation in which both fields are asked."""
    items = tuple({*one.items, *other.items} - {EVERY_ITEM})
    return items, (), lambda chosen, _: one.serves(chosen) and other.serves(chosen)


def _same(one: Field, other: Field) -> Words | None:
    if one.title == other.title:
        return Words("同名", "have the same title")
    if one.shared is not None and one.shared == other.shared:
        return Words("取自同一共享数据", "come from the same shared data")
    if one.answer is not None and one.answer == other.answer:
        return Words("重复同一个回答", "repeat the same answer")
    return None


def _held_fields(situations: Situations) -> Iterator[Finding]:
    definition = situations.definition
    held, questions = held_titles(definition), {each.id for each in definition.questions}
    reachable = {p.item.id for group in situations.groups for c in group.cases for p in c.parts}
    for each in definition.form.fields:
        at = ("properties", each.id)
        if not each.serves(reachable):
            words = Words(
                f"字段“{each.title}”没有哪个事项用得到", f"no item needs the field “{each.title}”"
            )
            yield Finding(words, at, in_form=True)
        elif each.id in questions and each.answer is None:
            words = Words(
                f"字段“{each.title}”在情形引导里已经问过，应写 x-from: {each.id}",
                f"“{each.title}” was answered before: use x-from: {each.id}",
            )
            yield Finding(words, at, in_form=True)
        elif name_of(each.title) in held and each.shared is None:
            words = Words(
                f"字段“{each.title}”在“{held[name_of(each.title)]}”里已有，应写 x-shared",
                f"“{each.title}” is held by a shared source: use x-shared",
            )
            yield Finding(words, at, in_form=True)
