"""The one way from a snapshot to paper: fill the template, lay it out, say who issued it, when."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from onevisit.documents.errors import BrokenTemplate, MissingValue
from onevisit.documents.fill import SUFFIX, fill
from onevisit.documents.pdf import Identity, to_pdf


def render(template: str, snapshot: Mapping[str, Any], templates: Path) -> bytes:
    """The PDF of one document; the same snapshot and template files give the same bytes.

    template: path below `templates` without suffix ("notices/receipt"); snapshot: JSON values, of
    which title, issued_at (ISO 8601) and authority.title also go into the file's own properties.
    Safe to call from several threads. Raises DocumentError: UnknownTemplate, MissingValue,
    BrokenTemplate or RefusedAsset.
    """
    html = fill(template, snapshot, templates)
    identity = _identity(template, snapshot)
    return to_pdf(html, template + SUFFIX, identity, templates)


def check_template(template: str, snapshot_sample: Mapping[str, Any], templates: Path) -> None:
    """Raises DocumentError unless the template makes a document of the sample; used at publish."""
    render(template, snapshot_sample, templates)


def _identity(template: str, snapshot: Mapping[str, Any]) -> Identity:
    authority = snapshot.get("authority") or {}
    found = {
        "title": snapshot.get("title"),
        "issued_at": snapshot.get("issued_at"),
        "authority.title": authority.get("title"),
    }
    for name, value in found.items():
        if not value:
            raise MissingValue(name, template)
    try:
        issued_at = datetime.fromisoformat(str(found["issued_at"]))
    except ValueError as error:
        raise BrokenTemplate(template, f"issued_at 不是 ISO 8601 时间：{error}") from error
    canonical = json.dumps([template, snapshot], sort_keys=True, ensure_ascii=False, default=dict)
    return Identity(
        title=str(found["title"]),
        author=str(found["authority.title"]),
        issued_at=issued_at,
        identifier=hashlib.sha256(canonical.encode()).hexdigest()[:32],
    )
