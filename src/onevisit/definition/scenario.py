"""What an admin writes to try a service out: who answers what, what people do, what must follow."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from onevisit.definition.values import Name, Title, Value
from onevisit.definition.workflow import Pickup

EVERY = "*"
Verb = Literal[
    "submit", "correct", "supplement", "accept", "decline", "withdraw", "forward", "prepare",
    "send_back", "approve", "reject", "elapse", "hand_out", "collect",
]  # fmt: skip
VERBS: tuple[Verb, ...] = get_args(Verb)
ON_ITEMS: tuple[Verb, ...] = ("forward", "prepare", "send_back", "approve", "reject")
"""What a department does; it names one or more items."""
REFUSALS: tuple[Verb, ...] = ("send_back", "reject")
EVENTS: Mapping[Verb, str] = {"correct": "request_correction", "prepare": "forward"}
"""The lifecycle's word where it is not the verb itself; `elapse` is any move by a timer."""
_WITH_TEXT: tuple[Verb, ...] = ("decline", "withdraw")


def _listed(written: Any) -> Any:
    """One name stands for a list of one."""
    if isinstance(written, str):
        return (written,)
    return tuple(written) if isinstance(written, list) else written


def _counted(written: Any) -> Any:
    """A list of kinds, or one kind, stands for how many of each."""
    kinds = _listed(written)
    if isinstance(kinds, tuple) and all(isinstance(each, str) for each in kinds):
        return {kind: kinds.count(kind) for kind in kinds}
    return written


def _for_every(written: Any) -> Any:
    """One state stands for that state of every item."""
    return {EVERY: written} if isinstance(written, str) else written


def _spoken(written: Any) -> Any:
    """An act may be spoken like `approve food, signboard` instead of written as a mapping."""
    if not isinstance(written, str):
        return written
    verb, _, rest = written.partition(" ")
    if not rest.strip():
        return {verb: () if verb in (*ON_ITEMS, "correct") else None}
    if verb in _WITH_TEXT:
        return {verb: rest.strip()}
    return {verb: rest.replace(",", " ").replace("，", " ").replace("、", " ").split()}


def _acts(written: Any) -> Any:
    """One act, in whichever form, stands for a list of one."""
    if isinstance(written, (str, dict)):
        return (written,)
    return tuple(written) if isinstance(written, list) else written


def _ending(written: Any) -> Any:
    """The case's state alone stands for all that is expected in the end."""
    return {"case": written} if isinstance(written, str) else written


Names = Annotated[tuple[str, ...], BeforeValidator(_listed, tuple[str, ...] | str)]
Count = Annotated[int, Field(ge=0, le=999)]
Counts = Annotated[
    dict[str, Count], BeforeValidator(_counted, dict[str, Count] | tuple[str, ...] | str)
]
States = Annotated[dict[str, str], BeforeValidator(_for_every, dict[str, str] | str)]


class Act(Value):
    """One thing that somebody does, in one of the words of VERBS.

    `correct` names material and form fields; what a department does names items (an item with
    `foreach` means all its elements, `item/2` the second). `prepare` is every signature but the
    last, `approve` and `reject` whatever signatures are missing and the decision. `elapse` lets
    time pass until the next thing happens by itself.
    """

    submit: None = None
    correct: Names | None = None
    supplement: None = None
    accept: None = None
    decline: str | None = None
    withdraw: str | None = None
    forward: Names | None = None
    prepare: Names | None = None
    send_back: Names | None = None
    approve: Names | None = None
    reject: Names | None = None
    elapse: None = None
    hand_out: None = None
    collect: None = None
    reasons: str | None = None

    @model_validator(mode="after")
    def _one_act(self) -> Self:
        needed = self.model_fields_set if isinstance(self, Step) else self.verbs
        if len(self.verbs) > 1 or not needed:
            raise ValueError("one_act")
        if self.reasons is not None and not set(self.verbs).intersection(REFUSALS):
            raise ValueError("reasons_unused")
        return self

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """The verbs written here: exactly one in an act, at most one in a step."""
        return tuple(verb for verb in VERBS if verb in self.model_fields_set)

    @property
    def names(self) -> tuple[str, ...]:
        """The items, material or fields that the act is about."""
        found = getattr(self, self.verbs[0])
        return found if isinstance(found, tuple) else ()

    @property
    def text(self) -> str:
        """The act as one would say it: `approve food`."""
        return " ".join((self.verbs[0], ", ".join(self.names))).strip()


class Seen(Value):
    """What a case looks like: its state, those of its items, the documents it has had so far.

    Only what is written is compared, but `documents` lists all kinds there are.
    """

    case: str | None = None
    items: States = Field(default={})
    documents: Counts | None = None


