"""Whoever guesses runs out of tries, however many guesses come at once; others do not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from onevisit.web.tries import MOST, PERIOD, Tries

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_tries_run_out_and_come_back_after_the_period() -> None:
    tries = Tries()
    assert [tries.take("a", NOW) for _ in range(MOST + 1)] == [True] * MOST + [False]
    assert not tries.take("a", NOW + PERIOD / 2)
    assert tries.take("a", NOW + PERIOD)


def test_what_was_right_does_not_count() -> None:
    tries = Tries()
    for _ in range(MOST * 3):
        assert tries.take("a", NOW)
        tries.give_back("a", NOW)


def test_many_at_once_are_no_way_around() -> None:
    tries = Tries()
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: tries.take("a", NOW), range(200)))
    assert sum(taken) == MOST


def test_a_flood_of_numbers_does_not_grow_the_memory_and_spares_most_others() -> None:
    tries = Tries()
    for number in range(70_000):
        tries.take(str(number), NOW)
    assert len(tries._taken) <= 2**16
    assert sum(tries.take(f"other {number}", NOW) for number in range(100)) > 90
