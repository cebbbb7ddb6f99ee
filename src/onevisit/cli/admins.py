"""`onevisit admin USERNAME NAME`: opens an administrator's account for whoever runs the server."""

from datetime import UTC, datetime

from onevisit.cases.errors import Invalid
from onevisit.cases.staff.appoint import Person
from onevisit.cases.staff.first import open_admin
from onevisit.cases.staff.password import FIRST_DAYS
from onevisit.cli.serving import say
from onevisit.settings import Settings
from onevisit.store.migrate import is_current
from onevisit.store.session import engine_for, writing

OPENED, REFUSED = 0, 1


def run(username: str, name: str) -> int:
    """Opens the account and prints its first password once; 1 when it cannot be opened."""
    engine = engine_for(Settings().prepared().database_url)
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
