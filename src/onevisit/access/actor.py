"""The person who acts, as a plain value, and the refusal they may meet."""

import uuid
from dataclasses import dataclass, field
from datetime import date

OFFICE_ROLES = frozenset({"handler", "reviewer", "decider", "head"})
"""The posts of 承办, 审核, 决定 and 负责人, held in one department."""
SYSTEM = "system"
"""The post of a department's own system, which works with a key; no person holds it."""


class Forbidden(Exception):
    """没有权限。

    `reason` says in Chinese why not, and who could.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Principal:
    """Whom a deputy stands in for."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True)
class PostValue:
    """One role in one department, or (None) for the whole centre. `principal`: it is somebody
    else's, whose deputy holds it for some days (代理); it is the same post all the same."""

    role: str
    department: str | None = None
    principal: Principal | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Agency:
    """That somebody may apply for another (代办): who (None: nobody does any more), for which
    services (none named: all) and through which day."""

    agent_id: uuid.UUID | None
    services: frozenset[str]
    until: date


@dataclass(frozen=True)
class KeyValue:
    """The key by which a department's system acts, and what it may be used for."""

    id: uuid.UUID
    scopes: frozenset[str]


@dataclass(frozen=True)
class Actor:
    """Somebody who is signed in, with all posts they hold, or (with a `key`) a system."""

    id: uuid.UUID
    name: str
    posts: tuple[PostValue, ...]
    key: KeyValue | None = None

    @property
    def roles(self) -> frozenset[str]:
        """All roles that the person holds somewhere."""
        return frozenset(post.role for post in self.posts)

    @property
    def departments(self) -> frozenset[str]:
        """The departments in which the person handles, reviews or decides, or the system works."""
        inside = OFFICE_ROLES | {SYSTEM}
        return frozenset(
            post.department for post in self.posts if post.role in inside and post.department
        )

    def holds(self, role: str, department: str | None) -> bool:
        """Whether the person holds exactly this post, in their own right or as a deputy."""
        return PostValue(role, department) in self.posts

    def stands_in(self, role: str, department: str | None) -> tuple[Principal, ...]:
        """For whom the person holds this post; nobody, when it is their own too."""
        held = [each for each in self.posts if each == PostValue(role, department)]
        principals = [each.principal for each in held if each.principal is not None]
        return tuple(principals) if len(principals) == len(held) else ()

    def speaks_for(self, role: str, department: str | None) -> frozenset[uuid.UUID]:
        """Who acts when the person acts in this post: they, and whom they stand in for."""
        return frozenset({self.id, *(each.id for each in self.stands_in(role, department))})
