"""The explanation of clocks as people meet it: on pages, by command; lights on the watch page."""

import json
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from functional.city import City
from onevisit.cases.deadlines import alerts
from onevisit.cases.dossier import load
from onevisit.cases.turn import Turn
from onevisit.cli.main import app
from onevisit.store import evidence
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Extension, Pause
from onevisit.store.work_tables import Alert

SECRETS = ("演示申请人甲", "示例市演示小馆", "19900000000", "990000199001019011", "演示员工甲")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def at_home(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    """The city as the settings of the command name it."""
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)
    return city


def held_up(city: City) -> UUID:
    """An accepted case whose food item stood still for an inspection and was extended."""
    case_id = city.accepted()
    with city.acting("market_regulation.head") as ctx:
        dossier = load(ctx, case_id, lock=True)
        start = dossier.approvals["food"].clock_from
        assert start is not None
        pause = Pause(
            case_id=case_id, region="food", kind="inspection", title="检验、检测",
            reasons="餐具送检", basis="行政许可法第四十五条", stops_legal=True, stops_promise=True,
            began=start, planned=start + timedelta(7),
        )  # fmt: skip
        extension = Extension(
            case_id=case_id, region="food", state="granted", days=10, reasons="需要复检",
            basis="行政许可法第四十二条第一款", asked_by=ctx.actor.id, asked_at=ctx.now,
            decided_by=ctx.actor.id, decided_at=ctx.now,
        )  # fmt: skip
        ctx.session.add_all([pause, extension])
        turn = Turn(ctx, dossier)
        turn.note("demo", "head", "food")
        turn.vouch(lambda: evidence.of_row(pause) | evidence.of_row(extension))
        turn.reckon("food")
        turn.save()
    return case_id


def lit(city: City, days: int) -> int:
    """So many days later, one look at the lights, and what is open counted."""
    now = datetime.now(UTC) + timedelta(days)
    files = FileStore(city.settings.files)
    found = alerts.run_due(partial(writing, city.engine), city.catalog, files, now)
    city.counted(now)
    return found


def test_every_day_of_both_limits_is_on_the_page_with_its_articles(city: City) -> None:
    """浙江规定第十二条: both limits are shown."""
    case_id = held_up(city)
    page = city.client("market_regulation.handler").get(
        f"/office/{city.approval(case_id, 'food').id}/clock"
    )
    assert page.status_code == 200
    for words in (
        "承诺时限", "法定时限", "民法典第二百零一条第一款", "民法典第二百零三条第二款",
        "行政许可法第八十二条", "行政许可法第四十五条", "检验、检测：餐具送检", "需要复检",
        "演示head批准", "17:30",
    ):  # fmt: skip
        assert words in page.text, words
    days = re.findall(r"<td class=\"ov-figure\">(\d+)</td>", page.text)
    assert [int(each) for each in days] == [*range(1, 6), *range(1, 31)]  # 5 promised, 20 + 10
    assert "户外招牌" not in page.text  # another department's


@pytest.mark.parametrize(
    ("who", "address"),
    [("applicant", "/my/{}/clock"), ("clerk", "/desk/{}/clock"), ("supervisor", "/watch/{}/clock")],
)
def test_the_whole_case_is_explained_without_personal_data(
    city: City, who: str, address: str
) -> None:
    case_id = held_up(city)
    page = city.client(who).get(address.format(case_id))
    assert page.status_code == 200
    for words in ("整件", "食品经营许可", "户外招牌", "其他期限", "受理或者一次告知补正"):
        assert words in page.text
    body = page.text.partition("<main")[2]
    assert not [secret for secret in SECRETS if secret in body]


def test_the_pages_of_a_case_lead_to_its_explanation(city: City) -> None:
    case_id = city.accepted()
    approval_id = city.approval(case_id, "food").id
    for who, address in (
        ("applicant", f"/my/{case_id}"),
        ("clerk", f"/desk/{case_id}"),
        ("market_regulation.handler", f"/office/{approval_id}"),
    ):
        assert f'href="{address}/clock"' in city.client(who).get(address).text


def test_a_case_in_its_first_state_has_a_last_day_to_answer_and_no_clock_yet(city: City) -> None:
    case_id = city.submitted()
    page = city.client("applicant").get(f"/my/{case_id}/clock").text
    assert "还没有开始计时" in page
    assert "受理或者一次告知补正" in page
    draft = city.filled()
    assert city.client("applicant").get(f"/my/{draft}/clock").status_code == 404


