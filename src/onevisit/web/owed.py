"""Deferred material (容缺): the applicant's page to bring it, the clerk's page to look at it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.check import Finding
from onevisit.cases.deferral import bring, receive_owed
from onevisit.cases.errors import Invalid
from onevisit.cases.views.owed import bring_view, receive_view
from onevisit.definition.form import FieldError
from onevisit.store.files import TooLarge
from onevisit.web.edge import (
    PostedForm,
    page,
    pairs_of,
    reading,
    redirect,
    revision_of,
    site_of,
    transaction,
)
from onevisit.web.materials import ACCEPTED
from onevisit.web.notice import said, say
from onevisit.web.uploads import Handed, HandedIn, Refused, as_files

router = APIRouter()


@router.get("/my/{case_id}/bring")
def ask(request: Request, case_id: UUID) -> Response:
    """Everything that is owed, each with its last day and a place for its file."""
    return _applicants_page(request, case_id)


@router.post("/my/{case_id}/bring/{material_id}")
def upload(request: Request, case_id: UUID, material_id: str, handed: HandedIn) -> Response:
    """Hand in files, photos as one; from this moment the material is brought."""
    limit, refused = site_of(request).upload_limit, [*handed.refused]
    for name, chunks in as_files(handed):
        try:
            with transaction(request) as ctx:
                bring.bring(ctx, case_id, material_id, name, chunks, limit)
        except TooLarge as too_large:
            refused.append(Refused(name, str(too_large), too_large=True))
        except Invalid as invalid:
            refused += [Refused("", error.message) for error in invalid.errors]
    if refused:
        told = "；".join(dict.fromkeys(str(each) for each in refused))
        status = Handed(refused=tuple(refused)).status
        return _applicants_page(request, case_id, {material_id: told}, status)
    say(request, "已经补交，窗口会尽快核收；交来的时间已经记下，核收之前不会算逾期。")
    return redirect(f"/my/{case_id}/bring#material-{material_id}")


@router.post("/my/{case_id}/bring/{upload_id}/remove")
def remove(request: Request, case_id: UUID, upload_id: UUID) -> Response:
    """Take a wrong file back before the clerk has looked at it."""
    with transaction(request) as ctx:
        removed = bring.take_back(ctx, upload_id)
        again = not bring.still_brought(ctx, removed)
    say(request, "文件已删除，请重新补交。" if again else "文件已删除。")
    return redirect(f"/my/{case_id}/bring#material-{removed.material_id}")


def _applicants_page(
    request: Request, case_id: UUID, problems: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    problems = problems or {}
    with reading(request) as ctx:
        view = bring_view(ctx, case_id, bring.EVENT)
    if not view.lines:
        return redirect(f"/my/{case_id}")
    titles = {line.material_id: line.title for line in view.lines}
    return page(
        request,
        "applicant/bring.html",
        status=status,
        view=view,
        problems=problems,
        errors=[(id_, titles.get(id_, ""), message) for id_, message in problems.items()],
        accept=ACCEPTED,
        limit=site_of(request).upload_limit,
        said=said(request),
    )


@router.get("/desk/{case_id}/receive_owed")
def look(request: Request, case_id: UUID) -> Response:
    """What was brought, with its files, and what is still owed."""
    return _clerks_page(request, case_id)


@router.post("/desk/{case_id}/receive_owed")
def receive(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Each material received, or unfit with what is wrong."""
    typed, revision = _typed(pairs_of(form)), revision_of(form)
    findings = [
        Finding(name, line["status"], line.get("note", ""))  # type: ignore[arg-type]  # checked by the verb
        for name, line in typed.items()
        if line.get("status")
    ]
    try:
        with transaction(request) as ctx:
            receive_owed.receive(ctx, case_id, findings, revision)
    except Invalid as invalid:
        return _clerks_page(request, case_id, typed, revision, invalid.errors)
    say(request, "已记录核收情况，并已告知申请人。")
    return redirect(f"/desk/{case_id}")


def _typed(pairs: Sequence[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Status and note by material; names are material.<id>.status and the like."""
    rows: dict[str, dict[str, str]] = {}
    for name, text in pairs:
        kind, _, rest = name.partition(".")
        identity, _, part = rest.rpartition(".")
        if kind == "material" and identity and part in ("status", "note"):
            rows.setdefault(identity, {})[part] = text.strip()
    return rows


def _clerks_page(
    request: Request,
    case_id: UUID,
    typed: Mapping[str, Mapping[str, str]] | None = None,
    revision: int | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        view = receive_view(ctx, case_id, receive_owed.EVENT)
    if not view.lines:
        return redirect(f"/desk/{case_id}")
    return page(
        request,
        "desk/receive_owed.html",
        status=422 if errors else 200,
        view=view,
        revision_shown=view.revision if revision is None else revision,
        typed=typed or {},
        errors=errors,
        wrong={error.path: error.message for error in errors},
        said=said(request),
    )
