"""The life of a certificate as a chart of its own, moved by the one `fire()`."""

from dataclasses import replace

import pytest

from onevisit.engine import CERTIFICATE, NotPossible, compile_certificate, fire
from onevisit.engine.selection import select
from proof.mutated import parsed

RESTAURANT = parsed()
LARGE = {
    "area": 80, "cooking": True, "gathering": False, "signboard": True, "want_tobacco": True,
}  # fmt: skip


def test_it_begins_valid_and_ends_expired_or_revoked() -> None:
    chart = compile_certificate(RESTAURANT)
    assert chart is not None
    table = chart.tables[CERTIFICATE]
    assert (table.initial, table.final) == ("valid", {"expired", "revoked"})
    assert list(chart.tables) == [CERTIFICATE]
    marking = fire(chart, chart.initial, CERTIFICATE, "ask_renewal").marking
    assert marking[CERTIFICATE] == "renewing"
    assert fire(chart, marking, CERTIFICATE, "renew_tacitly").marking[CERTIFICATE] == "valid"
    with pytest.raises(NotPossible):
        fire(chart, marking, CERTIFICATE, "expire")  # what was asked in time does not expire
    assert [act.event for act in table.acts["mending"]] == ["check_pledge"]


def test_another_kind_of_service_may_follow_no_certificate() -> None:
    without = RESTAURANT.lifecycle.model_copy(update={"certificate": None})
    assert compile_certificate(replace(RESTAURANT, lifecycle=without)) is None


def test_a_case_may_be_confined_to_some_of_its_items() -> None:
    whole = select(RESTAURANT, LARGE)
    part = select(RESTAURANT, LARGE, only=["food", "tobacco"])
    assert part.item_ids == {"food", "tobacco"} < whole.item_ids
    assert {each.id for each in part.materials} < {each.id for each in whole.materials}
    assert select(RESTAURANT, LARGE, only=[]).parts == ()
