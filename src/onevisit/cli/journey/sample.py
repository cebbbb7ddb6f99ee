"""What the journey types into a page and hands in: fictional values and a small real PDF."""

from typing import Any

from weasyprint import HTML

from onevisit.definition.form import Field
from onevisit.definition.sample import sample
from onevisit.definition.service import Definition
from onevisit.engine import select


def sample_pairs(field: Field) -> dict[str, str | list[str]]:
    """What a person would type into one field: HTML name → text, lists for checkboxes."""
    return pairs(field.id, sample(field))


def pairs(name: str, value: Any) -> dict[str, str | list[str]]:
    """The value of one field as a page sends it: HTML name → text, lists for checkboxes."""
    if not isinstance(value, list):
        return {name: str(value).lower() if isinstance(value, bool) else str(value)}
    if not all(isinstance(each, dict) for each in value):
        return {name: [str(each) for each in value]}
    found: dict[str, str | list[str]] = {}
    for number, row in enumerate(value):
        for key, each in row.items():
            found |= pairs(f"{name}.{number}.{key}", each)
    return found


def widest_answers(definition: Definition, situations: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers, among those given, that select the most items and material."""

    def width(answers: dict[str, Any]) -> tuple[int, int]:
        selection = select(definition, answers)
        return len(selection.parts), len(selection.asked)

    return max(situations, key=width)


def sample_pdf(title: str) -> bytes:
    """One page with the material's name, marked as a demonstration."""
    body = f"<html lang='zh-CN'><h1>{title}</h1><p>演示用样件，内容均为虚构。</p></html>"
    pdf = HTML(string=body).write_pdf()
    assert isinstance(pdf, bytes)
    return pdf
