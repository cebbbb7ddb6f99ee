"""Who reaches what: every address asked as every kind of person, told as one table for people.

`PYTHONPATH=tests .venv/bin/python -m functional.matrix > docs/permissions.md` writes it anew; what
then differs is to be read before it is committed.

The case of the table is accepted and in review; the addresses name it, its food item (of market
regulation), its floor plan (which tobacco does not need) and its notice of acceptance. Forms are
sent with revision 0, which no page has: whoever may act is told that the page is old. Nothing that
is sent is kept (each transaction is undone), and pages that are allowed are not laid out, so that
all of it takes seconds.
"""

import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select
from starlette.responses import HTMLResponse, Response

from functional import city as cities
from functional.city import ORIGIN, PDF, City
from functional.system import made
from onevisit.access.matrix import HERE, OWN, PERMISSIONS, scope
from onevisit.catalog import drafts
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder
from onevisit.documents.format import BEIJING
from onevisit.documents.trust.finished import finished
from onevisit.store import session as store
from onevisit.store.citizen_tables import Authorisation, Rating
from onevisit.store.desk_tables import Ticket
from onevisit.store.identity_tables import Deputy
from onevisit.store.sign_in_tables import SignIn
from onevisit.store.tables import Account, Approval, Document, Upload
from onevisit.store.turn_tables import Certificate, PledgeCheck
from onevisit.store.work_tables import Message
from onevisit.web.app import ROUTERS
from onevisit.web.pages import Pages
from onevisit.web.portals import ROLE_TITLES

PEOPLE = {
    "anon": ("", "没有登录的人"),
    "owner": ("applicant", "申请人本人"),
    "other": ("applicant2", "别的申请人"),
    "clerk": ("clerk", "综窗人员"),
    "issue": ("window", "出件窗口"),
    "kiosk": ("kiosk", "自助终端"),
    "food": ("market_regulation.handler", "本部门承办"),
    "revw": ("market_regulation.reviewer", "本部门审核"),
    "deci": ("market_regulation.decider", "本部门决定"),
    "head": ("market_regulation.head", "本部门负责人"),
    "smoke": ("tobacco.handler", "别的部门承办"),
    "head2": ("tobacco.head", "别的部门负责人"),
    "gov": ("government", "本级政府负责人"),
    "watch": ("supervisor", "督查"),
    "oper": ("operator", "运维"),
    "admin": ("admin", "流程管理员"),
}
"""The columns: user name and who it is."""
STALE = {
    "revision": "0", "reason": "演示", "reasons": "演示", "event": "forward", "agreed": "yes",
    "pickup": "window", "confirmed": "yes", "name": "演示",
}  # fmt: skip
LEFT_OUT = frozenset({"POST /sign-out"})
"""It would end the session that all other lines need; anybody may."""
TURNED_AWAY = (401, 403, 404, 410)
Answers = Mapping[str, Mapping[str, httpx.Response]]


@dataclass(frozen=True)
class Asked:
    """The answers of all routes (METHOD ADDRESS) to all people, what the addresses named, and how
    many connections to the database were held at once, at most, for one of them."""

    answers: Answers
    ids: Mapping[str, str]
    connections: int

    def word(self, route: str, person: str) -> str:
        """One word for an answer."""
        return word(self.answers[route][person])


def routes() -> Iterator[str]:
    """Every route of the application as METHOD ADDRESS."""
    for router in ROUTERS:
        assert isinstance(router, APIRouter)
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path}"


def word(answer: httpx.Response) -> str:
    """One word for an answer; a fault of ours is told by its number."""
    status = answer.status_code
    if status == 303:
        return "in" if urlsplit(answer.headers["location"]).path == "/sign-in" else "ok"
    words = {200: "ok", 204: "ok", 401: "in", 403: "no", 404: "--", 409: "ok", 422: "ok"}
    return words.get(status, str(status))


def ids_in(city: City) -> dict[str, str]:
    """What the addresses name, made where no act of a scenario has."""
    case_id = city.accepted()
    with store.reading(city.engine) as session:
        upload = session.exec(select(Upload).where(Upload.material_id == "floor_plan")).one()
        paper = session.exec(select(Document).where(Document.kind == "acceptance")).one()
        food = session.exec(select(Approval).where(Approval.region == "food")).one()
        message = session.exec(select(Message).where(Message.kind == "acceptance")).one()
        colleague = session.exec(select(Account).where(Account.username == "clerk2")).one()
        people = select(Account).where(col(Account.username).startswith("market_regulation."))
        officers = {each.username: each.id for each in session.exec(people)}
    return {
        "case_id": str(case_id),
        "upload_id": str(upload.id),
        "document_id": str(paper.id),
        "approval_id": str(food.id),
        "message_id": str(message.id),
        **_issued(city, food, paper, officers),
        **_writing(city),
        "key_id": str(made(city, "tobacco", "read")[0]),
        "sign_in_id": _elsewhere(city),
        "account_id": str(colleague.id),
        "department_id": "tobacco",
        "calendar_id": "cn",
        "jurisdiction_id": "demo_city",
        "service_id": "open_restaurant",
        "name": "floor_plan",
        "workflow_id": "open_restaurant",
        "section_id": "operator",
        "material_id": "floor_plan",
        "region": "food",
        "folder": "notices",
        "file": "receipt",
        "number": "1",
        "kind": "workflow",
    }


