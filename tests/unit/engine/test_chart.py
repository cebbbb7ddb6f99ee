"""Markings are values: they compare, hash and move without changing."""

import pytest

from onevisit import engine
from proof.vectors import vector

CHART = engine.compile_chart(vector("t2"), engine.everything(vector("t2")))


def test_a_marking_reads_like_a_mapping() -> None:
    marking = CHART.initial
    assert dict(marking) == {"case": "draft", "permit": "waiting", "licence": "waiting"}
    assert len(marking) == 3
    assert list(marking) == ["case", "permit", "licence"]
    assert repr(marking).startswith("Marking({'case': 'draft'")


def test_moving_makes_another_marking() -> None:
    before = CHART.initial
    after = before.with_state("permit", "approved")
    assert before["permit"] == "waiting"
    assert after["permit"] == "approved"
    assert after != before
    assert after == CHART.marking(after)
    assert hash(after) == hash(CHART.marking(after))
    assert after != dict(after)


def test_a_marking_names_every_region() -> None:
    with pytest.raises(KeyError):
        CHART.marking({"case": "draft"})


def test_a_chart_tells_its_states() -> None:
    assert CHART.regions == ("case", "permit", "licence")
    assert CHART.state("permit", "approved").granted
    assert CHART.tables["permit"].final == {"approved", "rejected", "cancelled"}
