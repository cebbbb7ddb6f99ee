"""How markings move: by events, with everything that follows by itself, and what is refused."""

import pytest

from onevisit import engine
from onevisit.engine.chart import Chart, Marking
from proof.mutated import parsed
from proof.vectors import vector


def chart(name: str) -> Chart:
    definition = vector(name)
    return engine.compile_chart(definition, engine.everything(definition))


def after(chart: Chart, *events: tuple[str, str]) -> Marking:
    marking = chart.initial
    for region, event in events:
        marking = engine.fire(chart, marking, region, event).marking
    return marking


ACCEPTED = (("case", "submit"), ("case", "accept"))
PERMIT = (("permit", "forward"), ("permit", "approve"))


def test_acceptance_starts_everything_that_waits_for_nothing() -> None:
    fired = engine.fire(chart("t1"), after(chart("t1"), ("case", "submit")), "case", "accept")
    assert [(move.region, move.event) for move in fired.moves] == [
        ("case", "accept"),
        ("permit", "start"),
        ("licence", "start"),
    ]


def test_a_need_starts_when_it_is_granted() -> None:
    found = chart("t2")
    assert after(found, *ACCEPTED)["licence"] == "waiting"
    assert after(found, *ACCEPTED, *PERMIT)["licence"] == "handle"


def test_a_refused_need_ends_what_waits_for_it() -> None:
    found = chart("t2")
    marking = after(found, *ACCEPTED, ("permit", "forward"), ("permit", "reject"))
    assert (marking["licence"], marking["case"]) == ("cancelled", "refused")


def test_a_decision_waits_for_its_need_while_review_goes_on() -> None:
    found = chart("t3")
    marking = after(found, *ACCEPTED, ("licence", "forward"))
    events = {move.event for move in engine.possible(found, marking, "licence")}
    assert "approve" not in events
    assert "approve" in {
        move.event
        for move in engine.possible(
            found, after(found, *ACCEPTED, *PERMIT, ("licence", "forward")), "licence"
        )
    }


def test_the_last_decision_joins_and_the_results_are_handed_out() -> None:
    found = chart("t1")
    marking = after(found, *ACCEPTED, *PERMIT, ("licence", "forward"), ("licence", "approve"))
    assert marking["case"] == "issuing"
    assert engine.fire(found, marking, "case", "collect").marking["case"] == "concluded"


def test_a_withdrawn_case_leaves_nothing_open() -> None:
    marking = after(chart("t1"), *ACCEPTED, ("case", "withdraw"))
    assert set(marking.values()) == {"withdrawn", "cancelled"}


def test_nothing_can_be_withdrawn_once_something_is_decided() -> None:
    found = chart("t1")
    marking = after(found, *ACCEPTED, *PERMIT)
    assert "withdraw" not in {move.event for move in engine.possible(found, marking, "case")}


def test_a_fatal_refusal_stops_the_case() -> None:
    definition = parsed()
    found = engine.compile_chart(definition, engine.everything(definition))
    marking = after(found, *ACCEPTED, ("licence", "forward"), ("licence", "reject"))
    assert marking["case"] == "refused"
    assert set(marking.values()) == {"refused", "rejected", "cancelled"}


def test_what_is_not_possible_says_what_is() -> None:
    found = chart("t1")
    with pytest.raises(engine.NotPossible) as caught:
        engine.fire(found, found.initial, "case", "accept")
    error = caught.value
    assert (error.region, error.event, error.state) == ("case", "accept", "draft")
    assert error.possible == ("submit",)
    assert "accept is not possible in draft" in str(error)
