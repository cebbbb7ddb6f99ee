"""The worst figures of a service without going through its situations are theirs all the same."""

from onevisit import engine
from onevisit.engine.proof.prove import prove
from onevisit.engine.situations import situations
from proof.vectors import changed

DAYS = "routes: [{kind: approval, steps: [handle, decide]}]"
AT_ONCE = "routes: [{kind: approval, steps: [decide], on_the_spot: true}]"


def test_called_by_who_decides_on_the_spot_the_order_of_approvals_counts() -> None:
    definition = changed("v08", (DAYS, AT_ONCE))
    found = [engine.visits(definition, each.selection) for each in situations(definition)]
    figures = prove(definition).figures
    assert figures is not None
    assert figures.visits == max(each.visits or 0 for each in found) > 0
    assert figures.visits_counter == max(each.visits_counter or 0 for each in found)
