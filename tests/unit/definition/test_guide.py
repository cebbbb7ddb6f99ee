"""The authoring guide cannot go stale: its files are read, its errors made, its keys counted."""

import re
from pathlib import Path

import pytest

from onevisit.definition.bundle import parse_definition
from onevisit.definition.problem import DefinitionError
from onevisit.engine import CASE, compile_chart, fire, possible, select
from onevisit.engine.plan import plan
from unit.definition.reference import GUIDE, HEADING, reference

ROOT = Path(__file__).parents[3]
TEXT = GUIDE.read_text(encoding="utf-8")
PATH = "workflows/street_performer.yaml"
FORM = "forms/street_performer.yaml"
BLOCKS = [
    (path, text) for text, path in re.findall(r"```yaml\n(# 文件：(\S+)\n.*?)```", TEXT, re.DOTALL)
]
SHIPPED = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in ("workflows", "forms")
    for path in (ROOT / folder).rglob("*.yaml")
}
LAST = {**SHIPPED, **dict(BLOCKS)}


def test_both_versions_of_the_example_can_be_read_and_run() -> None:
    assert [path for path, _ in BLOCKS] == [FORM, PATH, FORM, PATH]
    files = dict(SHIPPED)
    for path, text in BLOCKS:
        files[path] = text
        if path == PATH:
            definition = parse_definition(PATH, files)
            selection = select(definition, {"group_size": 6, "fire": True, "want_speaker": True})
            chart = compile_chart(definition, selection)
            marking = chart.initial
            wanted = ("submit", "accept", "forward", "approve", "hand_out")
            while marking[CASE] != "concluded":
                move = next(
                    move
                    for region in chart.regions
                    for move in possible(chart, marking, region)
                    if move.event in wanted
                )
                marking = fire(chart, marking, move.region, move.event).marking
            assert plan(definition, selection).days <= definition.workflow.promise.days


ERRORS = [
    (PATH, "department: public_security", "department: public_securty"),
    (PATH, "when: group_size == 1", "when: grop_size == 1"),
    (PATH, "    promise: {days: 2,", "    promis: {days: 2,"),
    (PATH, 'version: "1.1"', "version: 1.1"),
    (PATH, "    on_reject: case\n", "    needs: [record]\n"),
    (FORM, "x-for: [record], x-sensitivity: identity", "x-for: [recrod], x-sensitivity: identity"),
    (PATH, "title: 街头艺人登记“一件事”（虚构）", "title: 街头艺人: 登记"),
]


@pytest.mark.parametrize(("path", "old", "new"), ERRORS)
def test_the_errors_it_shows_are_the_errors_one_gets(path: str, old: str, new: str) -> None:
    assert LAST[path].count(old) == 1
    with pytest.raises(DefinitionError) as caught:
        parse_definition(PATH, {**LAST, path: LAST[path].replace(old, new)})
    shown = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)[0].splitlines()
    for problem in caught.value.problems:
        assert str(problem) in shown


def test_its_reference_has_every_key() -> None:
    hint = "run: PYTHONPATH=tests .venv/bin/python tests/unit/definition/reference.py"
    assert TEXT.endswith(HEADING + reference()), hint
