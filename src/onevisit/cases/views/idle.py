"""Standing acts that a state allows but for which there is nothing to do, so no page offers them.

Each kind of turn adds its own to KINDS; the verb itself still says why when somebody tries.
"""

from collections.abc import Callable, Iterator

from onevisit.cases.context import Context
from onevisit.cases.deferral import bring, owing, receive_owed
from onevisit.cases.dossier import Dossier
from onevisit.cases.views.arrangeable import idle_hearings
from onevisit.cases.views.offered import is_offered
from onevisit.engine import CASE

Kind = Callable[[Context, Dossier], Iterator[tuple[str, str]]]
"""Gives (region, event) of the acts that would find nothing."""


def _owed(ctx: Context, dossier: Dossier) -> Iterator[tuple[str, str]]:
    if not owing.open_rows(ctx, dossier):
        yield CASE, bring.EVENT
        yield CASE, receive_owed.EVENT


def _whole(ctx: Context, dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Extensions and explained delays of the whole case that have nothing to act on."""
    for act in dossier.acts(CASE):
        if not is_offered(ctx, dossier, CASE, act.event):
            yield CASE, act.event


KINDS: tuple[Kind, ...] = (_owed, _whole, idle_hearings)


def idle(ctx: Context, dossier: Dossier) -> frozenset[tuple[str, str]]:
    """(region, event) of every act for which there is nothing to do now."""
    return frozenset(found for kind in KINDS for found in kind(ctx, dossier))
