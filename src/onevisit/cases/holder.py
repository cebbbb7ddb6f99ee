"""Whose certificate it is, as far as a stranger may know: people are masked, organisations are not.

What may be a person's name is treated as one (个人信息保护法第六条: no more than is needed). It is
settled when the paper is written, so that its code and the public register say the same.
"""

from onevisit.cases import wording
from onevisit.cases.dossier import Dossier
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Item
from onevisit.documents.format import mask_name

PERSON = "居民身份证"
SHORTEST_FIRM = 5
"""A name that is shorter may be a person's, whatever the form says of it."""
UNKNOWN = "unknown"


def shown_holder(dossier: Dossier, item: Item, name: str) -> str:
    """The holder of an item's certificate: an organisation's name whole, any other masked."""
    return name if _is_firm(dossier, item, name) else mask_name(name)


def _is_firm(dossier: Dossier, item: Item, name: str) -> bool:
    if len(name) < SHORTEST_FIRM or "·" in name:
        return False
    if name == dossier.applicant.name:
        return wording.identity_type(dossier.applicant.id_number or "") != PERSON
    return sensitivity(dossier.definition, item) is None


def sensitivity(definition: Definition, item: Item) -> str | None:
    """How the form classes the field that names the holder of an item's certificate
    (x-sensitivity): None for what is no person's; of what it does not have, `unknown`."""
    if item.result is None or not item.result.fields:
        return UNKNOWN
    name, known = item.result.fields[0], {each.id: each for each in definition.form.fields}
    listed = known[item.foreach].schema.get("items", {}) if item.foreach in known else {}
    inner = listed.get("properties", {})
    if name in inner:
        found: str | None = inner[name].get("x-sensitivity")
        return found
    return known[name].sensitivity if name in known else UNKNOWN
