"""A page on which one act is prepared: what it is about, its questions, one button.

The questions are JSON Schema properties like those of a service's form, so that one set of
controls, errors and labels serves both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.definition.form import Field, FieldError
from onevisit.documents.format import BEIJING
from onevisit.web import fields
from onevisit.web.edge import page, text_of

DAY, HOUR = "day", "hour"


@dataclass(frozen=True)
class Sheet:
    """`about` are labelled facts, `notes` sentences to read before; `back` is (address, title)."""

    title: str
    button: str
    back: tuple[str, str]
    revision: int
    questions: tuple[Field, ...]
    about: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    warning: str = ""
    staff: bool = True


def draw(
    request: Request,
    sheet: Sheet,
    typed: Mapping[str, Any],
    revision: int | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    """The page, empty or as it was typed with what is wrong (422)."""
    return page(
        request,
        "office/asking.html" if sheet.staff else "applicant/asking.html",
        status=422 if errors else 200,
        sheet=sheet,
        fields=fields.bind(sheet.questions, typed, errors),
        revision_shown=sheet.revision if revision is None else revision,
        errors=fields.summarise(sheet.questions, errors),
    )


def text(  # noqa: PLR0917 -- a question, in the order in which it is read
    name: str, title: str, hint: str = "", lines: int = 1, length: int = 200, kind: str = ""
) -> Field:
    """A question answered in words; with `kind` date or time, in those. Optional when its title
    ends in （选填）."""
    schema: dict[str, Any] = {"type": "string", "description": hint, "maxLength": length}
    if lines > 1:
        schema["x-lines"] = lines
    if kind:
        schema["format"] = kind
    return _field(name, title, schema)


def choice(name: str, title: str, options: Sequence[tuple[str, str]], hint: str = "") -> Field:
    """A question with one answer out of (value, label)."""
    listed = [{"const": value, "title": label} for value, label in options]
    return _field(name, title, {"type": "string", "oneOf": listed, "description": hint})


def several(name: str, title: str, options: Sequence[tuple[str, str]], hint: str = "") -> Field:
    """A question with several answers out of (value, label)."""
    listed = [{"const": value, "title": label} for value, label in options]
    return _field(name, title, {"type": "array", "items": {"oneOf": listed}, "description": hint})


def moment(hours: str) -> tuple[Field, Field]:
    """A day and an hour."""
    return (
        text(DAY, "日期", "工作日，如 2026-03-02", kind="date"),
        text(HOUR, "时间", f"{hours}，如 09:30", kind="time"),
    )


def moment_of(form: FormData) -> datetime | None:
    """The moment that was typed, in local time; None when it cannot be read."""
    try:
        at = datetime.fromisoformat(f"{text_of(form, DAY)}T{text_of(form, HOUR)}")
    except ValueError:
        return None
    return at.replace(tzinfo=BEIJING) if at.tzinfo is None else None


def typed_of(form: FormData, *names: str) -> dict[str, str]:
    """What was typed, by name."""
    return {name: text_of(form, name) for name in names}


def _field(name: str, title: str, schema: dict[str, Any]) -> Field:
    plain = title.removesuffix("（选填）")
    return Field(name, plain, schema, plain == title, ())
