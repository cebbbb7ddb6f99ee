"""The city's unified sign-in, spoken to by OpenID Connect: the authorization code flow with PKCE,
state and nonce (RFC 6749, RFC 7636, RFC 9207, OpenID Connect Core 1.0 and Discovery 1.0).

Authlib checks what an ID token claims, joserfc its signature. Nothing is believed that was not
fetched from the issuer itself, over a connection of our own, within a few seconds.
"""

import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519")
"""Signatures that only the issuer can make; never "none", never a secret that we share."""
SECONDS, KEPT_SECONDS, LEEWAY = 5.0, 600.0, 60
"""How long one answer may take, how long the issuer's description is kept, and how far its clock
may be off."""
LARGEST = 512 * 1024
LOCAL = ("localhost", "127.0.0.1", "::1")


class Unreachable(Exception):
    """The issuer did not answer in time, or not in the way that it has to."""


class Untrusted(Exception):
    """What came back is not what this issuer says to us about this sign-in."""


@dataclass(frozen=True)
class Attempt:
    """What ties an answer to the browser that asked: none of it can be guessed."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """A fresh one (256 bits each)."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True)
class Person:
    """Who the issuer says it is: `subject` never changes, the rest may. `id_number` only where the
    operator has said which claim holds one that the issuer has verified. `signed_in_at` is when
    they proved there who they are (auth_time, seconds since 1970), where the issuer says so."""

    issuer: str
    subject: str
    name: str
    id_number: str | None
    acr: str | None
    amr: tuple[str, ...]
    signed_in_at: int | None = None


