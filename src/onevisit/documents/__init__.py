"""Receipts, notices and certificates: a snapshot and a template become a PDF, always the same."""

from onevisit.documents.certificate import certificate_number, check_certificate_number
from onevisit.documents.errors import (
    BadCertificateNumber,
    BadCode,
    BadSeal,
    BrokenTemplate,
    DocumentError,
    MissingValue,
    NoSeal,
    RefusedAsset,
    UnknownTemplate,
)
from onevisit.documents.render import Press, Printing, check_template, render
from onevisit.documents.sample import sample_snapshot
from onevisit.documents.trust.seals import Seals, Token
from onevisit.documents.workshop import PressFailed, Workshop

__all__ = [
    "BadCertificateNumber",
    "BadCode",
    "BadSeal",
    "BrokenTemplate",
    "DocumentError",
    "MissingValue",
    "NoSeal",
    "Press",
    "PressFailed",
    "Printing",
    "RefusedAsset",
    "Seals",
    "Token",
    "UnknownTemplate",
    "Workshop",
    "certificate_number",
    "check_certificate_number",
    "check_template",
    "render",
    "sample_snapshot",
]
