"""Words that follow from codes: every code has one, and they say what the law calls it."""

from datetime import date
from typing import get_args

import pytest

from onevisit.cases import wording
from onevisit.cases.check import Status
from onevisit.definition.lifecycle import DocumentKind
from onevisit.definition.values import Limit
from onevisit.definition.workflow import Channel, Item, Material, Pickup, Route
from onevisit.store.numbers import KIND_MARKS


def literals(model: type[Material] | type[Route], name: str) -> set[str]:
    return set(get_args(model.model_fields[name].annotation))


def test_every_code_has_its_word() -> None:
    assert set(wording.CHANNELS) == set(get_args(Channel))
    assert set(wording.PICKUPS) == set(get_args(Pickup))
    assert set(wording.CHECKED) == set(get_args(Status))
    assert set(wording.SOURCES) == literals(Material, "source")
    assert set(wording.NEEDS) == literals(Material, "need")
    assert set(wording.ROUTES) == literals(Route, "kind")
    by_decision = {"approval", "rejection", "certificate"}
    assert set(wording.TITLES) | by_decision == set(get_args(DocumentKind))
    assert set(KIND_MARKS) == set(get_args(DocumentKind))
    assert len(set(KIND_MARKS.values())) == len(KIND_MARKS)


def item(category: str) -> Item:
    return Item(
        id="x", title="演示事项", department="d", category=category, basis=("b",),
        limit=Limit(days=20), promise=Limit(days=5),
        routes=(Route(kind="approval", steps=("handle",)),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("category", "route", "title", "result"),
    [
        ("01", "approval", "准予行政许可决定书", "准予行政许可。"),
        ("01", "pledge", "准予行政许可决定书", "准予行政许可（告知承诺）。"),
        ("01", "filing", "备案通知书", "予以备案。"),
        ("10", "approval", "办理结果通知书", "予以办理，核验通过。"),
    ],
)
def test_a_grant_is_called_what_it_is(category: str, route: str, title: str, result: str) -> None:
    assert wording.decision_title(item(category), route, granted=True) == title
    assert wording.decision_result(item(category), route, granted=True) == result


def test_a_refusal_is_called_what_it_is() -> None:
    titles = [
        wording.decision_title(item(category), route, granted=False)
        for category, route in (("01", "approval"), ("01", "filing"), ("10", "approval"))
    ]
    assert titles == ["不予行政许可决定书", "不予备案通知书", "不予办理通知书"]


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        (date(2026, 11, 21), 5, date(2031, 11, 20)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 28)),
        (date(2027, 1, 1), 3, date(2029, 12, 31)),
    ],
)
def test_years_later_is_the_last_day(start: date, years: int, end: date) -> None:
    assert wording.years_later(start, years) == end


def test_limits_in_words() -> None:
    assert wording.days(Limit(days=5)) == "5个工作日"
    assert wording.days(Limit(days=30, unit="natural")) == "30日"
    assert wording.days(Limit(days=0)) == "当场"


def test_identity_numbers_are_told_apart() -> None:
    assert wording.identity_type("91350100M000100Y43") == "统一社会信用代码"
    assert wording.identity_type("11010519491231002X") == "居民身份证"
