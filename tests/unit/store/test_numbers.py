"""Numbers: in order without gaps, checkable, and never drawn twice, whoever draws at once."""

import threading
from datetime import date

import pytest
from sqlalchemy import Engine

from onevisit.store.numbers import case_number, case_number_holds, document_number, draw
from onevisit.store.session import writing

DAY = date(2026, 11, 21)
PLACE = ("demo_city", "示例市")


def test_case_numbers_count_within_a_day_and_region(engine: Engine) -> None:
    with writing(engine) as session:
        numbers = [case_number(session, "990000", DAY) for _ in range(2)]
        other = case_number(session, "990000", date(2026, 11, 22))
    assert [number[:-2] for number in numbers] == [
        "990000-20261121-000001",
        "990000-20261121-000002",
    ]
    assert other.startswith("990000-20261122-000001-")
    assert sorted([other, *numbers]) == [*numbers, other]
    assert all(case_number_holds(number) for number in [other, *numbers])


def test_every_single_mistyped_digit_is_noticed(engine: Engine) -> None:
    with writing(engine) as session:
        number = case_number(session, "990000", DAY)
    wrong = [
        number[:place] + digit + number[place + 1 :]
        for place, old in enumerate(number)
        for digit in "0123456789"
        if old != "-" and digit != old
    ]
    assert len(wrong) == 21 * 9
    assert not any(case_number_holds(each) for each in wrong)


@pytest.mark.parametrize("text", ["", "办件", "990000-20261121-000012", "9" * 40])
def test_what_is_no_number_does_not_hold(text: str) -> None:
    assert not case_number_holds(text)


def test_document_numbers_count_by_kind_and_year(engine: Engine) -> None:
    with writing(engine) as session:
        numbers = [
            document_number(session, PLACE, kind, year)
            for kind, year in [
                ("receipt", 2026),
                ("receipt", 2026),
                ("decline", 2026),
                ("receipt", 2027),
            ]
        ]
    assert numbers == [
        "示例市综收〔2026〕000001号", "示例市综收〔2026〕000002号", "示例市综不受〔2026〕000001号",
        "示例市综收〔2027〕000001号",
    ]  # fmt: skip


def test_a_rollback_leaves_no_gap(engine: Engine) -> None:
    with pytest.raises(RuntimeError), writing(engine) as session:
        assert draw(session, "x") == 1
        raise RuntimeError
    with writing(engine) as session:
        assert draw(session, "x") == 1


def test_drawn_at_once_each_number_is_drawn_once(engine: Engine) -> None:
    barrier = threading.Barrier(4)
    drawn: list[int] = []

    def run() -> None:
        barrier.wait()
        for _ in range(5):
            with writing(engine) as session:
                drawn.append(draw(session, "x"))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == list(range(1, 21))