@dataclass(frozen=True)
class Registration:
    """How this site is known to the issuer, and what it is called on the sign-in page."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    name: str
    back_to: str
    name_claim: str = "name"
    id_number_claim: str = ""
    scope: str = "openid profile"


class Provider:
    """One issuer; shared by all threads of the process."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._lock = Lock()
        self._known: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.registration.name

    def address_for(self, attempt: Attempt, *, afresh: bool = False) -> str:
        """Where the browser goes to sign in; `afresh`: although they are signed in there, and with
        the moment at which they were (Core 1.0 §3.1.2.1). Raises Unreachable."""
        mine = self.registration
        more = {"prompt": "login", "max_age": str(LEEWAY)} if afresh else {}
        return prepare_grant_uri(  # type: ignore[no-any-return]  # Authlib has no types
            self._endpoint("authorization_endpoint"),
            client_id=mine.client_id,
            response_type="code",
            redirect_uri=mine.back_to,
            scope=mine.scope,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
            **more,
        )

    def redeem(self, attempt: Attempt, code: str, issuer: str | None, now: datetime) -> Person:
        """Who came back with this code. `issuer` is the one that the answer names (RFC 9207).

        Raises Unreachable and Untrusted.
        """
        known, mine = self._description(), self.registration
        named = known.get("authorization_response_iss_parameter_supported") is True
        if (named or issuer is not None) and issuer != mine.issuer:
            raise Untrusted("the answer names another issuer")
        tokens = self._ask(
            "POST",
            self._endpoint("token_endpoint"),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": mine.back_to,
                "code_verifier": attempt.verifier,
            },
            auth=httpx.BasicAuth(_quoted(mine.client_id), _quoted(mine.secret)),
        )
        claims = self._claims(tokens, attempt.nonce, now)
        return self._person(claims | self._more(claims, tokens))

    def end_address(self, back: str) -> str | None:
        """Where one signs out of the issuer too (RP-Initiated Logout 1.0); None when it has no such
        place or does not answer."""
        try:
            where = self._endpoint("end_session_endpoint")
        except Unreachable:
            return None
        asked = {"client_id": self.registration.client_id, "post_logout_redirect_uri": back}
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def _person(self, claims: dict[str, Any]) -> Person:
        mine = self.registration
        number = claims.get(mine.id_number_claim) if mine.id_number_claim else None
        amr, acr, at = claims.get("amr"), claims.get("acr"), claims.get("auth_time")
        return Person(
            mine.issuer,
            claims["sub"],
            _text(claims.get(mine.name_claim))[:100],
            _text(number).strip().upper() or None,
            _text(acr)[:255] or None,
            tuple(_text(each)[:50] for each in amr[:20]) if isinstance(amr, list) else (),
            int(at) if isinstance(at, int | float) and not isinstance(at, bool) else None,
        )

    def _claims(self, tokens: dict[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        """What the ID token says, after its signature and every claim about it were checked."""
        mine = self.registration
        try:
            token = self._opened(_text(tokens.get("id_token")))
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": mine.issuer},
                    "aud": {"essential": True, "value": mine.client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": mine.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Untrusted(f"{type(error).__name__}: {error}") from None
        if not (isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= 255):
            raise Untrusted("no subject")
        return dict(claims)

    def _opened(self, text: str) -> jwt.Token:
        """The token, its signature checked; the issuer may have new keys since the last time."""
        try:
            return jwt.decode(text, self._key_set(), algorithms=list(ALGORITHMS))
        except InvalidKeyIdError:
            return jwt.decode(text, self._key_set(anew=True), algorithms=list(ALGORITHMS))

    def _more(self, claims: dict[str, Any], tokens: dict[str, Any]) -> dict[str, Any]:
        """What only the issuer's page about the person says; it must be about the same one."""
        mine = self.registration
        wanted = [each for each in (mine.name_claim, mine.id_number_claim) if each]
        missing = [each for each in wanted if each not in claims]
        if not missing or "userinfo_endpoint" not in self._description():
            return {}
        headers = {"Authorization": f"Bearer {_text(tokens.get('access_token'))}"}
        said = self._ask("GET", self._endpoint("userinfo_endpoint"), headers=headers)
        if said.get("sub") != claims["sub"]:
            raise Untrusted("userinfo is about somebody else")
        return {each: said[each] for each in missing if each in said}

    def _description(self) -> dict[str, Any]:
        """What the issuer says about itself (Discovery 1.0), asked again after KEPT_SECONDS."""
        with self._lock:
            if self._known is not None and time.monotonic() - self._known[0] < KEPT_SECONDS:
                return self._known[1]
        issuer = self.registration.issuer
        said = self._ask("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise Unreachable("the description is of another issuer")
        with self._lock:
            self._known, self._keys = (time.monotonic(), said), None
        return said

    def _key_set(self, *, anew: bool = False) -> KeySet:
        with self._lock:
            if self._keys is not None and not anew:
                return self._keys
        said = self._ask("GET", self._endpoint("jwks_uri"))
        try:
            found = KeySet.import_key_set(said)  # type: ignore[arg-type]  # checked by doing it
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise Unreachable("no keys") from None
        with self._lock:
            self._keys = found
        return found

    def _endpoint(self, name: str) -> str:
        where = _text(self._description().get(name))
        if not is_safe(where):
            raise Unreachable(f"no {name}, or not over https")
        return where

    def _ask(self, method: str, where: str, **sent: Any) -> dict[str, Any]:
        """The JSON object that the issuer answers with; no redirects, not for long, not much."""
        began, body = time.monotonic(), bytearray()
        try:
            with httpx.stream(method, where, timeout=SECONDS, **sent) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST or time.monotonic() - began > 2 * SECONDS:
                        raise Unreachable("too long an answer")
            found = json.loads(bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unreachable(f"{urlsplit(where).path}: {type(error).__name__}") from None
        if 400 <= answer.status_code < 500 and isinstance(found, dict) and "error" in found:
            raise Untrusted(f"{urlsplit(where).path}: {found['error']}")
        if answer.status_code != 200 or not isinstance(found, dict):
            raise Unreachable(f"{urlsplit(where).path}: {answer.status_code}")
        return found


def is_safe(address: str) -> bool:
    """Whether secrets may be sent there: over https, or to this machine itself."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _quoted(text: str) -> str:
    """As RFC 6749 §2.3.1 wants names and secrets in the header: form-encoded first."""
    return urlencode({"": text})[1:]
