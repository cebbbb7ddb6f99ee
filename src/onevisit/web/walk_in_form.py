"""The one form of an intake at the counter as it arrives: everything typed and every scan at once.

One form and not many, so that no press of a button loses what stands beside it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from onevisit import engine
from onevisit.cases.pickup import Recipient
from onevisit.cases.walk_in import QUESTION, Typed
from onevisit.definition.form import FieldError, Form
from onevisit.definition.service import Definition
from onevisit.store.files import TooLarge
from onevisit.web import checklist, fields, situation
from onevisit.web.edge import (
    FORM_FIELDS,
    FORM_LIMIT,
    BadForm,
    form_of,
    pairs_of,
    site_of,
    visitor,
)
from onevisit.web.fields import FieldView
from onevisit.web.incoming import OverLimit, limited, plain
from onevisit.web.uploads import CUT_OFF, Handed, Refused, sorted_out

FILE, END = "file.", "end."
"""How the names of scans begin, and of what closes the intake; no field's name has a full stop."""
MOST_FILES = 60
TOGETHER = 10
"""How many times the limit of one file all scans of one press may have."""


@dataclass(frozen=True)
class Sent:
    """One press of a button: the pairs in the order of the page, and what was scanned for which
    material."""

    pairs: list[tuple[str, str]]
    scans: Mapping[str, Handed] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()

    def text(self, name: str) -> str:
        """One value as typed; empty when it was not sent."""
        return next((text.strip() for each, text in self.pairs if each == name), "")

    @property
    def revision(self) -> int:
        """The revision of the page; BadForm when the page did not send it."""
        text = self.text("revision")
        if not text.isdecimal() or len(text) > 9:
            raise BadForm(str(BadForm.__doc__))
        return int(text)

    @property
    def answers(self) -> dict[str, str]:
        """The answers to the situation questions as typed."""
        return {
            name.removeprefix(QUESTION): text
            for name, text in self.pairs
            if name.startswith(QUESTION) and text.strip()
        }

    @property
    def sheet(self) -> checklist.Sheet:
        """The checklist as it was marked."""
        return checklist.typed(self.pairs)

    def typed(self, form: Form) -> Typed:
        """Everything as the verb keeps it; `form` is the whole form of the service."""
        sent_to = Recipient(
            *(self.text(f"{END}recipient.{name}") for name in ("name", "phone", "address"))
        )
        confirmed = self.text(END + "confirmed")
        return Typed(
            answers=self.answers,
            form=form.read(self.pairs),
            findings=self.sheet.findings(),
            pickup=self.text(END + "pickup") or None,
            recipient=sent_to if any((sent_to.name, sent_to.phone, sent_to.address)) else None,
            confirmed=confirmed if confirmed in ("signed", "together") else None,
            pledged=self.text(END + "pledged") == "yes",
        )


async def receive(request: Request) -> AsyncIterator[Sent]:
    """The form with its scans spooled to disk; photos are made into pages for who is signed in."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        yield Sent(pairs_of(await form_of(request)))
        return
    limit = site_of(request).upload_limit
    stream = limited(request.stream(), limit * TOGETHER + FORM_LIMIT)
    parser = MultiPartParser(
        request.headers, stream, max_files=MOST_FILES, max_fields=FORM_FIELDS,
        max_part_size=FORM_LIMIT,
    )  # fmt: skip
    try:
        form = await parser.parse()
    except OverLimit:
        raise TooLarge(limit) from None
    except (MultiPartException, KeyError, UnicodeError):
        raise BadForm(CUT_OFF) from None
    pairs, files = [], dict[str, list[UploadFile]]()
    for name, value in form.multi_items():
        if isinstance(value, str):
            pairs.append((plain(name), plain(value)))
        elif name.startswith(FILE) and value.filename:
            files.setdefault(name.removeprefix(FILE), []).append(value)
    try:
        signed_in = await run_in_threadpool(visitor, request) is not None
        clamd = site_of(request).clamd
        scans = {
            name: await run_in_threadpool(sorted_out, chosen, limit, clamd)
            for name, chosen in files.items()
            if signed_in
        }
        yield Sent(pairs, scans)
    finally:
        await form.close()


Screen = Annotated[Sent, Depends(receive)]


def questions(
    definition: Definition, raw: Mapping[str, str], errors: Sequence[FieldError]
) -> tuple[FieldView, ...]:
    """The situation questions under names that no field of the form has."""
    answers, _ = engine.read_answers(definition, raw)
    asked = [
        replace(situation.as_field(each), id=QUESTION + each.id)
        for each in engine.questions(definition, answers)
    ]
    return fields.bind(asked, {QUESTION + name: text for name, text in raw.items()}, errors)