def test_supervisors_see_the_worst_light_of_each_item_and_the_order(city: City) -> None:
    case_id = city.accepted()
    watch = city.client("supervisor")
    city.counted()
    assert "没有亮着的督办" in watch.get("/watch").text
    assert lit(city, 24) >= 3
    page = watch.get("/watch").text
    assert str(city.case(case_id).number) in page
    assert "营业执照信息核验" in page
    assert "示例市市场监督管理局" in page
    assert "还没有说明" in page
    assert "户外招牌" not in page  # its light is red
    assert not [secret for secret in SECRETS if secret in page]
    red = watch.get("/watch?kind=red").text
    assert "户外招牌" in red
    assert "营业执照信息核验" not in red
    order = re.search(r"/documents/[0-9a-f-]{36}", page)
    assert order is not None
    assert watch.get(order[0]).headers["content-type"] == "application/pdf"
    assert city.client("applicant").get(order[0]).status_code == 404
    with writing(city.engine) as session:
        for alert in session.exec(select(Alert).where(Alert.kind == "red")):
            alert.reasons = "检测设备故障"
    assert "检测设备故障" in watch.get("/watch").text  # under the worse light too
    assert watch.get("/watch?kind=red&after=nonsense", follow_redirects=False).status_code == 303
    assert "没有亮着的超期未送达" in watch.get("/watch?kind=delivery").text


def test_lights_go_out_when_the_item_is_decided(city: City) -> None:
    case_id = city.accepted()
    lit(city, 24)
    city.approve(case_id, "licence")
    assert "营业执照信息核验" not in city.client("supervisor").get("/watch").text
    with reading(city.engine) as session:
        assert session.exec(select(Document).where(Document.kind == "supervision")).all()


def test_the_command_explains_a_case_by_number_and_by_id(at_home: City) -> None:
    case_id = held_up(at_home)
    number = str(at_home.case(case_id).number)
    text = run("explain", number).stdout
    assert text == run("explain", str(case_id)).stdout
    for words in (
        "整件",
        "承诺时限",
        "法定时限 20个工作日，延长10个工作日",
        "其他期限",
        "最后一天",
    ):
        assert words in text
    item = run("explain", number, "food").stdout
    assert "整件" not in item
    english = run("explain", number, "food", "--lang", "en").stdout
    assert "legal limit" in english
    assert "first day, not counted" in english
    assert "extended by 10 days" in english


def test_the_command_s_json_holds_every_day(at_home: City) -> None:
    case_id = held_up(at_home)
    found = json.loads(run("explain", str(case_id), "food", "--json").stdout)
    promise, legal = found["clocks"]
    assert (promise["kind"], promise["days"], legal["days"]) == ("promise", 5, 20)
    assert [each["number"] for each in legal["counted"] if each["number"]] == list(range(1, 31))
    assert legal["counted"][0]["why"] == "first"
    assert legal["counted"][-1]["day"] == legal["due"]
    assert legal["extensions"][0]["by"] == "演示head"
    assert {each["why"] for each in promise["counted"]} >= {"paused", "counted"}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("990000-20260101-000001-0",), "没有编号或者标识为"),
        (("00000000-0000-0000-0000-000000000001",), "没有编号或者标识为"),
        (("{case}", "fod"), "是否想写“food”"),
        (("{case}", "zzzzzzzz"), "可选：case、"),
    ],
)
def test_what_the_command_does_not_know_it_says(
    at_home: City, words: tuple[str, ...], hint: str
) -> None:
    case_id = str(at_home.accepted())
    answer = run("explain", *(each.format(case=case_id) for each in words))
    assert answer.exit_code == 2
    assert hint in answer.stderr


def test_publishing_another_calendar_prints_what_moved(at_home: City, tmp_path: Path) -> None:
    case_id = at_home.accepted()
    root = tmp_path / "root"
    for name in ("workflows", "forms", "templates"):
        shutil.copytree(at_home.settings.home / name, root / name)
    assert "时限变动" not in run("publish", "--root", str(root)).stdout
    row = at_home.case(case_id)
    assert row.clock_from is not None and row.promise_due is not None
    first = next(
        day
        for day in (row.clock_from + timedelta(number) for number in range(1, 8))
        if day.weekday() < 5
    )
    path = root / "workflows/calendars/cn.yaml"
    text = path.read_text("utf-8")
    if f"  - {first}\n" in text:
        pytest.skip("the first weekday after today is a holiday already")
    path.write_text(text.replace("holidays:\n", f"holidays:\n  - {first}\n"), "utf-8")
    told = run("publish", "--root", str(root)).stdout
    assert re.search(r"1 件办件、\d+ 个时限变动", told)
    after = at_home.case(case_id).promise_due
    assert f"{row.number}  承诺时限  {row.promise_due} → {after}" in told
    assert after is not None and after > row.promise_due


def test_the_days_of_an_announced_year_are_those_of_the_file() -> None:
    shipped = Path("workflows/calendars/cn.yaml")
    text = (Path(__file__).resolve().parents[2] / shipped).read_text("utf-8")
    for year in (2024, 2025, 2026):
        answer = run("calendar", str(year))
        assert answer.exit_code == 0
        printed = set(re.findall(r"^  - (\S+)$", answer.stdout, re.MULTILINE))
        assert printed == set(re.findall(rf"^  - ({year}\S+)$", text, re.MULTILINE))
        assert f"{year}-12-31" in answer.stdout


def test_a_year_that_is_not_announced_is_said_not_to_be_known() -> None:
    answer = run("calendar", str(date.max.year // 4))  # 2499
    assert answer.exit_code == 1
    assert "还不知道 2499 年的放假安排" in answer.stderr
    assert answer.stdout == ""
