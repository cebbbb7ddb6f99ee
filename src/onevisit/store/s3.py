"""Files in an S3-compatible store (MinIO, Ceph, OSS, …): the other shelf, through boto3."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self, cast
from urllib.parse import parse_qs, urlsplit

from onevisit.store.shelves import NAME, Unreachable, checked

if TYPE_CHECKING:
    from botocore.client import BaseClient

PART: Final = 5 * 1024 * 1024
"""Bytes that are sent at a time, the fewest that S3 takes: with the next ones, all that is held."""
CONNECT, READ, ATTEMPTS = 2, 20, 3
"""Seconds to reach the store, seconds between two bytes of its answer, how often in all."""
LOOKS: Final = 3600.0
"""Seconds between two looks for what was cut off: it means listing, and nobody waits for it."""
MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})
OPTIONS: Final = frozenset({"endpoint", "region", "style", "ca"})
FORM = "s3://存储桶/前缀?endpoint=https://主机:9000&region=区域"


@dataclass(frozen=True, repr=False)
class Address:
    """Which bucket, below which prefix (empty or ending in /), at whose endpoint, and how.

    `style` is path (MinIO, Ceph) or virtual (OSS, COS); `ca` the file of the authority that vouches
    for the endpoint. Without keys, boto3 looks where it always does (environment, profile, role).
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    style: str = "path"
    ca: str | None = None
    access_key: str | None = None
    secret_key: str | None = None

    @classmethod
    def of(cls, url: str, access_key: str = "", secret_key: str = "") -> Self:
        """From `s3://bucket/prefix?endpoint=…&region=…&style=…&ca=…`; ValueError, saying what."""
        parts = urlsplit(url)
        said = parse_qs(parts.query, keep_blank_values=True)
        if parts.scheme != "s3" or not parts.hostname or parts.username or parts.password:
            raise ValueError(f"ONEVISIT_FILES_URL 应形如 {FORM}；访问密钥不写在网址里")
        if unknown := sorted(said.keys() - OPTIONS):
            raise ValueError(f"ONEVISIT_FILES_URL 里不认识 {'、'.join(unknown)}；应形如 {FORM}")
        given: dict[str, Any] = {name: values[-1] for name, values in said.items()}
        if given.get("style", "path") not in ("path", "virtual"):
            raise ValueError("ONEVISIT_FILES_URL 的 style 只能是 path 或 virtual")
        if bool(access_key) != bool(secret_key):
            raise ValueError("ONEVISIT_FILES_ACCESS_KEY 和 ONEVISIT_FILES_SECRET_KEY 要一起设置")
        prefix = parts.path.strip("/")
        keys = (access_key or None, secret_key or None)
        given |= dict(zip(("access_key", "secret_key"), keys, strict=True))
        return cls(parts.netloc, f"{prefix}/" if prefix else "", **given)


class Bucket:
    """The files below one prefix of one bucket; a file is there once it was sent whole."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._looked = 0.0

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """In one request, or in parts that are put together at the end or forgotten."""
        parts = _parts(pieces)
        first, second = next(parts, b""), next(parts, None)
        if second is None:
            with _told():
                self._client.put_object(**self._at(name), Body=first)
            return
        with _told():
            upload = self._client.create_multipart_upload(**self._at(name))
        begun = {**self._at(name), "UploadId": upload["UploadId"]}
        try:
            self._send(begun, first, second, parts)
        except BaseException:
            self._forget(begun)
            raise

    def open(self, name: str) -> BinaryIO:
        """Bytes as they arrive."""
        with _told():
            return cast("BinaryIO", _Arriving(self._client.get_object(**self._at(name))["Body"]))

    def size(self, name: str) -> int | None:
        """As the store has it."""
        try:
            with _told():
                return int(self._client.head_object(**self._at(name))["ContentLength"])
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        """S3 says the same whether it was there or not."""
        with _told():
            self._client.delete_object(**self._at(name))

    def names(self) -> Iterator[str]:
        """A thousand at a time."""
        return (name for name, _ in self._lying())

    def settled(self, before: datetime) -> Iterator[str]:
        """By the time at which the store has it; S3 lists in the order of names."""
        return (name for name, kept in self._lying() if kept < before)

    def _lying(self) -> Iterator[tuple[str, datetime]]:
        where = {"Bucket": self.address.bucket, "Prefix": self.address.prefix}
        with _told():
            for page in self._client.get_paginator("list_objects_v2").paginate(**where):
                for each in page.get("Contents", ()):
                    if NAME.fullmatch(name := each["Key"].removeprefix(self.address.prefix)):
                        yield name, each["LastModified"]

    def discard_incoming(self, before: datetime) -> None:
        """Parts of what never came to its end; looked for once an hour."""
        if self._looked and time.monotonic() - self._looked < LOOKS:
            return
        self._looked = time.monotonic()
        where = {"Bucket": self.address.bucket, "Prefix": self.address.prefix}
        with _told():
            for page in self._client.get_paginator("list_multipart_uploads").paginate(**where):
                for each in page.get("Uploads", ()):
                    if each["Initiated"] < before:
                        which = {"Key": each["Key"], "UploadId": each["UploadId"]}
                        self._forget({"Bucket": self.address.bucket, **which})

    def _send(
        self, begun: dict[str, str], first: bytes, second: bytes, rest: Iterator[bytes]
    ) -> None:
        sent: list[dict[str, Any]] = []

        def send(part: bytes) -> None:
            number = len(sent) + 1
            with _told():
                answer = self._client.upload_part(**begun, PartNumber=number, Body=part)
            sent.append({"PartNumber": number, "ETag": answer["ETag"]})

        send(first)
        send(second)
        for part in rest:
            send(part)
        with _told():
            self._client.complete_multipart_upload(**begun, MultipartUpload={"Parts": sent})

    def _forget(self, begun: dict[str, str]) -> None:
        """What cannot be forgotten now is found by `discard_incoming`."""
        try:
            with _told():
                self._client.abort_multipart_upload(**begun)
        except (Unreachable, FileNotFoundError):
            return

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self.address.bucket, "Key": self.address.prefix + checked(name)}

    @cached_property
    def _client(self) -> "BaseClient":
        from boto3.session import Session  # noqa: PLC0415 -- an extra, and slow to load
        from botocore.config import Config  # noqa: PLC0415

        at = self.address
        config = Config(
            s3={"addressing_style": at.style},
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            connect_timeout=CONNECT,
            read_timeout=READ,
            # newer sums that many compatible stores do not know; whole is what opens
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return Session().client(
            "s3",
            endpoint_url=at.endpoint,
            region_name=at.region,
            aws_access_key_id=at.access_key,
            aws_secret_access_key=at.secret_key,
            verify=at.ca,
            config=config,
        )


class _Arriving:
    """The body of an answer; a connection that breaks off is Unreachable, not an end."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        with _told():
            found: bytes = self._body.read(None if size < 0 else size)
            return found

    def close(self) -> None:
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _told() -> Iterator[None]:
    """What boto3 raises, as what it means here."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError  # noqa: PLC0415
    except ImportError:
        raise Unreachable("没有安装 boto3：pip install 'onevisit[s3]'") from None
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise FileNotFoundError(code) from None
        raise Unreachable(f"存储答复 {code}") from None
    except (BotoCoreError, HTTPClientError) as error:
        raise Unreachable(type(error).__name__) from None


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PART:
            yield bytes(waiting[:PART])
            del waiting[:PART]
    if waiting:
        yield bytes(waiting)
