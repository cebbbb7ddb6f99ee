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


def test_it_begins_valid_and_ends_expired_revoked_or_cancelled() -> None:
    chart = compile_certificate(RESTAURANT)
    assert chart is not None
    table = chart.tables[CERTIFICATE]
    assert (table.initial, table.final) == ("valid", {"expired", "revoked", "cancelled"})
    assert list(chart.tables) == [CERTIFICATE]
    marking = fire(chart, chart.initial, CERTIFICATE, "ask_renewal").marking
    assert marking[CERTIFICATE] == "renewing"
    assert fire(chart, marking, CERTIFICATE, "renew_tacitly").marking[CERTIFICATE] == "valid"
    with pytest.raises(NotPossible):
        fire(chart, marking, CERTIFICATE, "expire")  # what was asked in time does not expire
    assert "check_pledge" in [act.event for act in table.acts["mending"]]
    # what has expired is still cancelled by its own decision (许可法第七十条第一项)
    ended = fire(chart, chart.initial, CERTIFICATE, "expire").marking
    assert fire(chart, ended, CERTIFICATE, "cancel_certificate").marking[CERTIFICATE] == "cancelled"
    assert [act.event for act in table.acts["expired"]] == ["ask_cancellation", "refuse_request"]
    assert not table.acts.get("revoked") and not table.acts.get("cancelled")


def test_another_kind_of_service_may_follow_no_certificate() -> None:
    without = RESTAURANT.lifecycle.model_copy(update={"certificate": None})
    assert compile_certificate(replace(RESTAURANT, lifecycle=without)) is None


def test_a_case_may_be_confined_to_some_of_its_items() -> None:
    whole = select(RESTAURANT, LARGE)
    part = select(RESTAURANT, LARGE, only=["food", "tobacco"])
    assert part.item_ids == {"food", "tobacco"} < whole.item_ids
    assert {each.id for each in part.materials} < {each.id for each in whole.materials}
    assert select(RESTAURANT, LARGE, only=[]).parts == ()
