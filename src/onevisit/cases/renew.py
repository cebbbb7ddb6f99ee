"""A draft whose service has a new version: what changed is said, and the draft goes on with it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from onevisit.cases import shared_data
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import editable
from onevisit.cases.errors import Invalid
from onevisit.cases.turn import Turn
from onevisit.catalog.published import Published
from onevisit.definition.form import FieldError
from onevisit.definition.service import Definition
from onevisit.engine import CASE, Selection, read_answers
from onevisit.engine import select as select_parts
from onevisit.store.tables import Case

NOTHING = "按新的办理要求，没有需要办理的事项；请检查回答，或者拨打咨询电话"


@dataclass(frozen=True)
class Change:
    """One kind of thing that came or went, by title: 要办的事项, 要交的材料, 要填的内容."""

    what: str
    added: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Renewal:
    """The newer version beside a draft's own: what changes for this draft. `errors` are the
    situation questions that the draft's answers do not answer any more."""

    version: str
    changes: tuple[Change, ...]
    days: tuple[int, int]
    definition: Definition
    errors: tuple[FieldError, ...]


def newer(ctx: Context, dossier: Dossier) -> Published | None:
    """The version that is current where a draft rests on an older one; None when it does not."""
    try:
        current = ctx.catalog.current(dossier.case.workflow_id, ctx.session)
    except KeyError:
        return None
    return current if current.hash != dossier.case.version_hash else None


def renewal(ctx: Context, dossier: Dossier) -> Renewal | None:
    """What a newer version changes for this draft; None when there is none."""
    found = newer(ctx, dossier)
    if found is None:
        return None
    new, old = found.definition, dossier.definition
    typed, errors = read_answers(new, _texts(dossier.case.answers))
    changes: tuple[Change, ...] = ()
    if not errors:
        changes = _changes(dossier.selection, old, select_parts(new, typed), new)
    days = (old.workflow.promise.days, new.workflow.promise.days)
    return Renewal(new.workflow.version, changes, days, new, tuple(errors))


def renew(ctx: Context, case_id: uuid.UUID, answers: Mapping[str, Any], revision: int) -> Case:
    """Let the draft go on with the current version and these answers; all that was filled in stays.

    Raises Invalid for answers that do not fit, NotPossible once it is handed in.
    """
    dossier, correction = editable(ctx, case_id, revision)
    turn = Turn(ctx, dossier)
    if correction is not None:
        raise turn.not_possible(CASE, "submit")
    found = newer(ctx, dossier)
    if found is None:
        return dossier.case
    typed, errors = read_answers(found.definition, _texts(answers))
    if errors:
        raise Invalid(errors)
    if not select_parts(found.definition, typed).parts:
        raise Invalid([FieldError("", NOTHING)])
    state = found.definition.lifecycle.case.initial
    turn.set(CASE, version_hash=found.hash, answers=typed, state=state, saved_at=ctx.now)
    turn.save()
    shared_data.fetch(ctx, load(ctx, case_id))
    return dossier.case


def _changes(
    before: Selection, old: Definition, after: Selection, new: Definition
) -> tuple[Change, ...]:
    pairs = (
        ("要办的事项", _items(before), _items(after)),
        ("要交的材料", _materials(before), _materials(after)),
        ("要填的内容", _fields(old, before), _fields(new, after)),
    )
    found = (
        Change(what, tuple(each for each in b if each not in a), tuple(e for e in a if e not in b))
        for what, a, b in pairs
    )
    return tuple(each for each in found if each.added or each.dropped)


def _items(selection: Selection) -> Sequence[str]:
    return [part.item.title for part in selection.parts]


def _materials(selection: Selection) -> Sequence[str]:
    return [each.title for each in selection.asked if each.source == "applicant"]


def _fields(definition: Definition, selection: Selection) -> Sequence[str]:
    return [each.title for each in definition.form.for_items(selection.item_ids).fields]


def _texts(answers: Mapping[str, Any]) -> dict[str, str]:
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in answers.items()}
