"""Every shape in which a kind of document can reach its template: full, bare, long, one thing less.

What cases/ always gives to a kind is listed here; all else may be missing one day, and a template
that cannot do without it is refused before it is used (tests/scenarios holds this list to what the
cases really write).
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from onevisit.documents.sample import sample_snapshot

Json = dict[str, Any]

STYLES = {
    "renewal_receipt": "receipt",
    "renewal_refusal": "rejection",
    "certificate_request": "receipt",
    "certificate_request_refusal": "rejection",
}
"""Templates of notices that are not called after their kind, with the kind."""
MAY_LACK = (
    "applicant.agent",
    "applicant.agent.id_number",
    "applicant.id_number",
    "applicant.phone",
    "bundle",
    "case.accepted_at",
    "case.legal_due",
    "case.promise_due",
    "certificate",
    "collector",
    "consequence",
    "decision",
    "decision.basis",
    "decision.opinion",
    "decision.reasons",
    "decision.remedies",
    "deemed_from",
    "due",
    "form",
    "form.pickup",
    "form.pledges",
    "form.pledges[].text",
    "form.reopens",
    "items[].legal_due",
    "items[].promise_due",
    "letter",
    "letter.facts",
    "letter.paragraphs",
    "letter.remedies",
    "materials",
    "materials[].note",
    "missing",
    "collector.authorisation",
    "collector.phone",
    "collector.address",
    "collector.carrier",
    "collector.tracking_number",
)
"""Dotted paths; [] stands for every element."""
_LETTER = frozenset({"letter"})
_DECISION = frozenset({"decision"})
GIVEN: dict[str, frozenset[str]] = {
    "receipt": frozenset({"due"}),
    "acceptance": frozenset({"case.accepted_at", "due"}),
    "correction": frozenset({"missing", "due", "consequence"}),
    "decline": _DECISION | {"decision.reasons", "decision.remedies"},
    "approval": _DECISION,
    "rejection": _DECISION | {"decision.reasons", "decision.remedies"},
    "delivery": frozenset({"collector", "bundle"}),
    "hearing_record": _LETTER | {"letter.facts", "letter.paragraphs"},
    "supervision": _LETTER | {"letter.facts"},
    "application": frozenset({"form"}),
    "certificate": frozenset({"certificate"}),
}
"""Of what may be missing, what each kind (or template of its own) always has; others a letter."""
OWED = "容缺后补"
"""The status of a material that an acceptance gives a date for; without one it has none."""
ROWS = 60


@dataclass(frozen=True)
class Variant:
    """A snapshot to try, and in words what is special about it."""

    title: str
    snapshot: Json


def given(template: str) -> frozenset[str]:
    """What the notice `template` (without folder) can rely on."""
    return GIVEN.get(template, _LETTER)


def notice_variants(template: str, title: str, source: str = "") -> Iterator[Variant]:
    """All shapes of the notice `template` (without folder) under `title`.

    source: the text of the template and its parts, if known; what it never names need not be
    left out one by one.
    """
    kind = STYLES.get(template, template)
    full = sample_snapshot(kind, title)
    yield Variant("全部内容都有", full)
    lacking = [path for path in MAY_LACK if path not in given(template)]
    yield Variant("可以没有的都没有", bare(full, template))
    for path in lacking:
        if source and path.rpartition(".")[2] not in source:
            continue
        yield Variant(f"没有 {path}", without(full, path))
    yield Variant("单位申请", _organisation(full))
    yield Variant("内容很长、行数很多", _long(full))
    if kind == "acceptance":
        yield Variant("视为受理", full | {"deemed_from": "2026-11-16"})
        brought = [each for each in full["materials"] if each["status"] != OWED]
        yield Variant("没有容缺", full | {"due": None, "materials": brought})
    if kind == "delivery":
        for method in ("网上下载", "邮寄送达", "自助终端领取"):
            collector = full["collector"] | {"method": method, "id_number": ""}
            yield Variant(method, full | {"collector": collector})


def bare(full: Json, template: str) -> Json:
    """A copy with nothing but what a notice `template` (or a "certificate") can rely on."""
    copy = deepcopy(full)
    for path in MAY_LACK:
        if path not in given(template):
            _empty(copy, path.split("."))
    if copy["collector"]:  # only at a window somebody has looked at the number
        copy["collector"] |= {"method": "网上下载", "id_number": ""}
    return copy


def without(snapshot: Json, path: str) -> Json:
    """A copy in which `path` is there but empty: null, "" or no element."""
    copy = deepcopy(snapshot)
    _empty(copy, path.split("."))
    return copy


def _empty(value: Any, steps: list[str]) -> None:
    step, *rest = steps
    if value is None:
        return
    if step.endswith("[]"):
        for each in value[step[:-2]] or ():
            _empty(each, rest)
    elif rest:
        _empty(value[step], rest)
    elif not (step == "value" and not value.get("entries")):  # an answer is a value or a list
        value[step] = type(value[step])() if isinstance(value[step], str | list) else None


def _organisation(full: Json) -> Json:
    copy = deepcopy(full)
    copy["applicant"] |= {
        "name": "示例市演示有限公司",
        "id_type": "统一社会信用代码",
        "id_number": "92990000MA00000005",
        "agent": None,
    }
    return copy


def _long(full: Json) -> Json:
    """Every list as long as it gets, names and texts as long as fields allow."""
    copy = deepcopy(full)
    copy["applicant"]["name"] = "示例市示范区演示" * 12
    for name in ("items", "materials", "missing", "bundle"):
        copy[name] = [dict(copy[name][n % len(copy[name])]) for n in range(ROWS)]
    for each in copy["materials"]:
        each["note"] = "说明很长，" * 20
    if copy["decision"]:
        copy["decision"]["reasons"] = "理由很长，" * 200
    if copy["letter"]:
        copy["letter"]["facts"] *= ROWS // 2
        copy["letter"]["paragraphs"] *= ROWS // 2
    if copy["form"]:
        copy["form"]["sections"] *= ROWS // 4
    return copy
