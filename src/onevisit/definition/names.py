"""Checks that everything a service names exists (obligation 7 of `proof`: names).

It reads the files as they were written, so that wrong names are told beside wrong shapes.
"""

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from onevisit.definition.conditions import ConditionError, Conditions
from onevisit.definition.form import EVERY_ITEM
from onevisit.definition.problem import Problem, Words, nearest_name
from onevisit.definition.source import EACH, Path, Source
from onevisit.definition.written import Written, variables, written_conditions

_DEPARTMENT = Words("部门", "department")
_ITEM = Words("事项", "item")
_STEP = Words("办理环节", "step")
_FIELD = Words("字段", "field")
_LIST = Words("列表字段", "list field")
_SHARED = Words("共享来源字段（来源.字段）", "field of a shared source (source.field)")
_QUESTION = Words("情形问题", "situation question")
_COLUMN = Words("列", "column")
_EARLIER = Words(
    "情形问题只能取决于排在它前面的问题", "a question may only depend on questions before it"
)
_LAST_ROUTE = Words(
    "最后一种办理方式不能带条件，否则有的情形无路可走",
    "the last route must hold without a condition, or some case has no way through",
)
_DEAD_ROUTE = Words(
    "没有条件的办理方式之后的写法永远用不到，请放到最后",
    "what follows a route without a condition is never used; put that route last",
)
_NO_WINDOW = Words(
    "batch 的事项要在报名期结束后整批办理，请写明 window",
    "an item with batch is decided after the window has closed; say which window",
)
_NO_NOTICE = Words(
    "这种生命周期没有公示状态（notice），不能用 wait",
    "this lifecycle has no state for a public notice (notice), so wait cannot be used",
)
_NOT_ON_A_PAGE = Words(
    "字段“{name}”没有放进 x-layout", "the field “{name}” is on no page (x-layout)"
)


def check_names(written: Written) -> Iterator[Problem]:
    """Every name of the service that leads nowhere, and every condition that cannot be read."""
    yield from _duplicates(written.workflow)
    yield from _workflow_names(written)
    yield from _routes(written.workflow)
    yield from _timed(written)
    if written.form is not None:
        yield from _form_names(written, written.form)
        yield from _pages(written.form)
    yield from _conditions(written)
    yield from _loops(written.workflow)


def unknown(
    source: Source, pattern: Path, valid: Collection[str], what: Words
) -> Iterator[Problem]:
    """Every text that the pattern leads to and that is none of the valid names."""
    for at, text in source.texts(*pattern):
        if text not in valid:
            yield source.problem(at, "unknown_name", text, what, nearest_name(text, valid))


def repeated(source: Source, *pattern: str | int) -> Iterator[Problem]:
    """Every text that the pattern leads to a second time within the same list."""
    seen: set[tuple[Path, str]] = set()
    for at, text in source.texts(*pattern):
        key = (at[: len(pattern) - pattern[::-1].index(EACH) - 1], text)
        if key in seen:
            yield source.problem(at, "duplicate_id", text)
        seen.add(key)


def _duplicates(workflow: Source) -> Iterator[Problem]:
    for group in ("situations", "materials", "items"):
        yield from repeated(workflow, group, EACH, "id")
    yield from repeated(workflow, "situations", EACH, "options", EACH, "id")
    yield from repeated(workflow, "items", EACH, "appointments", EACH, "id")


def _workflow_names(written: Written) -> Iterator[Problem]:
    source = written.workflow
    yield from unknown(source, ("items", EACH, "needs", EACH), written.items, _ITEM)
    yield from unknown(source, ("materials", EACH, "items", EACH), written.items, _ITEM)
    if written.directory is not None:
        yield from unknown(source, ("authority",), written.departments, _DEPARTMENT)
        yield from unknown(source, ("items", EACH, "department"), written.departments, _DEPARTMENT)
    if written.lifecycle is not None:
        at: Path = ("items", EACH, "routes", EACH, "steps", EACH)
        yield from unknown(source, at, written.steps, _STEP)
    if written.form is not None:
        lists = [
            at[1] for at, kind in written.form.texts("properties", EACH, "type") if kind == "array"
        ]
        yield from unknown(source, ("items", EACH, "foreach"), [str(each) for each in lists], _LIST)
        for place, _ in source.find("items", EACH):
            valid = written.fields + _columns(written.form, source.value((*place, "foreach")))
            yield from unknown(source, (*place, "result", "fields", EACH), valid, _FIELD)
    for place, material in source.find("materials", EACH):
        kind = material.get("source") if isinstance(material, dict) else None
        if kind == "prior":
            yield from unknown(source, (*place, "origin"), written.items, _ITEM)
        if kind == "shared" and written.directory is not None:
            yield from unknown(source, (*place, "origin"), written.shared, _SHARED)


