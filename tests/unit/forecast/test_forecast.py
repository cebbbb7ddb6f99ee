"""The forecast against what can be worked out by hand or by queueing theory."""

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from onevisit import forecast
from onevisit.catalog.folder import load_folder
from onevisit.catalog.published import Published
from onevisit.cli.main import app
from onevisit.definition.place import Hours
from onevisit.definition.service import Definition
from onevisit.engine import read_answers, select
from onevisit.engine.selection import Selection
from onevisit.forecast.assumptions import places, rate
from onevisit.forecast.office_time import OfficeTime, minutes_a_day
from onevisit.forecast.run import Concluded, Means, Queue
from unit.definition import small

ROOT = Path(__file__).parents[3]
MONDAY = date(2026, 3, 2)
MANY = {"desk": 99, "centre": 99, "market": 99, "window": 99}
SNACKS = {"area": "20", "night": "false", "kind": "snacks", "want_lamp": "false"}


@pytest.fixture(scope="module")
def stall() -> Definition:
    """A stall: the place first, then (needs) the food."""
    return small.definition()


@pytest.fixture(scope="module")
def opened() -> Published:
    """The shipped restaurant."""
    services = load_folder(ROOT).services
    return next(each for each in services if each.definition.workflow.id == "open_restaurant")


def chosen(definition: Definition, **changed: str) -> list[Selection]:
    answers, errors = read_answers(definition, SNACKS | changed)
    assert errors == []
    return [select(definition, answers)]


def calm(**changed: object) -> forecast.Assumptions:
    """Nothing is left to chance but when applications come in."""
    quiet = forecast.Assumptions(
        arrivals=2, staff=MANY, spread=0, correction=0, days=40, runs=1, seed=7
    )
    return replace(quiet, **changed)  # type: ignore[arg-type]


def minutes(definition: Definition, assumed: forecast.Assumptions, means: Means) -> set[float]:
    """How long the cases took, in minutes of office time."""
    [run] = forecast.simulate(definition, assumed, chosen(definition), MONDAY, means)
    assert run.cases
    return {round(case.ended - case.came, 6) for case in run.cases}


def test_where_nobody_waits_a_case_takes_its_work_and_no_more(stall: Definition) -> None:
    # taken in 15, place 40 + 10, food 40 + 10 (it needs the place), handed out 5
    assert minutes(stall, calm(), "parallel") == {120}
    # one after another each item is taken in by itself
    assert minutes(stall, calm(), "serial") == {135}


def test_who_has_to_supply_something_takes_longer_by_that_and_the_second_look(
    stall: Definition,
) -> None:
    [run] = forecast.simulate(stall, calm(correction=1.0), chosen(stall), MONDAY, "parallel")
    assert all(math.isclose(case.ended - case.came, 120 + 8 + case.excused) for case in run.cases)
    assert len({case.excused for case in run.cases}) == len(run.cases)


def test_waits_are_those_of_queueing_theory(stall: Definition) -> None:
    # Pollaczek–Khinchine for M/G/1: one clerk, lognormal work, 20 applications in 450 minutes
    assumed = calm(
        arrivals=20, staff=MANY | {"desk": 1}, spread=0.5, days=500, runs=2,
    )  # fmt: skip
    mean, square = 15 * math.exp(0.5**2 / 2), 15**2 * math.exp(2 * 0.5**2)
    arrivals = 20 / minutes_a_day(stall.jurisdiction.hours)
    expected = arrivals * square / (2 * (1 - arrivals * mean))
    runs = list(forecast.simulate(stall, assumed, chosen(stall), MONDAY, "parallel"))
    waits = [wait for run in runs for _, wait in run.queues["desk"].waits]
    assert sum(waits) / len(waits) == pytest.approx(expected, rel=0.1)


def test_the_same_seed_gives_the_same_and_another_another(stall: Definition) -> None:
    assumed = calm(spread=0.5, correction=0.3)

    def ended(assumed: forecast.Assumptions) -> list[float]:
        [run] = forecast.simulate(stall, assumed, chosen(stall), MONDAY, "parallel")
        return [case.ended for case in run.cases]

    assert ended(assumed) == ended(assumed)
    assert ended(assumed) != ended(replace(assumed, seed=8))


def test_both_ways_meet_the_same_applications(stall: Definition) -> None:
    assumed = calm(spread=0.5, correction=0.3)
    came = [
        [case.came for case in sorted(run.cases, key=lambda case: case.came)]
        for means in ("parallel", "serial")
        for run in forecast.simulate(stall, assumed, chosen(stall), MONDAY, means)
    ]
    assert came[0] == came[1]


def test_a_place_with_too_few_people_is_named(stall: Definition) -> None:
    assumed = calm(arrivals=12, staff=MANY | {"market": 1}, days=60)
    both = [
        list(forecast.simulate(stall, assumed, chosen(stall), MONDAY, means))
        for means in ("parallel", "serial")
    ]
    found = forecast.outcome(6, places(stall), *both)
    assert found.parallel.bottleneck == "market"
    assert found.parallel.places["market"].overloaded
    assert not found.parallel.places["centre"].overloaded
    assert not found.holds
    assert found.parallel.places["market"].use == pytest.approx(1, abs=0.05)