def _writing(city: City) -> dict[str, str]:
    """A draft of the service, and the version that it was begun from."""
    with city.acting("admin") as ctx:
        home = city.settings.home
        begun = drafts.take_up(
            ctx.session, ctx.catalog, home, "open_restaurant", None, ctx.now, ctx.actor.id
        )
        return {"draft_id": str(begun.id), "version_id": str(begun.began_from)}


def _elsewhere(city: City) -> str:
    """A session of the applicant in another browser."""
    city.session_of("applicant")
    with store.reading(city.engine) as session:
        newest = select(SignIn.id).order_by(col(SignIn.id).desc())
        return str(session.exec(newest).first())


def _issued(
    city: City, food: Approval, paper: Document, officers: Mapping[str, UUID]
) -> dict[str, str]:
    """A certificate of the food item and a check of its pledge, as if it had been decided so."""
    owner, now = city.case(food.case_id).applicant_id, datetime.now(UTC)
    printed = Document(
        case_id=food.case_id,
        region=food.region,
        kind="certificate",
        title="食品经营许可证",
        template="certificates/licence.html",
        number="演示-证照-1",
        created_at=now,
        snapshot={**paper.snapshot, "certificate": {"holder": "示例市演示小馆", "fields": []}},
    )
    with store.writing(city.engine) as session:
        session.add(printed)
    rows = {
        "certificate_id": Certificate(
            case_id=food.case_id, document_id=printed.id, region=food.region, item_id=food.item_id,
            department=food.department, holder_id=owner, number="1.2.156.3005.2.TEST",
            title="食品经营许可证", state="valid", valid_from=date(2026, 1, 1),
            valid_until=date(2099, 12, 31),
        ),
        "check_id": PledgeCheck(case_id=food.case_id, region=food.region, due=date(2099, 12, 31)),
        "ticket_id": Ticket(
            day=datetime.now(BEIJING).date(), label="A001", queue="general", taken_at=now
        ),
        "rating_id": Rating(
            case_id=food.case_id, grade=1, reasons=[], rated_by=owner, rated_at=now
        ),
        "authorisation_id": Authorisation(
            principal_id=owner, agent_name="演示代办人", named="19900000001", services=[],
            until=date(2099, 12, 31), created_at=now,
        ),
        "deputy_id": Deputy(
            principal_id=officers["market_regulation.handler"], role="handler",
            deputy_id=officers["market_regulation.head"], department="market_regulation",
            first_day=date(2098, 1, 1), last_day=date(2098, 1, 2), reason="演示", made_at=now,
            made_by=officers["market_regulation.head"],
        ),
    }  # fmt: skip
    with store.writing(city.engine) as session:
        session.add_all(list(rows.values()))
        session.flush()
        return {name: str(row.id) for name, row in rows.items()}


def cookies_of(city: City) -> dict[str, str]:
    """The session of everybody who has one, by column; signed in as a person does."""
    for username, _ in PEOPLE.values():
        if username:
            city.client(username)
    return {name: city.cookies.get(username, "") for name, (username, _) in PEOPLE.items()}


def address_of(route: str, ids: Mapping[str, str]) -> str:
    """The address of a route; what no row was made for is named by an id that nobody has."""

    class Named(dict[str, str]):
        def __missing__(self, name: str) -> str:
            return ids["document_id"]

    return route.split()[1].replace(":path", "").format_map(Named(ids))


def sent_to(route: str, address: str) -> dict[str, Any]:
    """What is sent along: a form from a page that is long out of date, or a file."""
    if route.startswith("GET "):
        return {}
    if address.endswith("/materials/floor_plan"):
        return {"files": {"file": ("平面图.pdf", PDF, "application/pdf")}}
    if address.startswith("/api/"):
        return {"json": {}}
    return {"data": STALE}


def _drawn(_: Pages, *said: Any) -> Response:
    """Instead of the page: what it would tell, where it turns somebody away."""
    *_, context, status = said
    told = repr(context) if status in TURNED_AWAY else ""
    return HTMLResponse(told, status_code=status)


@contextlib.contextmanager
def _taken_back(engine: Engine) -> Iterator[Session]:
    """As `writing`, with everything taken back; what was read stays readable afterwards."""
    with Session(engine, expire_on_commit=False) as session:
        try:
            yield session
            session.flush()
        finally:
            session.expunge_all()
            session.rollback()


@contextlib.contextmanager
def harmless(city: City) -> Iterator[None]:
    """Nothing that is asked changes anything, and allowed pages are not laid out."""
    nothing = Folder((), ())
    with (
        patch.object(Pages, "draw", _drawn),
        patch.object(store, "writing", _taken_back),
        patch.object(Catalog, "publish_folder", lambda *_: nothing),
    ):
        yield


