"""Issuing a certificate again (补发、更正): a lost or damaged paper with the same content, a wrong
one with what it should have said; the paper before is replaced, the right stays as it is."""

import uuid
from collections.abc import Mapping
from typing import Any

from onevisit.cases.afterwards import request, version
from onevisit.cases.afterwards.certificate import CertificateTurn, held
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid
from onevisit.definition.form import FieldError
from onevisit.store.turn_tables import Certificate

REISSUE, CORRECT = "reissue_certificate", "correct_certificate"
HOLDER, HOLDER_TITLE = "holder", "持证主体"
FIELD = "field_"
"""Printed fields are named by their place, from 0: two may have the same label."""
LONGEST = 500
Change = dict[str, str]


def reissue(ctx: Context, certificate_id: uuid.UUID, why: str, revision: int) -> Certificate:
    """The same content on a new paper; `why` it is issued again stands in the ledger.

    Invalid (path `why`), Forbidden, Stale, NotPossible.
    """
    turn = CertificateTurn(ctx, held(ctx, certificate_id, lock=True))
    turn.admit(REISSUE, revision)
    if not why.strip():
        raise Invalid([FieldError("why", "请写明补发的事由，例如遗失、损毁")])
    turn.act(REISSUE, text=why.strip())
    turn.write_documents({"certificate": version.following(turn)})
    turn.set(detail=request.answered(turn.row, request.PAPERS))
    turn.save()
    return turn.row


def correct(
    ctx: Context,
    certificate_id: uuid.UUID,
    values: Mapping[str, str],
    reasons: str,
    revision: int,
) -> Certificate:
    """A new paper on which the holder or printed fields read as they should have.

    values: new texts by `holder` and `field_0`, `field_1`, …; what is missing or unchanged stays.
    Old and new values stand in the ledger (`changes`). Invalid (the same paths, `reasons`),
    Forbidden, Stale, NotPossible.
    """
    turn = CertificateTurn(ctx, held(ctx, certificate_id, lock=True))
    turn.admit(CORRECT, revision)
    paper = version.printed(ctx, turn.row)
    now = entries(paper)
    changes = _changes(now, values)
    told = "；".join(f"{each['label']}由“{each['old']}”更正为“{each['new']}”" for each in changes)
    turn.act(CORRECT, reasons=reasons.strip(), changes=changes, text=told)
    changed = _changed(paper, now, values)
    turn.write_documents({"certificate": version.following(turn, **changed)})
    turn.set(detail=request.answered(turn.row, (*request.PAPERS, "wrong")))
    turn.save()
    return turn.row


def entries(paper: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What of a paper can be corrected: name → (label, present value), in printed order."""
    found = {HOLDER: (HOLDER_TITLE, str(paper["holder"]))}
    for place, each in enumerate(paper["fields"]):
        found[f"{FIELD}{place}"] = (str(each["label"]), str(each["value"]))
    return found


def _changes(now: Mapping[str, tuple[str, str]], values: Mapping[str, str]) -> list[Change]:
    """Label, old and new value of everything that changes; Invalid when nothing does."""
    errors, found = [], []
    for name, (label, old) in now.items():
        new = values.get(name, old).strip()
        if not new:
            errors.append(FieldError(name, f"{label}不能为空"))
        elif len(new) > LONGEST:
            errors.append(FieldError(name, f"{label}最多{LONGEST}个字"))
        elif new != old.strip():
            found.append({"label": label, "old": old, "new": new})
    if not errors and not found:
        errors.append(FieldError(HOLDER, "没有改动任何一项：请改正记载有误的内容"))
    if errors:
        raise Invalid(errors)
    return found


def _changed(
    paper: Mapping[str, Any], now: Mapping[str, tuple[str, str]], values: Mapping[str, str]
) -> dict[str, Any]:
    """Holder and fields as they shall read."""
    new = {name: values.get(name, old).strip() for name, (_, old) in now.items()}
    fields = [
        {**each, "value": new[f"{FIELD}{place}"]} for place, each in enumerate(paper["fields"])
    ]
    return {"holder": new[HOLDER], "fields": fields}
