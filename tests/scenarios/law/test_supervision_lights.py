"""效能监察: yellow at nine tenths of the promise, red past it, an order past the legal limit
(许可法第四十二条), and a light for results that are not delivered (第四十四条); once each.

The case is accepted on Monday 23 November 2026. Its licence is promised within one working day
(24 November) and due by law within three (26 November), its signboard promised within two
(25 November); the whole is promised within twelve: 24, 25, 26, 27 | 30, 1, 2, 3, 4 | 7, 8, 9
December.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from onevisit.cases import views
from onevisit.cases.deadlines import alerts
from onevisit.cases.dossier import load
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.documents import render
from onevisit.store import evidence
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Case, Document, Post
from onevisit.store.turn_tables import Pause
from onevisit.store.work_tables import Alert, Message
from only_for_tests import KEYRING
from scenarios.stage import ROOT, Stage

MORNING, EVENING = 1, 10
"""Nine o'clock and six o'clock in the city, as hours of UTC."""


@pytest.fixture
def city(stage: Stage) -> Stage:
    """The stage with a supervisor."""
    with writing(stage.engine) as session:
        account = Account(username="supervisor", name="演示督查员", password_hash="-")
        session.add(account)
        session.flush()
        session.add(Post(account_id=account.id, role="supervisor"))
    return stage


def sweep(stage: Stage, day: date, hour: int = MORNING) -> int:
    """One look at the lights at this hour; how many came on."""
    stage.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return alerts.run_due(partial(writing, stage.engine), stage.catalog, stage.files, stage.now)


def lit(stage: Stage, case_id: uuid.UUID, region: str) -> list[tuple[str, date]]:
    """The lights that have come on, in order."""
    with reading(stage.engine) as session:
        statement = select(Alert).where(Alert.case_id == case_id, Alert.region == region)
        rows = session.exec(statement.order_by(col(Alert.id))).all()
    return [(row.kind, row.due) for row in rows]


def told(stage: Stage, kind: str) -> set[str]:
    """The user names of those whom a kind of light was told, about the licence."""
    with reading(stage.engine) as session:
        statement = (
            select(Account.username)
            .join(Message, col(Message.account_id) == col(Account.id))
            .where(col(Message.key).like(f"alert/%/licence/{kind}/%"))
        )
        return set(session.exec(statement))


def test_each_light_comes_on_once_and_tells_the_right_people(city: Stage) -> None:
    case_id = city.accepted()
    assert sweep(city, date(2026, 11, 23)) == 0
    assert sweep(city, date(2026, 11, 24)) == 1
    assert sweep(city, date(2026, 11, 24)) == 0
    assert lit(city, case_id, "licence") == [("yellow", date(2026, 11, 24))]
    assert told(city, "yellow") == {"market_regulation.handler"}
    assert sweep(city, date(2026, 11, 24), EVENING) == 1  # closed on the last day of the promise
    assert lit(city, case_id, "licence")[1:] == [("red", date(2026, 11, 24))]
    assert told(city, "red") == {"market_regulation.handler", "market_regulation.head"}
    assert sweep(city, date(2026, 11, 26)) == 1  # the signboard's red one
    assert sweep(city, date(2026, 11, 26), EVENING) == 1
    assert lit(city, case_id, "licence")[2:] == [("supervision", date(2026, 11, 26))]
    assert told(city, "supervision") == {
        "market_regulation.handler", "market_regulation.head", "supervisor",
    }  # fmt: skip
    assert city.approvals(case_id)["licence"].alert_on is None
    assert sweep(city, date(2026, 11, 27)) == 0
    assert city.problems(case_id) == []


def test_every_light_is_in_the_ledger_as_nobody_s_act(city: Stage) -> None:
    case_id = city.accepted()
    sweep(city, date(2026, 11, 24))
    entry = city.ledger(case_id, "licence")[-1]
    assert (entry.act, entry.actor_id, entry.actor_role) == ("alert", None, "timer")
    assert entry.detail["kind"] == "yellow"
    assert entry.detail["text"] == "承诺时限最后一天为2026年11月24日，已接近用完"


def test_the_order_goes_from_the_centre_to_the_department_and_not_to_the_applicant(
    city: Stage,
) -> None:
    case_id = city.accepted()
    sweep(city, date(2026, 11, 27))
    orders = [each for each in city.documents(case_id) if each.kind == "supervision"]
    assert [each.region for each in orders] == ["licence"]
    assert orders[0].snapshot["authority"]["title"] == "示例市政务服务中心"
    assert orders[0].snapshot["letter"]["facts"][0]["value"] == "示例市市场监督管理局"
    assert render(orders[0].template, orders[0].snapshot, ROOT / "templates").startswith(b"%PDF")
    with city.looking("applicant") as ctx:
        kinds = {each.kind for each in views.progress(ctx, case_id).documents}
    assert "supervision" not in kinds
    with reading(city.engine) as session:
        applicants = select(Message).join(Account).where(Account.username == "applicant")
        assert not [row for row in session.exec(applicants) if row.kind == "supervision"]


def test_lights_missed_while_nobody_swept_come_on_at_the_worst_they_are(city: Stage) -> None:
    """No yellow light for what is late already."""
    case_id = city.accepted()
    assert sweep(city, date(2026, 11, 27)) == 3  # the signboard's too
    assert [kind for kind, _ in lit(city, case_id, "licence")] == ["red", "supervision"]


def test_what_is_decided_lights_nothing(city: Stage) -> None:
    case_id = city.accepted()
    city.approve(case_id, "licence")
    sweep(city, date(2026, 12, 1))
    assert lit(city, case_id, "licence") == []


def test_the_whole_case_has_lights_of_its_own(city: Stage) -> None:
    """Twelve working days: nine tenths (10.8) are used up with the eleventh, 8 December."""
    case_id = city.accepted()
    assert city.case(case_id).yellow_on == date(2026, 12, 8)
    sweep(city, date(2026, 12, 7))
    assert lit(city, case_id, "case") == []
    sweep(city, date(2026, 12, 8))
    assert lit(city, case_id, "case") == [("yellow", date(2026, 12, 9))]
    sweep(city, date(2026, 12, 10))
    assert lit(city, case_id, "case")[1:] == [("red", date(2026, 12, 9))]


def pause(stage: Stage, case_id: uuid.UUID, region: str, began: date, planned: date) -> None:
    """The promise of an item stands still, as its department's act would have it."""
    with stage.acting("clerk") as ctx:
        dossier = load(ctx, case_id, lock=True)
        row = Pause(
            case_id=case_id, region=region, kind="demo", title="演示暂停", reasons="演示",
            basis="虚构", stops_legal=False, stops_promise=True, began=began, planned=planned,
        )  # fmt: skip
        ctx.session.add(row)
        turn = Turn(ctx, dossier)
        turn.note("demo", "clerk", region)
        turn.vouch(lambda: evidence.of_row(row))
        turn.reckon(region)
        turn.save()


