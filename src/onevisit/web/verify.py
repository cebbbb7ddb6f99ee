"""Public verification (公开核验): a scanned code, a number with its check code, or the file itself.

No account. What a stranger is told is what stands on the paper, and what has become of it since.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from onevisit.cases import verification
from onevisit.cases.outbox import documents
from onevisit.cases.verification import Standing
from onevisit.definition.form import FieldError
from onevisit.documents import BadCode
from onevisit.documents.format import BEIJING
from onevisit.documents.trust import changes, codes, trust_list
from onevisit.documents.trust.examine import Examined
from onevisit.documents.trust.examiner import examine_apart
from onevisit.documents.trust.trust_list import TrustList
from onevisit.store import session as store
from onevisit.web.door import address_of
from onevisit.web.edge import PostedForm, page, redirect, site_of, text_of
from onevisit.web.tries import MOST_FROM_ONE_PLACE, TooOften, tries_of
from onevisit.web.uploads import Incoming

router = APIRouter()
TEMPLATE = "public/verify.html"
FIELDS = ("number", "code", "name", "file")
UNKNOWN = "没有查到这份文书：请核对编号和核验码。纸上的编号和核验码都不对的，可能是伪造的。"
NOT_OURS = "二维码里的签名不是本市任何部门的，可能是伪造的，不要相信这份文书。"


@dataclass(frozen=True)
class FileFound:
    """What is told of a file: what it says of itself, whether it is the very file that was made
    here, and where it differs from that one."""

    examined: Examined
    same: bool | None
    differences: tuple[str, ...] = ()


@router.get("/verify")
def verify(request: Request, p: str = "", number: str = "", code: str = "") -> Response:
    """The forms; with `p` what a scanned code says, with number and check code what they name."""
    if p:
        return _scanned(request, p)
    typed = {"number": number.strip(), "code": code.strip()}
    if not any(typed.values()):
        return _draw(request, typed)
    errors = [
        FieldError(name, message)
        for name, message in (("number", "请填写编号"), ("code", "请填写核验码"))
        if not typed[name]
    ]
    if errors:
        return _draw(request, typed, errors=errors)
    with store.reading(site_of(request).engine) as session:
        standing = _look_up(request, session, typed["number"], typed["code"])
    errors = [] if standing else [FieldError("number", UNKNOWN)]
    return _draw(request, typed, errors=errors, standing=standing)


@router.post("/verify")
def drop(request: Request, received: Incoming) -> Response:
    """What a file says of itself, and what the register says of it."""
    if received.file is None:
        return _draw(request, {}, errors=[FieldError("file", str(received.refused))])
    pdf = received.file.file.read()
    trusted = _trust(request)
    examined = examine_apart(pdf, trusted.roots, trusted.stamps)
    data = examined.data or {}
    number, code = str(data.get("number") or ""), str(data.get("check_code") or "")
    standing = original = sha256 = None
    if number and code:
        with store.reading(site_of(request).engine) as session:
            standing = _look_up(request, session, number, code)
            if standing is not None:
                sha256 = verification.sha256_of(session, standing.number)
                original = documents.made_of(session, site_of(request).files, standing.number)
    found = _compared(examined, pdf, original, sha256)
    typed = {"number": number, "code": code}
    return _draw(request, typed, standing=standing, found=found)


@router.get("/verify/holder")
def back() -> Response:
    """The answer of the form below, opened anew."""
    return redirect("/verify")


@router.post("/verify/holder")
def holder(request: Request, form: PostedForm) -> Response:
    """Whether the name that somebody reads from the paper is the one on record."""
    typed = {name: text_of(form, name) for name in ("number", "code", "name")}
    with store.reading(site_of(request).engine) as session:
        standing = _look_up(request, session, typed["number"], typed["code"])
        matches = verification.holder_matches(
            session, typed["number"], typed["code"], typed["name"]
        )
    errors = [] if standing else [FieldError("number", UNKNOWN)]
    if standing and not typed["name"]:
        errors = [FieldError("name", "请填写纸面上的姓名或者名称")]
    return _draw(request, typed, errors=errors, standing=standing, matches=matches)


@router.get("/verify/status.json")
def status(request: Request, number: str = "", code: str = "") -> Response:
    """What a stranger may see, for programs: 404 for a wrong number or check code alike."""
    with store.reading(site_of(request).engine) as session:
        try:
            standing = _look_up(request, session, number, code)
        except TooOften as refused:
            return JSONResponse({"detail": str(refused.__doc__)}, status_code=429)
        if standing is None:
            return JSONResponse({"detail": UNKNOWN}, status_code=404)
        sha256 = verification.sha256_of(session, standing.number)
    plain = {**asdict(standing), "sha256": sha256, "asked_on": _today(request)}
    return JSONResponse(_plain(plain))


@router.get("/verify/trust.json")
def trust(request: Request) -> Response:
    """The list that somebody takes along to verify without a network."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        revoked = verification.revoked_numbers(session)
    listed = trust_list.of_seals(site.seals, revoked, site.clock(), site.verify_at)
    headers = {"Content-Disposition": 'attachment; filename="onevisit-trust.json"'}
    return JSONResponse(listed.as_json(), headers=headers)


def _scanned(request: Request, text: str) -> Response:
    """A code: first who signed it, then what the register says of the paper that it names."""
    try:
        code = codes.read(text)
    except BadCode as error:
        return _draw(request, {}, errors=[FieldError("", str(error))])
    said = code.statement
    signer = _trust(request).signer_of(code)
    if signer is None:
        return _draw(request, {}, errors=[FieldError("", NOT_OURS)])
    with store.reading(site_of(request).engine) as session:
        standing = _look_up(request, session, said.number, said.check_code)
    typed = {"number": said.number, "code": said.check_code}
    return _draw(request, typed, standing=standing, said=said, signer=signer)


def _look_up(request: Request, session: Session, number: str, code: str) -> Standing | None:
    """What a number and its check code name; TooOften for an address that has named too many that
    there are not, as whoever tries check codes does."""
    site, tries = site_of(request), tries_of(request)
    sender, now = f"verify {address_of(request)}", site.door.now()
    if not tries.take(sender, now, MOST_FROM_ONE_PLACE):
        raise TooOften
    found = verification.look_up(session, site.catalog, number, code, _today(request))
    if found is not None:
        tries.give_back(sender, now)
    return found


def _compared(
    examined: Examined, pdf: bytes, original: bytes | None, sha256: str | None
) -> FileFound:
    """The file beside the one that was made here, if it was. Of ours nothing is told but that it
    differs: who only has a code must not learn from a blank page what stood on the paper."""
    if sha256 is None or hashlib.sha256(pdf).hexdigest() == sha256:
        return FileFound(examined, None if sha256 is None else True)
    told = changes.differences(original, pdf, reveal=False) if original else []
    return FileFound(examined, False, tuple(told))


def _trust(request: Request) -> TrustList:
    site = site_of(request)
    return trust_list.of_seals(site.seals, (), site.clock())


def _today(request: Request) -> date:
    return site_of(request).clock().astimezone(BEIJING).date()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _draw(
    request: Request, typed: dict[str, str], *, errors: list[FieldError] | None = None, **found: Any
) -> Response:
    known = {"standing": None, "found": None, "said": None, "signer": None, "matches": None}
    return page(
        request,
        TEMPLATE,
        status=422 if errors else 200,
        typed=dict.fromkeys(FIELDS, "") | typed,
        errors=errors or [],
        wrong=dict.fromkeys(FIELDS) | {error.path: error.message for error in errors or []},
        fingerprint=_trust(request).fingerprint,
        **{**known, **found},
    )
