"""Open statistics: small numbers cannot be read or worked out; shares and spreads are right."""

from hypothesis import given
from hypothesis import strategies as st

from onevisit.cases.views.statistics import Spread, saved, share, spread
from onevisit.cases.views.withheld import SMALLEST, shown, withheld


def test_only_what_is_small_and_not_nothing_is_withheld() -> None:
    assert [shown(number) for number in (0, 1, 4, 5, 6)] == [0, "few", "few", 5, 6]


def test_a_number_withheld_alone_takes_the_next_smallest_with_it() -> None:
    told = withheld([[3, 20, 9], [8, 7, 30]])
    few, kept = "few", "withheld"
    assert told == [[few, 20, kept, 32], [kept, 7, kept, 45], [11, 27, 39, 77]]


def test_a_sum_tells_nothing_that_its_only_number_does_not() -> None:
    """With one service the sums of the months are its own numbers."""
    told = withheld([[3, 20, 9]])
    assert told == [["few", 20, "withheld", 32]] * 2


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 30), min_size=width, max_size=width), min_size=1, max_size=5
        )
    )
)
def test_nobody_can_work_a_withheld_number_out(table: list[list[int]]) -> None:
    """Of each row and column with its sum either none is withheld or at least two are."""
    told = withheld(table)
    for row, line in zip(table, told, strict=False):
        for number, one in zip(row, line, strict=False):
            assert one in (number, "withheld") if not 0 < number < SMALLEST else one == "few"
    for line in (*told, *zip(*told, strict=True)):
        assert sum(isinstance(each, str) for each in line) != 1


def test_no_services_are_no_numbers() -> None:
    assert withheld([]) == [[]]


def test_spread_is_the_nearest_rank() -> None:
    assert spread({3: 5, 4: 4, 9: 1}) == Spread(10, 3, 4)
    assert spread({3: 1, 4: 1, 5: 1, 6: 1, 7: 1}) == Spread(5, 5, 7)
    assert spread({3: 4}) is None


def test_shares_and_sums_need_enough_cases() -> None:
    assert share({1: 19, 0: 1}, (1,)) == 95
    assert share({1: 999, 0: 1}, (1,)) == 99  # never rounded up to a promise always kept
    assert share({1: 4}, (1,)) is None
    assert saved({5: 10, 2: 1}) == 52
    assert saved({5: 4}) is None
