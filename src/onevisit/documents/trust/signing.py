"""Signs a PDF file (PAdES): one certifying signature after which nothing may change.

It is added as an increment, so that the bytes of the paper itself stay as they were laid out.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import (
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko.stamp import NoOpStampStyle

from onevisit.documents.errors import BadSeal
from onevisit.documents.trust.finished import finished
from onevisit.documents.trust.seals import DIGEST, Seal
from onevisit.documents.trust.stamping import Stamper

FIELD = "Seal"


@dataclass(frozen=True)
class Place:
    """Where the seal is drawn: page (from 0) and its box in points, from the lower left corner."""

    page: int
    box: tuple[int, int, int, int]


def sign(pdf: bytes, seal: Seal, signing: "Signing", place: Place | None) -> bytes:
    """The signed file; the same file, seal and moment give the same bytes (without time stamps).

    place: where the drawn seal becomes the signature that a reader can click. Raises BadSeal when
    the device or the time-stamping authority does not answer, or nobody would trust the seal.
    """
    seal.refuse_unless_trusted(signing.moment)
    writer = _Writer(io.BytesIO(pdf))
    writer.name_by(pdf)
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=signing.name,
        reason=signing.reason,
        location=signing.location,
    )
    where = SigFieldSpec(FIELD, on_page=place.page, box=place.box) if place else SigFieldSpec(FIELD)
    stamper = Stamper(signing.timestamps) if signing.timestamps else None
    append_signature_field(writer, where)  # with an appearance of its own, which PDF/A asks for
    signer = _Dated(metadata, seal.signer, timestamper=stamper, stamp_style=NoOpStampStyle())
    signer.moment = signing.moment
    try:
        output = finished(signer.async_sign_pdf(writer, bytes_reserved=_room(seal, signing)))
    except SigningError as error:
        raise BadSeal(f"不能签章：{error}") from error
    return bytes(output.getvalue())


@dataclass(frozen=True)
class Signing:
    """What a signature says of itself: who signs what, where, when, and who stamps the time."""

    name: str
    reason: str
    location: str
    moment: datetime
    timestamps: str = ""


def _room(seal: Seal, signing: Signing) -> int:
    """Hexadecimal digits to keep free for the signature: its certificates, and what a
    time-stamping authority adds."""
    chain = [seal.certificate, *seal.signer.cert_registry]
    return 2 * (sum(len(each.dump()) for each in chain) + 2048 + 12_288 * bool(signing.timestamps))


class _Dated(PdfSigner):
    """Signs as of the moment the paper was issued, not of the moment it happens to be made."""

    moment: datetime

    def init_signing_session(self, *args: Any, **options: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.moment
        return session

    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        """Only PAdES's own: what else pyHanko would announce for ECDSA (ISO/TS 32002) makes the
        file a PDF 2.0, which PDF/A-3 is not."""
        del md_algorithm
        pdf_out.register_extension(ESIC_EXTENSION_1)


class _Writer(IncrementalPdfFileWriter):
    """Writes nothing that comes from the clock or from chance, and stays a PDF 1.7 (PDF/A-3)."""

    output_version = (1, 7)

    def name_by(self, pdf: bytes) -> None:
        """The second half of the file's identifier follows from what is signed."""
        own = hashlib.sha256(pdf).digest()[:16]
        self._document_id = generic.ArrayObject(
            [self._document_id[0], generic.ByteStringObject(own)]
        )

    def _update_meta(self) -> None:
        """The paper's own properties stay as they were."""
