"""Seals whose keys never leave a cryptographic device (PKCS#11): a card, a token, a signing server.

Needs the device's own driver and the library python-pkcs11 (`pip install onevisit[pkcs11]`).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import Any

from asn1crypto import x509
from pyhanko.sign.signers.pdf_cms import Signer

from onevisit.documents.errors import BadSeal
from onevisit.documents.trust.finished import finished
from onevisit.documents.trust.seals import Token, registry
from onevisit.documents.trust.signatures import is_signed

_one_at_a_time = Lock()
"""A device's session serves one caller at a time."""
_sessions: dict[Token, Any] = {}
"""One for all departments: a device lets each program sign in once."""
_wrong_pins: set[Token] = set()
"""A device locks itself after a few wrong PINs, so none is tried twice."""


class _OfToken(Signer):
    """Signs inside the device; the session is opened once and kept."""

    def __init__(self, token: Token, label: str, chain: Sequence[x509.Certificate]) -> None:
        self._token, self._label, self._certificate = token, label, chain[0]
        self._inner: Any = None
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
        with _one_at_a_time:
            try:
                signing = self._signer().async_sign_raw(data, digest_algorithm, dry_run)
                signature: bytes = finished(signing)
            except BadSeal:
                raise
            except Exception as error:  # drivers fail in ways of their own
                _close(self._token)  # unplugged, say: the next paper tries again
                why = str(error) or type(error).__name__
                raise BadSeal(f"密码设备“{self._token.label}”不能签章：{why}") from error
        if not dry_run and not is_signed(data, signature, self._certificate):
            raise BadSeal(f"密码设备里标签为 {self._label} 的私钥与证书不是一对")
        return signature

    def _signer(self) -> Any:
        """Signs by the present session; ECDSA's digests are made here, as any device takes them."""
        from pyhanko.sign.pkcs11 import PKCS11Signer  # noqa: PLC0415 -- needs python-pkcs11

        session = _session(self._token)
        if self._inner is None or self._inner.pkcs11_session is not session:
            self._inner = PKCS11Signer(
                session,
                key_label=self._label,
                signing_cert=self._certificate,
                ca_chain=(),
                use_raw_mechanism=self._certificate.public_key.algorithm == "ec",
            )
        return self._inner


def of_token(token: Token, label: str, chain: Sequence[x509.Certificate]) -> Signer:
    """Whatever signs with the key of that label; BadSeal when the library for it is missing."""
    try:
        import pkcs11  # noqa: F401, PLC0415 -- only where a device is used
    except ImportError as error:
        raise BadSeal("使用密码设备还要安装：pip install 'onevisit[pkcs11]'") from error
    return _OfToken(token, label, chain)


def _session(token: Token) -> Any:
    """The session that is open, or a new one."""
    import pkcs11  # noqa: PLC0415 -- only where a device is used
    from pyhanko.config.pkcs11 import TokenCriteria  # noqa: PLC0415 -- needs python-pkcs11
    from pyhanko.sign.pkcs11 import open_pkcs11_session  # noqa: PLC0415

    if token in _wrong_pins:
        raise BadSeal(
            f"密码设备“{token.label}”的 PIN 不正确；为免锁定，不再尝试，请改正以后重新启动服务"
        )
    if token not in _sessions:
        wanted = TokenCriteria(label=token.label)
        try:
            _sessions[token] = open_pkcs11_session(
                token.module, token_criteria=wanted, user_pin=token.pin
            )
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
            _wrong_pins.add(token)
            return _session(token)
    return _sessions[token]


def _close(token: Token) -> None:
    session = _sessions.pop(token, None)
    if session is not None:
        with suppress(Exception):  # it may be gone already
            session.close()
