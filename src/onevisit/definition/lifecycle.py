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
ROLES = (
    "applicant", "clerk", "window", "handler", "reviewer", "decider",
    "head", "government", "supervisor",
)  # fmt: skip
"""Posts that act: `head` of the department, `government` the head of the government itself."""
APPOINTED = ("chair",)
"""Who acts because of being appointed for the one occasion: the chair of a hearing."""
DocumentKind = Literal[
    "receipt", "acceptance", "correction", "decline", "approval", "rejection", "certificate",
    "delivery", "mending", "deferral", "revocation", "special", "suspension", "extension",
    "transfer", "hearing_right", "hearing_notice", "hearing_record", "inspection", "appointment",
    "delay", "supervision", "pledge_check", "mending_order", "certificate_revocation",
    "certificate_cancellation", "renewal", "reopening", "application",
]  # fmt: skip
After = Literal[
    "correction_notice",  # the authority has not told what is missing (许可法第三十二条)
    "correction_reply",  # the applicant has not answered (浙江规定第十一条)
    "notice",  # the public notice has run
    "window",  # the last day of the period in which applications come in
    "deferral",  # deferred material was not handed in; its own days, from acceptance
    "validity",  # the certificate's last day
]
ClockEffect = Literal["pauses_both", "pauses_promise", "runs", "extends"]


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
    moves fire by themselves as soon as their guards hold, `timer` moves when the deadline named
    by `after` has passed.
    """

    event: Name
    title: Title
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str
    by: Name
    when: tuple[Guard, ...] = Field(default=())
    reasons: bool = False
    documents: tuple[DocumentKind, ...] = Field(default=())
    after: After | None = None


class Act(Value):
    """Something legal to do that moves no state: a pause of a clock, a hearing, an inspection.

    It is possible in the states of `from` (placeholders as in Transition). Since it changes no
    marking, nothing that is proven of markings depends on it; `clock` says what it does to the
    item's or the case's clocks.
    """

    event: Name
    title: Title
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    by: Name
    when: tuple[Guard, ...] = Field(default=())
    reasons: bool = False
    documents: tuple[DocumentKind, ...] = Field(default=())
    clock: ClockEffect | None = None


class Region(Value):
    """States, moves and standing acts of the case itself, of an approval, or of a certificate."""

    initial: Name
    states: dict[Name, State]
    transitions: tuple[Transition, ...]
    acts: tuple[Act, ...] = Field(default=())


class ApprovalRegion(Region):
    """An approval: its working steps stand between the first wait and the decision.

    `notice` names the state in which an item's public notice (公示/公告) runs, right before the
    last step.
    """

    steps: dict[Name, StepKind]
    notice: Name | None = None


class Lifecycle(Value):
    """One kind of service life (办件生命周期); `certificate` is the life of a result afterwards."""

    id: Name
    title: Title
    case: Region
    approval: ApprovalRegion
    certificate: Region | None = None
