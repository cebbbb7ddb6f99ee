"""`onevisit admin USERNAME NAME` opens an administrator's account for whoever runs the server,
`onevisit admin disable USERNAME` shuts somebody out at once."""

from datetime import UTC, datetime

from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.staff.appoint import Person
from onevisit.cases.staff.first import open_admin, shut_out
from onevisit.cases.staff.password import FIRST_DAYS
from onevisit.cli.serving import say
from onevisit.settings import Settings
from onevisit.store.migrate import is_current
from onevisit.store.session import engine_for, writing

OPENED, REFUSED = 0, 1


def run(username: str, name: str) -> int:
    """Opens the account and prints its first password once; 1 when it cannot be opened."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        if not is_current(engine):
            say("数据库不是当前版本，请先运行：onevisit migrate")
            return REFUSED
        with writing(engine) as session:
            first = open_admin(session, Person(username, name), datetime.now(UTC))
    except Invalid as invalid:
        say(f"没有开立账号：{invalid}")
        return REFUSED
    finally:
        engine.dispose()
    say(f"已开立流程管理员账号 {username}（{name}）。")
    say(f"首次密码：{first}")
    say(f"{FIRST_DAYS} 日内登录一次，登录后设定自己的密码；首次密码只显示这一次。")
    return OPENED


def disable(username: str) -> int:
    """Disables the account and ends its sessions; 1 when there is none."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        with writing(engine) as session:
            ended = shut_out(session, username, datetime.now(UTC))
    except NotFound as missing:
        say(f"没有停用：{missing}")
        return REFUSED
    finally:
        engine.dispose()
    say(f"账号 {username} 已停用，结束了 {ended} 个登录。要恢复的，由流程管理员在“账号”页恢复。")
    return OPENED
