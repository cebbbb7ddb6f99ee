"""The kinds of life a case can lead, as data: another kind of service is another file."""

from typing import Literal

from pydantic import Field

from onevisit.definition.values import Name, Title, Value

Guard = Literal[
    "case_in_review",  # the case is in a state marked `regions: true`
    "case_left_review",  # it is in any other state
    "start_needs_met",  # every `needs` with needs_for: start is approved
    "decision_needs_met",  # every `needs` with needs_for: decision is approved
    "a_need_refused",  # some `needs` is rejected or cancelled
    "nothing_decided",  # no item is approved or rejected
    "fatal_rejection",  # an item with on_reject: case is rejected
    "all_closed_some_granted",
    "all_closed_none_granted",
    "batched",  # the item is decided in a batch after the workflow's window has closed
    "not_batched",
]
ROLES = ("applicant", "clerk", "window", "handler", "reviewer", "decider")
DocumentKind = Literal[
    "receipt", "acceptance", "correction", "decline", "approval", "rejection", "certificate",
    "delivery",
]  # fmt: skip


class State(Value):
    """A state: `title` is what people read, `tone` how it is shown, `final` ends the region."""

    title: Title
    tone: Literal["waiting", "active", "done", "refused", "attention"] = "active"
    final: bool = False
    regions: bool = False
    granted: bool = False


class StepKind(Value):
    """One working step of an approval (承办/审核/决定) and the post that signs it."""

    title: Title
    role: Name
    done: Title


class Transition(Value):
    """One legal move. In `approval`, `from`/`to` may use $first, $step, $later, $next, $last and
    $notice (the state of a public notice, for items that have one).

    `by` is the role that may do it, or `step` for whoever signs the present step; `automatic`
    moves fire by themselves as soon as their guards hold, `timer` moves when a deadline passes.
    """

    event: Name
    title: Title
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str
    by: Name
    when: tuple[Guard, ...] = Field(default=())
    reasons: bool = False
    documents: tuple[DocumentKind, ...] = Field(default=())


class Region(Value):
    """States and moves of the case itself, or of one approval inside it."""

    initial: Name
    states: dict[Name, State]
    transitions: tuple[Transition, ...]


class ApprovalRegion(Region):
    """An approval: its working steps stand between the first wait and the decision.

    `notice` names the state in which an item's public notice (公示/公告) runs, right before the
    last step.
    """

    steps: dict[Name, StepKind]
    notice: Name | None = None


class Lifecycle(Value):
    """One kind of service life (办件生命周期)."""

    id: Name
    title: Title
    case: Region
    approval: ApprovalRegion
