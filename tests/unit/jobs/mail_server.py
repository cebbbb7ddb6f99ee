"""A real mail server for the tests: it speaks SMTP on a port of its own, and keeps what it gets."""

import ssl
import subprocess
import warnings
from asyncio.base_events import Server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword


@dataclass
class Mailbox:
    """What came in, and what to answer: `refuse` at RCPT, `reject` after DATA, by address."""

    refuse: dict[str, str] = field(default_factory=dict)
    reject: dict[str, str] = field(default_factory=dict)
    raw: list[bytes] = field(default_factory=list)
    password: str = ""
    port: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails in order of arrival."""
        found = [message_from_bytes(each, policy=policy.default) for each in self.raw]
        return [each for each in found if isinstance(each, EmailMessage)]

    @property
    def distinct(self) -> dict[str, bytes]:
        """What a receiver keeps who knows a Message-ID again."""
        return {
            str(mail["Message-ID"]): raw for mail, raw in zip(self.mails, self.raw, strict=True)
        }

    async def handle_RCPT(  # noqa: N802 -- the library's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        for address in envelope.rcpt_tos:
            if address in self.reject:
                return self.reject[address]
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        return "250 accepted"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        """Only the one password."""
        return AuthResult(success=data.password == self.password.encode(), handled=False)


class OnAnyPort(Controller):
    """Lets the system choose the port."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library's


def certificate(folder: Path) -> Path:
    """A certificate with its key for localhost, signed by itself."""
    path = folder / "server.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names,
         "-keyout", str(path), "-out", str(folder / "cert.pem")],
        check=True,
        capture_output=True,
    )  # fmt: skip
    with path.open("a") as file:
        file.write((folder / "cert.pem").read_text())
    return path


@contextmanager
def mail_server(
    security: str = "none", pem: Path | None = None, password: str = ""
) -> Iterator[Mailbox]:
    """Listens from here to the end of the block."""
    box = Mailbox(password=password)
    context = None
    if pem is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
    more: dict[str, Any] = {}
    if security == "implicit":
        more["ssl_context"] = context
    if security == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    if password:
        more |= {"authenticator": box.authenticate, "auth_required": True}
        more["auth_require_tls"] = security == "starttls"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not see that an implicit connection is encrypted
        controller = OnAnyPort(box, hostname="127.0.0.1", port=0, **more)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()
