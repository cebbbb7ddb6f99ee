"""The decomposed proofs answer as brute force does, on random small services."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onevisit import engine
from onevisit.definition.service import Definition
from onevisit.engine.compile import compile_chart
from onevisit.engine.plan import fields_asked
from onevisit.engine.presence import duties, errands
from onevisit.engine.proof.arena import Arena
from onevisit.engine.proof.game import Edge, Graph, solve
from onevisit.engine.proof.markings import explore
from onevisit.engine.proof.measures import Games, sizes
from onevisit.engine.proof.soundness import unsound
from onevisit.engine.proof.timing import with_special, worst
from onevisit.engine.selection import Selection, questions, select
from onevisit.engine.situations import situations
from proof.generated import Changed, Generated, lifecycles, services

FIGURES = (
    "visits",
    "visits_counter",
    "visits_with_correction",
    "visits_counter_with_correction",
)
often = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


# ---- the game --------------------------------------------------------------------------------


def every_approval_played(definition: Definition, selection: Selection) -> dict[str, int | None]:
    """The four figures with nothing left out: every approval, every step, every duty."""
    chart = compile_chart(definition, selection)
    found: dict[str, int | None] = {}
    for correction, suffix in ((False, ""), (True, "_with_correction")):
        arena = Arena(definition, selection, chart, duties(definition, selection), correction)
        graph, _ = arena.graph()
        found["visits" + suffix] = solve(graph)[0]
        found["visits_counter" + suffix] = solve(graph.only(lambda act: act.offline))[0]
    return found


@given(services(most_items=3))
@often
def test_approvals_left_out_of_the_game_do_not_change_it(service: Generated) -> None:
    definition = service.definition
    for each in list(situations(definition))[:4]:
        found = engine.visits(definition, each.selection)
        brute = every_approval_played(definition, each.selection)
        assert {name: getattr(found, name) for name in FIGURES} == brute, each.text


@st.composite
def graphs(draw: st.DrawFn) -> Graph[int]:
    size = draw(st.integers(2, 7))
    nodes = st.integers(0, size - 1)
    edges = [
        [Edge(draw(st.integers(0, 1)), draw(nodes), n) for n in range(draw(st.integers(0, 3)))]
        for _ in range(size)
    ]
    mine = [draw(st.booleans()) for _ in range(size)]
    ends = {size - 1}
    edges[size - 1] = []
    return Graph(mine, edges, ends)


def guaranteed(graph: Graph[int], budget: int) -> bool:
    """By definition, with the money left as part of the state: is there a set of states around
    the start that the government cannot leave and from each of which an end can be reached?"""
    states = {(node, left) for node in range(len(graph.mine)) for left in range(budget + 1)}

    def after(state: tuple[int, int]) -> list[tuple[int, int]]:
        node, left = state
        return [(edge.target, left - edge.cost) for edge in graph.edges[node]]

    while True:
        kept = {
            state
            for state in states
            if state[0] in graph.ends
            or (
                any(each in states for each in after(state))
                and (graph.mine[state[0]] or all(each in states for each in after(state)))
            )
        }
        reach = {state for state in kept if state[0] in graph.ends}
        while more := {s for s in kept - reach if any(each in reach for each in after(s))}:
            reach |= more
        if reach == states:
            return (0, budget) in states
        states = reach


@given(graphs())
@settings(max_examples=200, deadline=None)
def test_the_value_is_the_least_budget_that_suffices(graph: Graph[int]) -> None:
    value = solve(graph)[0]
    budgets = [budget for budget in range(9) if guaranteed(graph, budget)]
    assert value == (budgets[0] if budgets else None)


# ---- situations ------------------------------------------------------------------------------


def all_selections(definition: Definition) -> set[object]:
    """What every set of answers selects, question by question as they are asked."""
    values: dict[str, list[Any]] = {"n": list(range(10)), "c": ["x", "y", "z"]}
    names = [each.id for each in definition.questions]
    found = set()
    for combination in product(*(values.get(name, [False, True]) for name in names)):
        answers: dict[str, Any] = {}
        for name, value in zip(names, combination, strict=True):
            if any(each.id == name for each in questions(definition, answers)):
                answers[name] = value
        selection = select(definition, answers)
        if selection.parts:
            found.add(key_of(selection))
    return found


def key_of(selection: Selection) -> object:
    parts = tuple(
        (p.key, p.item.routes.index(p.route), len(p.special), len(p.appointments))
        for p in selection.parts
    )
    return parts, tuple(each.id for each in selection.materials)


@given(services(most_items=3))
@often
def test_situations_are_exactly_what_answers_can_select(service: Generated) -> None:
    definition = service.definition
    found = list(situations(definition))
    assert {key_of(each.selection) for each in found} == all_selections(definition)
    for each in found:
        assert select(definition, each.answers) == each.selection


# ---- worst figures ---------------------------------------------------------------------------


@given(services(most_items=4))
@often
def test_worst_days_are_those_of_the_worst_plan(service: Generated) -> None:
    definition = service.definition
    found = situations(definition)
    plans = [engine.plan(definition, each.selection) for each in found]
    outside = definition.workflow.submission.acceptance + definition.workflow.issue.days
    if plans:
        longest = worst(found, with_special(definition))
        assert longest.days + outside == max(each.days for each in plans)
        assert longest.chain[-1].end == longest.days


@given(services(most_items=3))
@often
def test_worst_counts_are_those_of_the_worst_situation(service: Generated) -> None:
    definition = service.definition
    found = situations(definition)
    chosen = [each.selection for each in found]
    if not chosen:
        return
    size = sizes(found)
    assert size.materials == max(len(each.asked) for each in chosen)
    assert size.fields == max(len(fields_asked(definition, each)) for each in chosen)
    assert size.steps == max(len(errands(definition, each)) for each in chosen)
    assert size.presences == max(len(duties(definition, each).inspections) for each in chosen)


@given(services(most_items=3))
@settings(often, max_examples=30)
def test_games_put_together_hold_the_worst_of_every_figure(service: Generated) -> None:
    definition = service.definition
    found = situations(definition)
    games = Games(found)
    every = [engine.visits(definition, each.selection) for each in found]
    played = [each for _, each in games.played()]
    for name in FIGURES:
        assert greatest(played, name) == greatest(every, name)
    for each in found:
        own = engine.visits(definition, each.selection)
        shared = games.visits(each)
        assert [getattr(own, n) for n in FIGURES] == [getattr(shared, n) for n in FIGURES]


def greatest(found: list[Any], name: str) -> float:
    values = [getattr(each, name) for each in found]
    return max((float("inf") if value is None else value for value in values), default=-1)


# ---- soundness -------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
@given(services(most_items=4), lifecycles())
@settings(often, max_examples=60)
def test_neighbourhoods_are_stuck_where_whole_services_are(
    service: Generated, changed: Changed
) -> None:
    definition = replace(service.definition, lifecycle=changed.lifecycle)
    found = situations(definition)
    whole = any(
        explore(compile_chart(definition, each.selection)).stuck is not None for each in found
    )
    stuck = [
        each
        for each in unsound(definition, found)
        if "卡在" in each.message or "开着" in each.message
    ]
    assert bool(stuck) == whole
