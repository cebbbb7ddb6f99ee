"""Whether an approval is ready for its next signature: what has to be over or there first.

Each kind of turn adds its guard to GUARDS; decide.act runs them once the signer is known.
"""

from collections.abc import Callable

from onevisit.cases.context import Context
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Beside, Dossier
from onevisit.cases.meetings import hearing, inspection, meeting
from onevisit.cases.turns import special, suspend

Guard = Callable[[Context, Dossier, str, str], None]
"""(ctx, dossier, region, event): raises NotPossible with a sentence when the event has to wait."""

GUARDS: tuple[tuple[Guard, Callable[[Beside], bool]], ...] = (
    (hearing.check_heard, lambda there: there.hearing),
    (inspection.check_inspected, lambda _: True),
    (meeting.check_met, lambda _: True),
    (owing.check_settled, lambda there: there.owed),
    (special.check_ended, lambda there: there.pause),
    (suspend.check_resumed, lambda there: there.pause),
)
"""Each guard, and whether what lies beside the approval gives it anything to look at."""


def check_ready(
    ctx: Context, dossier: Dossier, region: str, event: str, there: Beside | None = None
) -> None:
    """NotPossible when something open stands in the way of this move of an approval; `there`, where
    it was asked, spares the guards that have nothing to look at."""
    for guard, concerned in GUARDS:
        if there is None or concerned(there):
            guard(ctx, dossier, region, event)
