"""Photos of material: each becomes a page of one PDF, which can be put in order and made shorter.

Every change writes another file beside the one before, which is marked as removed: what was there
at any moment can be shown.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Literal

from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import editable
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.material import LIMIT, check_wanted, record, stored
from onevisit.cases.paper import live_uploads
from onevisit.definition.form import FieldError
from onevisit.documents import scan
from onevisit.documents.scan import PhotoPage
from onevisit.store.office_tables import Scan
from onevisit.store.tables import Correction, Upload

Move = Literal["up", "down", "remove"]


def attach(
    ctx: Context,
    case_id: uuid.UUID,
    material_id: str,
    pages: Sequence[PhotoPage],
    limit: int = LIMIT,
) -> Upload:
    """Put photos behind those that are there for this material, as pages of one PDF.

    The same photo twice stays one page (a button pressed twice). What was handed in before a
    correction stays a file of its own. Raises Invalid (path `material.<id>`) for a material that
    is not asked or for more than scan.MOST_PAGES pages; nothing is left behind then.
    """
    dossier, correction = editable(ctx, case_id)
    check_wanted(dossier, correction, material_id)
    old = _growing(ctx, dossier, correction, material_id)
    before = pages_of(ctx, old) if old else ()
    known = {page.sha256 for page in before}
    new = [
        page for page in {each.sha256: each for each in pages}.values() if page.sha256 not in known
    ]
    if old is not None and not new:
        return old
    return _keep(ctx, (dossier, correction), material_id, (*before, *new), old, limit)


class Changed(Exception):
    """这些照片刚才已经改过，下面是现在的样子。"""


def check_may_order(ctx: Context, upload_id: uuid.UUID) -> Upload:
    """The file, for whoever may change it now. Raises NotFound, Forbidden, NotPossible, or Changed
    when another page of the browser has replaced it meanwhile."""
    old = ctx.session.get(Upload, upload_id)
    if old is None:
        raise NotFound("这个文件")
    dossier, correction = editable(ctx, old.case_id)
    check_wanted(dossier, correction, old.material_id)
    if old.removed_at is not None:
        raise Changed(str(Changed.__doc__))
    return old


def move(ctx: Context, old: Upload, number: int, how: Move, limit: int = LIMIT) -> Upload:
    """Move a page (from 1) one place, or take it out; with its last page the file is removed.
    Changed when it has no such page."""
    of = editable(ctx, old.case_id)
    pages = list(pages_of(ctx, old))
    if not 1 <= number <= len(pages):
        raise Changed(str(Changed.__doc__))
    page = pages.pop(number - 1)
    if how != "remove":
        pages.insert(max(number - 2, 0) if how == "up" else number, page)
    if not pages:
        old.removed_at = ctx.now
        ctx.session.flush()
        record(ctx, *of, [("remove", old)])
        return old
    return _keep(ctx, of, old.material_id, pages, old, limit)


def scans(ctx: Context, uploads: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many pages each of those uploads has that were put together from photos."""
    statement = select(Scan).where(col(Scan.upload_id).in_(uploads))
    return {row.upload_id: len(row.photos) for row in ctx.session.exec(statement)}


def pages_of(ctx: Context, upload: Upload) -> tuple[PhotoPage, ...]:
    """The pages of a file that was put together here; NotFound for any other."""
    if ctx.session.get(Scan, upload.id) is None:
        raise NotFound("这些照片")
    return scan.pages_in(ctx.files.stored(upload.storage_key).read())


def remember(ctx: Context, upload: Upload, pages: Sequence[PhotoPage]) -> None:
    """Keep of which photos a file was put together."""
    photos = [{"name": each.name, "size": each.size, "sha256": each.sha256} for each in pages]
    ctx.session.add(Scan(upload_id=upload.id, photos=photos))
    ctx.session.flush()


def _growing(
    ctx: Context, dossier: Dossier, correction: Correction | None, material_id: str
) -> Upload | None:
    """The newest photos of a material that may still be added to."""
    of_it = [each for each in live_uploads(ctx, dossier) if each.material_id == material_id]
    if correction is not None:
        of_it = [each for each in of_it if each.uploaded_at >= correction.issued_at]
    known = scans(ctx, [each.id for each in of_it])
    return next((each for each in reversed(of_it) if each.id in known), None)


def _keep(  # noqa: PLR0917 -- one file in the place of another
    ctx: Context,
    of: tuple[Dossier, Correction | None],
    material_id: str,
    pages: Sequence[PhotoPage],
    old: Upload | None,
    limit: int,
) -> Upload:
    """The pages as one file, in the place of `old`."""
    dossier, correction = of
    if len(pages) > scan.MOST_PAGES:
        said = f"一份材料的照片最多 {scan.MOST_PAGES} 张，请删去不需要的，或者改传 PDF"
        raise Invalid([FieldError(f"material.{material_id}", said)])
    others = [each for each in live_uploads(ctx, dossier) if old is None or each.id != old.id]
    present = [each for each in others if each.material_id == material_id]
    title = next(each.title for each in dossier.selection.materials if each.id == material_id)
    pdf = scan.pdf_of(pages)
    upload, same = stored(ctx, dossier.case.id, material_id, f"{title}.pdf", [pdf], limit, present)
    if same:
        return upload
    acts = [("attach", upload)]
    try:
        remember(ctx, upload, pages)
        if old is not None:
            old.removed_at = ctx.now
            ctx.session.flush()
            acts.insert(0, ("remove", old))
        record(ctx, dossier, correction, acts)
    except BaseException:
        ctx.files.delete(upload.storage_key)
        raise
    return upload
