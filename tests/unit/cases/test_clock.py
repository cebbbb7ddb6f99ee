"""Which pauses stop which clock, and when the light turns yellow."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from onevisit import engine
from onevisit.cases.clock import both, first_dues, share, yellow_on
from onevisit.cases.dossier import Dossier
from onevisit.definition.values import Limit
from onevisit.engine.clocks import run
from onevisit.store.tables import Account, Case
from onevisit.store.turn_tables import Extension, Pause
from proof.mutated import parsed

START = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DEFINITION = parsed()
SELECTION = engine.everything(DEFINITION)
PART = SELECTION.parts[0].key


def dossier() -> Dossier:
    """A case of which only the definition matters."""
    who = Account(username="a", name="演示", password_hash="-")
    case = Case(
        workflow_id="w", version_hash="h", state="reviewing", applicant_id=who.id,
        channel="online", created_at=NOW,
    )  # fmt: skip
    chart = engine.compile_chart(DEFINITION, SELECTION)
    return Dossier(case, {}, who, None, DEFINITION, SELECTION, chart)


DOSSIER = dossier()


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    """A pause within a hundred days of the start, ended early or not."""
    began = START + timedelta(draw(st.integers(0, 70)))
    planned = began + timedelta(draw(st.integers(0, 30)))
    ended = draw(st.none() | st.integers(0, 40).map(lambda days: began + timedelta(days)))
    return Pause(
        case_id=uuid4(), region=PART, kind="k", title="演示", reasons="演示", basis="虚构",
        stops_legal=draw(st.booleans()), stops_promise=draw(st.booleans()),
        began=began, planned=planned, ended=ended,
    )  # fmt: skip


@settings(deadline=None)
@given(st.lists(pauses(), max_size=4))
def test_pauses_outside_article_45_never_lengthen_the_legal_clock(found: list[Pause]) -> None:
    """许可法第四十五条: only its procedures stop the law's clock; each clock has its own pauses."""
    clocks = both(DOSSIER, PART, START, found, ())
    legal = both(DOSSIER, PART, START, [each for each in found if each.stops_legal], ())
    promise = both(DOSSIER, PART, START, [each for each in found if each.stops_promise], ())
    assert clocks.legal.due == legal.legal.due
    assert clocks.promise.due == promise.promise.due
    if not any(each.stops_legal for each in found):
        assert clocks.legal.due == both(DOSSIER, PART, START, (), ()).legal.due


@settings(deadline=None)
@given(st.lists(pauses(), max_size=4))
def test_a_pause_lasts_no_longer_than_it_was_planned(found: list[Pause]) -> None:
    """One that was ended late, or never, stops the clock until the planned day alone."""
    late = [
        Pause(**{**each.model_dump(), "ended": None})
        for each in found
        if each.ended is not None and each.ended >= each.planned
    ]
    kept = [each for each in found if each.ended is None or each.ended < each.planned]
    assert (
        both(DOSSIER, PART, START, found, ()).promise.due
        == both(DOSSIER, PART, START, [*kept, *late], ()).promise.due
    )


def test_an_extension_lengthens_the_law_s_clock_and_not_the_promise() -> None:
    """许可法第四十二条."""
    granted = Extension(
        case_id=uuid4(), region=PART, state="granted", days=10, reasons="复杂", basis="虚构",
        asked_by=uuid4(), asked_at=NOW,
    )  # fmt: skip
    plain, longer = both(DOSSIER, PART, START, (), ()), both(DOSSIER, PART, START, (), [granted])
    assert longer.legal.whole == plain.legal.whole + 10
    assert longer.legal.due > plain.legal.due
    assert longer.promise == plain.promise


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(10, 99))
def test_yellow_comes_on_with_the_first_day_that_uses_the_share(days: int, percent: int) -> None:
    """Exactly: of ten days nine tenths are nine, and no rounding makes them ten."""
    clock = run(DEFINITION.calendar, START, Limit(days=days))
    first = next(
        each.day
        for each in clock.days
        if each.number is not None and Fraction(each.number, days) >= Fraction(percent, 100)
    )
    assert yellow_on(clock, percent / 100) == first


def test_what_is_done_on_the_spot_is_yellow_on_its_day() -> None:
    clock = run(DEFINITION.calendar, START, Limit(days=0))
    assert yellow_on(clock, 0.9) == START


def test_a_place_without_a_share_warns_at_nine_tenths() -> None:
    place = DEFINITION.jurisdiction.model_copy(update={"supervision": None})
    assert share(place) == 0.9


def test_clocks_start_with_all_their_last_days() -> None:
    columns = first_dues(DOSSIER, PART, START)
    assert columns["clock_from"] == START
    assert columns["alert_on"] == columns["yellow_on"] <= columns["promise_due"]
