"""The applicant's set of material: hand in, look at, replace, remove."""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import material, photos, views
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.privacy import reads
from onevisit.documents.leaves import SHOWN
from onevisit.store.files import TooLarge
from onevisit.web.edge import (
    BadForm,
    PostedForm,
    page,
    reading,
    redirect,
    site_of,
    text_of,
    transaction,
)
from onevisit.web.notice import said, say
from onevisit.web.sending import leaf_of, sent
from onevisit.web.uploads import Handed, HandedIn, Refused, chunks_of

router = APIRouter()

ACCEPTED = ".pdf,.ofd,.jpg,.jpeg,.png,.webp,application/pdf,image/jpeg,image/png,image/webp"
CAMERA = "image/jpeg,image/png"
"""With these an iPhone sends its photos as JPEG; with image/* it sends HEIC."""
MOVES: dict[str, photos.Move] = {"up": "up", "down": "down", "remove": "remove"}


@router.get("/my/{case_id}/materials")
def materials(request: Request, case_id: UUID) -> Response:
    """Every material with what was handed in for it."""
    return _materials_page(request, case_id, {})


@router.post("/my/{case_id}/materials/{material_id}")
def upload(request: Request, case_id: UUID, material_id: str, handed: HandedIn) -> Response:
    """Keep what was handed in for one material: photos as pages of one PDF, other files as they
    are; what cannot be kept is told, and the others are kept all the same."""
    refused = [*handed.refused]
    for keep in _keepers(request, case_id, material_id, handed):
        try:
            keep()
        except TooLarge as too_large:
            refused.append(Refused("", str(too_large), too_large=True))
        except Invalid as invalid:
            refused += [Refused("", error.message) for error in invalid.errors]
    if refused:
        told = "；".join(dict.fromkeys(str(each) for each in refused))
        status = Handed(refused=tuple(refused)).status
        return _materials_page(request, case_id, {material_id: told}, status)
    return redirect(f"/my/{case_id}/materials#material-{material_id}")


def _keepers(
    request: Request, case_id: UUID, material_id: str, handed: Handed
) -> Iterator[Callable[[], None]]:
    """One transaction for each file, and one for all photos."""
    limit = site_of(request).upload_limit

    def keep_file(file: UploadFile) -> None:
        with transaction(request) as ctx:
            name, chunks = file.filename or "file", chunks_of(file.file)
            material.attach(ctx, case_id, material_id, name, chunks, limit)

    def keep_photos() -> None:
        with transaction(request) as ctx:
            photos.attach(ctx, case_id, material_id, handed.photos, limit)

    yield from (partial(keep_file, each) for each in handed.files)
    if handed.photos:
        yield keep_photos


@router.post("/my/{case_id}/uploads/{upload_id}/remove")
def remove(request: Request, case_id: UUID, upload_id: UUID) -> Response:
    """Take a file back before the case is submitted."""
    with transaction(request) as ctx:
        removed = material.remove(ctx, upload_id)
    return redirect(f"/my/{case_id}/materials#material-{removed.material_id}")


@router.get("/my/{case_id}/uploads/{upload_id}/pages")
def photo_pages(request: Request, case_id: UUID, upload_id: UUID) -> Response:
    """The pages of a file that was put together from photos, to be put in order."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
        found = [
            (row, file) for row in view.materials for file in row.uploads if file.id == upload_id
        ]
        pages = photos.scans(ctx, [upload_id]).get(upload_id, 0)
    if not view.editable or not found or not pages:
        say(request, str(photos.Changed.__doc__))
        return redirect(f"/my/{case_id}/materials")
    row, file = found[0]
    return page(
        request, "applicant/photos.html", view=view, row=row, file=file, pages=pages,
        camera=CAMERA, limit=site_of(request).upload_limit, said=said(request),
    )  # fmt: skip


@router.post("/my/{case_id}/uploads/{upload_id}/pages")
def order_pages(request: Request, case_id: UUID, upload_id: UUID, form: PostedForm) -> Response:
    """Move one page up or down, or take it out."""
    try:
        with transaction(request) as ctx:
            old = photos.check_may_order(ctx, upload_id)
            number, how = _moved(text_of(form, "page"))
            kept = photos.move(ctx, old, number, how, site_of(request).upload_limit)
            left = kept.removed_at is None
    except photos.Changed as changed:
        say(request, str(changed))
        return redirect(f"/my/{case_id}/materials")
    if not left:
        return redirect(f"/my/{case_id}/materials#material-{kept.material_id}")
    return redirect(f"/my/{case_id}/uploads/{kept.id}/pages")


@router.get("/files/{upload_id}")
def look(request: Request, upload_id: UUID) -> Response:
    """The file itself, for those who may see it; what browsers cannot show is only saved."""
    with reading(request) as ctx:
        row, stored = material.upload_file(ctx, upload_id)
    return sent(stored, row.content_type, row.filename, inline=row.content_type in SHOWN)


@router.get("/files/{upload_id}/pages/{number}")
def look_at_page(request: Request, upload_id: UUID, number: int, small: bool = False) -> Response:
    """One page of a file as a picture, for those who may see the file; `small` as a thumbnail."""
    with reading(request) as ctx:
        row, stored = material.upload_file(ctx, upload_id)
        if reads.leafs_on(ctx.session, ctx.actor.id, upload_id, ctx.now):
            ctx.seen.forget()
    drawn = leaf_of(stored, row.content_type, number, small=small)
    if drawn is None:
        raise NotFound("这一页")
    return Response(drawn.jpeg, media_type="image/jpeg")


def _moved(text: str) -> tuple[int, photos.Move]:
    """What a button says: up:2 is the second page one place up."""
    how, _, number = text.partition(":")
    if how not in MOVES or not number.isdecimal() or len(number) > 3:
        raise BadForm
    return int(number), MOVES[how]


def _materials_page(
    request: Request, case_id: UUID, errors: dict[str, str], status: int = 200
) -> Response:
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
        pages = photos.scans(ctx, [file.id for row in view.materials for file in row.uploads])
    if not view.editable:
        return redirect(f"/my/{case_id}")
    titles = {each.id: each.title for each in view.materials if each.uploadable}
    return page(
        request,
        "applicant/materials.html",
        status=status,
        view=view,
        problems=errors,
        errors=[(id_, titles.get(id_, ""), message) for id_, message in errors.items()],
        accept=ACCEPTED,
        camera=CAMERA,
        pages=pages,
        said=said(request),
        limit=site_of(request).upload_limit,
    )
