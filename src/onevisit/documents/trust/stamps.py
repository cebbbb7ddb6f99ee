"""Time stamps (RFC 3161) of anything but a paper: asked for, and read again years later."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data

from onevisit.documents.errors import BadSeal
from onevisit.documents.trust.finished import finished
from onevisit.documents.trust.paths import context
from onevisit.documents.trust.stamping import Stamper

DIGEST = "sha256"


@dataclass(frozen=True)
class Stamped:
    """What a stamp says: when, by whom, and whether that authority is one that is trusted."""

    at: datetime
    authority: str
    trusted: bool


def stamp(url: str, data: bytes) -> bytes:
    """The token (DER) of the authority at `url` over these bytes; BadSeal."""
    asked = Stamper(url).async_timestamp(hashlib.sha256(data).digest(), DIGEST)
    token: bytes = finished(asked).dump()
    return token


def read(token: bytes, data: bytes, roots: Sequence[x509.Certificate]) -> Stamped:
    """What a token says of these bytes, its authority's certificate as of that moment; BadSeal
    where it is no stamp of them, or its own signature does not hold."""
    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        at = signed["encap_content_info"]["content"].parsed["gen_time"].native
        found = finished(
            validate_tst_signed_data(
                signed, context(roots, at), lambda name: hashlib.new(name, data).digest()
            )
        )
    except Exception as error:  # a file from anywhere makes libraries raise anything
        raise BadSeal(f"时间戳不能读取：{error}") from error
    if not (found["intact"] and found["valid"]):
        raise BadSeal("时间戳不是这个检查点的，或者签名不对")
    named = found["signing_cert"].subject.native
    authority = named.get("common_name") or named.get("organization_name") or "未写明"
    return Stamped(at, str(authority), found.get("trust_problem_indic") is None
                   and found.get("validation_path") is not None)  # fmt: skip
