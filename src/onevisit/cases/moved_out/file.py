"""An archive file: a ZIP file in which every case is a part of its own, sealed under a key of its
own, beside an index that is signed with the key of the checkpoints.

    index.json      what is in it: cases by number with the SHA-256 of their parts, nothing personal
    signature.json  who signed the index
    cases/NUMBER    gzip in sealed chunks (store/sealed_files.py): JSON lines, and files among them
    versions/HASH   the versions of services that the cases ran on, as they were published
"""

import base64
import gzip
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from onevisit.cases.checkpoints.keys import Keys, key_id, signed_by
from onevisit.cases.moved_out.rows import Json
from onevisit.store.sealed_files import Opened, sealed
from onevisit.store.secret import Key

FORMAT = 1
SUFFIX = ".ovarchive"
INDEX, SIGNATURE = "index.json", "signature.json"
PRIVATE = 0o600
EPOCH = (1980, 1, 1, 0, 0, 0)
PIECE = 256 * 1024
MOST_INDEX = 64 * 1024 * 1024
"""Bytes of an index that are read at most: some 100,000 cases."""


class Unusable(Exception):
    """归档文件不能使用。"""


@dataclass(frozen=True)
class Part:
    """What the index says of one case. `key` is sealed under the house's keys, for a database that
    does not know the case; `heads` are its ledger chains, {chain: [entries, last hash]}."""

    id: str
    number: str
    service: str
    concluded_at: str
    sha256: str
    size: int
    key: str
    heads: dict[str, list[Any]]

    @property
    def path(self) -> str:
        """Where it is in the file."""
        return f"cases/{self.number}"


@dataclass
class Writer:
    """Writes an archive file under another name first; it has its own only when it is whole."""

    target: Path
    _zip: zipfile.ZipFile = field(init=False)

    def __post_init__(self) -> None:
        self._making.touch(mode=PRIVATE, exist_ok=False)
        self._zip = zipfile.ZipFile(self._making, "w", zipfile.ZIP_STORED)

    @property
    def _making(self) -> Path:
        return self.target.with_name(f".{self.target.name}.part")

    def add(self, path: str, pieces: Iterable[bytes]) -> tuple[str, int]:
        """One more thing in it; its SHA-256 (hex) and size in bytes. Not to be called again after
        an error: what was begun stays in the file, and the index does not name it."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(zipfile.ZipInfo(path, EPOCH), "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        return digest.hexdigest(), size

    def finish(self, about: Json, parts: list[Part], keys: Keys) -> str:
        """Sign the index, make all of it durable and give it its name; the SHA-256 of the index."""
        told = [each.__dict__ for each in parts]
        index = json.dumps({"format": FORMAT, **about, "cases": told}, ensure_ascii=False).encode()
        signer = keys.signer()
        signature = {
            "key": key_id(signer.public_key()),
            "signature": signer.sign(hashlib.sha256(index).hexdigest().encode()).hex(),
        }
        self.add(INDEX, [index])
        self.add(SIGNATURE, [json.dumps(signature).encode()])
        self._zip.close()
        _durable(self._making)
        self._making.rename(self.target)
        _durable(self.target.parent)
        return hashlib.sha256(index).hexdigest()

    def abandon(self) -> None:
        """Nothing of it stays, whatever name it has by now."""
        self._zip.close()
        self._making.unlink(missing_ok=True)
        self.target.unlink(missing_ok=True)


class Reader:
    """An archive file that was signed by a key that the house believes; Unusable."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            index = self._read(INDEX)
            signature = json.loads(self._read(SIGNATURE))
            said = json.loads(index)
            self.sha256 = hashlib.sha256(index).hexdigest()
            self.about: Json = {name: said[name] for name in ("id", "made_at", "versions")}
            self.parts = {each["id"]: Part(**each) for each in said["cases"]}
            good = signed_by(keys.trusted(), signature["key"], self.sha256, signature["signature"])
            known = said["format"]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise Unusable(f"{path} 不是完整的归档文件：{error}") from error
        if not good:
            raise Unusable(
                f"{path} 的签名不对，或者不是由可信的密钥签名的；别处签名的归档文件，"
                "先把那里的检查点公钥（.pub）放到本处检查点密钥旁边"
            )
        if known != FORMAT:
            raise Unusable(f"{path} 的格式是 {known}，这个版本只认识 {FORMAT}；请用较新的版本")

    def close(self) -> None:
        """Let the file go."""
        self._zip.close()

    def whole(self, part: Part) -> bool:
        """Whether a part is what the index says, without opening what is sealed in it."""
        digest = hashlib.sha256()
        try:
            with self._zip.open(part.path) as file:
                while piece := file.read(PIECE):
                    digest.update(piece)
        except (KeyError, OSError, zipfile.BadZipFile, zlib.error):
            return False
        return digest.hexdigest() == part.sha256

    def opened(self, part: Part, key: Key) -> BinaryIO:
        """The content of a part: gzip opened, seals opened. Raises Unusable; reading on raises
        sealed_files.Altered and EOFError for what was cut."""
        try:
            raw = cast("BinaryIO", self._zip.open(part.path))
        except (KeyError, zipfile.BadZipFile) as error:
            raise Unusable(f"{self.path} 里没有 {part.number} 的内容：{error}") from error
        plain = io.BufferedReader(Opened(raw, key, part.path), PIECE)
        return cast("BinaryIO", gzip.GzipFile(fileobj=plain, mode="rb"))

    def version(self, sha256: str) -> Json:
        """A version of a service, as its row says; Unusable where it is not in the file."""
        try:
            content = self._read(f"versions/{sha256}")
            known = self.about["versions"][sha256]
        except (KeyError, ValueError, zipfile.BadZipFile) as error:
            raise Unusable(f"{self.path} 里没有流程版本 {sha256[:12]}：{error}") from error
        if hashlib.sha256(content).hexdigest() != known:
            raise Unusable(f"{self.path} 里的流程版本 {sha256[:12]} 被改动")
        return cast("Json", json.loads(content))

    def _read(self, path: str) -> bytes:
        with self._zip.open(path) as file:
            content = file.read(MOST_INDEX + 1)
        if len(content) > MOST_INDEX:
            raise ValueError(f"{path} 太大")
        return content


def packed(records: Iterable[bytes], key: Key, path: str) -> Iterator[bytes]:
    """Records squeezed and sealed, piece by piece."""
    return sealed(_squeezed(records), key, path)


def _squeezed(records: Iterable[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(wbits=31)
    for each in records:
        yield squeeze.compress(each)
    yield squeeze.flush()


def key_text(key: Key) -> str:
    """A key as it is kept, itself sealed."""
    secret = base64.b64encode(key.secret).decode()
    said = {"id": key.id, "made": key.made.isoformat(), "cipher": key.cipher, "secret": secret}
    return json.dumps(said)


def key_from(text: str) -> Key:
    """The key that a text says."""
    said = json.loads(text)
    made, secret = datetime.fromisoformat(said["made"]), base64.b64decode(said["secret"])
    return Key(said["id"], made, said["cipher"], secret)


def _durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
