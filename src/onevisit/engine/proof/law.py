"""Proves what the law asks of every service, whatever it is about (facts: 行政许可法, 浙江规定)."""

from collections.abc import Iterator

from onevisit.definition.lifecycle import Region, Transition
from onevisit.definition.problem import Words
from onevisit.definition.service import Definition
from onevisit.definition.source import Path
from onevisit.definition.workflow import Item
from onevisit.engine.proof.findings import Finding
from onevisit.engine.situations import Situations

REMEDIES = ("行政复议", "诉讼")
COUNTER = "window"
OFFICERS = 2


def unlawful(definition: Definition, situations: Situations) -> Iterator[Finding]:
    """Everything in a service that breaks a rule all services are held to."""
    yield from _remedies(definition)
    yield from _receipts(definition)
    yield from _corrections(definition)
    yield from _bases(definition)
    yield from _consequences(definition)
    yield from _inspections(definition, situations)
    yield from _channels(definition)
    yield from _signatures(definition)


def _finding(chinese: str, english: str, *at: str | int) -> Finding:
    return Finding(Words(chinese, english), at)


# ---- refusals, receipts, corrections (许可法第三十二、三十八条) -------------------------------


def _remedies(definition: Definition) -> Iterator[Finding]:
    """A refusal states its reasons and both remedies (第三十八条)."""
    said = "".join(definition.jurisdiction.remedies)
    for remedy in REMEDIES:
        if remedy not in said:
            yield _finding(
                f"辖区“{definition.jurisdiction.title}”的救济途径没有写明{remedy}（许可法第三十八条）",
                f"the remedies do not name {remedy}",
                "jurisdiction",
            )
    life = definition.lifecycle
    for region, document in ((life.case, "decline"), (life.approval, "rejection")):
        for each in _refusals(region):
            if not each.reasons:
                yield _finding(
                    f"动作“{each.title}”不说明理由（许可法第三十八条）",
                    f"“{each.title}” refuses without giving reasons",
                    "lifecycle",
                )
            if document not in each.documents:
                yield _finding(
                    f"动作“{each.title}”不出具书面决定（许可法第三十二、三十八条）",
                    f"“{each.title}” refuses without a written decision",
                    "lifecycle",
                )


def _refusals(region: Region) -> Iterator[Transition]:
    """Moves by which somebody in office ends a region without granting."""
    for each in region.transitions:
        state = region.states.get(each.to)
        by_office = each.by not in ("applicant", "automatic", "timer")
        if state is not None and state.final and not state.granted and by_office:
            yield each


def _receipts(definition: Definition) -> Iterator[Finding]:
    """Applying and acceptance are confirmed in writing, unless all is done at once (浙江十一条)."""
    case = definition.lifecycle.case
    for each in case.transitions:
        if (
            each.by == "applicant"
            and case.initial in each.from_
            and "receipt" not in each.documents
        ):
            yield _finding(
                f"动作“{each.title}”没有回执", f"“{each.title}” gives no receipt", "lifecycle"
            )
        accepts = case.states[each.to].regions and each.by != "automatic"
        at_once = definition.workflow.submission.on_the_spot
        if accepts and not at_once and "acceptance" not in each.documents:
            yield _finding(
                f"动作“{each.title}”不出具受理通知书（许可法第三十二条）",
                f"“{each.title}” gives no written acceptance",
                "lifecycle",
            )


def _corrections(definition: Definition) -> Iterator[Finding]:
    """Everything missing is told once (第三十二条), and not answering has a consequence
    (浙江第十一条)."""
    case = definition.lifecycle.case
    asking = [each for each in case.transitions if "correction" in each.documents]
    for each in asking:
        reached = _reachable(case, each.to)
        if any(reached & set(other.from_) for other in asking):
            yield _finding(
                "补正之后还能再次要求补正，没有做到一次性告知（许可法第三十二条）",
                "a correction can be asked twice",
                "lifecycle",
            )
        if not any(each.to in other.from_ and other.by == "timer" for other in case.transitions):
            yield _finding(
                f"“{case.states[each.to].title}”期满没有后果（浙江规定第十一条）",
                "an unanswered correction has no consequence",
                "lifecycle",
            )


def _reachable(region: Region, start: str) -> set[str]:
    found = {start}
    while more := {t.to for t in region.transitions if found & set(t.from_)} - found:
        found |= more
    return found


# ---- bases (许可法第四、四十二、五十八条) ----------------------------------------------------


