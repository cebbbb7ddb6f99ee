"""The code on paper: a QR code that opens the verification page and, without any network, says
under a department's signature what the paper has to say.

`{address}?p=` and then, in base 32 (which QR codes hold compactly): one byte of format, eight
bytes that name the seal's certificate, two of the signature's length, the signature, and the
statement as a JSON list, over which with the first nine bytes the signature is.
"""

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import segno
from asn1crypto import x509

from onevisit.documents.errors import BadCode
from onevisit.documents.format import BEIJING
from onevisit.documents.trust.data import canonical, number_of, shown_holder
from onevisit.documents.trust.seals import KEY_ID, Seal
from onevisit.documents.trust.signatures import is_signed

FORMAT = b"\x01"
LONGEST = 4000
"""Characters; no QR code holds more."""
MASK = 2
"""Any of the eight patterns can be read; trying them all takes four times as long."""


@dataclass(frozen=True)
class Statement:
    """What a code says: of which paper, whose it is, by whom, until when (None: without end)."""

    number: str
    check_code: str
    kind: str
    title: str
    holder: str
    uscc: str
    issued: date
    until: date | None

    @property
    def issued_at(self) -> datetime:
        """Noon of the day of issue."""
        return datetime.combine(self.issued, time(12), BEIJING)


@dataclass(frozen=True)
class Code:
    """A code as read: its statement, and what is needed to check who says so."""

    statement: Statement
    key_id: bytes
    signature: bytes
    signed: bytes


def statement_of(snapshot: Mapping[str, Any]) -> Statement:
    """What the code of a document has to say."""
    certificate = snapshot.get("certificate") or {}
    until = certificate.get("valid_until") if snapshot["kind"] == "certificate" else None
    return Statement(
        number=number_of(snapshot),
        check_code=snapshot["check_code"],
        kind=snapshot["kind"],
        title=snapshot["title"],
        holder=shown_holder(snapshot),
        uscc=snapshot["authority"]["uscc"],
        issued=date.fromisoformat(snapshot["issued_at"][:10]),
        until=date.fromisoformat(until) if until else None,
    )


def address_of(statement: Statement, address: str, seal: Seal | None) -> str:
    """The text of the code; without a seal it only asks for the number and its check code."""
    if seal is None:
        return address
    head = FORMAT + seal.key_id
    said = canonical([*_plain(statement)])
    signature = seal.sign(head + said)
    packed = head + len(signature).to_bytes(2, "big") + signature + said
    return f"{address}?p={base64.b32encode(packed).decode().rstrip('=')}"


def read(text: str) -> Code:
    """A code as scanned: the whole address, or what follows `p=`; BadCode when it is none."""
    text = _packed(text.strip())
    if not text or len(text) > LONGEST:
        raise BadCode("二维码里没有文书的签名信息，请对准文书上的核验二维码重新扫描。")
    try:
        packed = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
        if packed[:1] != FORMAT:
            raise BadCode("二维码的格式不认识，可能是更新的版本，请在核验网页上查询。")
        length = int.from_bytes(packed[1 + KEY_ID : 3 + KEY_ID], "big")
        signature = packed[3 + KEY_ID : 3 + KEY_ID + length]
        said = packed[3 + KEY_ID + length :]
        statement = _statement(json.loads(said))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCode("二维码的内容不完整或者被改动过，不能核验。") from error
    return Code(statement, packed[1 : 1 + KEY_ID], signature, packed[: 1 + KEY_ID] + said)


def _packed(text: str) -> str:
    """What follows `p=` in an address; "" where nothing does."""
    if "?" not in text and ":" not in text:
        return text
    try:
        return (parse_qs(urlsplit(text).query).get("p") or [""])[0]
    except ValueError:  # an address that is none
        return ""


def is_signed_by(code: Code, certificate: x509.Certificate) -> bool:
    """Whether the key of that certificate signed what the code says."""
    return is_signed(code.signed, code.signature, certificate)


def drawing(text: str) -> bytes:
    """The QR code of a text as a PNG of one pixel a module with its quiet zone (ISO/IEC 18004,
    error level M); what is base 32 is packed tighter than the address before it."""
    before, mark, packed = text.partition("?p=")
    parts = [before + mark, packed] if packed else [before]
    code = segno.make(parts, error="m", boost_error=False, micro=False, mask=MASK)  # type: ignore[arg-type]  # a list of segments is taken too
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=1, border=4)
    return picture.getvalue()


def _plain(statement: Statement) -> list[str]:
    said = statement
    days = [each.isoformat().replace("-", "") if each else "" for each in (said.issued, said.until)]
    return [
        said.number, said.check_code, said.kind, said.title, said.holder, said.uscc, *days,
    ]  # fmt: skip


def _statement(said: Any) -> Statement:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise ValueError("not a statement")
    "".join(
        said
    ).encode()  # a lone surrogate can be shown nowhere: UnicodeEncodeError, a ValueError
    number, check_code, kind, title, holder, uscc, issued, until = said
    return Statement(
        number, check_code, kind, title, holder, uscc,
        date.fromisoformat(issued), date.fromisoformat(until) if until else None,
    )  # fmt: skip
