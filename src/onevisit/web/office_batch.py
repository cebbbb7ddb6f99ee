"""Several approvals of one kind signed in one press: only acts that need no reasons, each in its
own transaction, so that one that cannot be signed holds none of the others up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import Forbidden
from onevisit.cases import Context, decide
from onevisit.cases.errors import Invalid, NotFound, NotPossible, Stale
from onevisit.cases.phrases import GENERAL, Kept, phrases
from onevisit.cases.views.office import safe_acts
from onevisit.cases.views.office_inbox import InboxRow, picked
from onevisit.cases.views.parts import Act
from onevisit.web.edge import PostedForm, page, pairs_of, reading, redirect, text_of, transaction

router = APIRouter()

MOST = 50
PICK = re.compile("([0-9a-f-]{36}):([0-9]{1,9})")
NOTHING = "没有勾选事项；请回到列表勾选要一并办理的事项"
MIXED = "勾选的不是同一事项的同一环节；请按事项分几次办理"
TOO_MANY = f"一次最多一并办理{MOST}件；请分几次办理"
NO_ACT = "请选择要怎样办理"


@dataclass(frozen=True)
class Done:
    """What became of one of them."""

    row: InboxRow
    done: bool
    message: str


@dataclass(frozen=True)
class Batch:
    """What was picked, with the revision that each was picked at, and what may be done with all."""

    rows: tuple[InboxRow, ...]
    revisions: dict[UUID, int]
    acts: tuple[Act, ...]
    phrases: tuple[Kept, ...]
    gone: int
    problem: str


@router.get("/office/batch")
def back(request: Request) -> Response:
    """What to sign together is picked in the list."""
    with reading(request):
        return redirect("/office")


@router.post("/office/batch")
def sign(request: Request, form: PostedForm) -> Response:
    """Show what was picked, then sign it: each by itself."""
    picks = _picks([text for name, text in pairs_of(form) if name == "pick"])
    with reading(request) as ctx:
        batch = _batch(ctx, picks)
    event, opinion = text_of(form, "event"), text_of(form, "opinion")
    if batch.problem or text_of(form, "step") != "sign":
        return _draw(request, batch, opinion, batch.problem)
    if event not in {act.event for act in batch.acts}:
        return _draw(request, batch, opinion, NO_ACT)
    title = next(act.title for act in batch.acts if act.event == event)
    results = [_signed(request, row, batch, event, opinion) for row in batch.rows]
    return page(request, "office/batch_done.html", results=results, title=title, gone=batch.gone)


def _picks(texts: Sequence[str]) -> dict[UUID, int]:
    found = (PICK.fullmatch(text) for text in texts)
    return {UUID(each.group(1)): int(each.group(2)) for each in found if each}


def _batch(ctx: Context, picks: dict[UUID, int]) -> Batch:
    """What was picked and still waits for the officer; `problem` when it cannot be one batch."""
    rows = picked(ctx, list(picks)[: MOST + 1]) if picks else ()
    problem = NOTHING if not rows else ""
    if len(picks) > MOST:
        problem = TOO_MANY
    elif len({row.batch for row in rows}) > 1:
        problem = MIXED
    acts: tuple[Act, ...] = ()
    if rows and not problem:
        acts = safe_acts(ctx, rows[0].approval_id)
        problem = "" if acts else "这一环节没有可以一并办理的操作；请逐件办理"
    return Batch(rows, picks, acts, phrases(ctx), len(picks) - len(rows), problem)


def _signed(request: Request, row: InboxRow, batch: Batch, event: str, opinion: str) -> Done:
    """One of them in its own transaction, as it was when it was picked."""
    revision = batch.revisions[row.approval_id]
    try:
        with transaction(request) as ctx:
            outcome = decide.act(ctx, row.approval_id, event, opinion, None, revision)
            return Done(row, done=True, message=outcome.message)
    except Invalid as invalid:
        message = "；".join(error.message for error in invalid.errors)
    except Forbidden as forbidden:
        message = forbidden.reason
    except (Stale, NotPossible, NotFound) as because:
        message = str(because)
    return Done(row, done=False, message=message)


def _draw(request: Request, batch: Batch, opinion: str, problem: str) -> Response:
    return page(
        request,
        "office/batch.html",
        status=422 if problem else 200,
        batch=batch,
        general=GENERAL,
        opinion=opinion,
        problem=problem,
        errors=[problem] if problem else [],
    )
