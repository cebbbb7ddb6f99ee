"""The departments' seals (电子签章): where each one's key and certificate are, and how it signs.

A folder holds `root.pem` (whom a stranger has to trust), `tsa.pem` where a time-stamping authority
has roots of its own (trusted for times only) and, for each department, by its unified social credit
code: `CODE.pem` (its certificate, then any between it and the root) with `CODE.key`
(PKCS#8), or `CODE.p12` (PKCS#12), or `CODE.pem` alone when the key never leaves a token (PKCS#11).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from onevisit.documents.errors import BadSeal, NoSeal
from onevisit.documents.format import cn_date
from onevisit.documents.trust import demo_authority
from onevisit.documents.trust.demo_authority import ROOT, STAMPS
from onevisit.documents.trust.finished import finished
from onevisit.documents.trust.paths import leads_to

DIGEST = "sha256"
KEY_ID = 8
CERTIFICATE = "CERTIFICATE"
SIGNS = {"digital_signature", "non_repudiation"}
"""What a certificate has to allow, one of them, when it says at all what it allows."""
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Token:
    """A PKCS#11 device: its driver, the label of the token, and its PIN; each key is labelled with
    the code of its department."""

    module: str
    label: str
    pin: str = field(repr=False)


@dataclass(frozen=True)
class Seals:
    """Where the keys are: `folder`, its `password` (of .key and .p12 files, empty when there is
    none), a `token`, and the address of a time-stamping authority (RFC 3161), if any."""

    folder: Path
    password: str = field(default="", repr=False)
    token: Token | None = None
    timestamps: str = ""

    def seal(self, uscc: str, title: str) -> "Seal":
        """The seal of a department; a demo authority issues one that is not there yet.

        Raises NoSeal where there is none and nobody here may make one, BadSeal for unusable files.
        """
        return _seal(self, uscc, title)

    def roots(self) -> list[asn1_x509.Certificate]:
        """Whom to trust; a demo authority is founded where there is none."""
        demo_authority.found(self.folder)
        return _in_file(self.folder / ROOT)

    def stamps(self) -> list[asn1_x509.Certificate]:
        """Whom else to trust for the time of a signature."""
        path = self.folder / STAMPS
        return _in_file(path) if path.exists() else []

    def chains(self) -> list[tuple[asn1_x509.Certificate, ...]]:
        """Each department's certificate with what is between it and the root."""
        files = sorted((*self.folder.glob("*.p12"), *self.folder.glob("*.pem")))
        own = [path for path in files if path.name not in (ROOT, STAMPS)]
        return [tuple(_chain(path, self.password)) for path in own]


@dataclass(frozen=True)
class Seal:
    """One department's seal: `signer` signs PDF files and everything else that is to be sealed;
    strangers trust `roots`."""

    certificate: asn1_x509.Certificate
    signer: Signer
    roots: tuple[asn1_x509.Certificate, ...] = ()

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name the certificate."""
        return key_id(self.certificate)

    def refuse_unless_trusted(self, moment: datetime) -> None:
        """BadSeal when whoever examines the paper of that moment will find its seal worthless."""
        chain = [self.certificate, *self.signer.cert_registry]
        if not leads_to(chain, self.roots, moment):
            begin, end = self.certificate.not_valid_before, self.certificate.not_valid_after
            raise BadSeal(
                f"{self.certificate.subject.human_friendly} 的证书在 {cn_date(moment)} 不可信："
                f"有效期是 {cn_date(begin)}至{cn_date(end)}；如在期内，请核对它是否由 {ROOT}"
                "（经随附的中间证书）签发"
            )

    def sign(self, data: bytes) -> bytes:
        """The signature of some bytes (SHA-256; ECDSA in DER, or RSA with PKCS#1 v1.5 padding)."""
        return finished(self.signer.async_sign_raw(data, DIGEST))


class _OfFile(Signer):
    """Signs with a key in memory, and the same bytes always alike (ECDSA after RFC 6979)."""

    def __init__(self, chain: list[asn1_x509.Certificate], key: Key) -> None:
        self._key = key
        super().__init__(
            signing_cert=chain[0],
            cert_registry=registry(chain[1:]),
            embed_roots=False,
        )

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """As pyHanko asks for it; `dry_run` only wants to know how long it will be."""
        del dry_run
        if digest_algorithm != DIGEST:
            raise BadSeal(f"只支持 SHA-256，不支持 {digest_algorithm}")
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def key_id(certificate: asn1_x509.Certificate) -> bytes:
    """Eight bytes that name a certificate, in codes on paper."""
    return hashlib.sha256(certificate.dump()).digest()[:KEY_ID]


def registry(above: Sequence[asn1_x509.Certificate]) -> SimpleCertificateStore:
    """The certificates between a seal's own and the root, as pyHanko takes them."""
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # as it is
    store.register_multiple(above)
    return store


def certificates(text: bytes) -> list[asn1_x509.Certificate]:
    """The certificates in a PEM file; BadSeal when it is none."""
    try:
        blocks = list(pem.unarmor(text, multiple=True))
        found = [asn1_x509.Certificate.load(der) for kind, _, der in blocks if kind == CERTIFICATE]
        for each in found:
            each.native  # noqa: B018 -- reads all of it, so that a broken one is found now
    except (ValueError, TypeError) as error:
        raise BadSeal(f"不是 PEM 格式的证书：{error}") from error
    if not found:
        raise BadSeal("里面没有证书")
    return found


@lru_cache(maxsize=256)
def _seal(seals: Seals, uscc: str, title: str) -> Seal:
    chain, key_file = _files(seals, uscc, title)
    _refuse_unless_of(chain[0], uscc)
    roots = tuple(seals.roots())
    if seals.token is not None and key_file is None:
        from onevisit.documents.trust.token import of_token  # noqa: PLC0415 -- needs a driver

        return Seal(chain[0], of_token(seals.token, uscc, chain), roots)
    if key_file is None:
        raise NoSeal(title, uscc, str(seals.folder))
    key = _key(key_file, seals.password)
    public = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*public) != chain[0].public_key.dump():
        raise BadSeal(f"{key_file.name} 与 {uscc} 的证书不是一对")
    return Seal(chain[0], _OfFile(chain, key), roots)


