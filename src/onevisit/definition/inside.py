"""Checks the names that a directory or a lifecycle uses within itself."""

from collections.abc import Iterator

from onevisit.definition.lifecycle import APPOINTED, ROLES
from onevisit.definition.names import repeated, unknown
from onevisit.definition.problem import Problem, Words
from onevisit.definition.source import EACH, Path, Source
from onevisit.definition.written import Written

_DEPARTMENT = Words("部门", "department")
_STATE = Words("状态", "state")
_ROLE = Words("岗位", "role")
_FROM = ("$first", "$step", "$later", "$last", "$notice")
_TO = ("$first", "$next")
_BY_ITSELF = ("automatic", "timer")


def check_directory(directory: Source) -> Iterator[Problem]:
    """Ids given twice, and shared sources of departments that are not there."""
    departments = [text for _, text in directory.texts("departments", EACH, "id")]
    yield from repeated(directory, "departments", EACH, "id")
    yield from repeated(directory, "sources", EACH, "id")
    yield from unknown(directory, ("sources", EACH, "department"), departments, _DEPARTMENT)


def check_lifecycle(lifecycle: Source) -> Iterator[Problem]:
    """States that a lifecycle moves from, to or begins in and does not have; unknown roles."""
    for region, sources, targets in (
        ("case", (), ()),
        ("approval", _FROM, _TO),
        ("certificate", (), ()),
    ):
        states = Written.keys(lifecycle, region, "states", EACH)
        yield from unknown(lifecycle, (region, "initial"), states, _STATE)
        moves: Path = (region, "transitions", EACH)
        acts: Path = (region, "acts", EACH)
        yield from unknown(lifecycle, (*moves, "to"), [*states, *targets], _STATE)
        yield from unknown(lifecycle, (*moves, "by"), (*ROLES, *_BY_ITSELF, "step"), _ROLE)
        yield from unknown(lifecycle, (*acts, "by"), (*ROLES, *APPOINTED, "step"), _ROLE)
        for each in (moves, acts):
            yield from unknown(lifecycle, (*each, "from", EACH), [*states, *sources], _STATE)
    yield from unknown(lifecycle, ("approval", "steps", EACH, "role"), ROLES, _ROLE)
    states = Written.keys(lifecycle, "approval", "states", EACH)
    yield from unknown(lifecycle, ("approval", "notice"), states, _STATE)