def _bases(definition: Definition) -> Iterator[Finding]:
    """Every number that binds somebody says what it rests on."""
    workflow = definition.workflow
    if _blank(workflow.promise.basis):
        yield _finding("服务承诺没有写依据", "the promise has no basis", "promise")
    for place, item in enumerate(workflow.items):
        for at, basis, what in _numbers(item):
            if _blank(basis):
                yield _finding(
                    f"“{item.title}”的{what}没有写依据（basis）",
                    f"{'.'.join(map(str, at))} of “{item.title}” has no basis",
                    "items",
                    place,
                    *at,
                )
    for place, material in enumerate(workflow.materials):
        if material.defer is not None and _blank(material.defer.basis):
            yield _finding(
                f"“{material.title}”容缺后补的期限没有写依据",
                f"the deferral of “{material.title}” has no basis",
                "materials",
                place,
                "defer",
            )


def _numbers(item: Item) -> Iterator[tuple[Path, str | None, str]]:
    yield ("limit",), item.limit.basis, "法定时限"
    yield ("promise",), item.promise.basis, "承诺时限"
    if item.fee is not None:
        yield ("fee",), item.fee.basis, "收费（许可法第五十八条）"
    if item.wait is not None:
        yield ("wait",), item.wait.basis, "公示期"
    for number, route in enumerate(item.routes):
        if route.promise is not None:
            yield ("routes", number, "promise"), route.promise.basis, "承诺时限"
        if route.check is not None:
            yield ("routes", number, "check"), route.check.basis, "事后核查期限"
    for number, special in enumerate(item.special):
        yield ("special", number), special.basis, "特别程序（许可法第四十五条）"
    for number, meeting in enumerate(item.appointments):
        yield ("appointments", number), meeting.basis, f"到场要求“{meeting.title}”"


def _blank(basis: str | None) -> bool:
    return basis is None or not basis.strip()


# ---- pledges, inspections, channels, signatures ----------------------------------------------


def _consequences(definition: Definition) -> Iterator[Finding]:
    """A pledge is checked afterwards, in time (浙江第十四条)."""
    cap = definition.jurisdiction.pledge_check
    for place, item in enumerate(definition.workflow.items):
        for number, route in enumerate(item.routes):
            at = ("items", place, "routes", number)
            if route.kind == "pledge" and route.check is None:
                yield _finding(
                    f"“{item.title}”的告知承诺没有事后核查（check，浙江规定第十四条）",
                    f"the pledge of “{item.title}” is never checked",
                    *at,
                )
            elif cap is not None and route.check is not None and route.check.days > cap.days:
                yield _finding(
                    f"“{item.title}”的事后核查超过 {cap.days} 个工作日（{cap.basis}）",
                    f"the pledge of “{item.title}” is checked later than {cap.days} working days",
                    *at,
                    "check",
                )


def _inspections(definition: Definition, situations: Situations) -> Iterator[Finding]:
    """Two officers come (许可法第三十四条), and departments come together (浙江第十八条)."""
    found: dict[str, tuple[int, Item]] = {}
    for place, item in enumerate(definition.workflow.items):
        if item.inspection is None:
            continue
        at = ("items", place, "inspection")
        if item.inspection.officers < OFFICERS:
            yield _finding(
                f"“{item.title}”的现场核查少于两名工作人员（许可法第三十四条）",
                f"fewer than two officers inspect for “{item.title}”",
                *at,
                "officers",
            )
        group = item.inspection.joint or item.id
        for other, (_, earlier) in found.items():
            apart = other != group and earlier.department != item.department
            text = _together(situations, {item.id, earlier.id}) if apart else None
            if text is not None:
                words = Words(
                    f"“{earlier.title}”和“{item.title}”分别上门，应当联合勘验（浙江规定第十八条）",
                    f"“{earlier.id}” and “{item.id}” inspect separately instead of together",
                )
                yield Finding(words, at, (text,))
        found.setdefault(group, (place, item))


def _together(situations: Situations, items: set[str]) -> str | None:
    return situations.find(items, (), lambda chosen, _: items <= chosen)


def _channels(definition: Definition) -> Iterator[Finding]:
    """No channel may be forced (浙江第六条), and a human counter stays (无障碍环境建设法)."""
    submission = definition.workflow.submission
    for key, channels in (("channels", submission.channels), ("correction", submission.correction)):
        if len(set(channels)) == 1:
            yield _finding(
                "只留一种办理渠道，等于强制使用（浙江规定第六条）",
                "a single channel is a forced channel",
                "submission",
                key,
            )
        if COUNTER not in channels:
            yield _finding(
                "没有人工窗口（无障碍环境建设法第三十九条）",
                "there is no human counter",
                "submission",
                key,
            )


def _signatures(definition: Definition) -> Iterator[Finding]:
    rule = definition.jurisdiction.signatures
    for place, item in enumerate(definition.workflow.items):
        for number, route in enumerate(item.routes):
            if rule is not None and len(route.steps) > rule.most:
                signed = len(route.steps)
                yield _finding(
                    f"“{item.title}”要签 {signed} 次字，超过 {rule.most} 次（{rule.basis}）",
                    f"“{item.title}” takes {signed} signatures, more than {rule.most}",
                    "items",
                    place,
                    "routes",
                    number,
                    "steps",
                )
