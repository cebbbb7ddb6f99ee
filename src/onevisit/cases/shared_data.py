"""What shared sources (共享来源) already know of the applicant, so that nobody asks for it again.

The local front database (前置库) is asked once for a draft; each look is written down with who,
when and for which case. Whatever it holds is shown with its source and day, to be confirmed or
disputed (浙江规定第七条); what it does not hold is asked as before.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.definition.form import Field, FieldError, Form
from onevisit.documents.format import answer_text
from onevisit.store.citizen_tables import SharedFact, SharedRead, SharedRecord
from onevisit.store.kept import sought

FIELD, MATERIAL = "field", "material"
Key = tuple[str, str]
"""FIELD or MATERIAL, and the id of the one or the other."""


@dataclass(frozen=True)
class FactView:
    """One thing that a shared source knows, in words, and what the applicant said of it; `version`
    is `said` as it was typed."""

    kind: str
    name: str
    title: str
    text: str
    source: str
    as_of: date
    state: str
    said: str
    version: str
    why: str

    @property
    def disputed(self) -> bool:
        """Whether the applicant's version differs."""
        return self.state == "disputed"


def fetch(ctx: Context, dossier: Dossier) -> None:
    """Ask the front database for whatever this draft needs and was not shown before.

    A source is asked at most once for each thing; nothing found leaves the question as it was.
    """
    person = dossier.applicant.id_number
    known = facts_of(ctx, dossier.case.id)
    wanted = {key: origin for key, origin in _wanted(dossier) if key not in known}
    if not person or not wanted:
        return
    sources = sorted({origin.partition(".")[0] for origin in wanted.values()})
    records = _records(ctx, person, sources)
    for source in sources:
        asked = {k: o.partition(".")[2] for k, o in wanted.items() if o.startswith(source + ".")}
        record = records.get(source)
        _note_read(ctx, dossier, source, sorted(set(asked.values())), record)
        for key, name in asked.items():
            value = _value(dossier, key, record.data.get(name)) if record else None
            if record is not None and value is not None:
                ctx.session.add(_fact(dossier, key, f"{source}.{name}", value, record.as_of))
    ctx.session.flush()


def facts_of(ctx: Context, case_id: uuid.UUID) -> dict[Key, SharedFact]:
    """Everything that was shown for a case."""
    rows = ctx.session.exec(select(SharedFact).where(SharedFact.case_id == case_id))
    return {(row.kind, row.name): row for row in rows}


def asked_facts(dossier: Dossier, facts: Mapping[Key, SharedFact]) -> dict[Key, SharedFact]:
    """Those that the present answers need, in the order of the form and the list of material."""
    return {key: facts[key] for key, _ in _wanted(dossier) if key in facts}


def prefilled(dossier: Dossier, facts: Mapping[Key, SharedFact]) -> frozenset[str]:
    """The fields of the form that a shared source answers; no page asks for them."""
    return frozenset(name for kind, name in asked_facts(dossier, facts) if kind == FIELD)


def undecided(dossier: Dossier, facts: Mapping[Key, SharedFact]) -> list[FieldError]:
    """A fault for each prefilled field that was neither confirmed nor disputed."""
    titles = {each.id: each.title for each in form_needed(dossier).fields}
    return [
        FieldError(name, f"请核对“{titles[name]}”：确认无误，或者提出异议")
        for (kind, name), row in asked_facts(dossier, facts).items()
        if kind == FIELD and row.state == "shown"
    ]


def settle(ctx: Context, dossier: Dossier) -> list[SharedFact]:
    """At the handing in, material that nobody objected to counts as confirmed (the applicant
    declares so there); all facts of the case, for the ledger."""
    facts = facts_of(ctx, dossier.case.id)
    for (kind, _), row in asked_facts(dossier, facts).items():
        if kind == MATERIAL and row.state == "shown":
            row.state, row.decided_by, row.decided_at = "confirmed", ctx.actor.id, ctx.now
    ctx.session.flush()
    return list(facts.values())


