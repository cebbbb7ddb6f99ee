"""What is kept secret at rest: values sealed under keys that are never in the database, so that a
stolen disk, backup or dump tells nothing about a person."""

import base64
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.exc import DontWrapMixin

NONCE: Final = 12
TAG: Final = 16
HEAD: Final = 5
"""Bytes before the nonce of a sealed value: one for the cipher, four for the key."""
CIPHERS: Final[Mapping[str, tuple[bytes, int]]] = {
    "aes-256-gcm": (b"\x01", 32),
    "sm4-gcm": (b"\x02", 16),
}
"""First byte of a sealed value and length of the key in bytes (NIST SP 800-38D; GB/T 32907)."""


class KeysFault(DontWrapMixin, Exception):
    """The keys cannot be used as they are; the text says what to do. Shown as it is, without the
    statement and the values around it."""


@dataclass(frozen=True, repr=False)
class Key:
    """One key: eight hexadecimal digits that name it, when it was made, how it seals."""

    id: str
    made: datetime
    cipher: str
    secret: bytes

    @classmethod
    def new(cls, now: datetime, cipher: str = "aes-256-gcm") -> Self:
        """A fresh key from the system's source of randomness."""
        return cls(secrets.token_hex(4), now, cipher, os.urandom(CIPHERS[cipher][1]))

    @property
    def head(self) -> bytes:
        """With what every value begins that this key sealed."""
        return CIPHERS[self.cipher][0] + bytes.fromhex(self.id)

    def __repr__(self) -> str:
        return f"Key({self.id})"

    @cached_property
    def _aes(self) -> AESGCM:
        return AESGCM(self.secret)

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Head, nonce, ciphertext and tag; it opens only for the same `about`."""
        nonce = os.urandom(NONCE)
        return self.head + nonce + self.lock(nonce, plain, about)

    def open(self, kept: bytes, about: bytes) -> bytes:
        """What was sealed; InvalidTag when it was changed or belongs somewhere else."""
        return self.unlock(kept[HEAD : HEAD + NONCE], kept[HEAD + NONCE :], about)

    def lock(self, nonce: bytes, plain: bytes, about: bytes) -> bytes:
        """Ciphertext and tag; whoever calls never gives this key the same nonce twice."""
        bound = self.head + about
        if self.cipher == "aes-256-gcm":
            return self._aes.encrypt(nonce, plain, bound)
        sealing = Cipher(algorithms.SM4(self.secret), modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(bound)
        return sealing.update(plain) + sealing.finalize() + sealing.tag

    def unlock(self, nonce: bytes, body: bytes, about: bytes) -> bytes:
        """What was locked; InvalidTag when it was changed or belongs somewhere else."""
        bound = self.head + about
        if len(body) < TAG:
            raise InvalidTag
        if self.cipher == "aes-256-gcm":
            return self._aes.decrypt(nonce, body, bound)
        mode = modes.GCM(nonce, body[-TAG:])
        opening = Cipher(algorithms.SM4(self.secret), mode).decryptor()
        opening.authenticate_additional_data(bound)
        return opening.update(body[:-TAG]) + opening.finalize()

    def derived(self, salt: bytes, purpose: bytes) -> Self:
        """A key of the same kind for one thing alone (HKDF-SHA256, RFC 5869): nonces of it need
        be different only there."""
        kdf = HKDF(SHA256(), len(self.secret), salt, purpose + self.head)
        return replace(self, secret=kdf.derive(self.secret))


@dataclass(frozen=True, repr=False)
class Ring:
    """All keys at one moment: the one called `writing` seals, every one of them opens; `search`
    is what keyed hashes are made with. While they go over to another one, `other` finds as well:
    the one that is to come, or the one that was."""

    keys: tuple[Key, ...]
    writing: str
    search: bytes
    other: bytes | None = None

    @classmethod
    def new(cls, now: datetime, cipher: str = "aes-256-gcm") -> Self:
        """A ring with one fresh key."""
        key = Key.new(now, cipher)
        return cls((key,), key.id, os.urandom(32))

    @cached_property
    def by_head(self) -> Mapping[bytes, Key]:
        """The keys by what their values begin with."""
        return {key.head: key for key in self.keys}

    @cached_property
    def writer(self) -> Key:
        """The key that seals."""
        return next(key for key in self.keys if key.id == self.writing)

    @cached_property
    def finder(self) -> bytes:
        """The key of the keyed hash, derived so that it serves nothing else (RFC 5869)."""
        return _finder(self.search)

    @cached_property
    def other_finder(self) -> bytes:
        """The other key that finds; where there is none, the same one."""
        return self.finder if self.other is None else _finder(self.other)

    def with_key(self, key: Key, *, writing: bool = True) -> Self:
        """This ring and one key more."""
        return replace(self, keys=(*self.keys, key), writing=key.id if writing else self.writing)

    def __repr__(self) -> str:
        return f"Ring({', '.join(key.id for key in self.keys)}; {self.writing} writes)"

    def text(self) -> str:
        """The ring as the text of a key file."""
        keys = [
            {
                "id": key.id,
                "made": key.made.isoformat(),
                "cipher": key.cipher,
                "secret": base64.b64encode(key.secret).decode(),
            }
            for key in self.keys
        ]
        search = base64.b64encode(self.search).decode()
        said = {"format": 1, "writing": self.writing, "search": search, "keys": keys}
        if self.other is not None:  # which earlier releases, that would overlook it, do not read
            said |= {"format": 2, "other": base64.b64encode(self.other).decode()}
        return json.dumps(said, indent=1) + "\n"

    @classmethod
    def read(cls, text: str, where: str) -> Self:
        """The ring of a key file; KeysFault, without a byte of it, for what is none."""
        try:
            said = json.loads(text)
            keys = tuple(map(_key, said["keys"]))
            search = base64.b64decode(said["search"], validate=True)
            both = said["format"] == 2
            other = base64.b64decode(said["other"], validate=True) if both else None
            ring = cls(keys, said["writing"], search, other)
            known = said["format"] in (1, 2) and ring.writer
            fits = known and min(map(len, (search, other or search))) >= SHA256.digest_size
        except (ValueError, KeyError, TypeError, StopIteration):
            fits = False
        if not fits:
            raise KeysFault(f"{where} 不是完整的密钥文件；请放回备份的密钥文件，不要修改它")
        return ring


def _finder(search: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"onevisit/found by keyed hash").derive(search)


def _key(said: Mapping[str, Any]) -> Key:
    secret = base64.b64decode(said["secret"], validate=True)
    key = Key(said["id"], datetime.fromisoformat(said["made"]), said["cipher"], secret)
    if len(key.head) != HEAD or len(secret) != CIPHERS[key.cipher][1]:
        raise ValueError(key.id)
    return key


class Keyring:
    """Seals and opens values with the keys that `read` gives; `stamp` changes when they do, so
    that a running system goes over to a new key by itself."""

    def __init__(self, read: Callable[[], Ring], stamp: Callable[[], object]) -> None:
        self._read, self._stamp = read, stamp
        self._seen, self._ring = stamp(), read()

    @classmethod
    def of(cls, ring: Ring) -> Self:
        """A keyring that never changes."""
        return cls(lambda: ring, lambda: None)

    def __repr__(self) -> str:
        return f"Keyring({self._ring!r})"

    @property
    def ring(self) -> Ring:
        """The keys as they are now; as they were, while the new ones cannot be read."""
        with suppress(OSError, KeysFault):
            now = self._stamp()
            if now != self._seen:
                self._ring, self._seen = self._read(), now
        return self._ring

    def named(self, key_id: str) -> Key | None:
        """The key of that name, where there is one."""
        rings = (self._ring, self.ring)
        return next((key for ring in rings for key in ring.keys if key.id == key_id), None)

    def seal(self, plain: bytes, place: str) -> bytes:
        """The value as it is kept at `place` (table.column), and nowhere else."""
        return self.ring.writer.seal(plain, place.encode())

    def open(self, kept: bytes, place: str) -> bytes:
        """The value that is kept at `place`; KeysFault when no key opens it there."""
        key = self._ring.by_head.get(kept[:HEAD]) or self.ring.by_head.get(kept[:HEAD])
        if key is None:
            raise KeysFault(
                f"{place} 的内容是用密钥 {kept[1:HEAD].hex()} 加密的，密钥文件里没有这把密钥；"
                "请把含有它的密钥文件放回原处（ONEVISIT_KEYS_FILE）再启动"
            )
        try:
            return key.open(kept, place.encode())
        except InvalidTag:
            raise KeysFault(
                f"{place} 的内容打不开：被改动过，或者密钥文件里的密钥 {key.id} 不是当时的那一把"
            ) from None

    def digest(self, value: str) -> str:
        """HMAC-SHA256 (hex) by which an equal value is found without opening any."""
        return hmac.digest(self.ring.finder, value.encode(), "sha256").hex()

    def other_digest(self, value: str) -> str:
        """The one by which rows are found that the other search key has hashed; the same where
        there is none."""
        return hmac.digest(self.ring.other_finder, value.encode(), "sha256").hex()
