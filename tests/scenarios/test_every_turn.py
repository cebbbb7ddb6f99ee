"""Nothing that a lifecycle file says is left untried: nothing new is forgotten."""

import ast
from functools import cache
from pathlib import Path

import pytest

from onevisit.definition.lifecycle import ApprovalRegion, Lifecycle, Region
from onevisit.definition.parse import parse
from scenarios.stage import ROOT
from scenarios.tried import TRIED

PATH = "workflows/lifecycles/standard.yaml"
LIFE, _ = parse((ROOT / PATH).read_text(), PATH, Lifecycle)
HERE = Path(__file__).parent


def region(name: str) -> Region:
    found = getattr(LIFE, name)
    assert isinstance(found, Region)
    return found


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((HERE / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", TRIED)
def test_every_event_is_made_to_happen_by_a_test(name: str) -> None:
    written = region(name)
    events = {each.event for each in (*written.transitions, *written.acts)}
    assert events == set(TRIED[name])


@pytest.mark.parametrize("name", TRIED)
def test_every_state_is_one_that_some_event_leads_to(name: str) -> None:
    written = region(name)
    reached = {written.initial, *(each.to for each in written.transitions)}
    if isinstance(written, ApprovalRegion):
        reached |= {written.notice}  # before the last step, by `$next`
    assert set(written.states) <= reached


@pytest.mark.parametrize(
    ("event", "node"),
    [(f"{name}.{event}", node) for name, events in TRIED.items() for event, node in events.items()],
)
def test_the_test_of_an_event_is_there(event: str, node: str) -> None:
    file, _, test = node.partition("::")
    assert test in functions_of(file), f"{event}: {node} is no test"


def test_every_lifecycle_file_is_held_to_this() -> None:
    files = {path.name for path in (ROOT / "workflows/lifecycles").glob("*.yaml")}
    assert files == {Path(PATH).name}
