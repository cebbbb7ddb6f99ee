"""The studio's departments: who handles and supplies what, and a form to add or change one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import func
from sqlmodel import col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from onevisit.cases.errors import NotFound
from onevisit.catalog import retouch
from onevisit.definition.bundle import DIRECTORY
from onevisit.definition.form import FieldError
from onevisit.definition.place import Department, Directory
from onevisit.definition.problem import DefinitionError
from onevisit.store.tables import Account, Post
from onevisit.web import place_change
from onevisit.web.edge import PostedForm, page, reading, text_of
from onevisit.web.notice import said
from onevisit.web.place_change import File, Wanted

router = APIRouter()
KEYS = ("id", "title", "short", "uscc", "phone", "basis")


@dataclass(frozen=True)
class Uses:
    """What a department has to do with: items and shared sources by their titles, people."""

    items: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    people: int = 0


@router.get("/studio/departments")
def departments(request: Request) -> Response:
    """All departments with what each is used for."""
    file = place_change.opened(request, DIRECTORY)
    directory = _directory(file)
    return page(request, "studio/departments.html", directory=directory,
                uses=_uses(request, directory), file=file, said=said(request))  # fmt: skip


@router.get("/studio/departments/new")
def new(request: Request) -> Response:
    """The form of one more department."""
    file = place_change.opened(request, DIRECTORY)
    return _drawn(request, file, None, dict.fromkeys(KEYS, ""))


@router.post("/studio/departments/new")
def add(request: Request, form: PostedForm) -> Response:
    """One more department, once it was read what that does."""
    return _change(request, place_change.opened(request, DIRECTORY), None, form)


@router.get("/studio/departments/{department_id}")
def department(request: Request, department_id: str) -> Response:
    """One department with its form and what uses it."""
    file = place_change.opened(request, DIRECTORY)
    found = _department(file, department_id)
    values = {key: str(getattr(found, key, "") or "") for key in KEYS}
    return _drawn(request, file, found, values)


@router.post("/studio/departments/{department_id}")
def change(request: Request, department_id: str, form: PostedForm) -> Response:
    """Another title, code or telephone, once it was read what that does."""
    file = place_change.opened(request, DIRECTORY)
    return _change(request, file, _department(file, department_id), form)


def _change(request: Request, file: File, found: Department | None, form: FormData) -> Response:
    typed = {key: text_of(form, key) for key in KEYS}
    stale = place_change.overtaken(file, form)
    if stale or place_change.editing_again(form):
        return _drawn(request, file, found, typed, stale=stale)
    errors = _unfit(_directory(file), found, typed)
    if errors:
        return _drawn(request, file, found, typed, errors)
    what = f"{'修改' if found else '新增'}部门：{typed['title']}"
    wanted = Wanted(
        file, _text(file, found, typed), what, typed["basis"], form, "/studio/departments"
    )
    try:
        return place_change.settle(request, wanted)
    except DefinitionError as error:
        faults = [FieldError("", each) for each in place_change.faults_of(error)]
        return _drawn(request, file, found, typed, faults)


def _text(file: File, found: Department | None, typed: Mapping[str, str]) -> str:
    """The file with this department as it was typed."""
    values = {key: typed[key] or None for key in ("title", "short", "uscc", "phone")}
    if found is None:
        filled = {key: value for key, value in values.items() if value}
        return retouch.appended(file.text, ("departments",), {"id": typed["id"], **filled})
    at = [each.id for each in _directory(file).departments].index(found.id)
    return retouch.changed(
        file.text,
        {
            ("departments", at, key): value
            for key, value in values.items()
            if value != getattr(found, key)
        },
    )


def _unfit(
    directory: Directory, found: Department | None, typed: Mapping[str, str]
) -> list[FieldError]:
    errors = []
    others = [each for each in directory.departments if found is None or each.id != found.id]
    if found is None and not re.fullmatch("[a-z][a-z0-9_]{0,62}", typed["id"]):
        text = "标识用小写英文字母开头，可以有数字和下划线，例如 market_regulation"
        errors.append(FieldError("id", text))
    elif found is None and typed["id"] in {each.id for each in others}:
        errors.append(FieldError("id", f"标识“{typed['id']}”已经有部门使用"))
    for key, name in (("title", "全称"), ("short", "简称")):
        if not 1 <= len(typed[key]) <= 100:
            errors.append(FieldError(key, f"请填写{name}，不超过 100 个字"))
        elif typed[key] in {getattr(each, key) for each in others}:
            errors.append(FieldError(key, f"已经有部门用这个{name}"))
    errors += _wrong_code(typed["uscc"], others)
    if typed["phone"] and not re.fullmatch(r"[0-9 +()-]{5,30}", typed["phone"]):
        errors.append(FieldError("phone", "电话只用数字和 -，例如 0990-0000000"))
    if not typed["basis"]:
        errors.append(FieldError("basis", "请写明依据，例如机构改革方案或者通知的文号"))
    return errors


def _wrong_code(code: str, others: Sequence[Department]) -> list[FieldError]:
    """A unified social credit code ends in a check digit (GB 32100-2015)."""
    try:
        uscc.validate(code)
    except ValidationError:
        text = "统一社会信用代码不对：18 位，最后一位是校验位，请核对有没有抄错"
        return [FieldError("uscc", text)]
    if code in {each.uscc for each in others}:
        return [FieldError("uscc", "已经有部门用这个代码")]
    return []


def _drawn(  # noqa: PLR0917 -- what the page of one department is about, each once
    request: Request,
    file: File,
    found: Department | None,
    typed: Mapping[str, str],
    errors: Sequence[FieldError] = (),
    stale: str = "",
) -> Response:
    uses = _uses(request, _directory(file)).get(found.id, Uses()) if found else Uses()
    return page(
        request,
        "studio/department.html",
        status=422 if errors else 409 if stale else 200,
        department=found,
        typed=typed,
        file=file,
        uses=uses,
        errors=errors,
        wrong={each.path: each.message for each in errors},
        stale=stale,
    )


def _directory(file: File) -> Directory:
    value = file.value
    assert isinstance(value, Directory)
    return value


def _department(file: File, department_id: str) -> Department:
    try:
        return _directory(file).department(department_id)
    except KeyError:
        raise NotFound("这个部门") from None


def _uses(request: Request, directory: Directory) -> dict[str, Uses]:
    """What each department is used for, by its id."""
    with reading(request) as ctx:
        definitions = [each.definition for each in ctx.catalog.list(ctx.session)]
        statement = (
            select(Post.department, func.count(col(Post.account_id).distinct()))
            .join(Account, col(Account.id) == col(Post.account_id))
            .where(col(Account.staff).is_(True), col(Account.disabled).is_(False))
            .where(col(Post.department).is_not(None))
            .group_by(col(Post.department))
        )
        people = {department: count for department, count in ctx.session.exec(statement)}  # noqa: C416 -- typed
    found = {}
    for each in directory.departments:
        items = [
            (definition.workflow.title, item.title)
            for definition in definitions
            for item in definition.workflow.items
            if item.department == each.id
        ]
        found[each.id] = Uses(
            tuple(f"{service}：{item}" for service, item in items),
            tuple(dict.fromkeys(service for service, _ in items)),
            tuple(source.title for source in directory.sources if source.department == each.id),
            people.get(each.id, 0),
        )
    return found
