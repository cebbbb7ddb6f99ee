"""Asks an independent authority to confirm the time of a signature (RFC 3161), and believes no
answer that nobody could check later: an unusable one is an error, never a paper without its stamp.
"""

import asyncio

from asn1crypto import cms
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data

from onevisit.documents.errors import BadSeal
from onevisit.documents.trust.paths import context


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
