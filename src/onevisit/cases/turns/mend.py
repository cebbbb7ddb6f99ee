"""On-the-spot correction: the applicant is here, and what is written wrong is put right at once."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onevisit.cases.accept import taken_in
from onevisit.cases.context import Context
from onevisit.cases.correct import OTHER_ITEMS, changes_items
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import form_of
from onevisit.cases.errors import Invalid
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import Field, FieldError
from onevisit.documents.format import answer_text
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.tables import Case

EVENT, DOCUMENT = "mend", "mending"
BASIS = "《中华人民共和国行政许可法》第三十二条第一款第（三）项"
NOTHING_MENDED = "没有改动任何内容"
NOTHING = "（未填写）"


@dataclass(frozen=True)
class Change:
    """One field before and after, in words."""

    field: str
    title: str
    before: str
    after: str


def mendable(dossier: Dossier) -> tuple[Field, ...]:
    """The fields that the applicant filled in; answers that chose the items are not among them."""
    return tuple(each for each in form_of(dossier).fields if each.answer is None)


def mended(dossier: Dossier, data: Mapping[str, Any]) -> dict[str, Any]:
    """The form with what `data` says of the fields that may be mended; the others stay."""
    names = {each.id for each in mendable(dossier)}
    kept = {name: value for name, value in dossier.case.form.items() if name not in names}
    return kept | {name: value for name, value in data.items() if name in names}


def changes(dossier: Dossier, data: Mapping[str, Any]) -> tuple[Change, ...]:
    """What `data` changes, in the order of the form."""
    old = dossier.case.form
    return tuple(
        Change(each.id, each.title, _text(each, old.get(each.id)), _text(each, data.get(each.id)))
        for each in mendable(dossier)
        if _blank(old.get(each.id)) != _blank(data.get(each.id))
    )


def problems(dossier: Dossier, data: Mapping[str, Any]) -> list[FieldError]:
    """Everything that stands in the way: what the form's schema says, and other items following."""
    form = mended(dossier, data)
    errors = form_of(dossier).check(form)
    if not changes(dossier, data):
        errors.append(FieldError("", NOTHING_MENDED))
    if changes_items(dossier, form):
        errors.append(FieldError("", OTHER_ITEMS.format(what="更正")))
    return errors


def mend(ctx: Context, case_id: uuid.UUID, data: Mapping[str, Any], revision: int) -> Case:
    """Correct form fields with the applicant present (许可法第三十二条第一款第三项).

    `data`: all fields that may be mended, typed by the form's schema. The record of it goes to
    the applicant. Raises Invalid, NotPossible, Stale.
    """
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    made = changes(dossier, data)
    turn.act(EVENT, fields=[each.field for each in made], text=_summary(made))
    errors = problems(dossier, data)
    if errors:
        raise Invalid(errors)
    turn.set(CASE, form=mended(dossier, data))
    turn.vouch(lambda: evidence.of_form(dossier.case))
    turn.write_documents({DOCUMENT: Particulars(letter=_letter(ctx, made), basis=(BASIS,))})
    turn.save()
    return dossier.case


def _letter(ctx: Context, made: tuple[Change, ...]) -> Letter:
    facts = [(each.title, f"原填：{each.before}；更正为：{each.after}") for each in made]
    told = (
        f"以上共{len(made)}处，由申请人当场确认，窗口经办人{ctx.actor.name}记录；"
        "其余内容和材料没有变动，不必重新提交。"
    )
    return Letter(facts, (told,))


def _summary(made: tuple[Change, ...]) -> str:
    """Which fields; what they said stands in the record, and nowhere else for good."""
    return "更正" + "、".join(f"“{each.title}”" for each in made)


def _blank(value: Any) -> Any:
    return None if value in (None, "", []) else value


def _text(field: Field, value: Any) -> str:
    if _blank(value) is None:
        return NOTHING
    return answer_text(field.schema, value)
