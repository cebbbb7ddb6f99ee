"""What a deputy's acts leave behind (代理): whom they stood in for, in the ledger and in words."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from onevisit.access import Actor

DEPUTY_OF = "deputy_of"
"""Under which name the ledger keeps whom somebody stood in for: [{"id", "name"}]."""


def people(acts: Iterable[tuple[uuid.UUID | None, Mapping[str, Any]]]) -> set[uuid.UUID | None]:
    """Everybody behind ledger entries (actor, detail): who acted and whom they stood in for."""
    found: set[uuid.UUID | None] = set()
    for actor, detail in acts:
        found |= {actor, *(uuid.UUID(each["id"]) for each in detail.get(DEPUTY_OF, ()))}
    return found


def stood_in(actor: Actor, role: str, department: str | None) -> dict[str, Any]:
    """What the ledger keeps of a deputy's act: whom they stood in for; nothing for one's own."""
    principals = actor.stands_in(role, department)
    told = [{"id": str(each.id), "name": each.name} for each in principals]
    return {DEPUTY_OF: told} if told else {}


def signature(name: str, detail: Mapping[str, Any]) -> str:
    """How somebody is named under what they did: 乙（代甲） when they stood in for another."""
    principals = "、".join(each["name"] for each in detail.get(DEPUTY_OF, ()))
    return f"{name}（代{principals}）" if principals else name
