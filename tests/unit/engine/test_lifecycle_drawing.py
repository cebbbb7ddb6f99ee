"""The drawing of a kind of service life, before any service gives it its items."""

from onevisit.engine.lifecycle_drawing import draw_region
from proof.vectors import vector

LIFECYCLE = vector("t2").lifecycle


def test_every_state_of_a_region_is_drawn_by_its_title() -> None:
    lines = draw_region(LIFECYCLE.case).splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    direction LR"]
    for name, state in LIFECYCLE.case.states.items():
        assert f'    state "{state.title}" as {name}' in lines
        assert (f"    {name} --> [*]" in lines) is state.final
    assert f"    [*] --> {LIFECYCLE.case.initial}" in lines


def test_an_approval_is_drawn_with_its_steps_and_one_arrow_between_two_states() -> None:
    lines = draw_region(LIFECYCLE.approval).splitlines()
    for name, step in LIFECYCLE.approval.steps.items():
        assert f'    state "{step.title}" as {name}' in lines
    arrows = [line.partition(" : ")[0] for line in lines if " : " in line]
    assert len(arrows) == len(set(arrows)) > len(LIFECYCLE.approval.steps)
