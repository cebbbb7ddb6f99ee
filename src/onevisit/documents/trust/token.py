"""Seals whose keys never leave a cryptographic device (PKCS#11): a card, a token, a signing server.

Needs the device's own driver and the library python-pkcs11 (`pip install onevisit[pkcs11]`).
"""

import asyncio
from collections.abc import Sequence
from threading import Lock

from asn1crypto import x509
from pyhanko.sign.signers.pdf_cms import Signer

from onevisit.documents.errors import BadSeal
from onevisit.documents.trust.seals import Token, registry

_one_at_a_time = Lock()
"""A device's session serves one caller at a time."""


class _OfToken(Signer):
    """Signs inside the device; the session is opened once and kept."""

    def __init__(self, token: Token, label: str, chain: Sequence[x509.Certificate]) -> None:
        self._token, self._label = token, label
        self._inner: Signer | None = None
        super().__init__(
            signing_cert=chain[0],
            cert_registry=registry(chain[1:]),
            embed_roots=False,
        )

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """As pyHanko asks for it; BadSeal when the device does not do it."""
        return await asyncio.to_thread(self._sign, data, digest_algorithm, dry_run)

    def _sign(self, data: bytes, digest_algorithm: str, dry_run: bool) -> bytes:
        import pkcs11  # noqa: PLC0415 -- only where a device is used

        with _one_at_a_time:
            try:
                inner = self._inner = self._inner or self._open()
                return asyncio.run(inner.async_sign_raw(data, digest_algorithm, dry_run))
            except pkcs11.PKCS11Error as error:
                self._inner = None  # unplugged, say: the next paper tries again
                why = str(error) or type(error).__name__
                raise BadSeal(f"密码设备“{self._token.label}”不能签章：{why}") from error

    def _open(self) -> Signer:
        from pyhanko.config.pkcs11 import TokenCriteria  # noqa: PLC0415 -- needs python-pkcs11
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session  # noqa: PLC0415

        token = self._token
        wanted = TokenCriteria(label=token.label)
        session = open_pkcs11_session(token.module, token_criteria=wanted, user_pin=token.pin)
        return PKCS11Signer(
            session, key_label=self._label, signing_cert=self.signing_cert, ca_chain=()
        )


def of_token(token: Token, label: str, chain: Sequence[x509.Certificate]) -> Signer:
    """Whatever signs with the key of that label; BadSeal when the library for it is missing."""
    try:
        import pkcs11  # noqa: F401, PLC0415 -- only where a device is used
    except ImportError as error:
        raise BadSeal("使用密码设备还要安装：pip install 'onevisit[pkcs11]'") from error
    return _OfToken(token, label, chain)
