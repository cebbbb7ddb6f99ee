"""Which portal belongs to which role, and what the bar at the top of every page shows."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Portal:
    """One entry of the main navigation; `roles` empty means that everybody sees it."""

    href: str
    label: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entry:
    """A navigation entry on one page; `current` when the page belongs to it."""

    href: str
    label: str
    current: bool


ROLE_TITLES = {
    "applicant": "申请人",
    "clerk": "综窗人员",
    "handler": "承办人",
    "reviewer": "审核人",
    "decider": "决定人",
    "window": "出件窗口",
    "admin": "流程管理员",
    "supervisor": "督查",
    "head": "部门负责人",
    "government": "本级政府负责人",
    "operator": "运行维护",
    "kiosk": "自助终端",
}

OFFICE = frozenset({"handler", "reviewer", "decider", "head"})
PORTALS = (
    Portal("/services", "办事服务", frozenset({"", "applicant"})),
    Portal("/progress", "进度查询", frozenset({""})),
    Portal("/verify", "文书核验", frozenset({""})),
    Portal("/my", "我的办件", frozenset({"applicant"})),
    Portal("/my/certificates", "我的证照", frozenset({"applicant"})),
    Portal("/desk", "综合受理", frozenset({"clerk"})),
    Portal("/office", "部门审批", OFFICE),
    Portal("/deputies", "岗位代理", frozenset({"head"})),
    Portal("/government", "本级政府", frozenset({"government"})),
    Portal("/window", "统一出件", frozenset({"window"})),
    Portal("/kiosk", "自助取件", frozenset({"kiosk"})),
    Portal("/tickets/take", "取号", frozenset({"kiosk"})),
    Portal("/studio", "流程管理", frozenset({"admin"})),
    Portal("/watch", "效能监察", frozenset({"supervisor"})),
    Portal("/jobs", "后台任务", frozenset({"operator"})),
)
"""In the order in which a case travels; "" stands for somebody who has not signed in."""


def entries(roles: Collection[str], path: str, built: Collection[str]) -> tuple[Entry, ...]:
    """The navigation for somebody with `roles` on the page at `path`.

    `built` holds the addresses that this application really serves, so that no entry leads nowhere.
    """
    mine = frozenset(roles) or frozenset({""})
    shown = [p for p in PORTALS if p.roles & mine and p.href in built]
    within = [p.href for p in shown if path == p.href or path.startswith(p.href + "/")]
    here = max(within, key=len, default=None)  # the nearest, where one lies within another
    return tuple(Entry(p.href, p.label, p.href == here) for p in shown)


def home_of(roles: Collection[str], built: Collection[str]) -> str:
    """Where somebody with `roles` lands after signing in: the first portal that is theirs.

    `built` holds the addresses that this application really serves.
    """
    for portal in PORTALS:
        if portal.roles & frozenset(roles) and portal.href in built and portal.href != "/services":
            return portal.href
    return "/services"


def role_title(roles: Collection[str]) -> str:
    """The roles in words, in the order of the list above: 承办人、审核人."""
    return "、".join(title for role, title in ROLE_TITLES.items() if role in roles)
