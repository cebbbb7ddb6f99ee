"""Accounts of those who work here, on both databases: what is opened, given, taken and found."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from databases import migrate
from onevisit.access import Actor, PostValue
from onevisit.cases.account import authenticate
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotPossible
from onevisit.cases.outbox.telling import holders
from onevisit.cases.staff import admit, appoint, changes, roster
from onevisit.cases.staff.appoint import Appointment, Person
from onevisit.cases.staff.first import open_admin
from onevisit.catalog.catalog import Catalog
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, writing
from onevisit.store.tables import Account
from only_for_tests import KEYRING

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 22)
DEPARTMENTS = ("fire", "tobacco")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    migrate(database_url)
    engine = engine_for(database_url, KEYRING)
    with writing(engine) as session:
        for number in (1, 2):
            open_admin(session, Person(f"admin{number}", f"演示管理员{number}"), NOW)
    yield engine
    engine.dispose()


def known(session: Session, username: str) -> Account:
    return session.exec(select(Account).where(Account.username == username)).one()


@contextmanager
def acting(engine: Engine, username: str) -> Iterator[Context]:
    with writing(engine) as session:
        account = known(session, username)
        actor = Actor(account.id, account.name, (PostValue("admin"),))
        yield Context(session, Catalog(engine), FileStore(Path()), actor, NOW)


def opened(ctx: Context, username: str, *posts: Appointment) -> tuple[Account, str]:
    person = Person(username, "演示人员", "0990-0000001", "demo@example.com")
    return appoint.open_account(ctx, person, posts, DEPARTMENTS, aware=False)


def test_opened_found_and_written_down(engine: Engine) -> None:
    with acting(engine, "admin1") as ctx:
        account, first = opened(ctx, "fire.one", Appointment("handler", "fire", None, TODAY))
        opened(ctx, "tobacco.one", Appointment("handler", "tobacco", TOMORROW))
        assert authenticate(ctx.session, "fire.one", first).right
        assert not authenticate(ctx.session, "fire.one", "").right
        found = roster.roster(ctx, "one", "open").members
        assert [each.username for each in found] == ["fire.one", "tobacco.one"]
        assert [post.when for each in found for post in each.posts] == ["now", "later"]
        in_fire = roster.roster(ctx, department="fire").members
        assert [each.username for each in in_fire] == ["fire.one"]
        assert holders(ctx, "handler", "fire") == [account.id]
        assert holders(ctx, "handler", "tobacco") == [], "from tomorrow on"
        told = changes.listed(ctx.session, account.id)
        assert [(each.act, each.who) for each in told] == [("open", "演示管理员1")]


def test_a_user_name_is_taken_once(engine: Engine) -> None:
    with acting(engine, "admin1") as ctx:
        opened(ctx, "fire.one")
    with pytest.raises(Invalid, match="已经有人使用"), acting(engine, "admin1") as ctx:
        opened(ctx, "fire.one")


def test_of_two_admins_one_stays(engine: Engine) -> None:
    with acting(engine, "admin1") as ctx:
        other = known(ctx.session, "admin2")
        appoint.appoint(
            ctx, other.id, [Appointment("admin", last_day=TOMORROW)], (), other.revision, aware=True
        )
    with pytest.raises(NotPossible, match="最后一位"), acting(engine, "admin2") as ctx:
        first = known(ctx.session, "admin1")
        admit.disable(ctx, first.id, first.revision)
    with acting(engine, "admin1") as ctx:
        other = known(ctx.session, "admin2")
        admit.disable(ctx, other.id, other.revision)
        assert known(ctx.session, "admin2").disabled
        admit.disable(ctx, other.id, other.revision)
        acts = [each.act for each in changes.listed(ctx.session, other.id)]
        assert acts == ["disable", "posts", "open"], "a second time is no change"
