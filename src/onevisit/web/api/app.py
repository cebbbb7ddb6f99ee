"""Builds the application of the departments' interface, and its OpenAPI document."""

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from onevisit.web.api import approvals, problems, public
from onevisit.web.api.apart import BodyLimit
from onevisit.web.api.pace import Pace
from onevisit.web.edge import Site, readable

ROUTERS = (public.router, approvals.router)
VERSION = "1.0.0"
SAYS = (
    "部门自己的业务系统凭接口密钥办理本部门的事项，和办事人员在页面上用的是同样的规则。"
    "改变办件的请求要带 Idempotency-Key；签署还要带 If-Match。错误按 RFC 9457 说明。"
)


def create_api(site: Site, pace: Pace | None = None) -> FastAPI:
    """The application below /api of the same site."""
    api = FastAPI(
        title="onevisit 部门接口",
        version=VERSION,
        description=SAYS,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(readable)],
    )
    for router in ROUTERS:
        api.include_router(router)
    api.state.site = site
    api.state.pace = pace or Pace()
    problems.install(api)
    api.add_middleware(BodyLimit)
    api.openapi = lambda: _document(api)  # type: ignore[method-assign]  # as FastAPI documents it
    return api


def _document(api: FastAPI) -> dict[str, Any]:
    """The document, in which every refusal has the media type of problems."""
    if api.openapi_schema is None:
        made = get_openapi(
            title=api.title, version=api.version, description=api.description, routes=api.routes
        )
        for path in made["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content[problems.MEDIA_TYPE] = content.pop("application/json")
        api.openapi_schema = made
    return api.openapi_schema
