"""What a paper carries as data beside what it shows: never more than can be read on it.

Whoever is shown a certificate must not find the holder's whole case inside the file.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from onevisit.documents import format as formats
from onevisit.documents.format import mask_name

Json = dict[str, Any]
FORMAT = "onevisit-document/1"
FILE_NAME = "onevisit.json"
HEAD = ("kind", "title", "number", "check_code", "issued_at", "authority", "region")
MASKS = {"id_number": formats.mask_id, "phone": formats.mask_phone}


def carried(snapshot: Mapping[str, Any], address: str) -> Json:
    """The data that goes into the file: of a certificate what is printed on it, of any other paper
    its snapshot with numbers of persons masked as printed. `address`: where to ask about it."""
    head = {name: snapshot.get(name) for name in HEAD}
    data: Json = {"format": FORMAT, "verify_at": address, **head}
    data["number"] = number_of(snapshot)
    data["snapshot_sha256"] = hashlib.sha256(canonical(snapshot)).hexdigest()
    if snapshot.get("kind") == "certificate":
        return data | {
            "certificate": snapshot.get("certificate"),
            "case": {"number": (snapshot.get("case") or {}).get("number")},
        }
    return data | {name: _masked(value) for name, value in snapshot.items() if name not in HEAD}


def number_of(snapshot: Mapping[str, Any]) -> str:
    """The number under which a paper is looked up: a certificate's own, else the notice's."""
    certificate = snapshot.get("certificate") or {}
    own = certificate.get("number") if snapshot.get("kind") == "certificate" else None
    return str(own or snapshot["number"])


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: what is hashed and signed."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def shown_holder(snapshot: Mapping[str, Any]) -> str:
    """Who holds the paper, as a stranger may see it: as settled for a certificate when it was
    written; on a notice, organisations whole and persons masked."""
    certificate, applicant = snapshot.get("certificate") or {}, snapshot.get("applicant") or {}
    if snapshot.get("kind") == "certificate":
        return str(certificate.get("holder_shown") or mask_name(str(certificate.get("holder", ""))))
    name = str(applicant.get("name") or "")
    return name if applicant.get("id_type") == "统一社会信用代码" else mask_name(name)


def _masked(value: object) -> object:
    if isinstance(value, Mapping):
        return {
            name: MASKS[name](each) if name in MASKS and isinstance(each, str) else _masked(each)
            for name, each in value.items()
        }
    return [_masked(each) for each in value] if isinstance(value, list) else value
