"""One 一件事 as an admin writes it: what is asked, of whom, by which law and by when."""

from datetime import date
from typing import Literal, Self, TypeVar

from pydantic import Field, model_validator

from onevisit.definition.values import Condition, Limit, Name, Span, Title, Value

Channel = Literal["online", "window", "post", "kiosk", "home"]
Pickup = Literal["download", "window", "post", "kiosk"]
LifeEvent = Literal[
    "birth", "school", "work", "marriage", "home", "health", "support", "retirement", "death",
    "start", "operate", "build", "hire", "change", "close",
]  # fmt: skip
"""What happens to people (the first nine) and to businesses, by which they look for a service."""
StepName = Name


class Option(Value):
    """One choice of a situation question."""

    id: Name
    title: Title


class Question(Value):
    """One 情形引导 question; its answer is a CEL variable named `id`.

    `boolean` answers true/false, `integer` a whole number within min…max, `choice` the id of
    one option. `when` hides the question unless earlier answers make it true.
    """

    id: Name
    ask: Title
    type: Literal["boolean", "integer", "choice"]
    help: str | None = None
    unit: str | None = None
    min: int | None = None
    max: int | None = None
    options: tuple[Option, ...] = Field(default=())
    when: Condition | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "choice" and len(self.options) < 2:
            raise ValueError("choice_needs_options")
        if self.type != "choice" and self.options:
            raise ValueError("options_need_choice")
        if self.type == "integer" and (self.min is None or self.max is None):
            raise ValueError("integer_needs_bounds")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min_over_max")
        return self


class Defer(Value):
    """容缺: what is owed may come `days` working days after acceptance; else `on_timeout`."""

    days: int = Field(ge=1, le=365)
    on_timeout: Literal["revoke", "reject"]
    basis: str | None = None


class Material(Value):
    """One piece of evidence and where it comes from.

    holder: of whom a shared source is asked; what it knows of others is not shown to the applicant.
    source: `applicant` hands it in · `shared` is read from the shared source `origin` · `form`
    is generated from the one form · `prior` is the result of the item `origin` · `pledge` is
    replaced by a signed statement (告知承诺).
    original: when an original has to be seen (each costs a presence): at submission, before
    acceptance, or at collection; several mean the applicant may choose.
    alternatives: other papers that are accepted in its place.
    carried: a `prior` result on paper that the applicant has to collect and hand in themselves.
    """

    id: Name
    title: Title
    source: Literal["applicant", "shared", "form", "prior", "pledge"]
    origin: str | None = None
    holder: Literal["applicant", "other"] = "applicant"
    need: Literal["required", "optional", "deferrable"] = "required"
    defer: Defer | None = None
    media: Literal["electronic", "paper"] = "electronic"
    original: tuple[Literal["submission", "acceptance", "collection"], ...] = Field(default=())
    carried: bool = False
    items: tuple[Name, ...] = Field(min_length=1)
    when: Condition | None = None
    issuer: str | None = None
    standard: str | None = None
    alternatives: tuple[Title, ...] = Field(default=())
    sample: Name | None = None
    copies: int = Field(default=1, ge=1, le=20)
    basis: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.source in ("shared", "prior") and self.origin is None:
            raise ValueError("origin_missing")
        if self.source not in ("shared", "prior") and self.origin is not None:
            raise ValueError("origin_unused")
        if (self.need == "deferrable") != (self.defer is not None):
            raise ValueError("defer_goes_with_deferrable")
        if self.carried and self.source != "prior":
            raise ValueError("carried_needs_prior")
        return self


class Route(Value):
    """One way to handle an item, chosen by the first `when` that holds (a route without one
    always holds): approval 许可 · filing 备案 · pledge 告知承诺.

    A pledge is decided on the statement and checked afterwards within `check` working days
    (浙江规定第十四条: 60).
    """

    kind: Literal["approval", "filing", "pledge"]
    when: Condition | None = None
    steps: tuple[StepName, ...] = Field(min_length=1)
    promise: Limit | None = None
    on_the_spot: bool = False
    check: Limit | None = None


class Special(Value):
    """A special procedure of 行政许可法第四十五条 with its longest duration in working days."""

    kind: Literal[
        "hearing", "tender", "auction", "inspection", "test", "quarantine", "appraisal", "experts"
    ]
    days: int = Field(ge=1, le=365)
    title: str | None = None
    basis: str | None = None
    when: Condition | None = None


class Appointment(Value):
    """A moment at which the applicant has to appear in person, set by the department.

    `held`: after acceptance (default) or together with submission. `joint` names a group whose
    appointments are one. `by`: the department imposes it, or the applicant may ask for it.
    """

    id: Name
    title: Title
    joint: Name | None = None
    held: Literal["submission", "review"] = "review"
    by: Literal["department", "applicant"] = "department"
    may_be_waived: bool = False
    when: Condition | None = None
    basis: str | None = None


class Inspection(Value):
    """An on-site check at the applicant's premises: a presence, not a visit (许可法第三十四条)."""

    joint: Name | None = None
    officers: int = Field(default=2, ge=1, le=10)
    basis: str | None = None


class Wait(Value):
    """A public notice (公示/公告) that has to run: natural days, outside the departments' clock."""

    title: Title
    days: int = Field(ge=1, le=365)
    basis: str


