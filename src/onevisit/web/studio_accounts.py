"""The studio's accounts: who works here with which posts, open and disable, a first password, and
every change that was made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import can_appoint, check_can_appoint
from onevisit.access.duties import conflicts, refused
from onevisit.cases import Context, identities
from onevisit.cases.errors import Invalid, Stale
from onevisit.cases.signing_in import factor
from onevisit.cases.staff import admit, appoint, changes, roster
from onevisit.cases.staff.appoint import Appointment, Person
from onevisit.definition.form import FieldError
from onevisit.definition.place import Department
from onevisit.web.edge import (
    BadForm,
    PostedForm,
    page,
    reading,
    redirect,
    revision_of,
    text_of,
    transaction,
)
from onevisit.web.notice import said, say
from onevisit.web.portals import ROLE_TITLES
from onevisit.web.searching import Search
from onevisit.web.studio_roles import departments_known
from onevisit.web.unified_cookies import unified_in, unified_of

router = APIRouter()

SHOWN = (("all", "全部"), ("open", "在用"), ("disabled", "已停用"))
ASSIGNABLE = tuple(role for role in ROLE_TITLES if role in appoint.ASSIGNABLE)
AT_MOST = 20
"""Posts of one person; more is a mistake."""
NOT_A_DAY = date(1, 1, 1)


@dataclass(frozen=True)
class Row:
    """One post as it stands in the form, whatever was typed."""

    role: str = ""
    department: str = ""
    first_day: str = ""
    last_day: str = ""


@router.get("/studio/accounts")
def accounts(
    request: Request, typed: Search, shown: str = "all", after: str = "", department: str = ""
) -> Response:
    """Everybody who works here, by user name; `typed` is part of it or of the name."""
    shown = shown if shown in dict(SHOWN) else "all"
    with reading(request) as ctx:
        found = roster.roster(ctx, typed.text[:50], shown, after, department)
        departments = departments_known(ctx)
    return page(
        request,
        "studio/accounts.html",
        roster=found,
        q=typed.text,
        find=typed.sealed,
        shown=shown,
        department=department,
        tabs=SHOWN,
        roles=ROLE_TITLES,
        departments=departments,
        said=said(request),
    )


@router.get("/studio/accounts/new")
def new(request: Request) -> Response:
    """The form of a new account."""
    with reading(request) as ctx:
        check_can_appoint(ctx.actor)
        departments = departments_known(ctx)
    return _new(request, departments, {}, [Row(), Row()], [])


@router.post("/studio/accounts/new")
def open_account(request: Request, form: PostedForm) -> Response:
    """Open the account and show its first password, this one time."""
    rows = _rows(form)
    try:
        with transaction(request, proven=True) as ctx:
            check_can_appoint(ctx.actor)
            departments = departments_known(ctx)
            _check_days(rows)
            account, first = appoint.open_account(
                ctx,
                _person(form),
                _appointments(rows),
                departments,
                aware=bool(text_of(form, "aware")),
            )
            until = account.temporary_until
    except Invalid as invalid:
        return _new(request, departments, dict(_typed(form)), [*rows, Row()], invalid.errors)
    return page(request, "studio/account_password.html", account=account, first=first, until=until,
                opened=True)  # fmt: skip


@router.get("/studio/accounts/changes")
def all_changes(request: Request, before: UUID | None = None) -> Response:
    """What was changed in whose account, by whom, the newest first."""
    with reading(request) as ctx:
        check_can_appoint(ctx.actor)
        told = changes.listed(ctx.session, before=before)
        departments = departments_known(ctx)
    following = str(told[-1].id) if len(told) == changes.PAGE else None
    return page(request, "studio/account_changes.html", told=told, next=following,
                roles=ROLE_TITLES, departments=departments)  # fmt: skip


@router.get("/studio/accounts/{account_id}")
def account(request: Request, account_id: UUID) -> Response:
    """One account with its posts and what was changed."""
    return _drawn(request, account_id)


@router.post("/studio/accounts/{account_id}/details")
def details(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """Another name, telephone or e-mail address."""

    def verb(ctx: Context) -> None:
        appoint.change_details(ctx, account_id, _person(form), revision_of(form))

    return _act(request, account_id, verb, "姓名和联系方式已保存。", form)


@router.post("/studio/accounts/{account_id}/posts")
def posts(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """The posts from now on; without those rows that were left empty."""
    rows = _rows(form)
    if text_of(form, "_row") == "add":
        return _drawn(request, account_id, form, [*rows, Row(), Row(), Row()])

    def verb(ctx: Context) -> None:
        check_can_appoint(ctx.actor, account_id)
        _check_days(rows)
        appoint.appoint(
            ctx,
            account_id,
            _appointments(rows),
            departments_known(ctx),
            revision_of(form),
            aware=bool(text_of(form, "aware")),
        )

    return _act(request, account_id, verb, "岗位已调整，从下一次打开页面起生效。", form)


@router.post("/studio/accounts/{account_id}/disable")
def disable(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """Keep somebody out from now on."""

    def verb(ctx: Context) -> None:
        admit.disable(ctx, account_id, revision_of(form))

    return _act(request, account_id, verb, "账号已停用，所有登录都已结束。", form)


@router.post("/studio/accounts/{account_id}/enable")
def enable(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """Let somebody in again."""

    def verb(ctx: Context) -> None:
        admit.enable(ctx, account_id, revision_of(form))

    return _act(request, account_id, verb, "账号已恢复。", form)


@router.post("/studio/accounts/{account_id}/reset")
def reset(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """Another first password, shown this one time."""
    with transaction(request, proven=True) as ctx:
        first = admit.reset(ctx, account_id, revision_of(form))
        found = roster.member(ctx, account_id)
    return page(request, "studio/account_password.html", account=found, first=first,
                until=found.temporary_until, opened=False)  # fmt: skip


@router.post("/studio/accounts/{account_id}/bind")
def bind(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """Say who somebody is at the unified sign-in."""
    issuer = unified_of(request).provider.registration.issuer

    def verb(ctx: Context) -> None:
        identities.bind(ctx, account_id, issuer, text_of(form, "subject"), revision_of(form))

    return _act(request, account_id, verb, "已绑定，本人可以用统一身份认证登录。", form)


@router.post("/studio/accounts/{account_id}/unbind")
def unbind(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """That is no more so."""

    def verb(ctx: Context) -> None:
        appoint.opened(ctx, account_id, None)
        try:
            identity_id = UUID(text_of(form, "identity"))
        except ValueError:
            raise BadForm from None
        identities.unbind(ctx, account_id, identity_id, revision_of(form))

    return _act(request, account_id, verb, "绑定已解除。", form)


def _act(
    request: Request,
    account_id: UUID,
    verb: Callable[[Context], None],
    done: str,
    form: FormData,
) -> Response:
    """Do it in one transaction, for whoever has given their password a short while ago; on errors
    the page comes back with everything typed."""
    try:
        with transaction(request, proven=True) as ctx:
            verb(ctx)
    except Invalid as invalid:
        return _drawn(request, account_id, form, errors=invalid.errors)
    except Stale as stale:
        return _drawn(request, account_id, form, stale=str(stale))
    say(request, done)
    return redirect(f"/studio/accounts/{account_id}")


def _drawn(  # noqa: PLR0917 -- what the page of one account is about, each once
    request: Request,
    account_id: UUID,
    form: FormData | None = None,
    rows: Sequence[Row] | None = None,
    errors: Sequence[FieldError] = (),
    stale: str = "",
) -> Response:
    """The page of one account, as stored or as just sent."""
    with reading(request) as ctx:
        found = roster.member(ctx, account_id)
        told = changes.listed(ctx.session, account_id)
        departments = departments_known(ctx)
        may = can_appoint(ctx.actor, account_id)
        bound = identities.of_account(ctx.session, account_id)
        has_factor = factor.has(ctx.session, account_id)
    unified = unified_in(request)
    stored = [
        Row(p.role, p.department or "", _iso(p.first_day), _iso(p.last_day)) for p in found.posts
    ]
    held = [Appointment(p.role, p.department).post for p in found.posts if p.when == "now"]
    sent = _rows(form) if form is not None and "posts.0.role" in form else None
    typed = dict(_typed(form)) if form is not None and "name" in form else {}
    shown = rows if rows is not None else [*(sent if sent is not None else stored), Row()]
    return page(
        request,
        "studio/account.html",
        status=409 if stale else 422 if errors else 200,
        member=found,
        typed={"name": found.name, "phone": found.phone, "email": found.email} | typed,
        rows=shown,
        told=told,
        against=[*refused(held), *conflicts(held)],
        may=may,
        bound=bound,
        unified=unified.provider.name if unified else "",
        subject=text_of(form, "subject") if form is not None else "",
        factor=has_factor,
        roles=ROLE_TITLES,
        assignable=ASSIGNABLE,
        departments=departments,
        aware=[each.message for each in errors if each.path == "aware"],
        errors=[each for each in errors if each.path != "aware"],
        wrong={each.path: each.message for each in errors},
        stale=stale,
        said=said(request),
    )


def _new(
    request: Request,
    departments: Mapping[str, Department],
    typed: Mapping[str, str],
    rows: Sequence[Row],
    errors: Sequence[FieldError],
) -> Response:
    blank = {"username": "", "name": "", "phone": "", "email": ""}
    return page(
        request,
        "studio/account_new.html",
        status=422 if errors else 200,
        typed=blank | dict(typed),
        rows=rows,
        departments=departments,
        roles=ROLE_TITLES,
        assignable=ASSIGNABLE,
        aware=[each.message for each in errors if each.path == "aware"],
        errors=[each for each in errors if each.path != "aware"],
        wrong={each.path: each.message for each in errors},
    )


def _typed(form: FormData) -> list[tuple[str, str]]:
    return [(name, text_of(form, name)) for name in ("username", "name", "phone", "email")]


def _person(form: FormData) -> Person:
    username, name, phone, email = (text for _, text in _typed(form))
    return Person(username, name, phone or None, email or None)


def _rows(form: FormData) -> list[Row]:
    """The rows that somebody has written something into."""
    found = []
    for place in range(AT_MOST):
        keys = ("role", "department", "first_day", "last_day")
        row = Row(*(text_of(form, f"posts.{place}.{key}") for key in keys))
        if row != Row() and not text_of(form, f"posts.{place}.remove"):
            found.append(row)
    return found


def _appointments(rows: Sequence[Row]) -> list[Appointment]:
    return [
        Appointment(row.role, row.department or None, _day(row.first_day), _day(row.last_day))
        for row in rows
    ]


def _check_days(rows: Sequence[Row]) -> None:
    """Invalid when something that is no day was typed where a day belongs."""
    errors = [
        FieldError(f"posts.{place}.{key}", "请写成 2026-01-31 这样的日期，或者留空")
        for place, row in enumerate(rows)
        for key, text in (("first_day", row.first_day), ("last_day", row.last_day))
        if _day(text) == NOT_A_DAY
    ]
    if errors:
        raise Invalid(errors)


def _day(text: str) -> date | None:
    """The day; None when nothing was typed, NOT_A_DAY when it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return NOT_A_DAY


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
