"""Whose turn it is with a case and its items, and whether time itself moves them on next."""

from collections.abc import Sequence

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.engine import CASE, Move
from onevisit.engine.clocks import is_closed
from onevisit.engine.timers import OF_THE_AUTHORITY, runs_out


def case_awaits(dossier: Dossier) -> str | None:
    """Whose turn it is with the case: "office" in review, else the role that moves it on."""
    state = dossier.state()
    if state.final:
        return None
    if state.regions:
        return "office"
    moves: Sequence[Move] = dossier.chart.tables[CASE].moves[dossier.case.state]
    roles = {move.by for move in moves}
    return next((role for role in ("clerk", "window", "applicant") if role in roles), None)


def approval_awaits(dossier: Dossier, region: str) -> str | None:
    """The role that signs the present step of an approval."""
    row = dossier.approvals[region]
    moves = dossier.chart.tables[region].moves[row.state]
    return next((move.by for move in moves if move.by not in ("automatic", "timer")), None)


def is_over(ctx: Context, dossier: Dossier, region: str) -> bool:
    """Whether the last day of the region's present state is over: at midnight, or when the
    authority closes where the period is its own (民法典第二百零三条)."""
    row = dossier.row(region)
    if row.timer_due is None or row.timer_due > ctx.today:
        return False
    moves = dossier.chart.tables[region].moves[row.state]
    own = any(move.after in OF_THE_AUTHORITY for move in moves)
    closed = own and is_closed(dossier.definition.jurisdiction.hours, ctx.local)
    return row.timer_due < ctx.today or closed


def running_out(ctx: Context, dossier: Dossier, region: str = CASE) -> Move | None:
    """The move that the region's timer makes by itself, once its last day is over: until the
    sweep has made it, nobody acts on the region."""
    moves = (move for move in dossier.possible(region) if runs_out(move))
    return next(moves, None) if is_over(ctx, dossier, region) else None
