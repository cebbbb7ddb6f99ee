"""The list that a stranger takes along to verify without a network: whom to trust, the departments'
certificates, and which papers no longer hold as of the day it was made.

Whoever has it only has to know that it is the right one: `fingerprint` is published at the counter.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from asn1crypto import pem, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from onevisit.documents.errors import BadSeal
from onevisit.documents.format import BEIJING
from onevisit.documents.trust import codes
from onevisit.documents.trust.seals import Seals, certificates, key_id

FORMAT = "onevisit-trust/1"


@dataclass(frozen=True)
class TrustList:
    """`roots` are trusted; `chains` each a department's certificate and what is between it and a
    root; `revoked` the hashes of numbers of papers that did not hold any more at `made_at`."""

    made_at: datetime
    roots: tuple[x509.Certificate, ...]
    chains: tuple[tuple[x509.Certificate, ...], ...]
    revoked: frozenset[str]

    def signer_of(self, code: codes.Code) -> str | None:
        """The title of the office that signed a code: if its certificate is on the list, leads to
        a root, and is that of the office which the code names; else None."""
        chain = self._by_key.get(code.key_id)
        if chain is None or not codes.is_signed_by(code, chain[0]):
            return None
        subject = chain[0].subject.native
        own = subject.get("organization_identifier") == code.statement.uscc
        if not own or not self._is_trusted(chain, code.statement.issued_at):
            return None
        return str(subject.get("common_name"))

    def no_longer_holds(self, number: str) -> bool:
        """Whether the paper with this number had been revoked, cancelled, replaced or taken back
        when the list was made."""
        return hashed(number) in self.revoked

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the roots, in groups of four as people compare them."""
        digest = hashlib.sha256(b"".join(root.dump() for root in self.roots)).hexdigest().upper()
        return " ".join(digest[at : at + 4] for at in range(0, 32, 4))

    def as_json(self) -> dict[str, Any]:
        """The list as it is published."""
        return {
            "format": FORMAT,
            "made_at": self.made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "roots": [_pem(each) for each in self.roots],
            "seals": [[_pem(each) for each in chain] for chain in self.chains],
            "revoked": sorted(self.revoked),
        }

    @cached_property
    def _by_key(self) -> Mapping[bytes, tuple[x509.Certificate, ...]]:
        return {key_id(chain[0]): chain for chain in self.chains}

    def _is_trusted(self, chain: tuple[x509.Certificate, ...], moment: datetime) -> bool:
        context = ValidationContext(
            trust_roots=list(self.roots),
            allow_fetching=False,
            revocation_mode="soft-fail",
            moment=moment,
        )
        validator = CertificateValidator(chain[0], chain[1:], context)
        try:
            asyncio.run(validator.async_validate_path())
        except (PathError, ValidationError):
            return False
        return True


def of_seals(seals: Seals, revoked: Iterable[str], made_at: datetime) -> TrustList:
    """The list of an authority with these seals; `revoked` are numbers of papers."""
    hashes = frozenset(hashed(number) for number in revoked)
    return TrustList(made_at, tuple(seals.roots()), tuple(seals.chains()), hashes)


def read(text: str) -> TrustList:
    """A published list; BadSeal when it is none."""
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            raise BadSeal(f"信任列表的格式应当是 {FORMAT}。")
        return TrustList(
            datetime.fromisoformat(given["made_at"]).astimezone(BEIJING),
            tuple(each for root in given["roots"] for each in certificates(root.encode())),
            tuple(
                tuple(each for one in chain for each in certificates(one.encode()))
                for chain in given["seals"]
            ),
            frozenset(str(each) for each in given["revoked"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSeal("信任列表读不出来，请重新下载。") from error


def hashed(number: str) -> str:
    """How a number is listed: the first 16 bytes of its SHA-256, so that the list names none."""
    return hashlib.sha256(number.encode()).hexdigest()[:32]


def _pem(certificate: x509.Certificate) -> str:
    text: bytes = pem.armor("CERTIFICATE", certificate.dump())
    return text.decode()
