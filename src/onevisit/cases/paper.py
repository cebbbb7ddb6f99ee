"""Writes the documents that moves call for: number drawn, snapshot frozen, PDF left for later."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import bindparam, literal_column, null, union_all
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.cases import filled_form, shared_data, wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.holder import shown_holder
from onevisit.cases.snapshot import Checked, Heading, Particulars, material_lines, snapshot
from onevisit.definition.workflow import Result
from onevisit.documents import certificate_number
from onevisit.documents.format import answer_text
from onevisit.engine import CASE, Move, Part
from onevisit.store.numbers import check_code, document_number, document_sequence, draw
from onevisit.store.plain import ask, columns, write_new
from onevisit.store.tables import Approval, Case, Check, Document, Upload

DECISIONS = ("approval", "rejection")
_CHECKS, _UPLOADS = columns(Check), columns(Upload)
HANDED_IN = rows_of(_UPLOADS.material_id).where(
    _UPLOADS.case_id == bindparam("case"), _UPLOADS.removed_at.is_(None)
)
LINES = union_all(
    rows_of(_CHECKS.material_id, _CHECKS.round, _CHECKS.status, _CHECKS.note).where(
        _CHECKS.case_id == bindparam("case")
    ),
    HANDED_IN.add_columns(literal_column("0"), null(), null()),
)
"""What was found of each material by round, and (round 0) each file that was handed in."""
CHECKS = select(Check).where(Check.case_id == bindparam("case")).order_by(col(Check.round))
RECORDS = select(Document.number).where(
    Document.case_id == bindparam("case"),
    Document.region == bindparam("region"),
    Document.kind == "hearing_record",
)
UPLOADS = (
    select(Upload)
    .where(Upload.case_id == bindparam("case"), col(Upload.removed_at).is_(None))
    .order_by(col(Upload.id))
)


@dataclass(frozen=True)
class Order:
    """One document to write: its kind, the region it belongs to, and which move called for it.

    `title` and `template` (below notices/) say what it is called and looks like where the kind
    alone does not tell; `authority` is the department that issues it where it is another's. A
    certificate whose particulars say all of it, number included, is issued again as they say."""

    kind: str
    region: str
    move: int
    particulars: Particulars = field(default_factory=Particulars)
    title: str | None = None
    template: str | None = None
    authority: str | None = None


def orders(
    dossier: Dossier,
    moves: Sequence[Move],
    particulars: Mapping[str, Particulars],
    also: Sequence[str] = (),
) -> list[Order]:
    """The documents that these moves call for; `certificate` is one for each granted result.

    `particulars`: by kind, what the verb knows (what is missing, who collects, …). `also`: kinds
    that only this time go with the first move.
    """
    found = []
    for place, move in enumerate(moves):
        for kind in (*move.documents, *(also if place == 0 else ())):
            if kind == "certificate":
                found += [Order(kind, part.key, place) for part in _granted(dossier)]
            else:
                found.append(Order(kind, move.region, place, particulars.get(kind, Particulars())))
    return found


def write(ctx: Context, dossier: Dossier, wanted: Sequence[Order]) -> list[tuple[Order, Document]]:
    """Draw the numbers, freeze the snapshots and write the rows (in state pending).

    Numbers are drawn in the order of their sequences, so that two cases never wait for each other
    crosswise.
    """
    if not wanted:
        return []
    materials = _materials(ctx, dossier)
    written = []
    for order in sorted(wanted, key=lambda each: _sequence(ctx, dossier, each)):
        document = _document(ctx, dossier, order, materials)
        written.append((order, document))
    write_new(ctx.session, [document for _, document in written])
    return written


def latest_checks(ctx: Context, dossier: Dossier) -> dict[str, Check]:
    """The newest finding for each material."""
    rows = ctx.session.exec(CHECKS, params={"case": dossier.case.id})
    return {row.material_id: row for row in rows}


def live_uploads(ctx: Context, dossier: Dossier) -> list[Upload]:
    """The files handed in and not removed, in order."""
    return list(ctx.session.exec(UPLOADS, params={"case": dossier.case.id}))


def handed_in(ctx: Context, dossier: Dossier) -> Counter[str]:
    """How many files there are of each material that has any."""
    rows = ask(ctx.session, HANDED_IN, case=dossier.case.id)
    return Counter(material_id for (material_id,) in rows)


def _granted(dossier: Dossier) -> list[Part]:
    return [
        part
        for part in dossier.selection.parts
        if part.item.result is not None and dossier.state(part.key).granted
    ]


def _materials(ctx: Context, dossier: Dossier) -> list[dict[str, Any]]:
    counts: Counter[str] = Counter()
    checks = {}
    lines = ask(ctx.session, LINES, case=dossier.case.id)
    for material_id, number, status, note in sorted(lines, key=lambda line: line[1]):
        if number:
            checks[material_id] = Checked(status, note)
        else:
            counts[material_id] += 1
    return material_lines(dossier, counts, checks)


def _sequence(ctx: Context, dossier: Dossier, order: Order) -> str:
    if order.kind == "certificate":
        return _certificate_sequence(ctx, dossier, dossier.selection.part(order.region))
    return document_sequence(dossier.definition.jurisdiction.id, order.kind, ctx.today.year)


def _document(
    ctx: Context, dossier: Dossier, order: Order, materials: list[dict[str, Any]]
) -> Document:
    definition = dossier.definition
    part = dossier.selection.part(order.region) if order.region != CASE else None
    if order.kind == "certificate":
        assert part is not None
        title, template, number, particulars = _certificate_content(
            ctx, dossier, part, order.particulars
        )
    else:
        heard = _heard(ctx, dossier, order)
        title, particulars = _notice_content(dossier, part, order, heard)
        if order.kind == filled_form.KIND:
            title, particulars = _application_content(ctx, dossier, particulars)
        template = f"notices/{order.template or order.kind}"
        place = (definition.jurisdiction.id, definition.jurisdiction.title)
        number = document_number(ctx.session, place, order.kind, ctx.today.year)
    lead = definition.workflow.authority
    authority = order.authority or (_department(dossier, part) if part else lead)
    department = definition.directory.department(authority)
    heading = Heading(order.kind, title, number, check_code(), department, ctx.now)
    return Document(
        case_id=dossier.case.id,
        region=part.key if part else None,
        kind=order.kind,
        title=title,
        template=template,
        number=number,
        snapshot=snapshot(dossier, heading, materials, particulars),
        created_at=ctx.now,
    )


def _department(dossier: Dossier, part: Part) -> str:
    """Whoever has the item now; it may have been transferred."""
    return dossier.approvals[part.key].department


def _notice_content(
    dossier: Dossier, part: Part | None, order: Order, heard: Sequence[str]
) -> tuple[str, Particulars]:
    """Title and particulars of a notice of the case, or of the decision on one approval."""
    if part is None or order.title is not None or order.kind not in DECISIONS:
        basis = order.particulars.basis or (part.item.basis if part is not None else ())
        return order.title or wording.TITLES[order.kind], replace(order.particulars, basis=basis)
    granted = dossier.state(part.key).granted
    title = wording.decision_title(part.item, part.route.kind, granted=granted)
    decision = {**decision_of(dossier, part), **(order.particulars.decision or {})}
    decision["basis"] = [*decision["basis"], *heard]
    return title, replace(order.particulars, decision=decision, basis=part.item.basis)


def _application_content(
    ctx: Context, dossier: Dossier, particulars: Particulars
) -> tuple[str, Particulars]:
    """The form as handed in now; one handed in again after a correction says so in its title."""
    case = dossier.case
    earlier = select(Document.id).where(
        Document.case_id == case.id, Document.kind == filled_form.KIND
    )
    again = ctx.session.exec(earlier).first() is not None
    old = ctx.session.get(Case, case.reopens) if case.reopens else None
    form = filled_form.filled_form(
        dossier, old.number if old else None, shared_data.disputes(ctx, dossier)
    )
    title = form["title"] + ("（补正后）" if again else "")
    return title, replace(particulars, form=form)


def _heard(ctx: Context, dossier: Dossier, order: Order) -> tuple[str, ...]:
    """The records of hearings on which a decision rests (许可法第四十八条第二款)."""
    there = dossier.there.get(order.region)
    if order.kind not in DECISIONS or (there is not None and not there.hearing):
        return ()
    records = ctx.session.exec(RECORDS, params={"case": dossier.case.id, "region": order.region})
    return tuple(f"听证笔录（{number}）" for number in records)


def _certificate_content(
    ctx: Context, dossier: Dossier, part: Part, again: Particulars
) -> tuple[str, str, str, Particulars]:
    """Title, template, number and particulars of one certificate; `again` is what it says when
    it is issued once more."""
    result = part.item.result
    assert result is not None
    if again.certificate is not None:
        said, basis = dict(again.certificate), again.basis
    else:
        number = _certificate_number(ctx, dossier, part, result)
        said, basis = _certificate(ctx, dossier, part, result, number), part.item.basis
    said["holder_shown"] = shown_holder(dossier, part.item, said["holder"])
    particulars = Particulars(certificate=said, basis=basis)
    return result.title, result.template, str(said["number"]), particulars


def decision_of(dossier: Dossier, part: Part) -> dict[str, Any]:
    """What was decided on an approval, why, on which basis, and what can be done against it.

    The officers' opinions are the department's own record (留痕); a notice gives reasons.
    """
    row: Approval = dossier.approvals[part.key]
    granted = dossier.state(part.key).granted
    return {
        "item": wording.item_title(part),
        "result": wording.decision_result(part.item, part.route.kind, granted=granted),
        "reasons": row.reasons or None,
        "opinion": None,
        "basis": list(part.item.basis),
        "remedies": [] if granted else list(dossier.definition.jurisdiction.remedies),
    }


def _certificate_sequence(ctx: Context, dossier: Dossier, part: Part) -> str:
    """Certificates are counted by department, type and year."""
    assert part.item.result is not None
    issuer = dossier.definition.directory.department(_department(dossier, part)).uscc
    return f"certificate/{issuer}/{part.item.result.type_code}/{ctx.today.year}"


def _certificate_number(ctx: Context, dossier: Dossier, part: Part, result: Result) -> str:
    """The certificate's identifier after GB/T 36904."""
    issuer = dossier.definition.directory.department(_department(dossier, part)).uscc
    serial = draw(ctx.session, _certificate_sequence(ctx, dossier, part))
    code = f"{ctx.today.year}{serial:06d}"
    return certificate_number(issuer, int(result.type_code), issuer, code)


