"""What must hold of every clock, whatever the calendar, the limit, the pauses and extensions."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from onevisit.definition.place import Calendar
from onevisit.definition.values import Limit
from onevisit.engine.clocks import Extra, Stop, add_working_days, due, is_working_day, run

FIRST = date(2025, 1, 1)
DAYS = st.integers(0, 500).map(lambda number: FIRST + timedelta(number))
ONE = timedelta(days=1)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any holidays and make-up days within two years."""
    holidays = draw(st.sets(DAYS, max_size=40))
    workdays = draw(st.sets(DAYS, max_size=20)) - holidays
    return Calendar(
        id="any", title="任意", first=FIRST, last=FIRST + timedelta(730), source="虚构",
        holidays=tuple(sorted(day for day in holidays if day.weekday() < 5)),
        workdays=tuple(sorted(day for day in workdays if day.weekday() >= 5)),
    )  # fmt: skip


@st.composite
def stops(draw: st.DrawFn) -> Stop:
    """A pause of up to thirty days."""
    began = draw(DAYS)
    last = began + timedelta(draw(st.integers(0, 30)))
    return Stop("演示", began, last, "演示", "虚构")


LIMITS = st.builds(Limit, days=st.integers(0, 60), unit=st.sampled_from(["working", "natural"]))
PAUSES = st.lists(stops(), max_size=4)
EXTRAS = st.lists(st.integers(1, 15).map(lambda days: Extra(days, "演示", "虚构")), max_size=2)


def brute(
    calendar: Calendar, start: date, limit: Limit, pauses: Sequence[Stop], whole: int
) -> date:
    """The last day, found otherwise: by listing every day that could count and taking the n-th."""
    still = {
        pause.began + timedelta(number)
        for pause in pauses
        for number in range(1, (pause.last - pause.began).days + 1)
    }
    made_up, off = set(calendar.workdays), set(calendar.holidays)
    ahead = [start + timedelta(number) for number in range(1, 500)]
    worked = {
        day
        for day in [start, *ahead]
        if day in made_up or (day.isoweekday() <= 5 and day not in off)
    }
    counting = [
        day for day in ahead if day not in still and (limit.unit == "natural" or day in worked)
    ]
    last = counting[whole - 1] if whole else start
    return min(day for day in [start, *ahead] if day >= last and day in worked)


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS, PAUSES, EXTRAS)
def test_the_last_day_is_what_counting_otherwise_finds(
    calendar: Calendar, start: date, limit: Limit, pauses: list[Stop], extras: list[Extra]
) -> None:
    clock = run(calendar, start, limit, pauses, extras)
    assert clock.due == brute(calendar, start, limit, pauses, clock.whole)


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS)
def test_without_pauses_all_ways_of_counting_agree(
    calendar: Calendar, start: date, limit: Limit
) -> None:
    clock = run(calendar, start, limit)
    assert clock.due == due(calendar, start, limit)
    if limit.unit == "working":
        assert clock.due == add_working_days(calendar, start, limit.days)


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS, PAUSES, EXTRAS)
def test_every_day_is_there_once_and_counted_in_order(
    calendar: Calendar, start: date, limit: Limit, pauses: list[Stop], extras: list[Extra]
) -> None:
    clock = run(calendar, start, limit, pauses, extras)
    days = [each.day for each in clock.days]
    assert days == [start + timedelta(number) for number in range(len(days))]
    numbers = [each.number for each in clock.days if each.number is not None]
    assert numbers == list(range(1, clock.whole + 1))
    assert clock.days[0].why == "first"  # 民法典第二百零一条: the first day does not count
    assert clock.days[0].number is None
    assert is_working_day(calendar, clock.due)  # 民法典第二百零三条: never on a day off
    for each in clock.days[1:]:
        assert (each.why == "paused") == (each.stop is not None)
        if each.number is not None:
            assert each.why in {"counted", "make_up", "weekend", "holiday"}
            assert limit.unit == "natural" or is_working_day(calendar, each.day)


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS, PAUSES, EXTRAS, DAYS)
def test_what_is_left_is_never_negative_and_adds_up(
    calendar: Calendar,
    start: date,
    limit: Limit,
    pauses: list[Stop],
    extras: list[Extra],
    today: date,
) -> None:
    clock = run(calendar, start, limit, pauses, extras)
    assert clock.left(today) >= 0
    assert clock.used(today) + clock.left(today) == clock.whole
    assert clock.left(clock.due) == 0
    assert clock.left(start - ONE) == clock.whole
    assert clock.left(today + ONE) <= clock.left(today)
    if start <= today < clock.due:
        assert today < clock.next_counted(today) <= clock.due
    if clock.stop_on(today) is not None:
        assert clock.left(today) == clock.left(today - ONE)  # it stands still


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS, PAUSES, st.integers(0, 60))
def test_a_later_start_never_ends_earlier(
    calendar: Calendar, start: date, limit: Limit, pauses: list[Stop], later: int
) -> None:
    """民法典第二百零一条: whoever begins later is not done sooner."""
    early = run(calendar, start, limit, pauses)
    late = run(calendar, start + timedelta(later), limit, pauses)
    assert early.due <= late.due


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS, PAUSES, EXTRAS)
def test_a_longer_limit_and_an_extension_never_end_earlier(
    calendar: Calendar, start: date, limit: Limit, pauses: list[Stop], extras: list[Extra]
) -> None:
    plain = run(calendar, start, limit, pauses)
    longer = run(calendar, start, Limit(days=limit.days + 1, unit=limit.unit), pauses)
    assert plain.due <= longer.due
    assert plain.due <= run(calendar, start, limit, pauses, extras).due


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS, PAUSES, stops())
def test_a_further_pause_never_ends_earlier_nor_takes_more_than_it_lasts(
    calendar: Calendar, start: date, limit: Limit, pauses: list[Stop], further: Stop
) -> None:
    before = run(calendar, start, limit, pauses)
    after = run(calendar, start, limit, [*pauses, further])
    assert before.due <= after.due
    counted = sum(
        1
        for each in before.days
        if each.number is not None and further.began < each.day <= further.last
    )
    if not counted:
        assert after.due == before.due


@settings(deadline=None)
@given(calendars(), DAYS, LIMITS, st.integers(1, 30))
def test_a_make_up_day_counts_and_a_holiday_does_not(
    calendar: Calendar, start: date, limit: Limit, ahead: int
) -> None:
    day = start + timedelta(ahead)
    worked = calendar.model_copy(
        update={
            "holidays": tuple(each for each in calendar.holidays if each != day),
            "workdays": (*calendar.workdays, day),
        }
    )
    off = calendar.model_copy(
        update={
            "holidays": (*calendar.holidays, day),
            "workdays": tuple(each for each in calendar.workdays if each != day),
        }
    )
    assert run(worked, start, limit).due <= run(calendar, start, limit).due
    assert run(calendar, start, limit).due <= run(off, start, limit).due
    assert is_working_day(worked, day)
    assert not is_working_day(off, day)


@settings(deadline=None)
@given(calendars(), DAYS, st.integers(1, 60))
def test_natural_days_count_every_day_and_roll_at_the_end_alone(
    calendar: Calendar, start: date, days: int
) -> None:
    """民法典第二百零三条: only the last day is moved, to the next that is worked."""
    clock = run(calendar, start, Limit(days=days, unit="natural"))
    last = start + timedelta(days)
    assert [each.day for each in clock.days if each.number == days] == [last]
    rolled = [each.day for each in clock.days if each.why == "rolled"]
    assert bool(rolled) == (not is_working_day(calendar, last))
    assert all(not is_working_day(calendar, day) for day in rolled[:-1])
