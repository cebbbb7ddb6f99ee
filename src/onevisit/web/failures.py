"""Turns what went wrong below into a page: what happened, what was saved, what to do next.

HTTP status codes occur only here and in the routers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from onevisit.access import Forbidden
from onevisit.cases.errors import Archived, Invalid, NotFound, NotPossible, Stale
from onevisit.definition.form import FieldError
from onevisit.documents import DocumentError
from onevisit.store.files import TooLarge
from onevisit.store.sealed_files import Altered
from onevisit.web import unavailable
from onevisit.web.edge import BadForm, ProofNeeded, SignInNeeded, page, redirect, site_of
from onevisit.web.proof import ask_again, kept_posted
from onevisit.web.resume import kept_of
from onevisit.web.second_steps import Onward
from onevisit.web.security import HEADERS
from onevisit.web.sign_in import sign_in_page
from onevisit.web.tracing import HEADER as NAME_OF_REQUEST
from onevisit.web.tries import TooOften
from onevisit.web.way_back import came_from, page_of

log = structlog.get_logger()


@dataclass(frozen=True)
class Failure:
    """The words of an error page. `again` offers the page that the person came from."""

    status: int
    title: str
    happened: str
    saved: str
    next: str
    again: bool = False
    errors: tuple[FieldError, ...] = field(default=())


NOTHING_CHANGED = "没有任何内容被改动；之前已经保存的都还在。"


def not_found(_: Request, error: Exception) -> Failure:
    """404: the address or the thing behind it does not exist."""
    happened = (
        str(error) if isinstance(error, NotFound) else "没有这个页面，地址可能抄错了或者已经失效。"
    )
    return Failure(
        404, "没有找到", happened, NOTHING_CHANGED, "可以在下面搜索，或者从首页重新进入。"
    )


def archived(_: Request, error: Exception) -> Failure:
    """410: the case was closed long ago and lies in an archive file."""
    return Failure(410, "已归档", f"{error}。", NOTHING_CHANGED,
                   "要查阅、复制或者继续办理，请凭办件编号联系服务中心，由运维人员调回以后再打开；"
                   "办件编号在“我的办件”和回执上。")  # fmt: skip


def forbidden(_: Request, error: Exception) -> Failure:
    """403: this person may not do this; the access rule says why."""
    return Failure(403, "您不能进行这个操作", str(error), NOTHING_CHANGED,
                   "如果您认为应当可以办理，请换用有权限的账号登录，或联系服务中心。")  # fmt: skip


def overtaken(_: Request, error: Exception) -> Failure:
    """409: somebody acted first, perhaps the same person with a second press of the button."""
    if isinstance(error, Stale) and error.happened and error.happened.mine:
        return Failure(409, "已经提交过了", str(error), "上一次的操作已经保存；这一次没有执行。",
                       "请重新打开页面，查看结果。", again=True)  # fmt: skip
    return Failure(409, "情况已经变化", str(error), "您这一次的操作没有生效，" + NOTHING_CHANGED,
                   "请重新打开页面，看清现在的状态后再操作。", again=True)  # fmt: skip


def too_large(_: Request, error: Exception) -> Failure:
    """413: more was sent than may be handed in."""
    return Failure(413, "文件太大", str(error), "这个文件没有保存；之前上传的都还在。",
                   "请压缩文件，或分成几个文件后重新上传。", again=True)  # fmt: skip


def not_made(request: Request, error: Exception) -> Failure:
    """503: what the document says is kept, but its PDF cannot be laid out just now."""
    log.error("document_not_made", path=request.url.path, error=str(error))
    return Failure(503, "文书还没有制作好",
                   "这份文书暂时不能制成 PDF，不是您的操作有误；已经记录下来。",
                   "文书的内容和文号已经存好，不会丢，也不影响办理。",
                   "请稍后再打开；着急的请到综合窗口，或拨打咨询电话。", again=True)  # fmt: skip


def altered(request: Request, error: Exception) -> Failure:
    """500: what lies in the file store is not what was put there; nothing of it is shown."""
    log.error("file_altered", path=unavailable.route_of(request), error=str(error))
    return Failure(500, "这个文件打不开",
                   "存放的文件被改动或者损坏了，为了不给出错误的内容，没有打开；已经记录下来。",
                   NOTHING_CHANGED, "请联系服务中心，由运维人员从备份恢复后再打开。")  # fmt: skip


def too_often(_: Request, __: Exception) -> Failure:
    """429: somebody has guessed wrong too often."""
    return Failure(429, "试错的次数太多", str(TooOften.__doc__), NOTHING_CHANGED,
                   "请核对纸面上的编号和核验码，一小时后再试；着急的请拨打咨询电话。")  # fmt: skip


def invalid(_: Request, error: Exception) -> Failure:
    """422: what was sent cannot be used; the page names every fault."""
    errors = tuple(error.errors) if isinstance(error, Invalid) else ()
    happened = "送来的内容有下列问题。" if errors else str(error)
    return Failure(422, "内容需要改正", happened, NOTHING_CHANGED,
                   "请返回上一页改正后再提交。", again=True, errors=errors)  # fmt: skip


def malformed(_: Request, error: Exception) -> Failure:
    """422: the request is not one that our own pages send."""
    happened = str(error) if isinstance(error, BadForm) else "页面送来的内容不完整。"
    return Failure(422, "内容不完整", happened or str(BadForm.__doc__), NOTHING_CHANGED,
                   "请重新打开刚才的页面再提交；反复出现请拨打咨询电话。", again=True)  # fmt: skip


def broken(request: Request, _: Exception) -> Response:
    """500: our own fault. The page asks nothing of the database, which may be what failed; the
    server's log holds the details. It is drawn outside all middleware, so it sets its headers."""
    failure = Failure(500, "系统出错了", "这是系统的问题，不是您的操作有误；已经记录下来。",
                      "这一次的操作没有生效，之前已经保存的都还在。",
                      "请稍后重试；着急的请到综合窗口，或拨打咨询电话。", again=True)  # fmt: skip
    actor = getattr(request.state, "actor", None)
    named = getattr(request.state, "request_id", "")
    context = {"failure": failure, "errors": (), "back": came_from(request), "named": named}
    pages = site_of(request).pages
    response = pages.draw(request, "errors/failure.html", actor, context, failure.status)
    response.headers.update(HEADERS | {"Cache-Control": "no-store", NAME_OF_REQUEST: named})
    return response