def test_two_officers_who_are_asked_for_are_both_at_work(opened: Published) -> None:
    restaurant = opened.definition
    raw = {"area": "400", "cooking": "true", "gathering": "true", "signboard": "false",
           "fire_pledge": "false", "want_tobacco": "false"}  # fmt: skip
    answers, _ = read_answers(restaurant, raw)
    selection = select(restaurant, answers)
    everybody = dict.fromkeys(places(restaurant), 9)
    quiet = calm(staff=everybody, days=60)
    [run] = forecast.simulate(restaurant, quiet, [selection], MONDAY, "parallel")
    fire = run.queues["fire_rescue"]
    cases = len(fire.waits) / 4  # handled, inspected, reviewed, decided
    # 40 + 20 + 10 minutes at a desk, 90 minutes of two officers; work after closing is not counted
    assert fire.worked == pytest.approx(cases * (70 + 2 * 90), rel=0.05)
    assert all(case.ended // run.length > case.came // run.length for case in run.cases)


@pytest.mark.parametrize(
    ("open_from", "close", "length"),
    [("09:00", "17:30", 450), ("09:00", "17:00", 480), ("08:30", "20:00", 480),
     ("09:00", "12:00", 180), (None, "17:30", 480)],
)  # fmt: skip
def test_how_long_a_day_is(open_from: str | None, close: str, length: int) -> None:
    assert minutes_a_day(Hours(open=open_from, close=close, basis="测试")) == length


def test_without_hours_a_day_is_eight_hours() -> None:
    assert minutes_a_day(None) == 480


def test_a_public_notice_runs_over_days_off(opened: Published) -> None:
    # from Wednesday 30 September 2026; National Day is off until Wednesday the 7th
    time = OfficeTime(opened.definition.calendar, date(2026, 9, 30), 480)
    # 7 natural days: last day is the 7th, so work goes on at opening of Thursday the 8th
    assert time.after_natural_days(100, 7) == 480
    # 10 natural days: last day is Saturday the 10th, a make-up working day; next is Monday the 12th
    assert time.after_natural_days(100, 10) == 4 * 480


def test_days_that_no_promise_counts_are_taken_off(stall: Definition) -> None:
    case = Concluded(came=100, ended=100 + 450 * 9, excused=450 * 4, waited={})
    queues = {name: Queue(1) for name in places(stall)}
    run = forecast.Observed([case], queues, 450, 40)
    found = forecast.outcome(5, places(stall), [run], [run])
    assert (found.parallel.median, found.parallel.elapsed) == (5, 9)
    assert found.holds and found.parallel.bottleneck is None


def test_nothing_concluded_is_told(stall: Definition) -> None:
    with pytest.raises(ValueError, match="--days"):
        forecast.outcome(5, places(stall), [], [])


@pytest.mark.parametrize(("text", "expected"), [("8/day", 8.0), ("40/week", 8.0), ("0.5", 0.5)])
def test_arrivals_as_typed(text: str, expected: float) -> None:
    assert rate(text) == expected


def test_fixed_answers_leave_the_situations_that_fit(opened: Published, stall: Definition) -> None:
    restaurant, figures = opened.definition, opened.report.figures
    whole = forecast.situations(restaurant, figures, {})
    some = forecast.situations(restaurant, figures, {"signboard": "false"})
    assert 1 < len(some) < len(whole)
    assert all("signboard" not in each.item_ids for each in some)
    with pytest.raises(ValueError, match="情形"):
        forecast.situations(restaurant, figures, {"area": "大"})
    assert len(forecast.situations(stall, None, {})) == 1


def run(*words: str) -> Result:
    start = ("--start", "2026-03-02", "--days", "20", "--runs", "1")
    return CliRunner().invoke(app, ["simulate", *words, *start])


def test_the_command_tells_whether_the_promise_holds_and_where_it_sticks() -> None:
    staffed = "desk=3,market_regulation=9,fire_rescue=6,urban_management=3,tobacco=4,health=6"
    enough = run("open_restaurant", "--arrivals", "4", "--staff", staffed)
    assert enough.exit_code == 0, enough.output
    assert "守得住" in enough.stdout and "串联" in enough.stdout
    short = run("open_restaurant", "--arrivals", "30/day", "--staff", "market_regulation=2")
    assert short.exit_code == 1
    assert "守不住" in short.stdout and "卡在" in short.stdout


def test_the_forecast_as_data_and_as_a_picture() -> None:
    data = json.loads(run("newborn", "--arrivals", "5", "--json").stdout)
    assert data["workflow"] == "newborn"
    assert data["assumed"]["seed"] == 1
    shares = sum(data["parallel"]["days"].values())
    assert shares == data["parallel"]["cases"] == data["serial"]["cases"]
    drawing = ElementTree.fromstring(run("newborn", "--arrivals", "5", "--svg").stdout)
    title = drawing.find("{http://www.w3.org/2000/svg}title")
    assert title is not None and "承诺" in (title.text or "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--arrivals", "many"), "8/day"),
        (("--arrivals", "0"), "大于 0"),
        (("--staff", "market_regulaton=3"), "market_regulation"),
        (("--staff", "desk"), "名称=数字"),
        (("--staff", "desk=0"), "1 到 999"),
        (("--work", "handel=3"), "handle"),
        (("--work", "handle=0"), "分钟"),
        (("--correction", "2"), "0 到 1"),
        (("--correction-days", "-1"), "小于 0"),
        (("--answers", "area=大"), "情形"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_can(options: tuple[str, ...], said: str) -> None:
    answer = run("open_restaurant", *options)
    assert answer.exit_code == 2
    assert said in answer.stderr
