"""What anybody may ask without a key: services, their guides, and whether a paper is genuine."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from onevisit import engine
from onevisit.cases import verification
from onevisit.cases.errors import NotFound
from onevisit.definition.service import Definition
from onevisit.store import session as store
from onevisit.web.api import shapes
from onevisit.web.api.problems import KINDS, told
from onevisit.web.edge import published, site_of, today

router = APIRouter(prefix="/api", tags=["公开"])
ANY = told("not-found", "invalid")


class Service(shapes.ServiceRow):
    """A service guide: what it promises, which items of which departments, which material."""

    authority: str
    promised_visits: int
    promised_days: int
    basis: list[str]
    items: list["ServiceItem"]
    materials: list["ServiceMaterial"]


class ServiceItem(shapes.Shape):
    """One item of a service; days as its department promises them."""

    id: str
    title: str
    department: str
    days: int
    unit: str
    basis: list[str]


class ServiceMaterial(shapes.Shape):
    """One material: `source` applicant means that the applicant hands it in."""

    id: str
    title: str
    source: str
    need: str


class Issuer(shapes.Shape):
    """Who issued a paper."""

    title: str
    uscc: str


class Status(shapes.Shape):
    """What a paper is worth today."""

    code: str
    word: str
    since: date | None
    by: str | None


class Paper(shapes.Shape):
    """What a stranger may see of a paper; a person's name is masked."""

    kind: str
    title: str
    number: str
    issuer: Issuer
    issued_on: date
    status: Status
    holder: str | None
    valid_from: date | None
    valid_until: date | None
    replaced_by: str | None


@router.get("/v1/services", responses=told(), summary="办事服务")
def services(request: Request) -> list[shapes.ServiceRow]:
    """正在办理的全部服务。"""
    found = site_of(request).catalog.list()
    return [shapes.ServiceRow.model_validate(each.definition.workflow) for each in found]


@router.get("/v1/services/{service_id}", responses=ANY, summary="办事指南")
def guide(request: Request, service_id: str) -> Service:
    """一项服务的办事指南。"""
    return _guide(published(request, service_id).definition)


@router.get("/v1/papers", responses=ANY, summary="文书核验")
def paper(
    request: Request,
    number: Annotated[str, Query(max_length=100, description="纸面上的编号")],
    code: Annotated[str, Query(max_length=40, description="纸面上的核验码")],
) -> Paper:
    """纸面上的编号和核验码对应的文书现在是否有效；编号或者核验码不对，都答没有查到。"""
    site = site_of(request)
    with store.reading(site.engine) as session:
        found = verification.look_up(session, site.catalog, number, code, today(request))
    if found is None:
        raise NotFound("这份文书：请核对编号和核验码")
    return Paper.model_validate(found)


@router.get("/problems/{kind}", responses=ANY, summary="错误的含义")
def problem(kind: str) -> shapes.Meaning:
    """错误响应的 type 指向这里：是什么意思，怎么办。"""
    if kind not in KINDS:
        raise NotFound("这种错误")
    return shapes.Meaning.model_validate(KINDS[kind])


def _guide(definition: Definition) -> Service:
    workflow, directory = definition.workflow, definition.directory
    whole = engine.everything(definition)
    return Service(
        **shapes.ServiceRow.model_validate(workflow).model_dump(),
        authority=directory.department(workflow.authority).title,
        promised_visits=workflow.promise.visits,
        promised_days=workflow.promise.days,
        basis=list(workflow.basis),
        items=[
            ServiceItem(
                id=item.id,
                title=item.title,
                department=directory.department(item.department).title,
                days=item.promise.days,
                unit=item.promise.unit,
                basis=list(item.basis),
            )
            for item in workflow.items
        ],
        materials=[ServiceMaterial.model_validate(each) for each in whole.asked],
    )


Service.model_rebuild()
