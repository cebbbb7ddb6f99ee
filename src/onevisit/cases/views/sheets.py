"""One act on one page: what it is about, what it changes, what it asks, and what may hinder it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import NotPossible
from onevisit.cases.lights import due_on
from onevisit.cases.turns.stops import Choice
from onevisit.cases.views.lanes import Lane, lanes
from onevisit.cases.views.parts import Badge, badge
from onevisit.cases.views.standing import Line, standing
from onevisit.definition.form import Field
from onevisit.documents.format import cn_date
from onevisit.engine import CASE

Fact = tuple[str, str]
REASONS_HINT = "写明事实和依据的条款；申请人会看到原文。"


@dataclass(frozen=True)
class Asks:
    """What one act asks and says: `says` are sentences about what it changes; `hindered` tells why
    it cannot be done now, and then nothing is asked; `instead` is the event of the other answer."""

    button: str
    says: Sequence[str] = ()
    fields: Sequence[Field] = ()
    facts: Sequence[Fact] = ()
    hindered: str | None = None
    instead: str | None = None


@dataclass(frozen=True)
class Sheet:
    """The page of one act on one item, or (no `item`) on a whole case."""

    title: str
    button: str
    revision: int
    number: str | None
    service: str
    item: str | None
    department: str | None
    state: Badge
    clocks: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    says: tuple[str, ...]
    fields: tuple[Field, ...]
    standing: tuple[Line, ...]
    hindered: str | None
    instead: tuple[str, str] | None
    lanes: tuple[Lane, ...]


def sheet(ctx: Context, dossier: Dossier, region: str, event: str, asks: Asks) -> Sheet:
    """The page of an event of a region."""
    row = dossier.row(region)
    part = None if region == CASE else dossier.selection.part(region)
    return Sheet(
        title=dossier.move_title(region, event),
        button=asks.button,
        revision=row.revision,
        number=dossier.case.number,
        service=dossier.definition.workflow.title,
        item=wording.item_title(part) if part else None,
        department=dossier.department(part).title if part else None,
        state=badge(row.state, dossier.state(region)),
        clocks=tuple(_clock_facts(dossier, region)),
        facts=tuple(asks.facts),
        says=tuple(asks.says),
        fields=() if asks.hindered else tuple(asks.fields),
        standing=standing(ctx, dossier, region),
        hindered=asks.hindered,
        instead=(asks.instead, dossier.move_title(region, asks.instead)) if asks.instead else None,
        lanes=lanes(ctx, dossier) if region == CASE else (),
    )


def hindrance(check: Callable[[], object]) -> str | None:
    """Why something cannot be done now; None when it can."""
    try:
        check()
    except NotPossible as error:
        return error.because or str(error)
    return None


def choice_field(title: str, choices: Sequence[Choice]) -> Field:
    """One of several reasons for which a clock may stop, each with what is left of it."""
    options = [
        {"const": each.id, "title": each.title,
         "description": f"还可以用{each.most}个工作日（{each.basis}）"}
        for each in choices
    ]  # fmt: skip
    return field("choice", title, {"oneOf": options})


def days_field(title: str, most: int, hint: str) -> Field:
    """A number of working days."""
    schema = {"type": "integer", "maximum": most, "x-unit": "个工作日", "description": hint}
    return field("days", title, schema)


def reasons_field(title: str = "理由", hint: str = REASONS_HINT) -> Field:
    """Why; written out."""
    return field("reasons", title, {"type": "string", "x-lines": 4, "description": hint})


def field(name: str, title: str, schema: dict[str, object]) -> Field:
    """One question of an act's page."""
    return Field(id=name, title=title, schema=schema, required=True, items=())


def _clock_facts(dossier: Dossier, region: str) -> list[Fact]:
    row, calendar = dossier.row(region), dossier.definition.calendar
    facts = []
    for label, day in (("承诺时限", row.promise_due), ("法定时限", row.legal_due)):
        due = due_on(calendar, day)
        if due is not None:
            facts.append((label, f"{cn_date(due.day)}{'（暂定）' if due.provisional else ''}"))
    return facts
