"""Proposes the parallel workflow of a serial description, and says what it changed and why.

The draft is a valid service: it is read back with the rest of the service folder, and its figures
are those of the plan and of the game of visits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from onevisit.definition.bundle import parse_definition
from onevisit.definition.serial import name_of
from onevisit.definition.serial_file import Serial
from onevisit.definition.service import Definition, want
from onevisit.engine.conversion.changes import Change, Entry, Ids
from onevisit.engine.conversion.draft import Parts, Promised, contact, form_data, workflow_data
from onevisit.engine.conversion.merged_fields import merged_fields
from onevisit.engine.conversion.merged_materials import merged_materials
from onevisit.engine.conversion.same_things import same_things
from onevisit.engine.conversion.true_needs import true_needs, uses
from onevisit.engine.conversion.waiting import item_changes, kept_order
from onevisit.engine.conversion.yaml_text import yaml_text
from onevisit.engine.plan import plan
from onevisit.engine.proof.visits import visits
from onevisit.engine.selection import select

_ANYTHING = Promised(visits=9, days=365)
_HEAD = (
    "由 {path} 换算的草案：今天依次办理的 {count} 个事项，只留真正的先后，其余并联。\n"
    "每处改动的理由写在旁边；逐条核对，补上情形、办理方式和本地承诺后再发布。"
)
_FORM_HEAD = "由 {path} 里各事项的表格合成的一张表：相同的内容只填一次，共享数据有的预填。"


@dataclass(frozen=True)
class Figures:
    """What people go through when all items apply: times they come, papers they hand in, blanks
    they fill in, steps of their own, working days."""

    visits: int
    materials: int
    fields: int
    steps: int
    days: int


@dataclass(frozen=True)
class Conversion:
    """The draft as the texts of its two files by path below the service folder, the service they
    make, and what was changed."""

    definition: Definition
    texts: Mapping[str, str]
    changes: tuple[Change, ...]
    before: Figures
    after: Figures
    """A visit here is one that even somebody who never goes online cannot avoid."""


def parallelize(serial: Serial, files: Mapping[str, str], effective: date) -> Conversion:
    """The parallel workflow of a serial description, in force from `effective` at the earliest.

    `files` are the texts of the service folder. DefinitionError when items wait for each other, or
    when what they ask for contradicts itself.
    """
    parts, changes = _parts(serial)
    texts = _texts(serial, parts, changes, effective, _ANYTHING)
    path = next(iter(texts))
    definition = parse_definition(path, {**files, **texts})
    after = _after(definition)
    texts = _texts(serial, parts, changes, effective, Promised(after.visits, min(after.days, 365)))
    definition = parse_definition(path, {**files, **texts})
    return Conversion(definition, texts, changes, _before(serial), after)


def _parts(serial: Serial) -> tuple[Parts, tuple[Change, ...]]:
    things = same_things(serial)
    found = uses(serial, things)
    needs = true_needs(serial, found)
    ids = Ids(want(item.id) for item in serial.process.items)
    asked = _questions(serial, ids)
    conditions = {
        item.id: asked[name_of(item.only_if)][0]
        for item in serial.process.items
        if item.only_if is not None
    }
    conditions |= {item.id: want(item.id) for item in serial.process.items if item.optional}
    materials = merged_materials(serial, things, found, conditions)
    blanks = merged_fields(serial, things, ids)
    fields = blanks.fields or (contact(),)
    entries: tuple[Entry, ...] = (*materials, *(each.entry for each in fields))
    changes = (
        *kept_order(serial, needs),
        *(each.change for each in entries if each.change is not None),
        *blanks.gone,
        *item_changes(serial),
    )
    return Parts(needs, materials, fields, tuple(asked.values())), changes


def _questions(serial: Serial, ids: Ids) -> dict[str, tuple[str, str]]:
    """By name of the question, its id and text: each asked once, for however many items."""
    found: dict[str, tuple[str, str]] = {}
    for item in serial.process.items:
        if item.only_if is not None and name_of(item.only_if) not in found:
            found[name_of(item.only_if)] = (ids.take(f"has_{item.id}"), item.only_if)
    return found


def _texts(
    serial: Serial, parts: Parts, changes: tuple[Change, ...], effective: date, promised: Promised
) -> dict[str, str]:
    """The two files; each change stands before what it is about."""
    sections = {"needs": "items", "material": "materials", "field": "properties", "item": "items"}
    comments: dict[tuple[str, str], str] = {}
    for change in changes:
        key = (sections[change.part], change.about)
        before = f"{comments[key]}\n" if key in comments else ""
        comments[key] = before + change.remark
    process = serial.process
    filled = {"path": " ".join(serial.source.path.split()), "count": len(process.items)}
    return {
        f"workflows/{process.id}.yaml": yaml_text(
            workflow_data(serial, parts, effective, promised), _HEAD.format(**filled), comments
        ),
        f"forms/{process.id}.yaml": yaml_text(
            form_data(serial, parts.fields), _FORM_HEAD.format(**filled), comments
        ),
    }


def _before(serial: Serial) -> Figures:
    items = serial.process.items
    return Figures(
        visits=sum(each.visits for each in items),
        materials=sum(len(each.materials) for each in items),
        fields=sum(len(each.fields) for each in items),
        steps=sum(len(each.steps) for each in items),
        days=sum(each.days for each in items),
    )


def _after(definition: Definition) -> Figures:
    """The figures with every item in the case."""
    selection = select(definition, {each.id: True for each in definition.questions})
    planned, played = plan(definition, selection), visits(definition, selection)
    assert played.visits is not None
    assert played.visits_counter is not None
    return Figures(
        visits=max(played.visits, played.visits_counter),
        materials=planned.materials_asked,
        fields=planned.fields,
        steps=planned.steps,
        days=planned.days,
    )
