"""Check your answers: the filled form in words, each answer beside the way to change it."""

from dataclasses import dataclass

from onevisit.cases.views import DraftView
from onevisit.web.fields import answer_text, field_id


@dataclass(frozen=True)
class Answer:
    """One row of a summary list; `change` is "" where there is nothing to change."""

    id: str
    question: str
    answer: str
    change: str
    flag: str


@dataclass(frozen=True)
class Answers:
    """One page of the form as answered."""

    title: str
    rows: tuple[Answer, ...]


def review_sections(view: DraftView) -> tuple[Answers, ...]:
    """All pages of the form with what submitting would refuse beside each answer."""
    wrong = {error.path.partition(".")[0]: error.message for error in reversed(view.problems)}
    return tuple(
        Answers(
            section.title,
            tuple(
                Answer(
                    id=field_id(field.id),
                    question=field.title,
                    answer=answer_text(field.schema, view.data.get(field.id)),
                    change=_where(view, section.id, field.id, field.answer),
                    flag=wrong.get(field.id, ""),
                )
                for field in section.fields
            ),
        )
        for section in view.form.sections
    )


def _where(view: DraftView, section_id: str, name: str, answer: str | None) -> str:
    if answer is not None:
        return f"/my/{view.id}/answers#{field_id(answer)}"
    return f"/my/{view.id}/form/{section_id}#{field_id(name)}"
