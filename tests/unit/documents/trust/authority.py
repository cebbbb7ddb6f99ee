"""A real certification authority for the tests, as a city's provider runs one: root, a level
between, seals of departments with RSA and ECDSA keys, and a time-stamping authority."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

USCC, OFFICE = "11990000MB0000000J", "示例市第一演示局"
OTHER_USCC, OTHER_OFFICE = "11990000MB1111111A", "示例市第二演示管理局"
ADDRESS = "https://verify.example.invalid/verify"
TEMPLATES = Path(__file__).parents[4] / "templates"
BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2034, 1, 1, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
KEYS: dict[str, Callable[[], Key]] = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
}
USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self, password: bytes = b"") -> bytes:
        """The key, encrypted when there is a password."""
        best: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password:
            best = serialization.BestAvailableEncryption(password)
        kind = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, kind, best)

    def p12(self, password: bytes, *above: "Held") -> bytes:
        """Both in one file with what is above."""
        best = serialization.BestAvailableEncryption(password)
        others = [each.certificate for each in above]
        return pkcs12.serialize_key_and_certificates(
            b"seal", self.key, self.certificate, others, best
        )


def name(title: str, uscc: str | None = None) -> x509.Name:
    """The subject of a department or an authority."""
    said = [(NameOID.COUNTRY_NAME, "CN"), (NameOID.COMMON_NAME, title)]
    said += [(NameOID.ORGANIZATION_IDENTIFIER, uscc)] if uscc else []
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in said])


def certified(
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    issuer: Held,
    *,
    uses: tuple[str, ...] = ("digital_signature", "content_commitment"),
    period: tuple[datetime, datetime] = (BEGIN, END),
    stamps: bool = False,
) -> x509.Certificate:
    """A certificate for somebody's public key."""
    built = _built(subject, issuer.certificate.subject, public, uses, period)
    if stamps:
        use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        built = built.add_extension(use, critical=True)
    return built.sign(issuer.key, hashes.SHA256())


def root(title: str = "示例市演示根证书", kind: str = "p256") -> Held:
    """Whom one trusts."""
    key, named = KEYS[kind](), name(title)
    built = _built(named, named, key.public_key(), ("key_cert_sign", "crl_sign"), (BEGIN, END))
    return Held(built.sign(key, hashes.SHA256()), key)


def between(issuer: Held) -> Held:
    """An authority below the root."""
    key = KEYS["p256"]()
    uses, named = ("key_cert_sign", "crl_sign"), name("示例市演示签发证书")
    return Held(certified(named, key.public_key(), issuer, uses=uses), key)


def seal(issuer: Held, kind: str = "p256", uscc: str = USCC, title: str = OFFICE) -> Held:
    """A department's."""
    key = KEYS[kind]()
    return Held(certified(name(title, uscc), key.public_key(), issuer), key)


def time_stamping(issuer: Held) -> Held:
    """An authority that confirms times."""
    key = KEYS["rsa2048"]()
    uses, named = ("digital_signature",), name("示例市演示时间戳")
    return Held(certified(named, key.public_key(), issuer, uses=uses, stamps=True), key)


def _built(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    uses: tuple[str, ...],
    period: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(**{use: use in uses for use in USES})
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(period[0])
        .not_valid_after(period[1])
        .add_extension(x509.BasicConstraints("key_cert_sign" in uses, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
