"""What may be wrong with a paper as cases write it: a template that cannot be filled with it, or
a value that is missing although templates are never tried without it."""

from collections.abc import Iterator, Mapping
from typing import Any

from onevisit.documents.trial import try_filling
from onevisit.documents.variants import MAY_LACK, OWED, given
from scenarios.stage import ROOT

OF_CERTIFICATES = {"certificate.valid_until", "certificate.fields"}
"""Missing in the certificates that services are tried with."""


OF_ANSWERS = {f"form.sections[].rows[].{key}" for key in ("value", "columns", "entries")}
"""An answer is a value or a list of entries; the sample has one of each."""


def faults_of(template: str, snapshot: Mapping[str, Any]) -> list[str]:
    """In words; empty when all is well."""
    if not (ROOT / "templates" / f"{template}.html").exists():
        return []  # a service of the test's own
    folder, _, own = template.partition("/")
    own = "certificate" if folder == "certificates" else own
    allowed = {path for path in MAY_LACK if path not in given(own)} | OF_CERTIFICATES | OF_ANSWERS
    if own == "acceptance" and all(each["status"] != OWED for each in snapshot["materials"]):
        allowed.add("due")
    if own == "delivery" and snapshot["collector"]["method"] != "窗口领取":
        allowed.add("collector.id_number")
    faults = [f"{template}: {path} is missing" for path in _blanks(snapshot) if path not in allowed]
    error = try_filling(template, snapshot, ROOT / "templates", files=False)
    return [*sorted(set(faults)), *([str(error)] if error else [])]


def _blanks(value: Any, where: str = "") -> Iterator[str]:
    if value is None or value in ("", []):
        yield where
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _blanks(each, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for each in value:
            yield from _blanks(each, f"{where}[]")
