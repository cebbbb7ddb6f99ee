"""The situation questions (情形引导) as a page asks them: answers travel in the address."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from onevisit import engine
from onevisit.definition.form import Field, FieldError
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Question
from onevisit.web.fields import FieldView, answer_text, bind


def as_field(question: Question) -> Field:
    """The question as a form field, so that one template draws both."""
    schema: dict[str, Any] = {"title": question.ask, "type": question.type}
    if question.help:
        schema["description"] = question.help
    if question.type == "choice":
        schema["type"] = "string"
        schema["oneOf"] = [{"const": o.id, "title": o.title} for o in question.options]
    if question.type == "integer":
        schema |= {"minimum": question.min, "maximum": question.max, "x-unit": question.unit or ""}
    return Field(question.id, question.ask, schema, required=True, items=("*",))


def views(
    definition: Definition, raw: Mapping[str, str], wrong: Sequence[FieldError]
) -> tuple[FieldView, ...]:
    """The questions to ask, given the answers sent so far, each as it was typed."""
    answers, _ = engine.read_answers(definition, raw)
    asked = engine.questions(definition, answers)
    return bind([as_field(question) for question in asked], raw, wrong)


def in_words(definition: Definition, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each question that was answered and its answer in words, in the order asked."""
    return [
        (question.ask, answer_text(as_field(question).schema, answers[question.id]))
        for question in definition.questions
        if question.id in answers
    ]


def address(answers: Mapping[str, Any]) -> str:
    """The answers as the query of an address: area=80&heating=true."""
    return urlencode(as_texts(answers))


def as_texts(answers: Mapping[str, Any]) -> dict[str, str]:
    """The answers as a form would send them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in answers.items()
    }