def _certificate(
    ctx: Context, dossier: Dossier, part: Part, result: Result, number: str
) -> dict[str, Any]:
    """What the certificate says; the first of the result's `fields` names its holder."""
    values = _printed(dossier, part, result)
    until = None
    if result.valid is not None and result.valid.years is not None:
        until = wording.years_later(ctx.today, result.valid.years).isoformat()
    return {
        "title": result.title,
        "number": number,
        "holder": values[0]["value"] if values else dossier.applicant.name,
        "fields": values[1:],
        "valid_from": ctx.today.isoformat(),
        "valid_until": until,
    }


def _printed(dossier: Dossier, part: Part, result: Result) -> list[dict[str, str]]:
    """Label and value of each field that the certificate prints and the applicant filled in."""
    data = dict(dossier.case.form)
    schemas = {each.id: (each.title, each.schema) for each in dossier.definition.form.fields}
    if part.item.foreach is not None and part.element is not None:
        data |= data[part.item.foreach][part.element - 1]
        inner = schemas[part.item.foreach][1].get("items", {}).get("properties", {})
        schemas |= {key: (schema.get("title", key), schema) for key, schema in inner.items()}
    return [
        {"label": schemas[name][0], "value": answer_text(schemas[name][1], data[name])}
        for name in result.fields
        if data.get(name) not in (None, "", [])
    ]
