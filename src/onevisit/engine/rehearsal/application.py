"""One application as a scenario makes it: answers, the filled form, material, the day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from onevisit.definition.sample import sample
from onevisit.definition.scenario import Scenario
from onevisit.definition.scenario_names import answered
from onevisit.definition.service import Definition
from onevisit.engine.selection import Selection, select

DOWNLOAD = "download"


@dataclass(frozen=True)
class Application:
    """What the applicant brings. `form` holds only what was filled in, answers copied where the
    form repeats them; `handed_in` are ids of material; `pickup` is how results are to come."""

    answers: Mapping[str, Any]
    form: Mapping[str, Any]
    handed_in: tuple[str, ...]
    pickup: str
    day: date


def application(definition: Definition, scenario: Scenario) -> Application:
    """The application of a scenario: what it leaves out is filled with fitting samples."""
    answers = answered(definition, scenario.answers)
    form = _filled(definition, answers, scenario.form)
    selection = select(definition, answers, form)
    needed = [
        each.id
        for each in selection.asked
        if each.source == "applicant" and each.need == "required"
    ]
    brought = dict.fromkeys((*needed, *scenario.hand_in))
    workflow = definition.workflow
    return Application(
        answers,
        form,
        tuple(name for name in brought if name not in scenario.without),
        scenario.pickup or workflow.issue.pickup[0],
        scenario.day or (workflow.window.opens if workflow.window else workflow.effective.from_),
    )


def asked_of(
    definition: Definition, selection: Selection, form: Mapping[str, Any]
) -> dict[str, Any]:
    """What was filled in of the fields that this selection needs."""
    fields = definition.form.for_items(selection.item_ids).fields
    return {each.id: form[each.id] for each in fields if each.id in form}


def obstacles(
    definition: Definition, selection: Selection, applied: Application, today: date
) -> Iterator[str]:
    """Everything that stands in the way of submitting, in the words of the applicant's page."""
    workflow = definition.workflow
    if not selection.parts:
        yield "没有需要办理的事项"
    until = workflow.effective.until
    if today < workflow.effective.from_ or (until is not None and today > until):
        yield f"{today} 不在办理期内"
    if workflow.window and not workflow.window.opens <= today <= workflow.window.closes:
        yield f"{today} 不在报名期内"
    form = definition.form.for_items(selection.item_ids)
    for fault in form.check(asked_of(definition, selection, applied.form)):
        title = form.field(fault.path.partition(".")[0]).title
        yield f"“{title}”（{fault.path}）{fault.message}"
    own = {each.id: each for each in selection.asked if each.source == "applicant"}
    for name, material in own.items():
        if material.need == "required" and name not in applied.handed_in:
            yield f"请上传“{material.title}”（{name}）"
    for name in applied.handed_in:
        if name not in own:
            yield f"“{definition.workflow.material(name).title}”（{name}）这次不需要提交"


def downloadable(definition: Definition, selection: Selection) -> bool:
    """Whether every result may be collected by download."""
    ways = definition.workflow.issue.pickup
    results = (part.item.result for part in selection.parts)
    return DOWNLOAD in ways and all(
        DOWNLOAD in result.pickup for result in results if result is not None and result.pickup
    )


def _filled(
    definition: Definition, answers: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The given values, the answers where the form repeats them, and samples for the rest.

    Which fields are asked may depend on what is filled in, so this goes on until nothing is left.
    """
    known = {
        each.id: answers[each.answer]
        for each in definition.form.fields
        if each.answer is not None and each.answer in answers
    }
    data = {**{name: value for name, value in given.items() if value is not None}, **known}
    while True:
        selection = select(definition, answers, data)
        missing = {
            each.id: sample(each)
            for each in definition.form.for_items(selection.item_ids).fields
            if each.id not in data and each.id not in given and each.answer is None
        }
        if not missing:
            return data
        data |= missing
