"""A stranger finds a service, reads its guide, tracks a case and reads the statistics; somebody of
the supervision follows a light to its cause."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlmodel import select

from browser.conftest import Person
from functional import city as cities
from functional.city import PASSWORD, City
from onevisit.cases import figures
from onevisit.cases.deadlines import alerts
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.drive import running
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case

SHOTS = os.environ.get("ONEVISIT_SHOTS")
PHONE = "19912345678"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city in which one case is late and a day has been counted."""
    home = tmp_path_factory.mktemp("public")
    city = cities.prepare(home).copied(home / "own")
    city.accepted()
    with writing(city.engine) as session:
        owner = session.exec(select(Account).where(Account.username == "applicant")).one()
        owner.phone = PHONE
    files, later = FileStore(city.settings.files), datetime.now(UTC) + timedelta(days=24)
    alerts.run_due(partial(writing, city.engine), city.catalog, files, later)
    figures.run_due(partial(writing, city.engine), city.catalog, files, later)
    city.counted(later)
    return city


@pytest.fixture(scope="module")
def address(city: City) -> Iterator[str]:
    """The running server."""
    with running(Demo(city.settings, ())) as address:
        yield address


@pytest.fixture
def someone(chromium: Browser, address: str) -> Iterator[Person]:
    """A person with a browser of their own."""
    person = Person(chromium, address, Path(SHOTS) if SHOTS else None)
    yield person
    person.context.close()


def narrow(person: Person) -> None:
    """The present page on a small phone: nothing sticks out."""
    person.page.set_viewport_size({"width": 360, "height": 740})
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 360
    person.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_stranger_finds_reads_and_tracks(someone: Person, city: City) -> None:
    page = someone.page
    page.goto("/")
    someone.accessible()
    narrow(someone)
    page.get_by_role("navigation", name="按事情找").get_by_role("link", name="开办").click()
    expect(page.get_by_role("status")).to_contain_text("2 项服务")
    page.get_by_role("link", name="开办餐饮店").click()
    expect(page.get_by_role("img", name="并联办理")).to_be_visible()
    expect(page.get_by_role("row", name="减跑动 原来 6 次")).to_be_visible()
    someone.accessible()
    narrow(someone)
    someone.shot("guide")
    page.get_by_role("link", name="进度查询").click()
    with reading(city.engine) as session:
        number = str(session.exec(select(Case.number)).one())
    page.get_by_label("办件编号").fill(number.replace("-", ""))
    page.get_by_label("手机号码后四位").fill("0000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("对不上")
    someone.accessible()
    page.get_by_label("手机号码后四位").fill(PHONE[-4:])
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("正在办理：示例市")
    expect(page.get_by_text("演示申请人甲")).to_have_count(0)
    someone.accessible()
    narrow(someone)
    someone.shot("tracked")
    page.goto("/statistics")
    expect(page.get_by_role("cell", name="少于5").first).to_be_visible()
    someone.accessible()
    narrow(someone)
    someone.shot("statistics")


def test_a_light_leads_to_its_cause(someone: Person) -> None:
    someone.sign_in("supervisor", PASSWORD)
    page = someone.page
    page.goto("/watch")
    someone.accessible()
    narrow(someone)
    someone.shot("watch")
    matrix = page.get_by_role("region", name="哪里亮灯")
    matrix.get_by_role("link", name="红 ").first.click()
    expect(page).to_have_url(re.compile("kind=red&department=[a-z_]+&service="))
    page.get_by_role("region", name="红灯").get_by_role("link", name="990000-").first.click()
    expect(page.get_by_role("heading", name="留痕")).to_be_visible()
    expect(page.get_by_text("演示申请人甲")).to_have_count(0)
    someone.accessible()
    narrow(someone)
    page.get_by_role("link", name="看时限是怎样算的").click()
    expect(page.get_by_role("heading", name="时限是怎样算的")).to_be_visible()