def fact_views(ctx: Context, dossier: Dossier) -> tuple[FactView, ...]:
    """What shared sources know for a case, in words, as its pages show it."""
    facts = asked_facts(dossier, facts_of(ctx, dossier.case.id))
    fields = {each.id: each for each in form_needed(dossier).fields}
    titles = {each.id: each.title for each in dossier.selection.materials}
    return tuple(
        _view(dossier, row, fields[row.name].title, fields[row.name].schema)
        if row.kind == FIELD
        else _view(dossier, row, titles[row.name], {})
        for row in facts.values()
    )


def disputes(ctx: Context, dossier: Dossier) -> tuple[FactView, ...]:
    """What the applicant says is otherwise than a shared source has it; for who checks the case."""
    return tuple(each for each in fact_views(ctx, dossier) if each.disputed)


def form_needed(dossier: Dossier) -> Form:
    """Only what the selected items need."""
    return dossier.definition.form.for_items(dossier.selection.item_ids)


def typed_value(dossier: Dossier, field: Field, text: str) -> Any:
    """A text as the field holds it; None when it does not fit there."""
    form = form_needed(dossier)
    section = next(each.id for each in form.sections if field in each.fields)
    data = form.read([(field.id, text)], section)
    faults = form.check(data, section)
    return None if any(_of(fault, field.id) for fault in faults) else data.get(field.id)


def _of(fault: FieldError, name: str) -> bool:
    return fault.path.partition(".")[0] == name


def _wanted(dossier: Dossier) -> Iterator[tuple[Key, str]]:
    """Every (field or material, source.field) that is known of the applicant themselves."""
    for field in form_needed(dossier).fields:
        plain = field.schema.get("type") != "array" and field.answer is None
        if field.shared and field.holder == "applicant" and plain:
            yield (FIELD, field.id), field.shared
    for material in dossier.selection.materials:
        if material.source == "shared" and material.holder == "applicant" and material.origin:
            yield (MATERIAL, material.id), material.origin


def _records(ctx: Context, person: str, sources: list[str]) -> dict[str, SharedRecord]:
    """The person's record in each source; none where there are several and nobody could tell
    which is meant."""
    statement = (
        select(SharedRecord)
        .where(SharedRecord.person_hash == sought(person), col(SharedRecord.source).in_(sources))
        .limit(len(sources) * 10)
    )
    found: dict[str, list[SharedRecord]] = {}
    for row in ctx.session.exec(statement):
        found.setdefault(row.source, []).append(row)
    return {source: rows[0] for source, rows in found.items() if len(rows) == 1}


def _note_read(
    ctx: Context, dossier: Dossier, source: str, names: list[str], record: SharedRecord | None
) -> None:
    """Who used whose data stays answerable, found or not."""
    ctx.session.add(
        SharedRead(
            source=source,
            holder=record.holder if record else dossier.applicant.id_number or "",
            fields=names,
            found=record is not None,
            purpose=f"预填申请：{dossier.definition.workflow.title}",
            case_id=dossier.case.id,
            read_by=ctx.actor.id,
            at=ctx.now,
        )
    )


def _value(dossier: Dossier, key: Key, held: Any) -> Any:
    """What a record holds as the form or the list of material can show it; None when it cannot."""
    text = "" if held is None else str(held).strip()
    if not text or key[0] == MATERIAL:
        return text or None
    return typed_value(dossier, form_needed(dossier).field(key[1]), text)


def _fact(dossier: Dossier, key: Key, origin: str, value: Any, as_of: date) -> SharedFact:
    kind, name = key
    return SharedFact(
        case_id=dossier.case.id, kind=kind, name=name, origin=origin, value=value, as_of=as_of
    )


def _view(dossier: Dossier, row: SharedFact, title: str, schema: Mapping[str, Any]) -> FactView:
    said = "" if row.said is None else answer_text(schema, row.said)
    return FactView(
        kind=row.kind,
        name=row.name,
        title=title,
        text=answer_text(schema, row.value),
        source=source_title(dossier, row.origin),
        as_of=row.as_of,
        state=row.state,
        said=said,
        version="" if row.said is None else fields_text(row.said),
        why=row.why or "",
    )


def fields_text(value: Any) -> str:
    """A value as a form sends it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def source_title(dossier: Dossier, origin: str) -> str:
    """What people call the source of `source.field`."""
    wanted = origin.partition(".")[0]
    sources = dossier.definition.directory.sources
    return next((each.title for each in sources if each.id == wanted), wanted)