def of_status(request: Request, error: Exception) -> Response:
    """What the framework itself refused: an unknown address, a wrong method, a broken request.

    Whoever reloads a form that came back with errors is led to the page that the form is on.
    """
    status = error.status_code if isinstance(error, HTTPException) else 500
    where = page_of(request.url.path)
    if status == 405 and request.method == "GET" and where:
        return redirect(where)
    return draw(request, _refused(request, error, status))


def _refused(request: Request, error: Exception, status: int) -> Failure:
    if status == 404:
        return not_found(request, error)
    if status == 405:
        return Failure(405, "这个地址不能这样打开", "页面要从它前面的按钮进入，不能直接打开。",
                       NOTHING_CHANGED, "请从首页或“我的办件”重新进入。")  # fmt: skip
    return malformed(request, BadForm(str(BadForm.__doc__)))


def from_elsewhere(request: Request) -> Response:
    """403 for a form that another site sent."""
    failure = Failure(403, "请求来源不对", "这个请求不是从本站页面发出的，为了您的安全没有执行。",
                      NOTHING_CHANGED, "请从本站页面重新操作。")  # fmt: skip
    return draw(request, failure)


def draw(request: Request, failure: Failure) -> Response:
    """The failure as a page with its status."""
    return page(
        request,
        "errors/failure.html",
        status=failure.status,
        failure=failure,
        errors=failure.errors,
        back=came_from(request) if failure.again else "",
    )


def ask_to_sign_in(request: Request, _: Exception) -> Response:
    """A stranger is asked who they are and comes back to the page they wanted.

    A form that was filled in while the session ended goes along and is sent after signing in.
    """
    if request.method == "GET":
        query = "?" + request.url.query if request.url.query else ""
        return _to_sign_in(next=request.url.path + query)
    kept = kept_of(request, came_from(request))
    if kept is not None:
        return sign_in_page(request, kept.back, kept=kept)
    kind = request.headers.get("content-type", "")
    lost = {"lost": "file"} if kind.startswith("multipart/") else {}
    return _to_sign_in(next=came_from(request), **lost)


def ask_for_proof(request: Request, _: Exception) -> Response:
    """Whoever is signed in gives the password once more; what they typed goes along."""
    back = came_from(request)
    return ask_again(request, Onward(back, kept_posted(request, back)))


def _to_sign_in(**query: str) -> Response:
    given = {name: value for name, value in query.items() if value}
    return redirect(
        "/sign-in" + ("?" + urlencode(given, quote_via=quote, safe="") if given else "")
    )


def gone(_: Request, __: Exception) -> Response:
    """The sender hung up half-way: there is nobody to answer, and nothing of ours to mend."""
    return Response(status_code=400)


def install(app: FastAPI) -> None:
    """Register a page for every error that the rooms below raise."""
    kinds: tuple[tuple[type[Exception], Callable[[Request, Exception], Failure]], ...] = (
        (NotFound, not_found),
        (Archived, archived),
        (Forbidden, forbidden),
        (NotPossible, overtaken),
        (Stale, overtaken),
        (TooLarge, too_large),
        (TooOften, too_often),
        (Invalid, invalid),
        (BadForm, malformed),
        (DocumentError, not_made),
        (Altered, altered),
        (RequestValidationError, not_found),
    )
    for kind, words in kinds:
        app.add_exception_handler(kind, _handler(words))
    app.add_exception_handler(HTTPException, of_status)
    app.add_exception_handler(SignInNeeded, ask_to_sign_in)
    app.add_exception_handler(ProofNeeded, ask_for_proof)
    app.add_exception_handler(ClientDisconnect, gone)
    for passing in unavailable.KINDS:
        app.add_exception_handler(passing, unavailable.answer)
    app.add_exception_handler(Exception, broken)


def _handler(
    words: Callable[[Request, Exception], Failure],
) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        return draw(request, words(request, error))

    return answer
