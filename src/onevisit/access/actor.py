"""The person who acts, as a plain value, and the refusal they may meet."""

import uuid
from dataclasses import dataclass
from datetime import date

OFFICE_ROLES = frozenset({"handler", "reviewer", "decider", "head"})
"""The posts of 承办, 审核, 决定 and 负责人, held in one department."""


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
class Actor:
    """Somebody who is signed in, with all posts they hold."""

    id: uuid.UUID
    name: str
    posts: tuple[PostValue, ...]

    @property
    def roles(self) -> frozenset[str]:
        """All roles that the person holds somewhere."""
        return frozenset(post.role for post in self.posts)

    @property
    def departments(self) -> frozenset[str]:
        """The departments in which the person handles, reviews or decides."""
        return frozenset(
            post.department for post in self.posts if post.role in OFFICE_ROLES and post.department
        )

    def holds(self, role: str, department: str | None) -> bool:
        """Whether the person holds exactly this post."""
        return PostValue(role, department) in self.posts