def _refuse_unless_of(certificate: asn1_x509.Certificate, uscc: str) -> None:
    """BadSeal for a certificate from which nobody could tell later that it is that department's."""
    named = certificate.subject.native.get("organization_identifier")
    if named != uscc:
        raise BadSeal(
            f"{uscc} 的证书里机构标识（organizationIdentifier，2.5.4.97）应当是 {uscc}，"
            f"现在是 {named or '空的'}"
        )
    usage = certificate.key_usage_value
    if usage is not None and not usage.native & SIGNS:
        raise BadSeal(f"{uscc} 的证书不是用来签名的（keyUsage）")


def _files(seals: Seals, uscc: str, title: str) -> tuple[list[asn1_x509.Certificate], Path | None]:
    """The certificate with what is above it, and the file that holds the key, if one does."""
    container, plain = seals.folder / f"{uscc}.p12", seals.folder / f"{uscc}.pem"
    if container.exists():
        return _chain(container, seals.password), container
    if not plain.exists():
        demo_authority.found(seals.folder)
        if not demo_authority.issue(seals.folder, uscc, title):
            raise NoSeal(title, uscc, str(seals.folder))
    key = plain.with_suffix(".key")
    return _chain(plain, seals.password), key if key.exists() else None


def _in_file(path: Path) -> list[asn1_x509.Certificate]:
    try:
        return certificates(path.read_bytes())
    except BadSeal as error:
        raise BadSeal(f"{path.name} 不能使用：{error}") from error


def _chain(path: Path, password: str) -> list[asn1_x509.Certificate]:
    if path.suffix == ".pem":
        return _in_file(path)
    _, own, others = _container(path, password)
    if own is None:
        raise BadSeal(f"{path.name} 里没有证书")
    der = [each.public_bytes(serialization.Encoding.DER) for each in (own, *others)]
    return [asn1_x509.Certificate.load(each) for each in der]


def _key(path: Path, password: str) -> Key:
    try:
        if path.suffix == ".p12":
            key, _, _ = _container(path, password)
        else:
            key = serialization.load_pem_private_key(path.read_bytes(), password.encode() or None)
    except (ValueError, TypeError) as error:
        raise BadSeal(f"{path.name} 的私钥不能读取，请核对密码（{error}）") from error
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise BadSeal(f"{path.name} 的私钥应当是 ECDSA 或者 RSA")
    return key


def _container(path: Path, password: str):  # type: ignore[no-untyped-def]  # the library's own triple
    try:
        return pkcs12.load_key_and_certificates(path.read_bytes(), password.encode() or None)
    except ValueError as error:
        raise BadSeal(f"{path.name} 不能读取，请核对密码（{error}）") from error
