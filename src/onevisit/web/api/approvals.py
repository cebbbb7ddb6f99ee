"""What waits for a department's system, one item with its material, and what is done about it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.context import Context
from onevisit.cases.interface import office
from onevisit.cases.interface.answers import Answer
from onevisit.cases.views.office import OfficeCase
from onevisit.web.api import shapes
from onevisit.web.api.cursor import cursor_of, place_of
from onevisit.web.api.edge import MATCHED, WITH_KEY, Once, etag, looking, once, revision_in
from onevisit.web.api.problems import told
from onevisit.web.sending import sent

router = APIRouter(prefix="/api/v1/approvals", tags=["部门事项"], dependencies=WITH_KEY)
Which = Literal["open", "mine", "done"]
READ = told("key", "forbidden", "not-found", "invalid", "too-fast")
ACT = READ | told("idempotency-key", "in-progress", "not-possible", "too-large", "not-json",
                  "invalid", "idempotency-key-reused")  # fmt: skip
SIGN = ACT | told("stale", "if-match")
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "事项的版本", "schema": {"type": "string"}}}}
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "文件本身",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("application/pdf", "application/ofd", "image/jpeg", "image/png")
        },
    }
}


@router.get("", responses=READ, summary="本部门的事项")
def waiting(
    request: Request,
    which: Annotated[
        Which, Query(description="open 未办结的；mine 等这个密钥签署的；done 已办结的")
    ] = "open",
    after: Annotated[str, Query(max_length=200, description="上一页给出的 next")] = "",
) -> shapes.Listed:
    """本部门的事项，先到期的在前（已办结的，后办结的在前），每页 30 项。"""
    with looking(request) as ctx:
        found = office.waiting(ctx, which, place_of(after))
    rows = [shapes.Row.model_validate(row) for row in found.rows]
    return shapes.Listed(rows=rows, next=cursor_of(found.next))


@router.get("/{approval_id}", responses=READ | TAGGED, summary="一个事项")
def approval(request: Request, response: Response, approval_id: UUID) -> shapes.Approval:
    """一个事项，只有它需要的表单内容和材料（x-for）；同一办件的其他事项只有状态。"""
    with looking(request) as ctx:
        view = office.one(ctx, approval_id)
    response.headers["ETag"] = etag(view.revision)
    return _shown(view)


@router.get(
    "/{approval_id}/materials/{upload_id}",
    responses=READ | FILE,
    response_class=Response,
    summary="下载一份材料",
)
def material(request: Request, approval_id: UUID, upload_id: UUID) -> Response:
    """这个事项需要的一份材料的文件。"""
    with looking(request) as ctx:
        row, stored = office.file(ctx, approval_id, upload_id)
    return sent(stored, row.content_type, row.filename)


@router.post("/{approval_id}/claim", responses=ACT, response_model=shapes.Taken, summary="领取")
def claim(request: Request, approval_id: UUID, asked: Once) -> Response:
    """领取一个事项，让同事看到它在本系统手上；不妨碍别人办理。"""

    def act(ctx: Context) -> Answer:
        row = office.take(ctx, approval_id)
        return _taken(approval_id, row.revision, claimed=True)

    return once(request, asked, act)


@router.post("/{approval_id}/release", responses=ACT, response_model=shapes.Taken, summary="放回")
def release(request: Request, approval_id: UUID, asked: Once) -> Response:
    """放回领取的事项；不在本系统手上的，什么也不改变。"""

    def act(ctx: Context) -> Answer:
        row = office.put_back(ctx, approval_id)
        return _taken(approval_id, row.revision, claimed=False)

    return once(request, asked, act)


@router.post(
    "/{approval_id}/sign",
    responses=SIGN | TAGGED,
    response_model=shapes.Signed,
    summary="签署、作出决定",
)
def sign(
    request: Request,
    approval_id: UUID,
    signature: shapes.Signature,
    asked: Once,
    if_match: MATCHED,
) -> Response:
    """签署当前环节：提交、退回、准予、不予等，以事项的 acts 为准；须说明理由的写在 reasons。"""

    def act(ctx: Context) -> Answer:
        outcome, state = office.sign(
            ctx,
            approval_id,
            signature.event,
            (signature.opinion, signature.reasons),
            revision_in(if_match),
            false_material=signature.false_material,
        )
        revision = outcome.approval.revision
        signed = shapes.Signed(
            approval_id=approval_id,
            revision=revision,
            state=shapes.State.model_validate(state),
            done=outcome.title,
            message=outcome.message,
            joined=outcome.joined,
        )
        return Answer(200, etag(revision), signed.model_dump_json())

    return once(request, asked, act)


def _taken(approval_id: UUID, revision: int, *, claimed: bool) -> Answer:
    taken = shapes.Taken(approval_id=approval_id, revision=revision, claimed=claimed)
    return Answer(200, None, taken.model_dump_json())


def _shown(view: OfficeCase) -> shapes.Approval:
    """The view by name; of the applicant only who it is: what else is needed stands in the form."""
    named = {
        name: getattr(view, name) for name in shapes.Approval.model_fields if name != "applicant"
    }
    return shapes.Approval.model_validate({**named, "applicant": view.applicant.name})
