"""What an officer sees of a case: the fields and materials that their own items need, no more.

个人信息保护法第六条 (the least that the purpose needs); 浙江规定第三十九条 (no other purpose).
"""

from collections.abc import Collection, Iterable

from onevisit.access.actor import Actor
from onevisit.definition.form import Form, Section
from onevisit.definition.workflow import Material


def own_items(actor: Actor, items: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Of a case's `items` (item id, department id), those of the actor's departments."""
    return frozenset(item for item, department in items if department in actor.departments)


def visible_sections(form: Form, item_ids: Collection[str]) -> tuple[Section, ...]:
    """The pages of the form with only those fields that one of these items needs."""
    return form.for_items(item_ids).sections if item_ids else ()


def visible_materials(
    materials: Iterable[Material], item_ids: Collection[str]
) -> tuple[Material, ...]:
    """The materials that one of these items needs."""
    wanted = frozenset(item_ids)
    return tuple(material for material in materials if wanted & frozenset(material.items))
