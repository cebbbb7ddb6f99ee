"""The ways in which results reach people: which of them a case offers, and what each one asks."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from onevisit.cases.dossier import Dossier
from onevisit.definition.form import FieldError

DOWNLOAD, WINDOW, POST, KIOSK = "download", "window", "post", "kiosk"
TRIES = 5
"""Wrong codes after which a case is handed out at the counter only; no law, our own caution."""
CODE_DIGITS = 6
PHONE = re.compile(r"1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}")
SHORTEST_ADDRESS, LONGEST_ADDRESS, LONGEST_NAME = 6, 200, 50


@dataclass(frozen=True)
class Recipient:
    """Where results are posted to, as the applicant gave it."""

    name: str
    phone: str
    address: str

    def as_json(self) -> dict[str, str]:
        """As it is kept in the case's row."""
        return asdict(self)


def recipient_of(dossier: Dossier) -> Recipient:
    """Where a case is posted to; where nobody was asked, the applicant without an address."""
    kept: Mapping[str, str] | None = dossier.case.recipient
    if kept is not None:
        return Recipient(kept["name"], kept["phone"], kept["address"])
    return Recipient(dossier.applicant.name, dossier.applicant.phone or "", "")


def recipient_faults(recipient: Recipient) -> list[FieldError]:
    """What a carrier could not deliver to; paths `recipient.<name>`."""
    errors = []
    if not 0 < len(recipient.name) <= LONGEST_NAME:
        errors.append(FieldError("recipient.name", "请填写收件人姓名"))
    if not PHONE.fullmatch(recipient.phone.replace(" ", "")):
        errors.append(
            FieldError("recipient.phone", "请填写收件人的11位手机号码，或者带区号的固定电话")
        )
    if not SHORTEST_ADDRESS <= len(recipient.address) <= LONGEST_ADDRESS:
        errors.append(
            FieldError("recipient.address", "请填写详细的收件地址：省、市、区、路名和门牌号")
        )
    return errors


def ways(dossier: Dossier) -> tuple[str, ...]:
    """The ways in which the whole bundle may go out together, in the order of the service."""
    results = [part.item.result for part in dossier.selection.parts]
    own = [result.pickup for result in results if result is not None and result.pickup]
    offered = dossier.definition.workflow.issue.pickup
    return tuple(way for way in offered if all(way in each for each in own))


def counter_ways(dossier: Dossier) -> tuple[str, ...]:
    """What the issuing window can do with the bundle. Whoever cannot get on at a kiosk, or has
    results that no single way fits, is served over the counter."""
    if set(dossier.definition.workflow.issue.pickup) == {DOWNLOAD}:
        return ()
    found = tuple(way for way in ways(dossier) if way in (WINDOW, POST))
    needs_counter = not found or KIOSK in dossier.definition.workflow.issue.pickup
    return (WINDOW, *found) if needs_counter and WINDOW not in found else found


def downloadable(dossier: Dossier) -> bool:
    """Whether every result of the case may be collected by download."""
    return DOWNLOAD in ways(dossier)


def opens_at_kiosk(dossier: Dossier) -> bool:
    """Whether the bundle may be taken from a kiosk; originals can only be seen by a person."""
    seen_late = any("collection" in each.original for each in dossier.selection.materials)
    return KIOSK in ways(dossier) and not seen_late


def draw_code(dossier: Dossier) -> str | None:
    """The code that opens the bundle at a kiosk, drawn at random; None where no kiosk does.

    It is kept as it is, since its owner reads it on the page of the case: it opens nothing without
    the number of their card, five wrong ones close it, and it is gone when the results are.
    """
    return (
        f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}" if opens_at_kiosk(dossier) else None
    )
