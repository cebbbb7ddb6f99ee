"""What the applicant had answered before a correction was asked for, from the form as handed in."""

from sqlmodel import col, select

from onevisit.cases import filled_form
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.store.tables import Correction, Document


def earlier_answers(ctx: Context, dossier: Dossier, correction: Correction) -> dict[str, str]:
    """By field, the answer in words as it stood when the notice was given; only what it names."""
    statement = (
        select(Document)
        .where(Document.case_id == dossier.case.id, Document.kind == filled_form.KIND)
        .where(col(Document.created_at) <= correction.issued_at)
        .order_by(col(Document.id).desc())
        .limit(1)
    )
    paper = ctx.session.exec(statement).first()
    if paper is None:
        return {}
    sections = paper.snapshot["form"]["sections"]
    said = {row["label"]: _text(row) for section in reversed(sections) for row in section["rows"]}
    named = {each["field"] for each in correction.missing}
    fields = dossier.definition.form.fields
    return {f.id: said[f.title] for f in fields if f.id in named and f.title in said}


def answers_now(dossier: Dossier, correction: Correction) -> dict[str, str]:
    """The same fields as they are answered now, in the same words."""
    named = {each["field"] for each in correction.missing}
    fields, data = dossier.definition.form.fields, dossier.case.form
    return {f.id: _text(filled_form.answer_row(f, data)) for f in fields if f.id in named}


def _text(row: dict[str, object]) -> str:
    entries = row["entries"]
    if isinstance(entries, list) and entries:
        return "\n".join("；".join(str(cell) for cell in entry) for entry in entries)
    return str(row["value"] or "未填写")
