"""Asks an independent authority to confirm the time of a signature (RFC 3161), and believes no
answer that nobody could check later: an unusable one is an error, never a paper without its stamp.
"""

import asyncio
import time

import httpx
from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data

from onevisit.documents.errors import BadSeal
from onevisit.documents.trust.paths import context

LARGEST = 256 * 1024
"""Bytes of an answer; a stamp with all its certificates has a few thousand."""
KIND = "application/timestamp-reply"


class Stamper(HTTPTimeStamper):
    """The time-stamping authority at `url`; every failure is a BadSeal."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """The stamp of a digest, after its signature and what it is of were checked."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            found = await validate_tst_signed_data(
                token["content"], context((), None), lambda _: message_digest
            )
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a server can answer anything, and libraries raise as much
            why = str(error.__cause__ or error) or type(error).__name__
            raise BadSeal(f"时间戳服务 {self.url} 没有给出可用的时间戳：{why}") from error
        if not (found["intact"] and found["valid"]):
            raise BadSeal(f"时间戳服务 {self.url} 给出的时间戳不是这份文书的，或者签名不对")
        return token

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """What the authority answers (RFC 3161 section 3.4): no redirects, not for long, and not
        much, all of which the library's own way would take."""
        return tsp.TimeStampResp.load(await asyncio.to_thread(self._post, req.dump()))

    def _post(self, body: bytes) -> bytes:
        began, said = time.monotonic(), bytearray()
        try:
            with httpx.stream(
                "POST", self.url, content=body, headers=self.request_headers(),
                timeout=self.timeout,
            ) as answer:  # fmt: skip
                for part in answer.iter_bytes():
                    said += part
                    if len(said) > LARGEST or time.monotonic() - began > 2 * self.timeout:
                        raise TimestampRequestError("回答太长，或者迟迟答不完")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TimestampRequestError(f"{type(error).__name__}: {error}") from error
        if answer.status_code != httpx.codes.OK or answer.headers.get("content-type") != KIND:
            raise TimestampRequestError(f"HTTP {answer.status_code}，不是时间戳")
        return bytes(said)
