"""Receipts, notices and certificates: a snapshot and a template become a PDF, always the same."""

from onevisit.documents.certificate import certificate_number, check_certificate_number
from onevisit.documents.errors import (
    BadCertificateNumber,
    BrokenTemplate,
    DocumentError,
    MissingValue,
    RefusedAsset,
    UnknownTemplate,
)
from onevisit.documents.render import check_template, render
from onevisit.documents.sample import sample_snapshot

__all__ = [
    "BadCertificateNumber",
    "BrokenTemplate",
    "DocumentError",
    "MissingValue",
    "RefusedAsset",
    "UnknownTemplate",
    "certificate_number",
    "check_certificate_number",
    "check_template",
    "render",
    "sample_snapshot",
]
