"""Says of a PDF file whether it is what a department sealed: by whom, when, and unchanged or not.

Needs nothing but the file and whom to trust; whether a certificate was revoked since, only the
authority's own register knows.
"""

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from onevisit.documents.trust import changes, paths
from onevisit.documents.trust.container import is_untouched
from onevisit.documents.trust.data import FILE_NAME, FORMAT
from onevisit.documents.trust.finished import finished

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # a stranger's bad file is no fault of ours
Verdict = Literal["genuine", "changed", "foreign", "unsigned", "unreadable"]
LIMIT = 20 * 1024 * 1024
"""Bytes; our papers are far smaller."""
USES = KeyUsageConstraints(
    key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
)
WORDS: dict[Verdict, str] = {
    "genuine": "签章有效，盖章以后没有改动",
    "changed": "盖章以后被改动过，不能作为凭证",
    "foreign": "不是可信机构盖的章，不能作为凭证",
    "unsigned": "没有电子签章，不能证明由谁出具",
    "unreadable": "不是可以核验的文书文件",
}
UNSEEN = "改动不在可见的文字里（例如印章、二维码、图形、批注或者文件内部的数据）。"


@dataclass(frozen=True)
class Examined:
    """What was found: the verdict, who sealed it (title and code) and when, whether an independent
    authority stamped that time, the data inside, and sentences (`told`) for whoever asks."""

    verdict: Verdict
    told: tuple[str, ...] = ()
    sealed_by: str | None = None
    uscc: str | None = None
    sealed_at: datetime | None = None
    stamped_at: datetime | None = None
    data: dict[str, Any] | None = field(default=None)

    @property
    def word(self) -> str:
        """The verdict in a sentence."""
        return WORDS[self.verdict]


def examine(
    pdf: bytes, roots: Sequence[x509.Certificate], stamps: Sequence[x509.Certificate] = ()
) -> Examined:
    """Examine a file; `roots` are the certificates of whom one trusts, `stamps` of whom one also
    trusts for the time. Never raises for a file."""
    if len(pdf) > LIMIT:
        return Examined("unreadable", (f"文件超过 {LIMIT // 1024 // 1024} MB。",))
    if not pdf.startswith(b"%PDF-"):
        return Examined("unreadable", ("请选择下载得到的 PDF 文件，不是照片、扫描件或者截图。",))
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        signatures = reader.embedded_signatures
    except Exception:  # a hostile file makes libraries raise anything
        return Examined("unreadable", ("文件已经损坏，或者没有下载完整。",))
    if not signatures:
        return Examined(
            "unsigned",
            (
                "文件里没有任何电子签章：可能是另存、打印再扫描，或者自行制作的。",
                "上面即使印着二维码，也只能说明二维码所指的那份文书存在，不能说明就是这份文件。",
            ),
        )
    try:
        return _of_signature(pdf, signatures, roots, stamps)
    except Exception:  # as above
        return Examined("changed", ("签章的数据已经损坏。",))


def _of_signature(
    pdf: bytes,
    signatures: Sequence[EmbeddedPdfSignature],
    roots: Sequence[x509.Certificate],
    stamps: Sequence[x509.Certificate],
) -> Examined:
    first = signatures[0]
    status = _status(first, roots, stamps)
    subject = first.signer_cert.subject.native if first.signer_cert else {}
    signed = pdf[: _end(first)]
    data = _data(signed)
    found = Examined(
        "genuine",
        sealed_by=subject.get("common_name"),
        uscc=subject.get("organization_identifier"),
        sealed_at=first.self_reported_timestamp,
        stamped_at=_stamped_at(status),
        data=data,
    )
    whole = status.intact and status.valid and _stamp_is_whole(status)
    if not (whole and is_untouched(pdf, first)):
        return replace(found, verdict="changed", told=tuple(_inside(data, pdf)))
    if not status.trusted:
        told = f"章上自称“{found.sealed_by}”，但不在可信的签章名单里：可能是伪造后重新盖的。"
        return replace(found, verdict="foreign", told=(told,))
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE or len(signatures) != 1:
        added = changes.differences(signed, pdf) or [UNSEEN]
        return replace(found, verdict="changed", told=("盖章以后又添加了内容。", *added))
    if data is None:
        return replace(found, verdict="foreign", told=("章是真的，但不是本系统出具的文书。",))
    if (data.get("authority") or {}).get("uscc") != found.uscc:
        return replace(found, verdict="foreign", told=("盖章的部门与文书上的出具机关不一致。",))
    return found


def _status(
    signature: EmbeddedPdfSignature,
    roots: Sequence[x509.Certificate],
    stamps: Sequence[x509.Certificate],
) -> PdfSignatureStatus:
    """As pyHanko sees it, at the moment the signature names, its time stamp at the one that names;
    nothing is fetched."""
    given = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
    stamped = given["encap_content_info"]["content"].parsed["gen_time"].native if given else None
    return finished(
        async_validate_pdf_signature(
            signature,
            paths.context(roots, signature.self_reported_timestamp),
            paths.context((*roots, *stamps), stamped),
            key_usage_settings=USES,
            skip_diff=True,
        )
    )


def _stamp_is_whole(status: PdfSignatureStatus) -> bool:
    """Whether a time stamp, if there is one, is at least what its own signer made for this."""
    stamp = status.timestamp_validity
    return stamp is None or (stamp.intact and stamp.valid)


def _stamped_at(status: PdfSignatureStatus) -> datetime | None:
    stamp = status.timestamp_validity
    return stamp.timestamp if stamp is not None and stamp.valid and stamp.trusted else None


def _end(signature: EmbeddedPdfSignature) -> int:
    """Where the file ended when it was sealed."""
    *_, start, length = (int(each) for each in signature.byte_range)
    return start + length


def _inside(data: dict[str, Any] | None, pdf: bytes) -> list[str]:
    """What can be told of a change without the original at hand."""
    if data is None:
        return ["文书里的数据已经读不出来，说明改动涉及数据本身。"]
    found = changes.not_shown(data, pdf)
    return found or [UNSEEN]


def _data(pdf: bytes) -> dict[str, Any] | None:
    """The data that travels in the file; None when there is none of ours."""
    try:
        files = PdfFileReader(io.BytesIO(pdf), strict=False).root["/Names"]["/EmbeddedFiles"]
        names = files["/Names"]
        for place in range(1, len(names), 2):
            if names[place]["/UF"] == FILE_NAME:
                data = json.loads(names[place]["/EF"]["/F"].data)
                return data if isinstance(data, dict) and data.get("format") == FORMAT else None
    except Exception:  # as above
        return None
    return None
