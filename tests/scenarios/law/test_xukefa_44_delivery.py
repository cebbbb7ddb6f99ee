"""许可法第四十四条: the results are delivered within ten working days of the decision."""

from datetime import date

import pytest
from sqlmodel import select

from onevisit.cases.dossier import load
from onevisit.cases.views.clock import my_clock
from onevisit.cases.views.standing import standing
from onevisit.cases.views.window import window_ready
from onevisit.store.session import reading
from onevisit.store.work_tables import Alert
from scenarios.law import stall
from scenarios.stage import Stage

DUES = [
    # decided on, delivered by
    # Fri 13 Feb 2026: Sat 14 make-up (1), 16–23 Feb off, 24…27 (5), Sat 28 make-up (6),
    # Mar 2…5 (10)
    ("2026-02-13", "2026-03-05"),
    # Thu 25 Sep 2025: 26 (1), Sun 28 make-up (2), 29, 30 (4), Oct 1–8 off, 9, 10 (6), Sat 11
    # make-up (7), 13, 14, 15 (10)
    ("2025-09-25", "2025-10-15"),
    # Mon 9 Mar 2026: 10…13 (4), 16…20 (9), 23 (10)
    ("2026-03-09", "2026-03-23"),
]


@pytest.mark.parametrize(("decided", "due"), DUES)
def test_44_ten_working_days_from_the_last_decision(market: Stage, decided: str, due: str) -> None:
    stall.at(market, decided)
    case_id = stall.decided(market)
    found = market.case(case_id).delivery_due
    assert found is not None
    assert found.isoformat() == due


def test_44_the_window_sees_the_first_due_at_the_top_and_its_light(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    first = stall.decided(market)
    stall.at(market, "2026-02-26")
    second = stall.decided(market)  # due: 27, Sat 28 (2), Mar 2…6 (7), 9, 10, 11 (10)
    seen = {}
    for day in ("2026-02-27", "2026-03-04", "2026-03-05", "2026-03-06"):
        stall.at(market, day)
        with market.looking("window") as ctx:
            rows = window_ready(ctx).rows
        assert [row.id for row in rows] == [first, second]
        seen[day] = rows[0].light
    # nine of ten days used on 4 March; the last day is the 5th, late once it is over
    assert seen == {
        "2026-02-27": "ok", "2026-03-04": "soon", "2026-03-05": "soon", "2026-03-06": "late",
    }  # fmt: skip
    assert rows[1].due is not None
    assert rows[1].due.day == date(2026, 3, 11)


def test_44_the_applicant_reads_it_and_it_is_explained(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    with market.looking("applicant") as ctx:
        lines = [line.text for line in standing(ctx, load(ctx, case_id))]
        told = [each for each in my_clock(ctx, case_id).deadlines if each.title == "送达结果"]
    assert "全部结果应于2026年3月5日前送达（行政许可法第四十四条）" in lines
    assert [(each.start, each.due, each.basis) for each in told] == [
        (date(2026, 2, 13), date(2026, 3, 5), "行政许可法第四十四条")
    ]


def test_44_what_lies_too_long_is_alerted_once(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    late, collected = stall.decided(market), stall.decided(market)
    stall.handed_out(market, collected)
    stall.at(market, "2026-03-05", hour=17)
    stall.sweep(market)
    assert _alerts(market) == []
    stall.at(market, "2026-03-06", hour=9)
    stall.sweep(market)
    stall.sweep(market)
    assert _alerts(market) == [late]
    stall.handed_out(market, late)
    assert market.problems(late) == []


def _alerts(market: Stage) -> list[object]:
    with reading(market.engine) as session:
        return list(session.exec(select(Alert.case_id).where(Alert.kind == "delivery")))
