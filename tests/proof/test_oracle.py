"""Soundness agrees with rust-bpmn-analyzer, which has never seen our engine, on nets that say the
same as random small services on random lifecycles."""

from dataclasses import replace

import rust_bpmn_analyzer_bindings as analyzer
from hypothesis import given, settings
from hypothesis import strategies as st

from onevisit import engine
from onevisit.definition.lifecycle import Lifecycle
from onevisit.definition.service import Definition
from onevisit.engine.proof.soundness import unsound
from onevisit.engine.situations import situations
from proof.bpmn import Net
from proof.generated import STEPS
from proof.vectors import vector

CASE = ("submit", "request_correction", "supplement", "accept", "deem_accepted", "decline", "lapse",
        "join", "close", "hand_out", "collect")  # fmt: skip
APPROVAL = ("start", "forward", "send_back", "approve", "reject", "cancel")
STUCK = "卡在"


def without(lifecycle: Lifecycle, lost: set[str]) -> Lifecycle:
    """The lifecycle without these moves, and without withdrawal, which a net cannot say."""
    gone = {*lost, "withdraw"}
    return lifecycle.model_copy(
        update={
            name: region.model_copy(
                update={"transitions": tuple(t for t in region.transitions if t.event not in gone)}
            )
            for name, region in (("case", lifecycle.case), ("approval", lifecycle.approval))
        }
    )


def forest(parents: list[int | None], steps: list[list[str]], lost: set[str]) -> Definition:
    """Items that each need at most one before them."""
    base = vector("any")
    items = [
        item.model_copy(
            update={
                "optional": False,
                "needs": () if parent is None else (base.workflow.items[parent].id,),
                "routes": (item.routes[0].model_copy(update={"steps": tuple(own)}),),
            }
        )
        for item, parent, own in zip(base.workflow.items, parents, steps, strict=False)
    ]
    workflow = base.workflow.model_copy(update={"items": tuple(items), "materials": ()})
    return replace(base, workflow=workflow, lifecycle=without(base.lifecycle, lost))


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[int | None], list[list[str]], set[str]]:
    count = draw(st.integers(1, 4))
    parents = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(count)]
    steps = [draw(st.sampled_from(STEPS)) for _ in range(count)]
    lost = draw(st.sets(st.sampled_from((*CASE, *APPROVAL)), max_size=3))
    if {"approve", "reject"} <= lost:
        lost.add("send_back")  # going round for ever is no deadlock to the analyzer
    return parents, steps, lost


@given(forests())
@settings(max_examples=80, deadline=None)
def test_a_service_gets_stuck_where_its_net_does(
    drawn: tuple[list[int | None], list[list[str]], set[str]],
) -> None:
    definition = forest(*drawn)
    net = Net(engine.everything(definition), definition.lifecycle)
    completes = analyzer.analyze_option_to_complete(net.xml).fulfilled
    told = unsound(definition, situations(definition))
    assert completes is not any(STUCK in each.message for each in told)


def test_the_net_of_a_whole_lifecycle_is_sound() -> None:
    net = Net(engine.everything(vector("t2")), vector("t2").lifecycle)
    for analyze in (
        analyzer.analyze_option_to_complete,
        analyzer.analyze_proper_completion,
        analyzer.analyze_safeness,
        analyzer.analyze_dead_activities,
    ):
        found = analyze(net.xml)
        assert found.fulfilled, found.description
