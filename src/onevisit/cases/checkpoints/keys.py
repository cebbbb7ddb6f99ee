"""The key that signs checkpoints: outside the database, so that whoever rules the database cannot
sign another past."""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from onevisit.store.columns import new_id

PUBLIC = ".pub"


class BadKey(Exception):
    """检查点的签名密钥不能使用。"""


@dataclass(frozen=True)
class Keys:
    """Ed25519 keys (RFC 8032): `file` signs (PEM, PKCS#8); it and every `*.pub` beside it whose
    name begins alike are believed. The first to sign makes the key where there is none."""

    file: Path

    def signer(self) -> Ed25519PrivateKey:
        """The key that signs; made now, once, where there is none. Raises BadKey."""
        if not self.file.exists():
            _make(self.file)
        try:
            key = serialization.load_pem_private_key(self.file.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise BadKey(f"检查点的签名密钥 {self.file} 不能读取：{error}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"检查点的签名密钥 {self.file} 应当是 Ed25519 私钥（PEM）")
        return key

    def trusted(self) -> Mapping[str, Ed25519PublicKey]:
        """Whom to believe, by the key's name; empty where there is no key at all. Raises BadKey."""
        found = [self.signer().public_key()] if self.file.exists() else []
        found += [_public(path) for path in sorted(self.file.parent.glob(self._public_name("*")))]
        return {key_id(each): each for each in found}

    def trust(self, public: bytes) -> str:
        """Believe another key (PEM) as well, a former one or a lost one; its name. Raises BadKey"""
        key = _read_public(public, "公钥")
        name = key_id(key)
        path = self.file.with_name(self._public_name(f"-{name}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pem_of(key))
        return name

    def _public_name(self, rest: str) -> str:
        return f"{self.file.stem}{rest}{PUBLIC}"


def key_id(key: Ed25519PublicKey) -> str:
    """Sixteen hexadecimal digits that name a key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def pem_of(key: Ed25519PublicKey) -> bytes:
    """The public key as a PEM file."""
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, public)


def signed_by(
    trusted: Mapping[str, Ed25519PublicKey], name: str, text: str, signature: str
) -> bool:
    """Whether one of the trusted keys, the one of this name, signed the text."""
    key = trusted.get(name)
    if key is None:
        return False
    try:
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _public(path: Path) -> Ed25519PublicKey:
    return _read_public(path.read_bytes(), path.name)


def _read_public(text: bytes, name: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(text)
    except ValueError as error:
        raise BadKey(f"{name} 不是 PEM 格式的公钥：{error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(f"{name} 应当是 Ed25519 公钥")
    return key


def _make(path: Path) -> None:
    """The first of two processes wins, whole; nobody else may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{new_id().hex}")
    made.touch(mode=0o600)
    made.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
