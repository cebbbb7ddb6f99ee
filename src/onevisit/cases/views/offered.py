"""Which standing acts have something to act on, so that no page links to what leads nowhere."""

from collections.abc import Callable, Mapping

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.turns import delay, extension, special, suspend
from onevisit.cases.views import arrangeable
from onevisit.cases.views.sheets import hindrance

Offer = Callable[[Context, Dossier, str], bool]


def is_offered(ctx: Context, dossier: Dossier, region: str, event: str) -> bool:
    """Whether an act that the state allows makes sense now; acts without a rule here do."""
    offer = OFFERS.get(event)
    return offer is None or offer(ctx, dossier, region)


def _may_begin(ctx: Context, dossier: Dossier, region: str) -> bool:
    running = {each.title for each in special.running(ctx, dossier, region)}
    choices = special.choices(ctx, dossier, region)
    return any(each.most > 0 and each.title not in running for each in choices)


def _may_end(ctx: Context, dossier: Dossier, region: str) -> bool:
    return bool(special.running(ctx, dossier, region))


def _may_suspend(ctx: Context, dossier: Dossier, region: str) -> bool:
    left = any(each.most > 0 for each in suspend.choices(ctx, dossier, region))
    return left and hindrance(lambda: suspend.check_may_suspend(ctx, dossier, region)) is None


def _may_resume(ctx: Context, dossier: Dossier, region: str) -> bool:
    return suspend.running(ctx, dossier, region) is not None


def _may_ask(ctx: Context, dossier: Dossier, region: str) -> bool:
    return hindrance(lambda: extension.check_may_ask(ctx, dossier, region)) is None


def _is_asked(ctx: Context, dossier: Dossier, region: str) -> bool:
    return extension.asked(ctx, dossier, region) is not None


def _is_late(ctx: Context, dossier: Dossier, region: str) -> bool:
    return hindrance(lambda: delay.check_late(ctx, dossier, region)) is None


OFFERS: Mapping[str, Offer] = {
    "begin_special": _may_begin,
    "end_special": _may_end,
    "suspend": _may_suspend,
    "resume": _may_resume,
    "ask_extension": _may_ask,
    "extend": _is_asked,
    "refuse_extension": _is_asked,
    "explain_delay": _is_late,
    **arrangeable.OFFERS,
}
