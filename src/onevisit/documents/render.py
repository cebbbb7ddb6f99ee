"""The one way from a snapshot to paper: fill the template, lay it out, enclose data, seal it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from onevisit.documents.assets import TemplateAssets
from onevisit.documents.errors import BrokenTemplate, MissingValue
from onevisit.documents.fill import SUFFIX, fill
from onevisit.documents.pdf import Enclosed, Identity, to_pdf
from onevisit.documents.trust import codes
from onevisit.documents.trust.data import FILE_NAME, canonical, carried
from onevisit.documents.trust.seals import Seal, Seals
from onevisit.documents.trust.signing import Signing, sign

Printing = Callable[[str, Mapping[str, Any]], bytes]
"""Makes the paper of a template and a snapshot; raises DocumentError."""
CODE = "/check-code.png"
"""Where templates find the QR code of their paper; drawn afresh, no file."""
NOWHERE = "https://verify.invalid/verify"
"""Where papers that are only tried say they can be verified; .invalid is nobody's (RFC 2606)."""


@dataclass(frozen=True)
class Press:
    """Makes papers: from the files in `templates`, under `seals` (unsigned without), with a code
    that leads to the verification page at `address`. Safe to use from several threads.

    drafts: texts that stand for template files which are not (so) on disk, by name with suffix."""

    templates: Path
    seals: Seals | None = None
    address: str = NOWHERE
    drafts: Mapping[str, str] | None = None

    def make(self, template: str, snapshot: Mapping[str, Any]) -> bytes:
        """The PDF of one document; the same snapshot, template files and keys give the same bytes.

        template: path below `templates` without suffix ("notices/receipt"); snapshot: JSON values,
        of which title, issued_at (ISO 8601), authority and check_code also go into the file's own
        properties, its code and its signature.
        Raises DocumentError: UnknownTemplate, MissingValue, BrokenTemplate, RefusedAsset, NoSeal
        or BadSeal.
        """
        identity = _identity(template, snapshot)
        seal = self._seal(snapshot)
        text = codes.address_of(codes.statement_of(snapshot), self.address, seal)
        check = {
            "code": snapshot["check_code"],
            "address": self.address.partition("://")[2],
            "image": CODE,
        }
        html = fill(template, {**snapshot, "check": check}, self.templates, self.drafts)
        data = carried(snapshot, self.address)
        enclosed = Enclosed(FILE_NAME, "本文书的数据", canonical(data))
        assets = TemplateAssets(self.templates, {CODE: codes.drawing(text)})
        sheet = to_pdf(html, template + SUFFIX, identity, assets, enclosed)
        if seal is None or self.seals is None:
            return sheet.pdf
        signing = Signing(
            name=identity.author,
            reason=f"{identity.title}（{data['number']}）"[:200],
            location=str(snapshot.get("region") or ""),
            moment=identity.issued_at,
            timestamps=self.seals.timestamps,
        )
        return sign(sheet.pdf, seal, signing, sheet.seal)

    def _seal(self, snapshot: Mapping[str, Any]) -> Seal | None:
        if self.seals is None:
            return None
        authority = snapshot["authority"]
        return self.seals.seal(authority["uscc"], authority["title"])


def render(template: str, snapshot: Mapping[str, Any], templates: Path) -> bytes:
    """The unsigned PDF of one document, to look at; as `Press.make`."""
    return Press(templates).make(template, snapshot)


def check_template(template: str, snapshot_sample: Mapping[str, Any], templates: Path) -> None:
    """Raises DocumentError unless the template makes a document of the sample; used at publish."""
    render(template, snapshot_sample, templates)


def _identity(template: str, snapshot: Mapping[str, Any]) -> Identity:
    authority = snapshot.get("authority") or {}
    found = {
        "title": snapshot.get("title"),
        "number": snapshot.get("number"),
        "check_code": snapshot.get("check_code"),
        "issued_at": snapshot.get("issued_at"),
        "authority.title": authority.get("title"),
        "authority.uscc": authority.get("uscc"),
    }
    for name, value in found.items():
        if not value:
            raise MissingValue(name, template)
    try:
        issued_at = datetime.fromisoformat(str(found["issued_at"]))
    except ValueError as error:
        raise BrokenTemplate(template, f"issued_at 不是 ISO 8601 时间：{error}") from error
    return Identity(
        title=str(found["title"]),
        author=str(found["authority.title"]),
        issued_at=issued_at,
        identifier=hashlib.sha256(canonical([template, snapshot])).hexdigest()[:32],
    )
