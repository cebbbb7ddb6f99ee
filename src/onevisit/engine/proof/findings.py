"""What a proof has to say: each obligation proven, or refuted at a line and with a path."""

from dataclasses import dataclass
from typing import Literal

from onevisit.definition.problem import Problem, Words
from onevisit.definition.service import Definition
from onevisit.definition.source import Path

Status = Literal["proven", "refuted"]
IDS = ("soundness", "visits", "time", "asked_once", "law", "ratchet", "names")
"""The obligations in the order in which they are shown (design brief, section 5)."""


@dataclass(frozen=True)
class Place:
    """Where something is written; line and column count from 1."""

    path: str
    line: int
    column: int


@dataclass(frozen=True)
class Obligation:
    """One thing proven or refuted. `counterexample` is the shortest way to see it, step by step
    in the service's words."""

    id: str
    status: Status
    message_zh: str
    message_en: str
    place: Place
    counterexample: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something that refutes an obligation: what, where (a path into the workflow's file, or the
    form's), and how to see it."""

    message: Words
    at: Path = ()
    counterexample: tuple[str, ...] = ()
    in_form: bool = False


def refuted(definition: Definition, obligation: str, finding: Finding) -> Obligation:
    """The finding as a refuted obligation."""
    source = definition.form_source if finding.in_form else definition.source
    problem = source.problem(finding.at, "rule")
    return Obligation(
        obligation,
        "refuted",
        str(finding.message),
        finding.message.en,
        _place(problem),
        finding.counterexample,
    )


def proven(definition: Definition, obligation: str, message: Words) -> Obligation:
    """The obligation as proven, told at the head of the workflow's file."""
    problem = definition.source.problem(("id",), "rule")
    return Obligation(obligation, "proven", str(message), message.en, _place(problem))


def unreadable(problem: Problem) -> Obligation:
    """A fault found while reading, as the obligation that it refutes."""
    obligation = "soundness" if problem.code == "cycle" else "names"
    return Obligation(
        obligation, "refuted", problem.message("zh"), problem.message("en"), _place(problem)
    )


def _place(problem: Problem) -> Place:
    return Place(problem.path, problem.line, problem.column)
