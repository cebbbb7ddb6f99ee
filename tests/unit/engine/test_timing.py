"""The worst chain where groups of situations need each other, worked out by hand."""

from onevisit import engine
from onevisit.engine.proof.timing import with_special, worst
from onevisit.engine.situations import situations
from proof.mutated import Files, parsed


def test_groups_that_need_each_other_are_put_together() -> None:
    """Food hangs on area, tobacco on a wish of its own: food → tobacco → hygiene (area again)."""

    def change(files: Files) -> None:
        files.item("tobacco")["needs"] = ["food"]
        files.item("hygiene")["needs"] = ["tobacco"]

    definition = parsed(change)
    found = situations(definition)
    longest = worst(found, with_special(definition))
    # licence 1, then food's decision at the end of its 5 days, tobacco 7, hygiene 5
    assert [leg.part.item.id for leg in longest.chain] == ["food", "tobacco", "hygiene"]
    assert [(leg.start, leg.end) for leg in longest.chain] == [(0, 5), (5, 12), (12, 17)]
    assert longest.days == 17
    plans = [engine.plan(definition, each.selection).days for each in found]
    assert max(plans) == longest.days + 2
