"""Files for the material: taken in whole and by content, removed without a trace lost."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from onevisit.access import can_edit, can_see_approval, can_see_case
from onevisit.cases import seen
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import editable
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.paper import live_uploads
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.store import evidence
from onevisit.store.files import Saved, Stored
from onevisit.store.tables import Correction, Upload

MEGABYTE = 1024 * 1024
LIMIT = 20 * MEGABYTE
MAX_FILES = 20
KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
OFD = "application/ofd"
"""GB/T 33190: a ZIP archive whose first entries name OFD.xml."""
SNIFFED = 4096
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    OFD: (".ofd",),
}
"""How names of these kinds end, so that no computer takes a file for another kind than it is."""


def attach(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    case_id: uuid.UUID,
    material_id: str,
    filename: str,
    stream: Iterable[bytes],
    limit: int = LIMIT,
) -> Upload:
    """Store one file for a material of a draft or of a correction.

    Raises Invalid (path `material.<id>`) for an empty file or a wrong kind, which is told by the
    content and not by the name, and store.files.TooLarge; nothing is left behind then. The same
    file twice for the same material of a draft stays one (a button pressed twice).
    """
    dossier, correction = editable(ctx, case_id)
    check_wanted(dossier, correction, material_id)
    present = [each for each in live_uploads(ctx, dossier) if each.material_id == material_id]
    known = present if correction is None else []
    upload, same = stored(ctx, case_id, material_id, filename, stream, limit, present, known)
    if same:
        return upload
    try:
        record(ctx, dossier, correction, [("attach", upload)])
    except BaseException:
        ctx.files.delete(upload.storage_key)
        raise
    return upload


def stored(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    case_id: uuid.UUID,
    material_id: str,
    filename: str,
    stream: Iterable[bytes],
    limit: int,
    present: Sequence[Upload],
    known: Sequence[Upload] | None = None,
) -> tuple[Upload, bool]:
    """The row of a file that was taken in beside those `present`, and whether it was there before.

    `known`: those among which the same content stays one; all that are present when not given.
    """
    if len(present) >= MAX_FILES:
        raise _invalid(material_id, f"每份材料最多 {MAX_FILES} 个文件")
    content_type, chunks = _sniff(material_id, iter(stream))
    saved = ctx.files.save_stream(chunks, limit)
    among = present if known is None else known
    same = next((each for each in among if each.sha256 == saved.sha256), None)
    if same is not None:
        ctx.files.delete(saved.key)
        return same, True
    try:
        return _row(ctx, case_id, material_id, filename, content_type, saved), False
    except BaseException:
        ctx.files.delete(saved.key)
        raise


def _row(  # noqa: PLR0917 -- the columns of one row
    ctx: Context,
    case_id: uuid.UUID,
    material_id: str,
    filename: str,
    content_type: str,
    saved: Saved,
) -> Upload:
    """The row of a file that was saved, flushed."""
    upload = Upload(
        case_id=case_id,
        material_id=material_id,
        filename=fitting_name(filename, content_type),
        content_type=content_type,
        size=saved.size,
        sha256=saved.sha256,
        storage_key=saved.key,
        uploaded_by=ctx.actor.id,
        uploaded_at=ctx.now,
    )
    ctx.session.add(upload)
    ctx.session.flush()
    return upload


def remove(ctx: Context, upload_id: uuid.UUID) -> Upload:
    """Take a file out again; the row and the file stay, so that what was there can be shown."""
    upload = ctx.session.get(Upload, upload_id)
    if upload is None or upload.removed_at is not None:
        raise NotFound("这个文件")
    dossier, correction = editable(ctx, upload.case_id)
    check_wanted(dossier, correction, upload.material_id)
    upload.removed_at = ctx.now
    ctx.session.flush()
    record(ctx, dossier, correction, [("remove", upload)])
    return upload


def upload_file(ctx: Context, upload_id: uuid.UUID) -> tuple[Upload, Stored]:
    """A file and its row, for whoever may see it: the applicant's side always, clerks and
    the window once it is handed in, officers once it is accepted and only what their items need.
    """
    upload = ctx.session.get(Upload, upload_id)
    if upload is None:
        raise NotFound("这个文件")
    dossier = load(ctx, upload.case_id)
    case = dossier.case
    own = can_edit(ctx.actor, case.applicant_id, case.agent_id)
    taken_in = case.number and can_see_case(ctx.actor, case.applicant_id, case.agent_id)
    departments = _departments(dossier, upload.material_id) if case.accepted_at else set()
    mine = sorted(each for each in departments if can_see_approval(ctx.actor, each))
    if not own and not taken_in and not mine:
        raise NotFound("这个文件")
    title = dossier.definition.workflow.material(upload.material_id).title
    department = None if taken_in or not mine else mine[0]
    what = f"材料文件：{title}"
    ctx.seen.shown(case.id, seen.FILE, what, department=department, thing=upload_id)
    return upload, ctx.files.stored(upload.storage_key)


def _departments(dossier: Dossier, material_id: str) -> set[str]:
    """The departments whose selected items need this material."""
    materials = [each for each in dossier.selection.materials if each.id == material_id]
    return {
        dossier.department(part).id
        for part in dossier.selection.parts
        for material in materials
        if part.item.id in material.items
    }


def check_wanted(dossier: Dossier, correction: Correction | None, material_id: str) -> None:
    """In a draft what the applicant hands in; in a correction what the notice names."""
    if correction is not None:
        if material_id not in {each["material_id"] for each in correction.missing}:
            raise _invalid(material_id, "补正通知没有要求这份材料，不需要重复提交")
    elif material_id not in {m.id for m in dossier.selection.asked if m.source == "applicant"}:
        raise _invalid(material_id, "本次申请不需要您提交这份材料")


def _sniff(material_id: str, stream: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """What the content is, and the whole stream again."""
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= SNIFFED:
            break
    if not head:
        raise _invalid(material_id, "文件是空的，请重新选择")
    for magic, content_type in KINDS:
        if head.startswith(magic):
            return content_type, _chain(head, stream)
    if head.startswith(b"PK\x03\x04") and b"OFD.xml" in head:
        return OFD, _chain(head, stream)
    raise _invalid(
        material_id, "只能上传 PDF、OFD、JPG 或 PNG 文件（按文件内容判断，改扩展名无效）"
    )


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def shown_name(filename: str) -> str:
    """The last part of whatever name was sent, without control characters, at most 200 long."""
    name = PurePath(filename.replace("\\", "/")).name
    return "".join(each for each in name if each.isprintable())[-200:] or "未命名"


def record(
    ctx: Context,
    dossier: Dossier,
    correction: Correction | None,
    acts: Sequence[tuple[str, Upload]],
) -> None:
    """Once handed in, every change of files (attach, remove) is an act of its own."""
    if correction is None:
        return
    turn = Turn(ctx, dossier)
    for act, upload in acts:
        turn.note(act, "applicant", material=upload.material_id, file=upload.filename)
    turn.vouch(lambda: evidence.of_uploads(live_uploads(ctx, dossier)))
    turn.save()


def _invalid(material_id: str, message: str) -> Invalid:
    return Invalid([FieldError(f"material.{material_id}", message)])


def fitting_name(filename: str, content_type: str) -> str:
    """The shown name, with an ending of its kind: a file that was looked at as one kind must not be
    opened as another (证明.pdf.html) by whoever saves it."""
    name = shown_name(filename)
    endings = ENDINGS[content_type]
    return name if name.lower().endswith(endings) else name[:190] + endings[0]
