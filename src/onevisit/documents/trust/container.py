"""The few bytes of a signed file that its signature cannot cover: the signature itself and the
room kept for it. They must be exactly what a signer writes, so that not one of them can be altered.
"""

from asn1crypto import algos, cms, core
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from onevisit.documents.trust.seals import DIGEST

STAMP = "signature_time_stamp_token"


def is_untouched(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Whether the room holds the signature in upper-case digits, zeros behind it and nothing else,
    and the signature no more and nothing other than it has to (RFC 5652 in DER)."""
    _, end, start, _ = (int(each) for each in signature.byte_range)
    room: bytes = signature.pkcs7_content
    if pdf[end:start] != f"<{room.hex().upper()}>".encode():
        return False
    length = _length(room)
    return not any(room[length:]) and room[:length] == _as_written(room[:length], signature)


def _as_written(der: bytes, signature: EmbeddedPdfSignature) -> bytes:
    """The signature put together anew from the parts that something vouches for: attributes and
    signature by the key, certificates by their issuers and the attributes."""
    given = cms.ContentInfo.load(der)["content"]
    info, signer = given["signer_infos"][0], signature.signer_cert
    digest = algos.DigestAlgorithm({"algorithm": DIGEST, "parameters": core.Null()})
    by = {"issuer": signer.issuer, "serial_number": signer.serial_number}
    written = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(by)}),
        "digest_algorithm": digest,
        "signed_attrs": info["signed_attrs"],
        "signature_algorithm": info["signature_algorithm"],
        "signature": info["signature"],
    }
    added = info["unsigned_attrs"]
    if added and [each["type"].native for each in added] == [STAMP]:  # signed by who gave it
        written["unsigned_attrs"] = added
    content = {
        "version": "v1",
        "digest_algorithms": [digest],
        "encap_content_info": {"content_type": "data"},
        "certificates": given["certificates"],
        "signer_infos": [cms.SignerInfo(written)],
    }
    whole = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)})
    dumped: bytes = whole.dump()
    return dumped


def _length(der: bytes) -> int:
    """How long the outermost DER value says it is, its header included (X.690, 8.1.3)."""
    if der[1] < 0x80:
        return 2 + der[1]
    octets = der[1] & 0x7F
    return 2 + octets + int.from_bytes(der[2 : 2 + octets], "big")
