"""What the applicant answered and filled in, both as it was stored and in words."""

from typing import Any

from onevisit.cases.archive.collect import Record
from onevisit.cases.views.parts import section_rows
from onevisit.definition.workflow import Question


def answered(record: Record) -> dict[str, Any]:
    """The answers and the form as stored, then each with its title and its text."""
    dossier = record.dossier
    answers, form = dossier.case.answers, dossier.case.form
    questions = [each for each in dossier.definition.questions if each.id in answers]
    return {
        "answers": answers,
        "form": form,
        "questions": [
            {"id": each.id, "title": each.ask, "text": _text(each, answers[each.id])}
            for each in questions
        ],
        "sections": [
            {
                "title": section.title,
                "fields": [
                    {"id": row.id, "title": row.title, "text": row.text} for row in section.rows
                ],
            }
            for section in section_rows(dossier.definition.form.sections, form, whole=True)
        ],
    }


def _text(question: Question, value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    titles = {option.id: option.title for option in question.options}
    return titles.get(str(value), f"{value}{question.unit or ''}")
