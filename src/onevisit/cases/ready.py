"""Whether an approval is ready for its next signature: what has to be over or there first.

Each kind of turn adds its guard to GUARDS; decide.act runs them once the signer is known.
"""

from collections.abc import Callable

from onevisit.cases.context import Context
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Dossier
from onevisit.cases.meetings import hearing, inspection, meeting
from onevisit.cases.turns import special, suspend

Guard = Callable[[Context, Dossier, str, str], None]
"""(ctx, dossier, region, event): raises NotPossible with a sentence when the event has to wait."""

GUARDS: tuple[Guard, ...] = (
    hearing.check_heard,
    inspection.check_inspected,
    meeting.check_met,
    owing.check_settled,
    special.check_ended,
    suspend.check_resumed,
)


def check_ready(ctx: Context, dossier: Dossier, region: str, event: str) -> None:
    """NotPossible when something open stands in the way of this move of an approval."""
    for guard in GUARDS:
        guard(ctx, dossier, region, event)
