"""What went wrong, as RFC 9457 has it: a `type` that stays, words in Chinese, what to do next.

Every type is an address of this site that says what it means.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from onevisit.access import Forbidden
from onevisit.cases.errors import Invalid, NotFound, NotPossible, Stale
from onevisit.cases.interface.answers import InProgress, Reused
from onevisit.cases.interface.bearer import NotLetIn
from onevisit.web import unavailable
from onevisit.web.api.pace import TooFast
from onevisit.web.api.shapes import Problem, Wrong

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
ADDRESS = "/api/problems/"


class NotJson(Exception):
    """请求的内容应当是 JSON，并在 Content-Type 里写明 application/json。"""


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its status, its title, and what to do about it."""

    status: int
    title: str
    next: str


KINDS = {
    "malformed": Kind(400, "请求写得不对", "请对照接口文档改正后再发。"),
    "idempotency-key": Kind(400, "缺少 Idempotency-Key 请求头",
                            "每个改变办件的请求都要自起一个不重复的编号（1 到 100 个可见字符，"
                            "例如 UUID）；重发同一个请求时用同一个编号。"),
    "key": Kind(401, "没有可用的接口密钥", "请用有效的密钥，写成 Authorization: Bearer ovk_…。"),
    "forbidden": Kind(403, "这个密钥不能这样做", "需要别的权限时，请流程管理员另开密钥。"),
    "not-found": Kind(404, "没有找到", "请核对地址；只能看到本部门已经受理的事项。"),
    "method": Kind(405, "这个地址不能这样用", "请用 Allow 响应头里列出的方法。"),
    "in-progress": Kind(409, "同样的请求正在处理", "请稍候，用同一个 Idempotency-Key 再发一次。"),
    "not-possible": Kind(409, "现在不能这样做", "请重新读取这个事项，看清现在的状态再定。"),
    "stale": Kind(412, "情况已经变化", "请重新读取这个事项，用新的 ETag 再发。"),
    "too-large": Kind(413, "请求太大", "请删减内容；整个请求不超过 64 KB。"),
    "not-json": Kind(415, "内容不是 JSON", "请用 Content-Type: application/json 发送。"),
    "invalid": Kind(422, "内容需要改正", "请按 errors 逐项改正后再发。"),
    "idempotency-key-reused": Kind(422, "Idempotency-Key 用过了", "新的请求请另起一个编号。"),
    "if-match": Kind(428, "缺少 If-Match 请求头",
                     "请先读取这个事项，把响应的 ETag 原样放进 If-Match，以免盖掉别人刚做的事。"),
    "too-fast": Kind(429, "请求太多", "请等 Retry-After 所说的秒数再发。"),
    "broken": Kind(500, "系统出错了", "这一次没有生效；请稍后用同一个 Idempotency-Key 再发。"),
    "unavailable": Kind(503, "系统暂时不能办理",
                        "请等 Retry-After 所说的秒数，再用同一个 Idempotency-Key 发一次；"
                        "如果上一次其实已经生效，会得到那一次的回答，不会重复办理。"),
}  # fmt: skip


def answer(
    kind: str,
    detail: str,
    errors: tuple[Wrong, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem of one of the KINDS."""
    known = KINDS[kind]
    problem = Problem(
        type=ADDRESS + kind,
        title=known.title,
        status=known.status,
        detail=detail or known.next,
        errors=list(errors),
    )
    return JSONResponse(
        problem.model_dump(), known.status, dict(headers or {}), media_type=MEDIA_TYPE
    )


def told(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI document: that a request may be answered with these problems."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in ("malformed", *kinds, "broken", "unavailable"):
        known = KINDS[kind]
        described = found.setdefault(known.status, {"model": Problem, "description": ""})
        described["description"] += f"{known.title}（{kind}）。"
    return found


def install(api: FastAPI) -> None:
    """Answer every error that the rooms below raise with its problem."""
    kinds: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        NotFound: _as("not-found"),
        Forbidden: _as("forbidden"),
        NotPossible: _as("not-possible"),
        Stale: _as("stale"),
        Reused: _as("idempotency-key-reused"),
        InProgress: _as("in-progress"),
        NotJson: _as("not-json"),
        Invalid: _invalid,
        NotLetIn: _not_let_in,
        TooFast: _too_fast,
        RequestValidationError: _not_understood,
        HTTPException: _of_status,
        ClientDisconnect: lambda _, __: Response(status_code=400),
        **dict.fromkeys(unavailable.KINDS, _away),
        Exception: _broken,
    }
    for kind, handler in kinds.items():
        api.add_exception_handler(kind, handler)


def _as(kind: str) -> Callable[[Request, Exception], Response]:
    return lambda _, error: answer(kind, str(error) or str(type(error).__doc__))


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    wrong = tuple(Wrong(path=each.path, message=each.message) for each in error.errors)
    return answer("invalid", str(error), wrong)


def _not_let_in(_: Request, error: Exception) -> Response:
    scheme = 'Bearer realm="onevisit"'
    return answer("key", str(error), headers={"WWW-Authenticate": scheme})


def _too_fast(_: Request, error: Exception) -> Response:
    assert isinstance(error, TooFast)
    return answer("too-fast", str(error), headers={"Retry-After": str(error.seconds)})


def _of_status(_: Request, error: Exception) -> Response:
    """What the framework itself refused."""
    assert isinstance(error, HTTPException)
    kinds = {404: "not-found", 405: "method", 413: "too-large"}
    return answer(kinds.get(error.status_code, "malformed"), "", headers=error.headers)


def _away(request: Request, error: Exception) -> Response:
    """503 while the database or the disk is away; raises `error` again where it is our fault."""
    if not unavailable.is_passing(error):
        raise error
    unavailable.note(request, error)
    wait = {"Retry-After": str(unavailable.SECONDS)}
    return answer(
        "unavailable", "这一次没有办成：系统暂时连不上数据库或者没有存储空间。", headers=wait
    )


def _broken(request: Request, error: Exception) -> Response:
    log.error("api_failed", path=unavailable.route_of(request), error=type(error).__name__)
    return answer("broken", "这是系统的问题，已经记录下来。")


WORDS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请删去",
    "string_too_long": "太长了",
    "string_pattern_mismatch": "写法不对",
    "string_type": "应当是文字",
    "bool_type": "应当是 true 或者 false",
    "bool_parsing": "应当是 true 或者 false",
    "literal_error": "不是可以选的值",
    "model_attributes_type": "应当是一个 JSON 对象",
}


def _not_understood(_: Request, error: Exception) -> Response:
    """A request whose address, headers or content are not as the document says."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    places = {str(each["loc"][0]): each for each in found}
    headers = {str(each["loc"][-1]).lower(): each for each in found if each["loc"][0] == "header"}
    if "path" in places:
        return answer("not-found", "没有找到这个地址所指的内容")
    if "idempotency-key" in headers:
        return answer("idempotency-key", "")
    if "if-match" in headers:
        missing = headers["if-match"]["type"] == "missing"
        return answer("if-match" if missing else "malformed",
                      "" if missing else "If-Match 应当原样写成 ETag，例如 \"3\"")  # fmt: skip
    if any(each["type"] == "json_invalid" for each in found):
        return answer("malformed", "请求的内容不是完整的 JSON")
    wrong = tuple(
        Wrong(
            path=".".join(str(part) for part in each["loc"][1:]),
            message=WORDS.get(each["type"], "这个值不对"),
        )
        for each in found
    )
    return answer("invalid", "送来的内容有下列问题", wrong)
