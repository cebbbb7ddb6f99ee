"""The applicant brings deferred material: every file counts from the moment it is handed in."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import select

from onevisit.access import check_can_edit
from onevisit.cases import material
from onevisit.cases.context import Context
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.paper import live_uploads
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.tables import Upload
from onevisit.store.turn_tables import Owed

EVENT, REMOVE = "bring", "remove"


def bring(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    case_id: uuid.UUID,
    material_id: str,
    filename: str,
    stream: Iterable[bytes],
    limit: int = material.LIMIT,
) -> Upload:
    """Hand in one file of material that is owed (浙江规定第十一条), until its last day is over.

    It is brought with the first file, whenever the clerk looks at it. Raises Invalid (path
    `material.<id>`) for what is not owed or is no fitting file, NotPossible after the last day.
    """
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    turn = Turn(ctx, dossier)
    if dossier.standing(CASE, EVENT) is None:
        raise turn.not_possible(CASE, EVENT)
    row = _owed(ctx, dossier, material_id)
    _check_in_time(ctx, dossier, row)
    present = [each for each in live_uploads(ctx, dossier) if each.material_id == material_id]
    upload, same = material.stored(ctx, case_id, material_id, filename, stream, limit, present)
    if same and row.state == "brought":  # the button was pressed twice
        return upload
    try:
        _record(ctx, turn, row, upload)
    except BaseException:
        if not same:
            ctx.files.delete(upload.storage_key)
        raise
    return upload


def take_back(ctx: Context, upload_id: uuid.UUID) -> Upload:
    """Remove a file that was brought by mistake, while the clerk has not looked at it and the last
    day is not over; what has no file left is owed again. The row and the file stay as evidence."""
    upload = ctx.session.get(Upload, upload_id)
    if upload is None or upload.removed_at is not None:
        raise NotFound("这个文件")
    dossier = load(ctx, upload.case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    turn = Turn(ctx, dossier)
    if dossier.standing(CASE, EVENT) is None:
        raise turn.not_possible(CASE, REMOVE)
    row = _owed(ctx, dossier, upload.material_id)
    if not may_take_back(ctx, row, upload.uploaded_at):
        raise dossier.hindered(CASE, REMOVE, "窗口已经看过这个文件，或者补交期限已过")
    upload.removed_at = ctx.now
    ctx.session.flush()
    left = [each for each in live_uploads(ctx, dossier) if each.material_id == row.material_id]
    if not any(may_take_back(ctx, row, each.uploaded_at) for each in left):
        row.state = "owed"
        row.brought_at = row.brought_at if row.note else None  # what was unfit before is still told
    turn.note(REMOVE, "applicant", material=row.material_id, file=upload.filename)
    turn.vouch(lambda: evidence.of_uploads(live_uploads(ctx, dossier)))
    owing.vouch(turn, [row])
    turn.save()
    return upload


def still_brought(ctx: Context, upload: Upload) -> bool:
    """Whether the material of a file that was taken back has others that wait for the clerk."""
    statement = select(Owed.state).where(
        Owed.case_id == upload.case_id, Owed.material_id == upload.material_id
    )
    return ctx.session.exec(statement).one() == "brought"


def may_take_back(ctx: Context, row: Owed, uploaded_at: datetime) -> bool:
    """Whether a file came with what is brought now and may still be replaced."""
    if row.state != "brought" or row.brought_at is None or ctx.today > row.due:
        return False
    return uploaded_at >= row.brought_at


def _record(ctx: Context, turn: Turn, row: Owed, upload: Upload) -> None:
    if row.state == "owed":
        row.state, row.brought_at = "brought", ctx.now
    turn.act(EVENT, material=row.material_id, file=upload.filename)
    turn.vouch(lambda: evidence.of_uploads(live_uploads(ctx, turn.dossier)))
    owing.vouch(turn, [row])
    turn.save()
    _tell(ctx, turn.dossier, row)


def _owed(ctx: Context, dossier: Dossier, material_id: str) -> Owed:
    for row in owing.open_rows(ctx, dossier):
        if row.material_id == material_id:
            return row
    raise Invalid([FieldError(f"material.{material_id}", "这份材料不需要补交")])


def _check_in_time(ctx: Context, dossier: Dossier, row: Owed) -> None:
    """One can write online until midnight of the last day (民法典第二百零三条)."""
    if ctx.today > row.due and row.state == "owed":
        because = f"补交期限已于{cn_date(row.due)}届满；{owing.consequence(row)}"
        raise dossier.hindered(CASE, EVENT, because)


def _tell(ctx: Context, dossier: Dossier, row: Owed) -> None:
    """The clerks, once for each time that something was brought to be looked at."""
    title = f"容缺材料已补交：{dossier.case.number}"
    body = (
        f"{dossier.definition.workflow.title}，“{owing.titles_of(dossier)[row.material_id]}”"
        f"已经补交，请尽快核收。期限为{cn_date(row.due)}，交来的时间在期限以内。"
    )
    tell(
        ctx,
        f"brought/{row.id}/{ctx.today.isoformat()}",
        holders(ctx, "clerk"),
        title,
        body,
        link=f"/desk/{dossier.case.id}/receive_owed",
        case_id=dossier.case.id,
    )
