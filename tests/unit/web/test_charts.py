"""Charts stand where their numbers say, and never leave the drawing."""

import pytest

from onevisit.web.charts import BOTTOM, TOP, columns, compared, round_up


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 5), (4, 5), (5, 5), (7, 8), (24, 30), (50, 50), (51, 60), (937, 1000)]
)
def test_a_scale_ends_at_the_next_round_number(highest: int, top: int) -> None:
    assert round_up(highest) == top


def test_columns_are_as_high_as_their_values_and_stand_side_by_side() -> None:
    chart = columns(["1月", "2月"], [("收件", [10, 5]), ("办出", [None, 0])])
    assert chart.most == 10
    assert [each.height for each in chart.columns] == [BOTTOM - TOP, (BOTTOM - TOP) / 2]
    assert all(each.top + each.height == BOTTOM for each in chart.columns)
    first, second = chart.columns
    assert first.left + first.width < second.left < second.left + second.width < 100
    assert [tick.text for tick in chart.ticks] == ["1月", "2月"]


def test_of_many_labels_only_some_are_written_and_the_last_always() -> None:
    chart = columns([str(day) for day in range(30)], [("收件", [1] * 30)], every=7)
    assert [tick.text for tick in chart.ticks] == ["1", "8", "15", "22", "29"]


@pytest.mark.parametrize(
    ("before", "after", "widths", "less"),
    [(6, 1, (100.0, 16.7), 83), (4, 4, (100.0, 100.0), None), (1, 2, (50.0, 100.0), None),
     (0, 0, (0.0, 0.0), None)],
)  # fmt: skip
def test_before_and_after_share_one_scale(
    before: int, after: int, widths: tuple[float, float], less: int | None
) -> None:
    found = compared("跑动", "次", before, after)
    assert (found.before_width, found.after_width) == widths
    assert found.less == less