class Step(Act):
    """An act and what is true right after it; without an act, what is true now.

    `made` are the documents of the last act, all of them; `impossible` is what nobody could do
    now, not even after the signatures that a decision still lacks.
    """

    case: str | None = None
    items: States = Field(default={})
    made: Counts | None = None
    impossible: Annotated[
        tuple[Annotated[Act, BeforeValidator(_spoken, Act | str)], ...],
        BeforeValidator(_acts, tuple[Act | str, ...] | Act | str),
    ] = Field(default=())


SpokenStep = Annotated[Step, BeforeValidator(_spoken, Step | str)]
Ending = Annotated[Seen, BeforeValidator(_ending, Seen | str)]


class Expected(Value):
    """What the applicant is told before applying; only what is written is compared.

    `items` and `materials` (what has to be handed in or pledged) are complete lists, in any
    order; `routes` are approval, filing or pledge by item; `days` are promised working days.
    """

    items: Names | None = None
    routes: dict[str, Literal["approval", "filing", "pledge"]] = Field(default={})
    materials: Names | None = None
    days: int | None = Field(default=None, ge=0, le=3650)
    visits: int | None = Field(default=None, ge=0, le=99)


class Scenario(Value):
    """One story of one case, from the answers to its end.

    `answers`: yes/no questions that are left out count as no. `form`: fields that are left out
    get a fitting sample. `without` is needed material that is not handed in, `hand_in` material
    that need not be and is. `day` is when it begins; without it, the first day of the service.
    """

    title: Title
    day: date | None = None
    answers: dict[str, JsonValue] = Field(default={})
    form: dict[str, JsonValue] = Field(default={})
    without: Names = ()
    hand_in: Names = ()
    pickup: Pickup | None = None
    expect: Expected = Expected()
    steps: tuple[SpokenStep, ...] = Field(default=())
    ends: Ending = Seen()


class ScenarioFile(Value):
    """All scenarios of one service (workflows/scenarios/<workflow>.yaml)."""

    workflow: Name
    scenarios: tuple[Scenario, ...] = Field(min_length=1)


SCENARIO_KEYS: Mapping[type[Value], Mapping[str, str]] = {
    ScenarioFile: {
        "workflow": "试哪一个一件事（标识）",
        "scenarios": "全部情景，每个是一件办件的经过",
    },
    Scenario: {
        "title": "这个情景说的是什么，一句话",
        "day": "从哪一天开始；不写是服务生效或报名开始的那一天",
        "answers": "情形问题的回答；不写的是非题算“否”",
        "form": "申请表里要指定的字段；其余自动填样例",
        "without": "该交而没有交的材料",
        "hand_in": "可以不交而交了的材料（可选的、可容缺的）",
        "pickup": "领取方式：download、window、post 或 kiosk",
        "expect": "申请之前就应当告诉申请人的",
        "steps": "依次发生的事，每一步后面可以写明应当怎样",
        "ends": "最后应当怎样",
    },
    Expected: {
        "items": "要办哪些事项（全部）",
        "routes": "事项的办理方式：approval 审批、filing 备案、pledge 告知承诺",
        "materials": "要申请人提交或承诺的材料（全部）",
        "days": "承诺几个工作日",
        "visits": "至多跑几次",
    },
    Act: {
        "submit": "申请人提交申请",
        "correct": "窗口一次性告知补正；写明缺哪些材料、错哪些字段",
        "supplement": "申请人补正",
        "accept": "窗口受理",
        "decline": "窗口不予受理；可以写理由",
        "withdraw": "申请人撤回；可以写原因",
        "forward": "部门提交下一环节（一个环节）",
        "prepare": "部门把决定以前的环节都办完",
        "send_back": "部门退回承办",
        "approve": "部门准予（没办的环节一并办完）",
        "reject": "部门不予（没办的环节一并办完）",
        "elapse": "时间过去，直到下一件到期自动发生的事",
        "hand_out": "窗口出件",
        "collect": "申请人下载领取",
        "reasons": "不予或退回的理由",
    },
    Step: {
        "case": "这时整个办件的状态",
        "items": "这时各事项的状态",
        "made": "刚才这一步制作的文书（全部）",
        "impossible": "这时不可能做的事",
    },
    Seen: {
        "case": "整个办件的状态",
        "items": "各事项的状态；只写一个状态指每个事项",
        "documents": "一共制作的文书（全部），如 {receipt: 1, approval: 2}",
    },
}
"""What each key means to the admin who writes it."""
