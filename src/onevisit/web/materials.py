"""The applicant's set of material: hand in, look at, replace, remove."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from onevisit.cases import material, views
from onevisit.cases.errors import Invalid
from onevisit.store.files import TooLarge
from onevisit.web.edge import page, reading, redirect, site_of, transaction
from onevisit.web.uploads import Incoming, chunks_of

router = APIRouter()

ACCEPTED = ".pdf,.ofd,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"


@router.get("/my/{case_id}/materials")
def materials(request: Request, case_id: UUID) -> Response:
    """Every material with what was handed in for it."""
    return _materials_page(request, case_id, {})


@router.post("/my/{case_id}/materials/{material_id}")
def upload(request: Request, case_id: UUID, material_id: str, incoming: Incoming) -> Response:
    """Keep one more file for one material, or say why it cannot be kept."""
    if incoming.file is None:
        status = 413 if isinstance(incoming.refused, TooLarge) else 422
        return _materials_page(request, case_id, {material_id: str(incoming.refused)}, status)
    chunks = chunks_of(incoming.file.file)
    limit = site_of(request).upload_limit
    try:
        with transaction(request) as ctx:
            name = incoming.file.filename or "file"
            material.attach(ctx, case_id, material_id, name, chunks, limit)
    except TooLarge as too_large:
        return _materials_page(request, case_id, {material_id: str(too_large)}, 413)
    except Invalid as invalid:
        said = "；".join(error.message for error in invalid.errors)
        return _materials_page(request, case_id, {material_id: said}, 422)
    return redirect(f"/my/{case_id}/materials#material-{material_id}")


@router.post("/my/{case_id}/uploads/{upload_id}/remove")
def remove(request: Request, case_id: UUID, upload_id: UUID) -> Response:
    """Take a file back before the case is submitted."""
    with transaction(request) as ctx:
        removed = material.remove(ctx, upload_id)
    return redirect(f"/my/{case_id}/materials#material-{removed.material_id}")


@router.get("/files/{upload_id}")
def look(request: Request, upload_id: UUID) -> Response:
    """The file itself, for those who may see it."""
    with reading(request) as ctx:
        row, path = material.upload_file(ctx, upload_id)
    return FileResponse(
        path,
        media_type=row.content_type,
        filename=row.filename,
        content_disposition_type="inline",
    )


def _materials_page(
    request: Request, case_id: UUID, errors: dict[str, str], status: int = 200
) -> Response:
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
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
        limit=site_of(request).upload_limit,
    )
