"""The supervisors' pages: today, where lights are on, why, and a case without its person."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from functional.city import City
from functional.test_clock_pages import SECRETS, held_up, lit
from onevisit.cases import figures
from onevisit.store.figure_tables import CountedDay, Figure
from onevisit.store.files import FileStore
from onevisit.store.session import writing


@contextmanager
def statements(city: City) -> Iterator[list[str]]:
    """What is asked of the application's database meanwhile."""
    said: list[str] = []

    def note(*args: Any) -> None:
        said.append(args[2])

    engine = city.app.state.site.engine
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def test_todays_numbers_and_the_matrix(city: City) -> None:
    city.accepted()
    supervisor = city.client("supervisor")
    assert "还没有数过在办的件" in supervisor.get("/watch").text
    city.counted()
    page = supervisor.get("/watch").text
    assert "截至" in page and "数字停住了" not in page
    for label, number in (("收件", 1), ("受理", 1), ("办结", 0), ("差评", 0)):
        assert re.search(rf'<dt>{label}</dt><dd><span class="ov-num">{number}</span>', page), label
    assert "正常" in page and re.search(r"在办 \d", page)
    assert "城管" in page


def test_a_count_that_stopped_is_said_to_be_old(city: City) -> None:
    city.accepted()
    city.counted(datetime.now(UTC) - timedelta(minutes=9))
    page = city.client("supervisor").get("/watch").text
    assert "数字停住了" in page and re.search(r"在办 \d", page)


def test_a_light_leads_to_its_list_and_tells_its_cause(city: City) -> None:
    case_id = city.accepted()
    lit(city, 24)
    watch = city.client("supervisor")
    page = watch.get("/watch").text
    links = re.findall(r'href="(/watch\?kind=red[^"#]*)#lights"', page)
    urban = [each for each in links if "urban_management" in each]
    assert len(urban) == 1
    listed = watch.get(urban[0].replace("&amp;", "&")).text
    assert "户外招牌" in listed and "城管 承办" in listed and "没有暂停" in listed
    assert f'href="/watch/{case_id}"' in listed
    other = watch.get("/watch?kind=red&department=tobacco").text
    assert "没有亮着的红灯" in other
    whole = watch.get("/watch?kind=red&department=case").text
    assert "户外招牌" not in whole.partition('id="lights"')[2]


def test_a_pause_that_stands_is_named(city: City) -> None:
    case_id = held_up(city)
    page = city.client("supervisor").get(f"/watch/{case_id}").text
    assert "暂停：检验、检测" in page


def test_a_watched_case_is_time_and_duty_without_the_person(city: City) -> None:
    case_id = city.accepted()
    city.act(case_id, "signboard", "forward")
    page = city.client("supervisor").get(f"/watch/{case_id}")
    assert page.status_code == 200
    for said in (
        "演示综窗员",
        "演示handler",
        "申请人",
        "市场监管 承办",
        "城管 决定",
        "户外招牌设置许可",
    ):
        assert said in page.text, said
    body = page.text.partition("<main")[2]
    assert not [secret for secret in SECRETS if secret in body]
    assert "材料齐全" not in body  # what an officer wrote is not about time
    draft = city.filled()
    assert city.client("supervisor").get(f"/watch/{draft}").status_code == 404


def test_no_more_is_asked_of_the_database_for_more_lights(city: City) -> None:
    city.accepted()
    lit(city, 24)
    watch = city.client("supervisor")
    watch.get("/watch")
    with statements(city) as one:
        watch.get("/watch?kind=red")
    for _ in range(2):
        city._accept()
    lit(city, 24)
    with statements(city) as three:
        page = watch.get("/watch?kind=red").text
    assert page.count('role="rowheader"') >= 3
    assert len(three) == len(one)


def test_the_last_weeks_are_a_chart_and_a_table_of_the_same_numbers(city: City) -> None:
    city.accepted()
    now = datetime.now(UTC)
    with writing(city.engine) as session:
        for back, number in ((3, 8), (2, 16)):
            day = (now - timedelta(days=back)).date()
            session.add(
                CountedDay(day=day, counted_at=now, submitted=number, accepted=7, decided=5, late=1)
            )
    page = city.client("supervisor").get("/watch").text
    heights = [
        float(each) for each in re.findall(r'class="ov-series-0" x="[^>]*height="([\d.]+)%"', page)
    ]
    assert len(heights) == 2 and heights[1] == pytest.approx(2 * heights[0], abs=0.02)
    table = page.partition('id="trend"')[2]
    assert '<td class="ov-figure">16</td>' in table and '<td class="ov-figure">8</td>' in table


def test_open_statistics_are_empty_then_suppressed_then_told(city: City) -> None:
    city.accepted()
    stranger = TestClient(city.app)
    assert "还没有统计数据" in stranger.get("/statistics").text
    files, later = FileStore(city.settings.files), datetime.now(UTC) + timedelta(days=2)
    figures.run_due(partial(writing, city.engine), city.catalog, files, later)
    page = stranger.get("/statistics").text
    assert "少于5" in page and "开办餐饮店" in page
    month = datetime.now(UTC).date().replace(day=1)
    with writing(city.engine) as session:
        rows = {("submitted", 0): 40, ("used", 3): 30, ("used", 9): 10, ("kept", 1): 39,
                ("kept", 0): 1, ("saved", 5): 40, ("grade", 5): 19, ("grade", 1): 1}  # fmt: skip
        for (measure, value), cases in rows.items():
            session.add(
                Figure(
                    month=month, measure=measure, workflow_id="newborn", value=value, cases=cases
                )
            )
    page = stranger.get("/statistics").text
    row = page.partition('href="/services/newborn"')[2].partition("</tr>")[0]
    told = re.findall(r'data-label="(\w+)">(.*?)</td>', row)
    assert dict(told) == {
        "收件": '<span class="ov-soft">不公开</span>',  # else the one case beside could be told
         "办出": "40", "承诺": "7 天", "一半在几天内": "3 天", "九成在几天内": "9 天",
        "按时": "97%", "至少少跑": "200 次", "满意": "95%",
    }  # fmt: skip
    assert "非常不满意" in page
