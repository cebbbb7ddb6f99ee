"""The list that a stranger takes along to verify without a network: whom to trust, the departments'
certificates, and which papers no longer hold as of the day it was made.

Whoever has it only has to know that it is the right one: `fingerprint` is published at the counter.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from asn1crypto import pem, x509

from onevisit.documents.errors import BadSeal
from onevisit.documents.format import BEIJING
from onevisit.documents.trust import codes, paths
from onevisit.documents.trust.seals import Seals, certificates, key_id

FORMAT = "onevisit-trust/1"


@dataclass(frozen=True)
class TrustList:
    """`roots` are trusted; `chains` each a department's certificate and what is between it and a
    root; `revoked` the hashes of numbers of papers that did not hold any more at `made_at`;
    `stamps` the roots of time-stamping authorities, trusted for the time only; `address` where
    the authority answers for its papers, empty when that is not known."""

    made_at: datetime
    roots: tuple[x509.Certificate, ...]
    chains: tuple[tuple[x509.Certificate, ...], ...]
    revoked: frozenset[str]
    stamps: tuple[x509.Certificate, ...] = ()
    address: str = ""

    def signer_of(self, code: codes.Code) -> str | None:
        """The title of the office that signed a code: if its certificate is on the list, leads to
        a root, and is that of the office which the code names; else None."""
        chain = self._by_key.get(code.key_id)
        if chain is None or not codes.is_signed_by(code, chain[0]):
            return None
        subject = chain[0].subject.native
        own = subject.get("organization_identifier") == code.statement.uscc
        if not own or not paths.leads_to(chain, self.roots, code.statement.issued_at):
            return None
        return str(subject.get("common_name"))

    def no_longer_holds(self, number: str) -> bool:
        """Whether the paper with this number had been revoked, cancelled, replaced or taken back
        when the list was made."""
        return hashed(number) in self.revoked

    @property
    def fingerprint(self) -> str:
        """SHA-256 of whom one trusts, in groups of four as people compare them."""
        digest = (
            hashlib.sha256(b"".join(root.dump() for root in (*self.roots, *self.stamps)))
            .hexdigest()
            .upper()
        )
        return " ".join(digest[at : at + 4] for at in range(0, 32, 4))

    def as_json(self) -> dict[str, Any]:
        """The list as it is published."""
        return {
            "format": FORMAT,
            "made_at": self.made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "roots": [_pem(each) for each in self.roots],
            "stamps": [_pem(each) for each in self.stamps],
            "address": self.address,
            "seals": [[_pem(each) for each in chain] for chain in self.chains],
            "revoked": sorted(self.revoked),
        }

    @cached_property
    def _by_key(self) -> Mapping[bytes, tuple[x509.Certificate, ...]]:
        return {key_id(chain[0]): chain for chain in self.chains}


def of_seals(
    seals: Seals, revoked: Iterable[str], made_at: datetime, address: str = ""
) -> TrustList:
    """The list of an authority with these seals; `revoked` are numbers of papers, `address` is
    that of its verification page."""
    hashes = frozenset(hashed(number) for number in revoked)
    roots, chains, stamps = seals.roots(), seals.chains(), seals.stamps()
    return TrustList(made_at, tuple(roots), tuple(chains), hashes, tuple(stamps), address)


def read(text: str) -> TrustList:
    """A published list; BadSeal when it is none."""
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            raise BadSeal(f"信任列表的格式应当是 {FORMAT}。")
        return TrustList(
            datetime.fromisoformat(given["made_at"]).astimezone(BEIJING),
            _read(given["roots"]),
            tuple(_read(chain) for chain in given["seals"]),
            frozenset(str(each) for each in given["revoked"]),
            _read(given.get("stamps") or []),
            str(given.get("address") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadSeal("信任列表读不出来，请重新下载。") from error


def hashed(number: str) -> str:
    """How a number is listed: the first 16 bytes of its SHA-256, so that the list names none."""
    return hashlib.sha256(number.encode()).hexdigest()[:32]


def _read(texts: Iterable[str]) -> tuple[x509.Certificate, ...]:
    return tuple(each for text in texts for each in certificates(text.encode()))


def _pem(certificate: x509.Certificate) -> str:
    text: bytes = pem.armor("CERTIFICATE", certificate.dump())
    return text.decode()
