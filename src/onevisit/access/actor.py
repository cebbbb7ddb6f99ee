"""The person who acts, as a plain value, and the refusal they may meet."""

import uuid
from dataclasses import dataclass
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
class PostValue:
    """One role in one department, or (None) for the whole centre."""

    role: str
    department: str | None = None


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
        """Whether the person holds exactly this post."""
        return PostValue(role, department) in self.posts
