"""The signatures of the papers by themselves, so that they can be checked with common tools.

Each is written as it stands in its paper (CMS, detached, DER), with the certificates in it. That a
certificate may be trusted is not for an archive to say: it only shows whose it claims to be.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from asn1crypto import cms, pem, x509

from onevisit.cases.archive import verify
from onevisit.cases.archive.piece import Piece
from onevisit.store.files import Stored

FOLDER = "signatures"
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


@dataclass(frozen=True)
class Signature:
    """One signature in a PDF file: its CMS structure, who signed, and every certificate in it;
    `stamped` when somebody else confirms the time. `covers` are the first and last bytes (from 0,
    end not counted) of the two stretches of the file that it is made over."""

    content: bytes
    signer: x509.Certificate
    certificates: tuple[x509.Certificate, ...]
    stamped: bool
    covers: tuple[int, int, int, int]


def signatures(papers: Mapping[str, Stored], roots: bytes) -> tuple[Piece, ...]:
    """The files about the signatures of these papers, by their places in the archive; `roots` are
    the certificates (PEM) that the house says can be trusted."""
    told: list[dict[str, Any]] = []
    found: dict[str, Piece] = {}
    for path, lies in sorted(papers.items()):
        for number, each in enumerate(signatures_of(lies.read()), start=1):
            name = f"{FOLDER}/{PurePosixPath(path).stem}.{number}.p7s"
            found[name] = Piece(name, "文书的电子签名（CMS）", each.content)
            found |= {piece.path: piece for piece in map(_certificate, each.certificates)}
            told.append({"paper": path, "signature": name, **_told(each)})
    if roots:
        found[f"{FOLDER}/root.pem"] = Piece(f"{FOLDER}/root.pem", "本系统公布的根证书", roots)
    listed = Piece(f"{FOLDER}/signatures.json", "每份文书由谁签名", verify.written(told))
    return (*found.values(), listed)


def signatures_of(content: bytes) -> Iterator[Signature]:
    """The signatures of a PDF file; what cannot be read as one is left out."""
    for found in _RANGE.finditer(content):
        begin, first, second, rest = (int(each) for each in found.groups())
        try:
            raw = bytes.fromhex(content[begin + first : second].strip(b"<>").decode())
            signed = cms.ContentInfo.load(raw)  # the padding behind it is not read
            data = signed["content"]
            inside = [each.chosen for each in data["certificates"]]
            info = data["signer_infos"][0]
            signer = _signer(inside, info)
            extra = {each["type"].native for each in info["unsigned_attrs"] or ()}
        except (ValueError, KeyError, IndexError, TypeError):
            continue
        covers = (begin, begin + first, second, second + rest)
        stamped = "signature_time_stamp_token" in extra
        yield Signature(signed.dump(), signer, tuple(inside), stamped, covers)


def _signer(inside: Sequence[x509.Certificate], info: cms.SignerInfo) -> x509.Certificate:
    wanted = info["sid"].chosen["serial_number"].native
    return next(each for each in inside if each.serial_number == wanted)


def _certificate(certificate: x509.Certificate) -> Piece:
    path = f"{FOLDER}/{certificate.sha256.hex()[:16]}.pem"
    return Piece(path, "签名证书", pem.armor("CERTIFICATE", certificate.dump()))


def _told(signature: Signature) -> dict[str, Any]:
    certificate = signature.signer
    return {
        "signer": certificate.subject.native,
        "issuer": certificate.issuer.native,
        "serial": str(certificate.serial_number),
        "sha256": certificate.sha256.hex(),
        "valid_from": certificate.not_valid_before.isoformat(),
        "valid_until": certificate.not_valid_after.isoformat(),
        "time_stamped": signature.stamped,
        "certificates": [_certificate(each).path for each in signature.certificates],
        "covers": list(signature.covers),
    }
