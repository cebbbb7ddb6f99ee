"""What a department's system may do: what its officers do, with the same views and the same verbs.

What belongs to another department is not there for it (NotFound), nor what is not accepted yet.
"""

import uuid

from onevisit.access import can_see_approval, check_can_use
from onevisit.access.scopes import MATERIAL, READ, SIGNING
from onevisit.cases import claim, decide, material
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.views.office import OfficeCase, office_case
from onevisit.cases.views.office_inbox import InboxRow, office_inbox
from onevisit.cases.views.parts import Badge, Page, badge
from onevisit.definition.form import FieldError
from onevisit.store.files import Stored
from onevisit.store.tables import Approval, Case, Upload

TABS = {"open": "department", "mine": "mine", "done": "done"}
"""Which items: all that are open, those whose present step is the key's to sign, the decided."""


def waiting(ctx: Context, which: str, after: str | None) -> Page[InboxRow]:
    """The department's items, first due at the top; Invalid for a place that no page told."""
    check_can_use(ctx.actor, READ)
    if which == "mine":
        check_can_use(ctx.actor, *sorted(SIGNING))
    try:
        return office_inbox(ctx, TABS[which], after)
    except ValueError:
        text = "after 只能是上一页给出的 next"
        raise Invalid([FieldError("after", text)]) from None


def one(ctx: Context, approval_id: uuid.UUID) -> OfficeCase:
    """One item with only what it needs of the case."""
    check_can_use(ctx.actor, READ)
    _own(ctx, approval_id)
    return office_case(ctx, approval_id)


def file(ctx: Context, approval_id: uuid.UUID, upload_id: uuid.UUID) -> tuple[Upload, Stored]:
    """One file of the material that the item needs, and its row."""
    check_can_use(ctx.actor, MATERIAL)
    _own(ctx, approval_id)
    view = office_case(ctx, approval_id)
    if upload_id not in {each.id for row in view.materials for each in row.uploads}:
        raise NotFound("这个文件")
    return material.upload_file(ctx, upload_id)


def take(ctx: Context, approval_id: uuid.UUID) -> Approval:
    """Take an item in hand, so that officers see that the system works on it."""
    row = _own_to_sign(ctx, approval_id)
    claim.claim(ctx, approval_id)
    return row


def put_back(ctx: Context, approval_id: uuid.UUID) -> Approval:
    """Put an item back for anybody of the department."""
    row = _own_to_sign(ctx, approval_id)
    claim.put_back(ctx, approval_id)
    return row


def sign(
    ctx: Context,
    approval_id: uuid.UUID,
    event: str,
    words: tuple[str, str],
    revision: int,
    *,
    false_material: bool = False,
) -> tuple[decide.Outcome, Badge]:
    """Sign the present step (`words`: opinion and reasons), as cases/decide.py has it; what it led
    to, and the state of the item afterwards."""
    _own_to_sign(ctx, approval_id)
    opinion, reasons = words
    outcome = decide.act(
        ctx, approval_id, event, opinion, reasons, revision, false_material=false_material
    )
    row = outcome.approval
    return outcome, badge(row.state, load(ctx, row.case_id).state(row.region))


def _own_to_sign(ctx: Context, approval_id: uuid.UUID) -> Approval:
    check_can_use(ctx.actor, *sorted(SIGNING))
    return _own(ctx, approval_id)


def _own(ctx: Context, approval_id: uuid.UUID) -> Approval:
    """An accepted item of the system's own department; NotFound for every other one."""
    row = ctx.session.get(Approval, approval_id)
    if row is None or not can_see_approval(ctx.actor, row.department):
        raise NotFound("这个事项")
    if ctx.session.get_one(Case, row.case_id).accepted_at is None:
        raise NotFound("这个事项")
    return row