class Window(Value):
    """A period in which applications come in (报名期); items marked `batch` begin for all of them
    together once it has closed. `closes` is the last day."""

    opens: date
    closes: date
    basis: str

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.opens > self.closes:
            raise ValueError("window_closes_first")
        return self


class Fee(Value):
    """A fee in yuan; free of charge is the rule (许可法第五十八条), so a basis is required."""

    yuan: str = Field(pattern=r"^\d+(\.\d{2})?$")
    basis: str


class Validity(Value):
    """How long a certificate holds."""

    years: int | None = Field(default=None, ge=1, le=100)
    note: str | None = None


class Result(Value):
    """What an approved item hands out; `fields` are form fields printed on it, the first of them
    as its holder. For a `foreach` item they may be fields of its element."""

    title: Title
    template: str = Field(default="certificates/standard", pattern=r"^[a-z_]+/[a-z0-9_]+$")
    type_code: str = Field(default="001", pattern=r"^[0-9]{3}$")
    media: Literal["electronic", "paper"] = "electronic"
    pickup: tuple[Pickup, ...] = Field(default=())
    valid: Validity | None = None
    fields: tuple[Name, ...] = Field(default=())


class Item(Value):
    """One 事项 of one department.

    `needs` lists true dependencies only; with `needs_for: start` the item begins when they are
    approved, with `decision` it is pre-reviewed beside them and only decided after
    (滨州并联审批规定第十六条). Of the promised days, `decision_days` are what the decision itself
    takes once the earlier results are there.
    """

    id: Name
    title: Title
    department: Name
    category: str = Field(pattern=r"^(0[1-9]|10|2[0-9])$")
    code: str | None = Field(default=None, pattern=r"^[0-9A-Z]{31}([0-9]{2})?$")
    limit: Limit
    promise: Limit
    decision_days: int = Field(default=1, ge=0, le=20)
    needs: tuple[Name, ...] = Field(default=())
    needs_for: Literal["start", "decision"] = "start"
    when: Condition | None = None
    optional: bool = False
    foreach: Name | None = None
    routes: tuple[Route, ...] = Field(min_length=1)
    special: tuple[Special, ...] = Field(default=())
    inspection: Inspection | None = None
    appointments: tuple[Appointment, ...] = Field(default=())
    wait: Wait | None = None
    batch: bool = False
    fee: Fee | None = None
    on_reject: Literal["item", "case"] = "item"
    result: Result | None = None
    basis: tuple[str, ...] = Field(min_length=1)


class Promise(Value):
    """What the service promises as a whole: visits by the applicant, working days in all."""

    visits: int = Field(ge=0, le=9)
    days: int = Field(ge=0, le=365)
    basis: str | None = None


class Baseline(Value):
    """The serial process that this service replaces, with its source."""

    visits: int = Field(ge=0)
    materials: int = Field(ge=0)
    days: int = Field(ge=0)
    steps: int = Field(ge=0)
    source: Title


class Submission(Value):
    """How an application may come in. `acceptance` is the promised working days until it is
    accepted; `on_the_spot` acceptance happens while the applicant waits (许可法第三十二条)."""

    channels: tuple[Channel, ...] = Field(default=("online", "window", "post"), min_length=1)
    correction: tuple[Channel, ...] = Field(default=("online", "window", "post"), min_length=1)
    acceptance: int = Field(default=1, ge=0, le=5)
    on_the_spot: bool = False


class Issue(Value):
    """How the results are handed out, all at once, and within how many promised working days."""

    pickup: tuple[Pickup, ...] = Field(default=("download", "window", "post"), min_length=1)
    days: int = Field(default=0, ge=0, le=10)


class Workflow(Value):
    """One service from life's point of view: 一件事 (浙江规定第二条)."""

    id: Name
    title: Title
    version: str = Field(pattern=r"^[0-9]+(\.[0-9]+){0,2}$")
    summary: str
    effective: Span
    authority: Name
    audience: tuple[Literal["person", "enterprise"], ...] = Field(min_length=1)
    jurisdiction: Name
    lifecycle: Name = "standard"
    keywords: tuple[str, ...] = Field(default=())
    life_events: tuple[LifeEvent, ...] = Field(default=())
    basis: tuple[str, ...] = Field(min_length=1)
    promise: Promise
    baseline: Baseline
    situations: tuple[Question, ...] = Field(default=())
    form: Name
    window: Window | None = None
    submission: Submission = Submission()
    materials: tuple[Material, ...] = Field(default=())
    items: tuple[Item, ...] = Field(min_length=1)
    issue: Issue = Issue()

    def item(self, item_id: str) -> Item:
        """The item named `item_id`; KeyError when there is none."""
        return next_by_id(self.items, item_id)

    def question(self, question_id: str) -> Question:
        """The situation question named `question_id`; KeyError when there is none."""
        return next_by_id(self.situations, question_id)

    def material(self, material_id: str) -> Material:
        """The material named `material_id`; KeyError when there is none."""
        return next_by_id(self.materials, material_id)


Identified = TypeVar("Identified", Item, Question, Material)


def next_by_id(values: tuple[Identified, ...], wanted: str) -> Identified:
    """The value whose id is `wanted`; KeyError when there is none."""
    for value in values:
        if value.id == wanted:
            return value
    raise KeyError(wanted)
