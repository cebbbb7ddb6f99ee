"""Whose certificate it is, as far as a stranger may know: people are masked, organisations are not.

What may be a person's name is treated as one (个人信息保护法第六条: no more than is needed).
"""

from sqlmodel import Session, select

from onevisit.catalog.catalog import Catalog
from onevisit.definition.service import Definition
from onevisit.documents.format import mask_name
from onevisit.store.tables import Approval, Case, Document

PERSON = "居民身份证"
SHORTEST_FIRM = 5
"""A name that is shorter may be a person's, whatever the form says of it."""
UNKNOWN = "unknown"


def shown_holder(session: Session, catalog: Catalog, document: Document) -> str:
    """The holder of a certificate: an organisation's name whole, any other masked."""
    name = str(document.snapshot["certificate"]["holder"])
    return name if _is_firm(session, catalog, document, name) else mask_name(name)


def _is_firm(session: Session, catalog: Catalog, document: Document, name: str) -> bool:
    applicant = document.snapshot["applicant"]
    if len(name) < SHORTEST_FIRM or "·" in name:
        return False
    if name == applicant["name"]:
        return bool(applicant["id_type"] != PERSON)
    statement = select(Approval.item_id).where(
        Approval.case_id == document.case_id, Approval.region == document.region
    )
    item_id = session.exec(statement).one()
    version = session.get_one(Case, document.case_id).version_hash
    return sensitivity(catalog.version(session, version).definition, item_id) is None


def sensitivity(definition: Definition, item_id: str) -> str | None:
    """How the form classes the field that names the holder of an item's certificate
    (x-sensitivity): None for what is no person's; of what it does not have, `unknown`."""
    item = definition.workflow.item(item_id)
    if item.result is None or not item.result.fields:
        return UNKNOWN
    name, known = item.result.fields[0], {each.id: each for each in definition.form.fields}
    listed = known[item.foreach].schema.get("items", {}) if item.foreach in known else {}
    inner = listed.get("properties", {})
    if name in inner:
        found: str | None = inner[name].get("x-sensitivity")
        return found
    return known[name].sensitivity if name in known else UNKNOWN
