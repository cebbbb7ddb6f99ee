"""Two issuers for the tests of the unified sign-in: a real one, started from its package, and one
that can be made to lie."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from functional.city import APPLICANT_ID, ORIGIN, ROOT, City, Prepared
from onevisit.settings import Settings

CLIENT, SECRET = "onevisit", "only:for/tests"
BACK = f"{ORIGIN}/sign-in/unified/callback"


@contextmanager
def real_issuer(back: str = BACK, afterwards: str = f"{ORIGIN}/") -> Iterator[str]:
    """The address of a certified provider that serves while the block lasts."""
    script = Path(__file__).with_name("unified_provider.mjs")
    quiet = {**os.environ, "NODE_NO_WARNINGS": "1"}
    with subprocess.Popen(
        ["node", str(script), back, afterwards, APPLICANT_ID],
        cwd=ROOT, env=quiet, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        drained = threading.Thread(target=process.stderr.read, daemon=True)
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.strip() for line in lines if line.startswith("http://"))
        finally:
            drained.start()
            process.kill()


def city_with(prepared: Prepared, folder: Path, issuer: str, **more: Any) -> City:
    """A city of its own whose people may come in through this issuer."""
    city = prepared.copied(folder)
    return City(with_issuer(city.settings, issuer, **more), None, {})


def with_issuer(settings: Settings, issuer: str, **more: Any) -> Settings:
    """The same settings with a unified sign-in."""
    given = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET,
             "oidc_name": "演示市统一身份认证", "oidc_id_number_claim": "id_number",
             "public_url": ORIGIN} | more  # fmt: skip
    known = settings.model_dump() | given
    return Settings(**known)


def signed_in_at(issuer: str, address: str, who: str) -> str:
    """What a browser does at the real provider: follow, give a name, consent; the address on our
    site to which it is sent back."""
    with httpx.Client(follow_redirects=False, timeout=30) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.status_code in (302, 303):
                address = urljoin(address, answer.headers["location"])
                if not address.startswith(issuer):
                    return address
                answer = browser.get(address)
                continue
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert action and prompt, answer.text
            named = {"login": who, "password": "x"} if prompt[1] == "login" else {}
            sent = {"prompt": prompt[1]} | named
            address = urljoin(address, action[1])
            answer = browser.post(address, data=sent)
    raise AssertionError("the provider never sent the browser back")


@dataclass
class Liar:
    """An issuer of our own: everything that it says can be changed by a test."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    shown: list[RSAKey] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=lambda: {"sub": "演示-1"})
    make: Callable[["Liar", dict[str, Any]], str] | None = None
    issuer: str = ""
    asked: list[str] = field(default_factory=list)
    tokens: list[dict[str, str]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    status: int = 200

    def describe(self) -> dict[str, Any]:
        """Its discovery document."""
        where = ("authorization", "token", "userinfo", "end_session")
        found: dict[str, Any] = {f"{each}_endpoint": f"{self.issuer}/{each}" for each in where}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"} | found | self.about

    def keys(self) -> dict[str, Any]:
        """The public keys that it shows."""
        return {"keys": [each.as_dict(private=False) for each in (self.shown or [self.key])]}

    def redeem(self, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The token endpoint: a code counts once."""
        self.tokens.append(sent)
        if sent["code"] in self.used:
            return 400, {"error": "invalid_grant"}
        self.used.add(sent["code"])
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": self.issuer, "sub": "演示-1", "aud": CLIENT, "iat": now, "exp": now + 300,
                  "name": "演示来客", "nonce": sent["code"]} | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        text = self.make(self, claims) if self.make else self.sign(claims)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": text}

    def sign(self, claims: dict[str, Any], alg: str = "RS256") -> str:
        """An ID token under its key."""
        return jwt.encode({"alg": alg, "kid": self.key.kid}, claims, self.key, algorithms=[alg])

    def answer(self, path: str, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """What it says at an address."""
        self.asked.append(path)
        if self.status != 200:
            return self.status, {}
        if path == "/token":
            return self.redeem(sent)
        said = {"/.well-known/openid-configuration": self.describe, "/jwks": self.keys,
                "/userinfo": lambda: self.userinfo}  # fmt: skip
        return 200, said[path]()


@contextmanager
def lying_issuer() -> Iterator[Liar]:
    """One that serves while the block lasts."""
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._say({name: values[0] for name, values in parse_qs(body).items()})

        def _say(self, sent: dict[str, str]) -> None:
            status, said = liar.answer(urlsplit(self.path).path, sent)
            text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()
