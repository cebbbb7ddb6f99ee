"""A seal authority for trying things out: founded where no other is, and it says so of itself.

Its papers prove nothing to a court. A city puts its own `root.pem` and its departments' seals into
the folder before the first start; then nothing here is ever used.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onevisit.documents.errors import BadSeal

ROOT, STAMPS = "root.pem", "tsa.pem"
TITLE = "演示签章机构（仅供试用，无法律效力）"
BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
"""So long that a demonstration may set its clock to any day."""
SIGNS, CERTIFIES = {"digital_signature", "content_commitment"}, {"key_cert_sign", "crl_sign"}
ALL_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def found(folder: Path) -> None:
    """Make the authority unless the folder has a root already; safe when two do it at once.

    BadSeal when somebody put seals there but not the root that they lead to."""
    root, key_file = folder / ROOT, folder / "root.key"
    if root.exists():
        return
    files = (*folder.glob("*.p12"), *folder.glob("*.pem"))
    real = [path for path in files if path.name != STAMPS]
    if real and not root.exists():
        raise BadSeal(f"{folder} 里有证书（{real[0].name}），却没有 {ROOT}：请放入根证书")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _place(key_file, _key_pem(ec.generate_private_key(ec.SECP256R1())))
    key = _load(key_file)  # whoever was first
    name = _name(TITLE, None)
    built = _certificate(name, name, key.public_key(), ca=True)
    _place(root, built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def issue(folder: Path, uscc: str, title: str) -> bool:
    """Make the seal of a department; False when the authority is not ours."""
    root_key = folder / "root.key"
    if not root_key.exists():
        return False
    root = x509.load_pem_x509_certificate((folder / ROOT).read_bytes())
    if root.subject != _name(TITLE, None):
        return False  # somebody's real root, its key unwisely beside it
    key_file = folder / f"{uscc}.key"
    _place(key_file, _key_pem(ec.generate_private_key(ec.SECP256R1())))
    public = _load(key_file).public_key()
    built = _certificate(_name(title, uscc), root.subject, public, ca=False)
    sealed = built.sign(_load(root_key), hashes.SHA256())
    _place(folder / f"{uscc}.pem", sealed.public_bytes(serialization.Encoding.PEM))
    return True


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool
) -> x509.CertificateBuilder:
    uses = CERTIFIES if ca else SIGNS
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(
            x509.KeyUsage(**{use: use in uses for use in ALL_USES}),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(title: str, uscc: str | None) -> x509.Name:
    """The department under its title (at most 64 characters) and its code."""
    named = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.COMMON_NAME, title[:64]),
    ]
    if uscc is not None:
        named.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, uscc))
    return x509.Name(named)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), "the demo authority makes no other"
    return key


def _place(path: Path, content: bytes) -> None:
    """Put a file there whole, or leave the one that is there already."""
    made = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    made.touch(mode=0o600)
    with made.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
