"""Every service that ships can be read, and runs to its end in every situation by data alone."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from onevisit.catalog.folder import load_folder
from onevisit.catalog.published import Published
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Question
from onevisit.definition.written import written_conditions
from onevisit.engine import CASE, Chart, Marking, fire, possible, questions, select
from onevisit.engine.proof.prove import prove

ROOT = Path(__file__).parents[3]
FOLDER = load_folder(ROOT)
SERVICES = FOLDER.services
WALKS = 80
STEPS = 400


def values(definition: Definition, question: Question) -> list[Any]:
    """All answers that conditions can tell apart: numbers are cut at the constants."""
    if question.type == "boolean":
        return [True, False]
    if question.type == "choice":
        return [option.id for option in question.options]
    assert question.min is not None
    assert question.max is not None
    cuts = {
        constant
        for _, condition in written_conditions(definition.source)
        if question.id in definition.conditions.names(condition)
        for constant in definition.conditions.constants(condition)
    }
    near = {n for cut in cuts for n in (cut - 1, cut, cut + 1)}
    return sorted({question.min, question.max} | {n for n in near if n in range_of(question)})


def range_of(question: Question) -> range:
    assert question.min is not None
    assert question.max is not None
    return range(question.min, question.max + 1)


def situations(
    definition: Definition, answers: dict[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Every way to answer the questions that are asked, in the order in which they appear."""
    answers = answers or {}
    open_ones = [each for each in questions(definition, answers) if each.id not in answers]
    if not open_ones:
        yield answers
        return
    for value in values(definition, open_ones[0]):
        yield from situations(definition, {**answers, open_ones[0].id: value})


def walk(chart: Chart, marking: Marking, random: Random, allowed: frozenset[str]) -> list[str]:
    """Fires moves at random until the case has ended; the states the case passed through."""
    passed = [marking[CASE]]
    for _ in range(STEPS):
        moves = [
            move
            for region in chart.regions
            for move in possible(chart, marking, region)
            if move.event in allowed
        ]
        if not moves:
            return passed
        weights = [0.05 if move.event == "reject" else 1.0 for move in moves]  # refusals are rare
        (move,) = random.choices(moves, weights)
        marking = fire(chart, marking, move.region, move.event).marking
        passed.append(marking[CASE])
    raise AssertionError(f"no end after {STEPS} moves: {marking}")


HAPPY = frozenset({"submit", "accept", "forward", "elapse", "open_batch", "approve", "hand_out"})
REFUSING = HAPPY | {"reject", "request_correction", "supplement"}


def test_nothing_that_ships_is_refused() -> None:
    assert [str(p) for refusal in FOLDER.refused for p in refusal.problems] == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.definition.workflow.id)
def test_every_situation_selects_something_that_concludes(service: Published) -> None:
    random = Random(service.hash)
    seen = 0
    for answers in situations(service.definition):
        selection = select(service.definition, answers)
        seen += 1
        if not selection.parts:
            continue
        chart = service.chart(selection)
        if random.random() < 50 / seen:  # all situations are selected, fifty-odd are walked
            passed = walk(chart, chart.initial, random, HAPPY)
            assert passed[-1] == "concluded", (answers, passed)
    assert seen > 1


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.definition.workflow.id)
def test_refusals_end_the_case_too(service: Published) -> None:
    random = Random(service.hash)
    ends: set[str] = set()
    every = list(situations(service.definition))
    for _ in range(20 * WALKS):  # of many items all must be refused, which is rare
        if len(ends) == 2:
            break
        selection = select(service.definition, random.choice(every))
        if selection.parts:
            chart = service.chart(selection)
            ends.add(walk(chart, chart.initial, random, REFUSING)[-1])
    assert ends == {"concluded", "refused"}


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.definition.workflow.id)
def test_every_item_material_and_field_is_needed_in_some_situation(service: Published) -> None:
    workflow, form = service.definition.workflow, service.definition.form
    items: set[str] = set()
    materials: set[str] = set()
    fields: set[str] = set()
    for answers in situations(service.definition):
        selection = select(service.definition, answers)
        if items >= selection.item_ids and materials >= {m.id for m in selection.materials}:
            continue
        items |= selection.item_ids
        materials |= {each.id for each in selection.materials}
        fields |= {each.id for each in form.for_items(selection.item_ids).fields}
    assert {each.id for each in workflow.items} - items == set()
    assert {each.id for each in workflow.materials} - materials == set()
    assert {each.id for each in form.fields} - fields == set()


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.definition.workflow.id)
def test_whatever_is_printed_or_read_from_earlier_results_is_there(service: Published) -> None:
    """In every situation a result prints only fields that the pruned form still asks for, and
    a `prior` material comes from an item that is handled too and that its users wait for."""
    definition = service.definition
    for answers in situations(definition):
        selection = select(definition, answers)
        form = {each.id: each for each in definition.form.for_items(selection.item_ids).fields}
        for part in selection.parts:
            printed = set(part.item.result.fields if part.item.result else ())
            asked = set(form)
            if part.item.foreach is not None:
                asked |= set(form[part.item.foreach].schema["items"]["properties"])
            assert printed <= asked, (part.key, printed - asked)
        for material in selection.materials:
            if material.source != "prior":
                continue
            assert material.origin in selection.item_ids, (material.id, answers)
            users = [p.item for p in selection.parts if p.item.id in material.items]
            assert all(material.origin in item.needs for item in users), material.id


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.definition.workflow.id)
def test_every_number_of_the_law_has_its_basis(service: Published) -> None:
    for item in service.definition.workflow.items:
        assert item.limit.basis, item.id
        assert item.promise.basis, item.id
        if item.limit.unit == item.promise.unit:
            assert item.promise.days <= item.limit.days, item.id
        for route in item.routes:
            assert route.promise is None or route.promise.basis, item.id
            assert route.check is None or route.check.basis, item.id
            assert route.kind != "pledge" or route.check, item.id
    for material in service.definition.workflow.materials:
        assert material.defer is None or material.defer.basis, material.id


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.definition.workflow.id)
def test_its_promise_is_proven_and_no_looser_than_it_has_to_be(service: Published) -> None:
    report = prove(service.definition)
    assert [each.message_zh for each in report.obligations if each.status != "proven"] == []
    assert report.figures is not None
    assert report.figures.days_worst == service.definition.workflow.promise.days


def test_certificate_types_of_one_department_are_told_apart() -> None:
    types: dict[tuple[str, str], str] = {}
    for service in SERVICES:
        for item in service.definition.workflow.items:
            if item.result is not None:
                key = (item.department, item.result.type_code)
                assert types.setdefault(key, item.result.title) == item.result.title
