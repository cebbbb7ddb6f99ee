"""Check your answers: the filled form in words, each answer beside the way to change it."""

from dataclasses import dataclass

from onevisit.cases.shared_data import FIELD, FactView
from onevisit.cases.views import DraftView
from onevisit.definition.form import Field
from onevisit.documents.format import cn_date
from onevisit.web.fields import answer_text, field_id


@dataclass(frozen=True)
class Answer:
    """One row of a summary list; `change` is "" where there is nothing to change, `source` says
    which shared source knew it."""

    id: str
    question: str
    answer: str
    change: str
    flag: str
    source: str = ""


@dataclass(frozen=True)
class Answers:
    """One page of the form as answered."""

    title: str
    rows: tuple[Answer, ...]


def review_sections(view: DraftView) -> tuple[Answers, ...]:
    """All pages of the form with what submitting would refuse beside each answer."""
    wrong = {error.path.partition(".")[0]: error.message for error in reversed(view.problems)}
    sources = {each.name: _source(each) for each in view.facts if each.kind == FIELD}
    return tuple(
        Answers(
            section.title,
            tuple(
                Answer(
                    id=field_id(field.id),
                    question=field.title,
                    answer=answer_text(field.schema, view.data.get(field.id)),
                    change=_where(view, section.id, field),
                    flag=wrong.get(field.id, ""),
                    source=sources.get(field.id, ""),
                )
                for field in section.fields
            ),
        )
        for section in view.form.sections
    )


def _source(fact: FactView) -> str:
    """Where an answer comes from, and whether the applicant disputes it."""
    held = f"{fact.source}，截至{cn_date(fact.as_of)}"
    return f"您有异议；{held}登记为“{fact.text}”" if fact.disputed else f"来自{held}"


def _where(view: DraftView, section_id: str, field: Field) -> str:
    """The page on which this answer was given."""
    if field.answer is not None:
        return f"/my/{view.id}/answers#{field_id(field.answer)}"
    if field.id in view.prefilled:
        return f"/my/{view.id}/shared#{field_id(f'{FIELD}.{field.id}')}"
    return f"/my/{view.id}/form/{section_id}#{field_id(field.id)}"
