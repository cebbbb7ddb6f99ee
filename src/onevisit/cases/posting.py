"""Posting results (邮寄送达): the same handing out, by a carrier to the address that was given."""

import re
import uuid
from dataclasses import dataclass

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.hand_out import Taken, begin, conclude
from onevisit.cases.pickup import POST, Recipient, counter_ways, recipient_faults
from onevisit.definition.form import FieldError
from onevisit.store.tables import Case

NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{5,38}[0-9A-Z]")
"""Carriers number their parcels with 8 to 40 letters and digits."""
LONGEST_CARRIER = 50


@dataclass(frozen=True)
class Parcel:
    """All results in one envelope: to whom, with which carrier, under which number."""

    recipient: Recipient
    carrier: str
    number: str


def post(ctx: Context, case_id: uuid.UUID, parcel: Parcel, revision: int) -> Case:
    """Send the whole bundle and conclude the case (许可法第四十四条: within ten working days).

    Invalid where the service does not post or something is missing; NotMade as for the counter.
    """
    number = "".join(parcel.number.split()).upper()
    text = f"{wording.PICKUPS[POST]}，{parcel.carrier.strip()} {number}"
    turn = begin(ctx, case_id, revision, text=text)
    dossier, to = turn.dossier, parcel.recipient
    errors = recipient_faults(to) + _parcel_faults(parcel.carrier, number)
    if POST not in counter_ways(dossier):
        errors.insert(0, FieldError("method", "这个办件的结果不能邮寄，请到出件窗口领取"))
    if errors:
        raise Invalid(errors)
    own = to.name == dossier.applicant.name
    taken = Taken(
        POST,
        to.name,
        (dossier.applicant.id_number or "") if own else "",
        "self" if own else "addressee",
        phone=to.phone,
        address=to.address,
        carrier=parcel.carrier.strip(),
        tracking_number=number,
    )
    return conclude(ctx, turn, taken)


def _parcel_faults(carrier: str, number: str) -> list[FieldError]:
    errors = []
    if not 0 < len(carrier.strip()) <= LONGEST_CARRIER:
        errors.append(FieldError("carrier", "请填写承运的快递公司"))
    if not NUMBER.fullmatch(number):
        errors.append(FieldError("tracking_number", "请填写面单上的运单号（8至40位字母和数字）"))
    return errors
