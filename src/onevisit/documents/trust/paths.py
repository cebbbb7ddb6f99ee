"""Whether a certificate leads to one that is trusted, as of a moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from onevisit.documents.trust.finished import finished


def context(roots: Iterable[x509.Certificate], moment: datetime | None) -> ValidationContext:
    """Trust in these roots at that moment (None: now); nothing is fetched from anywhere."""
    return ValidationContext(
        trust_roots=list(roots),
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=moment,
    )


def leads_to(
    chain: Sequence[x509.Certificate], roots: Iterable[x509.Certificate], moment: datetime
) -> bool:
    """Whether the first of `chain` leads to one of the roots, by way of the others (RFC 5280)."""
    validator = CertificateValidator(chain[0], chain[1:], context(roots, moment))
    try:
        finished(validator.async_validate_path())
    except (PathError, ValidationError):
        return False
    return True
