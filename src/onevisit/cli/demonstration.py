"""A city that does not exist: fictional accounts for every role, and the journey by itself."""

from dataclasses import dataclass

from sqlmodel import Session, select
from stdnum.cn import ric

from onevisit.access import PostValue
from onevisit.cases.account import hash_password, open_account
from onevisit.catalog.published import Published
from onevisit.cli.serving import Server, publish_folder, say
from onevisit.cli.sources import import_demo
from onevisit.definition.service import Definition
from onevisit.settings import Settings
from onevisit.store.key_tables import check_keys
from onevisit.store.migrate import upgrade
from onevisit.store.session import engine_for, writing
from onevisit.store.tables import Account

PASSWORD = "onevisit-demo"  # noqa: S105  # shown on the sign-in page of every demo
CENTRE_ROLES = (
    ("applicant", "演示申请人甲", "applicant"),
    ("applicant2", "演示申请人乙", "applicant"),
    ("clerk", "演示综窗员", "clerk"),
    ("window", "演示出件员", "window"),
    ("admin", "演示流程管理员", "admin"),
    ("supervisor", "演示督查员", "supervisor"),
    ("government", "演示市政府负责人", "government"),
    ("operator", "演示运维员", "operator"),
    ("kiosk", "演示自助终端", "kiosk"),
)


@dataclass(frozen=True)
class Demo:
    """A prepared demonstration: its settings and what was published."""

    settings: Settings
    services: tuple[Published, ...]


def prepare(settings: Settings) -> Demo:
    """Database, published services and accounts, all made only where they are missing."""
    settings = settings.model_copy(
        update={"demo_password": settings.demo_password or PASSWORD}
    ).prepared()
    say("准备数据库……")
    upgrade(settings.database_url, settings.keyring)
    engine = engine_for(settings.database_url, settings.keyring)
    check_keys(engine, settings.keyring)
    say("发布一件事……")
    folder = publish_folder(engine, settings.home)
    with writing(engine) as session:
        made = make_accounts(session, [each.definition for each in folder.services], settings)
        import_demo(session, [each.definition for each in folder.services])
    say(f"演示账号：新建 {made} 个（均为虚构）。" if made else "演示账号：已就绪。")
    engine.dispose()
    return Demo(settings, folder.services)


def make_accounts(session: Session, definitions: list[Definition], settings: Settings) -> int:
    """Opens the accounts that are missing: the centre's, and for every department that handles
    an item one for each signing role. How many were opened."""
    wanted = [(username, name, PostValue(role, None)) for username, name, role in CENTRE_ROLES]
    for definition in definitions:
        steps = definition.lifecycle.approval.steps
        for item in definition.workflow.items:
            department = definition.directory.department(item.department)
            roles = {step.role: f"{step.title}员" for step in steps.values()} | {"head": "负责人"}
            for role, title in roles.items():
                name = f"演示{department.short}{title}"
                wanted.append((f"{department.id}.{role}", name, PostValue(role, department.id)))
            last = list(steps.values())[-1]  # a second one, since nobody decides a thing twice
            name = f"演示{department.short}{last.title}员乙"
            wanted.append(
                (f"{department.id}.{last.role}2", name, PostValue(last.role, department.id))
            )
    wanted.append(("clerk2", "演示综窗员乙", PostValue("clerk")))  # a colleague to hand over to
    known = set(session.exec(select(Account.username)).all())
    hashed = hash_password(settings.demo_password)  # one for all: it is no secret
    missing = {username: (name, post) for username, name, post in wanted if username not in known}
    for number, (username, (name, post)) in enumerate(missing.items(), start=len(known) + 1):
        account = Account(
            username=username,
            name=name,
            password_hash=hashed,
            id_number=fictional_id(number),
            phone=f"199{number:08d}",
        )
        open_account(session, account, [post])
    return len(missing)


def fictional_id(number: int) -> str:
    """An ID number with a true check digit in region 990000, which does not exist."""
    body = f"99000019900101{number:03d}"
    return body + ric.calc_check_digit(body + "0")


def serve(host: str | None, port: int | None) -> None:
    """Prepares the demonstration and serves it until interrupted."""
    demo = prepare(Settings())
    settings = demo.settings
    with Server(settings, host or settings.host, settings.port if port is None else port) as server:
        say("")
        say(f"请打开 {server.address}/ ，用登录页列出的演示账号登录（按 Ctrl-C 停止）。")
        say(f"  申请人：{server.address}/          applicant / {settings.demo_password}")
        say(f"  综合窗口：{server.address}/desk     clerk")
        say(f"  部门审批：{server.address}/office   market_regulation.handler 等")
        say(f"  出件窗口：{server.address}/window   window")
        say(f"  自助取件：{server.address}/kiosk    kiosk")
        say(f"  流程管理：{server.address}/studio   admin")
        server.wait()
