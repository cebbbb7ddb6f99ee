"""Random small services: every construct that the proofs look at, in any combination."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from onevisit.definition.lifecycle import Lifecycle
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Workflow
from proof.vectors import vector

IDS = ("i1", "i2", "i3", "i4")
TITLES = {"i1": "事项一", "i2": "事项二", "i3": "事项三", "i4": "事项四"}
CONDITIONS = ("a", "!a", "a && b", "n > 3", "n <= 5", "n == 4 || b", "c == 'x'", "c in ['x', 'y']")
STEPS = (["decide"], ["handle", "decide"], ["handle", "review", "decide"])
BASIS = "示例规程（虚构）"


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=1)


class Generated:
    """A random service that shows itself as the few lines that matter."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def __repr__(self) -> str:
        keys = {"items", "materials", "submission", "issue"}
        written = self.definition.workflow.model_dump(
            mode="json",
            include=keys,
            exclude_defaults=True,
            exclude={"items": {"__all__": {"basis", "limit", "category"}}},
        )
        return "\n".join(
            f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in written.items()
        )


class Changed:
    """A lifecycle that shows itself by what was changed in it."""

    def __init__(self, lifecycle: Lifecycle, changes: list[str]) -> None:
        self.lifecycle, self.changes = lifecycle, changes

    def __repr__(self) -> str:
        return repr(self.changes)


conditions = maybe(st.sampled_from(CONDITIONS))


@st.composite
def appointments(draw: st.DrawFn, item: str) -> dict[str, Any]:
    return {
        "id": f"talk_{item}",
        "title": f"面谈{item}",
        "joint": draw(maybe(st.just("talk"))),
        "held": draw(st.sampled_from(["review", "review", "submission"])),
        "by": draw(st.sampled_from(["department", "department", "applicant"])),
        "may_be_waived": draw(st.booleans()),
        "when": draw(conditions),
        "basis": BASIS,
    }


@st.composite
def routes(draw: st.DrawFn) -> list[dict[str, Any]]:
    first: dict[str, Any] = {
        "kind": "approval",
        "steps": draw(st.sampled_from((*STEPS[:2], *STEPS[:2], STEPS[2]))),
        "on_the_spot": draw(st.booleans()),
        "promise": draw(maybe(st.builds(lambda d: {"days": d, "basis": BASIS}, st.integers(0, 6)))),
    }
    second = {"kind": "filing", "steps": ["decide"], "on_the_spot": draw(st.booleans())}
    when = draw(conditions)
    return [{**first, "when": when}, second] if when else [first]


@st.composite
def items(draw: st.DrawFn, place: int) -> dict[str, Any]:
    name = IDS[place]
    written: dict[str, Any] = {
        "id": name,
        "title": TITLES[name],
        "department": draw(st.sampled_from(["east", "west"])),
        "category": "01",
        "limit": {"days": 20, "basis": BASIS},
        "promise": {"days": draw(st.integers(0, 6)), "basis": BASIS},
        "decision_days": draw(st.integers(0, 3)),
        "needs": draw(st.lists(st.sampled_from(IDS[:place]), unique=True)) if place else [],
        "needs_for": draw(st.sampled_from(["start", "decision"])),
        "when": draw(conditions),
        "optional": draw(st.booleans()),
        "routes": draw(routes()),
        "appointments": draw(st.lists(appointments(name), max_size=1)),
        "on_reject": draw(st.sampled_from(["item", "case"])),
        "basis": [BASIS],
    }
    if draw(st.booleans()):
        written["special"] = [{"kind": "test", "days": 3, "basis": BASIS, "when": draw(conditions)}]
    if draw(st.booleans()):
        written["inspection"] = {"joint": draw(maybe(st.just("site"))), "basis": BASIS}
    if draw(st.booleans()):
        written["result"] = {
            "title": f"证{name}",
            "media": draw(st.sampled_from(["electronic", "paper"])),
            "pickup": draw(some(("window", "post", "kiosk", "download")) | st.just(["window"])),
        }
    return written


@st.composite
def materials(draw: st.DrawFn, number: int, names: tuple[str, ...]) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": f"m{number}",
        "title": f"材料{number}",
        "items": draw(some(names)),
        "when": draw(conditions),
        "source": "applicant",
    }
    if draw(st.integers(0, 3)) == 0:
        return {**written, "source": "prior", "origin": names[0], "carried": draw(st.booleans())}
    written["media"] = draw(st.sampled_from(["electronic", "electronic", "paper"]))
    written["need"] = draw(st.sampled_from(["required", "required", "optional"]))
    written["original"] = draw(
        st.lists(st.sampled_from(["submission", "acceptance", "collection"]), unique=True)
    )
    return written


@st.composite
def services(draw: st.DrawFn, most_items: int = 3) -> "Generated":
    """A small service that parses, with the standard lifecycle."""
    base = vector("any")
    count = draw(st.integers(1, most_items))
    names = IDS[:count]
    written = {
        "id": "any",
        "title": "随机服务",
        "version": "1.0",
        "summary": "随机",
        "effective": {"from": "2026-01-01"},
        "authority": "centre",
        "audience": ["person"],
        "jurisdiction": "place",
        "basis": [BASIS],
        "promise": {"visits": 1, "days": 10, "basis": BASIS},
        "baseline": {"visits": 1, "materials": 1, "days": 1, "steps": 1, "source": BASIS},
        "form": "any",
        "submission": {
            "channels": draw(some(("online", "window", "post"))),
            "correction": draw(some(("online", "window", "post"))),
            "acceptance": draw(st.integers(0, 2)),
            "on_the_spot": draw(st.booleans()),
        },
        "materials": [draw(materials(n, names)) for n in range(draw(st.integers(0, 2)))],
        "items": [draw(items(place)) for place in range(count)],
        "issue": {
            "pickup": draw(some(("download", "window", "post"))),
            "days": draw(st.integers(0, 1)),
        },
    }
    workflow = Workflow.model_validate_json(json.dumps(written))
    workflow = workflow.model_copy(update={"situations": base.workflow.situations})
    return Generated(replace(base, workflow=workflow))


@st.composite
def lifecycles(draw: st.DrawFn) -> "Changed":
    """The standard lifecycle with up to two of its moves lost, or held up by another guard."""
    changes: list[str] = []
    base = vector("any").lifecycle
    written = base.model_dump(by_alias=True, mode="json")
    for _ in range(draw(st.integers(0, 2))):
        region = written[draw(st.sampled_from(["case", "approval"]))]
        moves = region["transitions"]
        place = draw(st.integers(0, len(moves) - 1))
        change = draw(st.sampled_from(["drop", "drop", "guard", "source", "unguard"]))
        changes.append(f"{change} {moves[place]['event']} from {moves[place]['from']}")
        if change == "drop":
            del moves[place]
        elif change == "guard" and region is written["approval"]:
            moves[place]["when"] = [draw(st.sampled_from(["start_needs_met", "a_need_refused"]))]
        elif change == "source" and len(moves[place]["from"]) > 1:
            moves[place]["from"] = moves[place]["from"][1:]
        else:
            moves[place]["when"] = []
    return Changed(Lifecycle.model_validate_json(json.dumps(written)), changes)
