"""The acts of the game of visits in the service's terms, and the ways in which things travel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from onevisit.engine.chart import Move
from onevisit.engine.presence import Handover

Kind = Literal["submit", "answer", "show", "carry", "collect", "wait", "move", "meet"]
AT_COUNTER = "window"
ONLINE = frozenset({"online", "download"})
WITHOUT_NET = frozenset({"window", "post", "kiosk"})
BY_POST = frozenset({"post"})  # how a decision without a result can always be served
REMOTE_WAYS = ("download", "post", "kiosk")


@dataclass(frozen=True)
class Act:
    """One edge of the game in the service's terms. `way` is the channel of the applicant's act;
    `offline` says that somebody who never goes online can do it, `bring` which originals are shown
    on the occasion."""

    kind: Kind
    what: str = ""
    way: str = ""
    offline: bool = True
    move: Move | None = None
    bring: tuple[str, ...] = ()


def listed(things: Sequence[Handover]) -> str:
    """What is handed out, in words short enough for one line."""
    titles = list(dict.fromkeys(each.title for each in things))
    named = "、".join(f"“{title}”" for title in titles[:2]) or "决定书"
    return named if len(titles) < 3 else f"{named}等 {len(titles)} 件结果"


def without_net(method: str) -> frozenset[str]:
    """The ways that somebody who takes things by `method`, and never goes online, may use."""
    if method == AT_COUNTER:
        return WITHOUT_NET
    return frozenset(REMOTE_WAYS) - ONLINE if method == "mixed" else frozenset({method}) - ONLINE
