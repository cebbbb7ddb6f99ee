"""Where an installation signs its checkpoints and keeps them outside the database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from onevisit.cases.checkpoints import Keys, Maker, Outside
from onevisit.documents.trust import stamps
from onevisit.settings import Settings
from onevisit.store.session import writing


def keys_of(settings: Settings) -> Keys:
    """The key that signs, and the former ones beside it."""
    return Keys(settings.checkpoint_key or settings.data / "checkpoint.key")


def outside_of(settings: Settings) -> Outside:
    """The folder of checkpoint files."""
    return Outside(settings.checkpoints or settings.data / "checkpoints")


def maker(settings: Settings, engine: Engine) -> Maker:
    """Makes this installation's checkpoints."""
    url = settings.checkpoint_tsa_url
    stamp = partial(stamps.stamp, url) if url else None
    return Maker(partial(writing, engine), keys_of(settings), outside_of(settings), stamp=stamp)


def due(settings: Settings, engine: Engine) -> Callable[[datetime], int] | None:
    """Makes the checkpoints that are due at a moment; None where none are to be made by itself."""
    if not settings.checkpoint_minutes:
        return None
    period = timedelta(minutes=settings.checkpoint_minutes)
    return partial(maker(settings, engine).run_due, period=period)