def test_no_light_comes_on_while_the_promise_stands_still_and_a_later_day_warns_again(
    city: Stage,
) -> None:
    """Five days for food: 24, 25, 26, 27 | 30 November; paused after the 27th through 2 December,
    the fifth is 3 December."""
    case_id = city.accepted()
    sweep(city, date(2026, 11, 27))
    pause(city, case_id, "food", date(2026, 11, 27), date(2026, 12, 2))
    assert city.approvals(case_id)["food"].promise_due == date(2026, 12, 3)
    sweep(city, date(2026, 12, 1))
    assert lit(city, case_id, "food") == []
    sweep(city, date(2026, 12, 3))
    assert lit(city, case_id, "food") == [("yellow", date(2026, 12, 3))]
    pause(city, case_id, "food", date(2026, 12, 2), date(2026, 12, 4))
    sweep(city, date(2026, 12, 4))
    assert len(lit(city, case_id, "food")) == 1  # it stands still today
    sweep(city, date(2026, 12, 7))
    assert lit(city, case_id, "food")[1:] == [("yellow", date(2026, 12, 7))]
    assert city.problems(case_id) == []


def test_results_that_are_not_delivered_in_ten_working_days_tell_the_window(city: Stage) -> None:
    """许可法第四十四条: decided on 23 November, the tenth working day is 7 December."""
    case_id = city.accepted()
    for region in ("licence", "food", "signboard", "tobacco"):
        city.approve(case_id, region)
    assert city.case(case_id).delivery_due == date(2026, 12, 7)
    sweep(city, date(2026, 12, 7))
    assert lit(city, case_id, "case") == []
    assert sweep(city, date(2026, 12, 7), EVENING) == 1
    assert lit(city, case_id, "case") == [("delivery", date(2026, 12, 7))]
    with reading(city.engine) as session:
        statement = select(Account.username).join(Message).where(Message.kind == "alert")
        assert set(session.exec(statement)) == {"window", "supervisor"}
    assert sweep(city, date(2026, 12, 8)) == 0
    assert city.problems(case_id) == []


def test_nothing_is_looked_at_twice_a_day_until_the_authority_closes(city: Stage) -> None:
    """On the last day itself a warned row is left alone, so that a sweep a second costs nothing."""
    case_id = city.accepted()
    sweep(city, date(2026, 11, 24))
    row = city.approvals(case_id)["licence"]
    assert row.alert_on == date(2026, 11, 24)
    with city.looking("clerk") as ctx:
        assert (case_id, "licence") not in alerts.waiting_approvals(ctx).rows
    city.now = datetime(2026, 11, 24, EVENING, tzinfo=UTC)
    with city.looking("clerk") as ctx:
        assert alerts.waiting_approvals(ctx).rows == [(case_id, "licence")]
    with writing(city.engine) as session:
        assert session.get_one(Case, case_id).state == "reviewing"
        assert session.exec(select(Document).where(Document.kind == "supervision")).all() == []


def test_two_nodes_that_sweep_at_once_light_each_once(city: Stage) -> None:
    """The row is locked while its lights come on; whoever is second finds them on."""
    cases = [city.accepted() for _ in range(3)]
    city.now = datetime(2026, 11, 27, MORNING, tzinfo=UTC)
    start = Barrier(2)

    def node(engine: Engine) -> int:
        catalog = Catalog(engine)
        start.wait()
        return alerts.run_due(partial(writing, engine), catalog, city.files, city.now)

    others = [
        engine_for(city.engine.url.render_as_string(hide_password=False), KEYRING) for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as pool:
        came_on = sum(pool.map(node, others))
    for engine in others:
        engine.dispose()
    assert came_on == 3 * len(cases)
    for case_id in cases:
        assert [kind for kind, _ in lit(city, case_id, "licence")] == ["red", "supervision"]
        papers = [each for each in city.documents(case_id) if each.kind == "supervision"]
        assert len(papers) == 1
        assert city.problems(case_id) == []
