"""Checks that everything a service names exists (obligation 7 of `proof`: names)."""

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from onevisit.definition.conditions import ConditionError
from onevisit.definition.form import EVERY_ITEM
from onevisit.definition.problem import Problem, nearest_name
from onevisit.definition.service import Definition
from onevisit.definition.source import Path, Source


def check_names(definition: Definition) -> Iterator[Problem]:
    """Every name of the service that leads nowhere, and every condition that cannot be read."""
    yield from _unique_ids(definition)
    yield from _places(definition)
    yield from _items(definition)
    yield from _materials(definition)
    yield from _form(definition)
    yield from _conditions(definition)
    yield from _loops(definition)


def _unknown(
    source: Source, at: Path, found: str, valid: Collection[str], what: str
) -> Iterator[Problem]:
    if found not in valid:
        yield source.problem(at, "unknown_name", found, what, nearest_name(found, valid))


def _unique_ids(definition: Definition) -> Iterator[Problem]:
    workflow, source = definition.workflow, definition.source
    groups = {
        "situations": [each.id for each in workflow.situations],
        "materials": [each.id for each in workflow.materials],
        "items": [each.id for each in workflow.items],
    }
    for group, ids in groups.items():
        for place, each in enumerate(ids):
            if each in ids[:place]:
                yield source.problem((group, place, "id"), "duplicate_id", each, "请换一个")


def _places(definition: Definition) -> Iterator[Problem]:
    departments = {each.id for each in definition.directory.departments}
    workflow, source = definition.workflow, definition.source
    yield from _unknown(source, ("authority",), workflow.authority, departments, "部门")
    for place, item in enumerate(workflow.items):
        at = ("items", place, "department")
        yield from _unknown(source, at, item.department, departments, "部门")


def _items(definition: Definition) -> Iterator[Problem]:
    workflow, source = definition.workflow, definition.source
    items = {each.id for each in workflow.items}
    fields = {each.id: each for each in definition.form.fields}
    steps = definition.lifecycle.approval.steps
    for place, item in enumerate(workflow.items):
        for number, need in enumerate(item.needs):
            yield from _unknown(source, ("items", place, "needs", number), need, items, "事项")
        for number, route in enumerate(item.routes):
            for which, step in enumerate(route.steps):
                at: Path = ("items", place, "routes", number, "steps", which)
                yield from _unknown(source, at, step, steps, "办理环节")
            last = number == len(item.routes) - 1
            if last and route.when is not None:
                at = ("items", place, "routes", number, "when")
                words = "最后一种办理方式不能带条件，否则有的情形无路可走"
                yield source.problem(at, "rule", expected=words)
        if item.foreach is not None:
            at = ("items", place, "foreach")
            lists = [f.id for f in fields.values() if f.schema.get("type") == "array"]
            yield from _unknown(source, at, item.foreach, lists, "列表字段")
        if item.batch and workflow.window is None:
            words = "batch 的事项要在报名期结束后整批办理，请写明 window"
            yield source.problem(("items", place, "batch"), "rule", expected=words)
        if item.wait is not None and definition.lifecycle.approval.notice is None:
            words = f"生命周期“{workflow.lifecycle}”没有公示状态（notice），不能用 wait"
            yield source.problem(("items", place, "wait"), "rule", expected=words)
        for number, name in enumerate(item.result.fields if item.result else ()):
            at = ("items", place, "result", "fields", number)
            yield from _unknown(source, at, name, fields, "字段")


def _materials(definition: Definition) -> Iterator[Problem]:
    workflow, source = definition.workflow, definition.source
    items = {each.id for each in workflow.items}
    shared = {f"{each.id}.{name}" for each in definition.directory.sources for name in each.fields}
    for place, material in enumerate(workflow.materials):
        for number, name in enumerate(material.items):
            yield from _unknown(source, ("materials", place, "items", number), name, items, "事项")
        at: Path = ("materials", place, "origin")
        if material.source == "prior":
            yield from _unknown(source, at, material.origin or "", items, "事项")
        if material.source == "shared":
            yield from _unknown(source, at, material.origin or "", shared, "共享来源字段")


def _form(definition: Definition) -> Iterator[Problem]:
    source = definition.form_source
    valid = {each.id for each in definition.workflow.items} | {EVERY_ITEM}
    questions = {each.id for each in definition.questions}
    shared = {f"{each.id}.{name}" for each in definition.directory.sources for name in each.fields}
    for each in definition.form.fields:
        at = ("properties", each.id)
        for number, name in enumerate(each.items):
            yield from _unknown(source, (*at, "x-for", number), name, valid, "事项")
        if each.answer is not None:
            yield from _unknown(source, (*at, "x-from"), each.answer, questions, "情形问题")
        if each.shared is not None:
            yield from _unknown(source, (*at, "x-shared"), each.shared, shared, "共享来源字段")


def _conditions(definition: Definition) -> Iterator[Problem]:
    for at, condition in written_conditions(definition):
        try:
            definition.conditions.check(condition)
        except ConditionError as error:
            unknown = definition.conditions.unknown_names(condition)
            near = nearest_name(unknown[0], definition.conditions.variables) if unknown else None
            yield definition.source.problem(at, "condition", condition, str(error), near)


def written_conditions(definition: Definition) -> Iterator[tuple[Path, str]]:
    """Every condition of the workflow with the path at which it is written."""
    workflow = definition.workflow
    for place, question in enumerate(workflow.situations):
        if question.when is not None:
            yield ("situations", place, "when"), question.when
    for place, material in enumerate(workflow.materials):
        if material.when is not None:
            yield ("materials", place, "when"), material.when
    for place, item in enumerate(workflow.items):
        if item.when is not None:
            yield ("items", place, "when"), item.when
        for group in ("routes", "special", "appointments"):
            for number, each in enumerate(getattr(item, group)):
                if each.when is not None:
                    yield ("items", place, group, number, "when"), each.when


def _loops(definition: Definition) -> Iterator[Problem]:
    titles = {item.id: item.title for item in definition.workflow.items}
    graph = {item.id: item.needs for item in definition.workflow.items}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        loop = [titles.get(each, each) for each in error.args[1]]
        first = list(titles).index(error.args[1][0])
        yield definition.source.problem(("items", first, "needs"), "cycle", " → ".join(loop))