def _columns(form: Source, listed: object) -> list[str]:
    """What an element of a list field is asked: a result of a `foreach` item may print it."""
    inner = ("properties", str(listed), "items", "properties", EACH)
    return Written.keys(form, *inner) if listed is not None else []


def _routes(workflow: Source) -> Iterator[Problem]:
    for at, routes in workflow.find("items", EACH, "routes"):
        written = routes if isinstance(routes, list) else []
        for place, route in enumerate(written):
            last = place == len(written) - 1
            when = route.get("when") if isinstance(route, dict) else None
            if last and when is not None:
                yield workflow.problem((*at, place, "when"), "rule", expected=_LAST_ROUTE)
            if not last and isinstance(route, dict) and when is None:
                yield workflow.problem((*at, place), "rule", expected=_DEAD_ROUTE)


def _timed(written: Written) -> Iterator[Problem]:
    """What runs by a timer needs the dates and the state that the timer works on."""
    source, lifecycle = written.workflow, written.lifecycle
    for at, batch in source.find("items", EACH, "batch"):
        if batch is True and source.value(("window",)) is None:
            yield source.problem(at, "rule", expected=_NO_WINDOW)
    if lifecycle is not None and lifecycle.value(("approval", "notice")) is None:
        for at, _ in source.find("items", EACH, "wait"):
            yield source.problem(at, "rule", expected=_NO_NOTICE)


def _form_names(written: Written, form: Source) -> Iterator[Problem]:
    every: Path = ("properties", EACH)
    items = [*written.items, EVERY_ITEM]
    yield from unknown(form, (*every, "x-for", EACH), items, _ITEM)
    yield from unknown(form, (*every, "x-from"), written.questions, _QUESTION)
    if written.directory is not None:
        yield from unknown(form, (*every, "x-shared"), written.shared, _SHARED)


def _pages(form: Source) -> Iterator[Problem]:
    """Each field stands on exactly one page, and every required name is a field."""
    fields = Written.keys(form, "properties", EACH)
    layout: Path = ("x-layout", EACH, "fields", EACH)
    yield from repeated(form, "x-layout", EACH, "id")
    yield from unknown(form, layout, fields, _FIELD)
    yield from unknown(form, ("required", EACH), fields, _FIELD)
    placed: set[str] = set()
    for at, name in form.texts(*layout):
        if name in placed:
            yield form.problem(at, "duplicate_id", name)
        placed.add(name)
    for name in fields:
        if name not in placed:
            words = _NOT_ON_A_PAGE.filled(name=name)
            yield form.problem(("properties", name), "rule", expected=words, on_key=True)
    for at, _ in form.find("properties", EACH, "items"):
        columns = Written.keys(form, *at, "properties", EACH)
        yield from unknown(form, (*at, "required", EACH), columns, _COLUMN)


def _conditions(written: Written) -> Iterator[Problem]:
    if written.form is None:
        return
    source = written.workflow
    conditions = Conditions(*variables(written))
    asked = [text for _, text in source.texts("situations", EACH, "id")]
    for at, condition in written_conditions(source):
        try:
            conditions.check(condition)
        except ConditionError as error:
            yield source.problem(at, "condition", condition, error.reason, error.nearest)
            continue
        if at[0] == "situations" and conditions.names(condition) - set(asked[: int(at[1])]):
            yield source.problem(at, "rule", expected=_EARLIER)


def _loops(workflow: Source) -> Iterator[Problem]:
    graph: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for at, name in workflow.texts("items", EACH, "id"):
        graph[name] = [text for _, text in workflow.texts(*at[:-1], "needs", EACH)]
        titles[name] = str(workflow.value((*at[:-1], "title")))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        loop = [titles.get(each, each) for each in error.args[1]]
        first = list(graph).index(error.args[1][0])
        yield workflow.problem(("items", first, "needs"), "cycle", " → ".join(loop))