@contextlib.asynccontextmanager
async def browsers(city: City) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A browser for each column, which stops at redirects and keeps no cookie it is given."""
    async with contextlib.AsyncExitStack() as stack:
        found = {}
        for name, cookie in cookies_of(city).items():
            headers = {"origin": ORIGIN} | ({"cookie": f"onevisit={cookie}"} if cookie else {})
            transport = httpx.ASGITransport(app=city.app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
            found[name] = await stack.enter_async_context(client)
        yield found


async def _ask(
    city: City, ids: Mapping[str, str], asked: Sequence[str], wanted: Collection[str]
) -> Answers:
    async with browsers(city) as everybody:
        people = {name: everybody[name] for name in wanted}
        answers: dict[str, dict[str, httpx.Response]] = {}
        for route in asked:
            address = address_of(route, ids)
            sent = sent_to(route, address)
            for name, browser in people.items():
                browser.cookies.clear()
                answer = await browser.request(route.split()[0], address, **sent)
                answers.setdefault(route, {})[name] = answer
        return answers


def ask(
    city: City,
    ids: Mapping[str, str],
    asked: Sequence[str] | None = None,
    people: Collection[str] = tuple(PEOPLE),
) -> Asked:
    """Every route (or these) as everybody (or these)."""
    wanted = [route for route in asked or routes() if route not in LEFT_OUT]
    cookies_of(city)  # signing in is kept
    with harmless(city):
        held: list[int] = []
        engine = city.app.state.site.engine

        def taken(*_: object) -> None:
            held.append(store.connections_in_use(engine))

        for pool in store.pools(engine):
            event.listen(pool, "checkout", taken)
        try:
            return Asked(finished(_ask(city, ids, wanted, people)), ids, max(held, default=0))
        finally:
            for pool in store.pools(engine):
                event.remove(pool, "checkout", taken)


def told(asked: Asked) -> str:
    """The document: what each post may do, and what each address answers to whom."""
    lines = [HEAD, "", *_posts(), "", MIDDLE.format(people=_people())]
    groups: dict[str, list[str]] = {}
    for route in asked.answers:
        groups.setdefault("/" + route.split("/")[1], []).append(route)
    for group in sorted(groups):
        lines += [f"## {group}", "", "```", _line("", dict(zip(PEOPLE, PEOPLE, strict=True)))]
        for route in sorted(groups[group], key=lambda each: each.split()[::-1]):
            lines.append(_line(route, {name: asked.word(route, name) for name in PEOPLE}))
        lines += ["```", ""]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _line(route: str, words: Mapping[str, str]) -> str:
    method, _, address = route.partition(" ")
    cells = "".join(f"{each:6}" for each in words.values())
    where = f"{method:5}{address}"
    return f"{where:48} {cells}" if len(where) <= 48 else f"{where}\n{'':48} {cells}"


def _people() -> str:
    return "\n".join(f"| `{name}` | {title} |" for name, (_, title) in PEOPLE.items())


def _posts() -> Iterator[str]:
    yield "| | " + " | ".join(ROLE_TITLES.values()) + " |"
    yield "|---" * (len(ROLE_TITLES) + 1) + "|"
    marks = {"": "●", OWN: "本人的", HERE: "本部门", None: ""}
    for each in PERMISSIONS:
        yield f"| {each.title} | " + " | ".join(marks[scope(each, r)] for r in ROLE_TITLES) + " |"


HEAD = """# 谁可以做什么

本文由程序问出来，不由人写：第一张表逐项询问权限规则（`access/`），第二张表用每一种身份打开每一个地址。
改了权限或者加了页面，测试（`tests/functional/test_route_matrix.py`）就与本文不符；核对以后重写：

```sh
PYTHONPATH=tests .venv/bin/python -m functional.matrix > docs/permissions.md
```

## 岗位与权限

● 都可以；本人的：只对本人的办件、账号以外的人；本部门：只对本部门的事项；空白：不可以。
同一个办件上还有回避：收件、申请、听证主持、上一环节签署的人（以及代他们的人、他们代的人）不再签署。"""
MIDDLE = """# 每一个地址，每一种身份

办件是演示申请人甲的，已经受理；事项、证照、检查属于市场监管部门（“本部门”）。表单都用过期的页面提交。

- `ok` 打开了，或者走到了这个动作（被告知页面已经过期）；
- `in` 请先登录；`no` 没有权限；`--` 对这个人来说不存在；数字是别的答复（HTTP）。

| 列 | 身份 |
|---|---|
{people}
"""


def main() -> None:
    """Print the document as the application answers today."""
    with tempfile.TemporaryDirectory() as folder:
        city = cities.prepare(Path(folder)).copied(Path(folder) / "copy")
        city.settings = city.settings.model_copy(update={"log_requests": False})
        sys.stdout.write(told(ask(city, ids_in(city))))


if __name__ == "__main__":
    main()
