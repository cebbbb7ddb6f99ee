"""A case in which every field and every file bears a mark of its own, so that a mark found anywhere
says which field was shown."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from functional.city import City
from onevisit.definition.service import Definition
from onevisit.store.session import writing
from onevisit.store.tables import Account, Case, Upload

PERSON = {
    "id_number": "990000198501018880",
    "phone": "19912345678",
    "email": "mark@example.invalid",
}
"""What is known of the applicant's account beside the name."""


def marked(city: City) -> dict[str, str]:
    """The mark of each field, in an accepted case."""
    case_id = city.accepted()
    definition = city.catalog.current("open_restaurant").definition
    schemas = {field.id: field.schema for each in definition.form.sections for field in each.fields}
    found: dict[str, str] = {}
    with writing(city.engine) as session:
        case = session.get_one(Case, case_id)
        case.form = {
            name: _marked(name, schema, case.form.get(name), found)
            for name, schema in schemas.items()
        }
        owner = session.get_one(Account, case.applicant_id)
        for name, value in PERSON.items():
            setattr(owner, name, value)
        for upload in session.exec(select(Upload).where(col(Upload.case_id) == case_id)):
            upload.filename = f"mark-of-{upload.material_id}.pdf"
    assert len(found) >= 8
    return found


def _marked(name: str, schema: Mapping[str, Any], value: Any, marks: dict[str, str]) -> Any:
    """A value of the field's type that is found nowhere else; choices stay what they were."""
    if schema.get("type") == "string" and "oneOf" not in schema:
        marks[name] = f"mark of {name}"
        return marks[name]
    if schema.get("type") == "integer":
        number = 7_000_001 + 13 * len(marks)
        marks[name] = str(number)
        return number
    if schema.get("type") == "array" and schema["items"].get("type") == "object":
        marks[name] = f"mark of {name}"
        return [dict.fromkeys(schema["items"]["properties"], marks[name])]
    return value


def granted(definition: Definition, item_id: str) -> set[str]:
    """The fields that an item needs, by the form alone."""
    return {
        field.id
        for section in definition.form.for_items({item_id}).sections
        for field in section.fields
    }
