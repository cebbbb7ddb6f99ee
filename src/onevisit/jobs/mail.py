"""E-mail over SMTP: one message a connection, the same message under the same Message-ID however
often it is tried."""

import smtplib
import ssl
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import IO, Any, Literal, cast
from urllib.parse import unquote, urlsplit

from onevisit.cases.outbox.sending import NotSent, Outgoing

PATIENCE = 30.0
"""Seconds for a whole conversation; an attempt has to end before its claim runs out."""
LONGEST_TALK = 256 * 1024
"""Bytes that a server says on one connection; a wordy one says a few thousand."""
SECURITY: dict[str, Literal["none", "starttls", "implicit"]] = {
    "smtp": "none",
    "smtp+starttls": "starttls",
    "smtps": "implicit",
}
PORTS = {"none": 25, "starttls": 587, "implicit": 465}
BODY = "您好：\n\n{text}\n{link}\n{centre}\n（本邮件由系统自动发送，请勿回复。）\n"


@dataclass(frozen=True)
class Server:
    """A mail server: `smtp://`, `smtp+starttls://` or `smtps://`, with user and password if it
    asks for them, which are never sent unencrypted."""

    host: str
    port: int
    security: Literal["none", "starttls", "implicit"]
    user: str = ""
    password: str = ""

    @staticmethod
    def parse(url: str) -> "Server":
        """The server of ONEVISIT_SMTP_URL; ValueError says in Chinese what is wrong."""
        parts = urlsplit(url)
        security = SECURITY.get(parts.scheme)
        if security is None or not parts.hostname:
            raise ValueError("ONEVISIT_SMTP_URL 应形如 smtp+starttls://用户:密码@主机:587")
        if parts.username and security == "none":
            raise ValueError("ONEVISIT_SMTP_URL 带密码时须用 smtp+starttls:// 或 smtps:// 加密")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return Server(parts.hostname, parts.port or PORTS[security], security, user, password)


@dataclass(frozen=True)
class Mail:
    """The way out by e-mail. `site` is the public address that links in a mail begin with, empty
    for none; `authority` a file of certificates to trust instead of the system's."""

    server: Server
    sender: str
    centre: str
    site: str = ""
    authority: Path | None = None
    patience: float = PATIENCE

    def __call__(self, outgoing: Outgoing) -> str:
        """Send one mail and return its Message-ID; NotSent."""
        try:
            message = self.message(outgoing)
            client = self._connected()
            with closing(client):
                client.send_message(message)
                with suppress(smtplib.SMTPException, OSError):
                    client.quit()  # accepted is accepted, however the conversation ends
        except smtplib.SMTPRecipientsRefused as error:
            code, why = next(iter(error.recipients.values()))
            raise _refused(code, why) from None
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPResponseException as error:  # before any recipient: ours to put right
            raise NotSent(f"SMTP {error.smtp_code} {_text(error.smtp_error)}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(f"{type(error).__name__}: {error}") from None
        except ValueError as error:  # an address or a title that no mail can have
            raise NotSent(f"{type(error).__name__}: {error}", permanent=True) from None
        return str(message["Message-ID"])

    def message(self, outgoing: Outgoing) -> EmailMessage:
        """The mail itself, the same bytes each time."""
        message = EmailMessage()
        message["From"] = formataddr((self.centre, self.sender))
        message["To"] = outgoing.address
        message["Subject"] = outgoing.subject
        message["Date"] = format_datetime(outgoing.written_at)
        message["Message-ID"] = f"<{outgoing.id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        link = f"\n{self.site}{outgoing.link}\n" if self.site and outgoing.link else ""
        message.set_content(BODY.format(text=outgoing.text, link=link, centre=self.centre))
        return message

    def _connected(self) -> smtplib.SMTP:
        """A connection that is ready to send."""
        server = self.server
        client = (_PatientTls if server.security == "implicit" else _Patient)(self)
        try:
            if server.security == "starttls":
                client.starttls(context=self.trusted())
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client

    def trusted(self) -> ssl.SSLContext:
        """Whom to believe that they are the mail server."""
        return ssl.create_default_context(cafile=self.authority)


class _Hurry(smtplib.SMTP):
    """A client whose every step has only what is left of the patience with the whole."""

    def __init__(self, mail: Mail, **more: Any) -> None:
        self._until = time.monotonic() + mail.patience
        super().__init__(mail.server.host, mail.server.port, timeout=mail.patience, **more)

    def getreply(self) -> tuple[int, bytes]:
        left = self._until - time.monotonic()
        if left <= 0 or self.sock is None:
            raise TimeoutError("邮件服务器没有及时应答")
        self.sock.settimeout(left)
        if self.file is None:
            self.file = cast("Any", _Brief(self.sock.makefile("rb"), self._until))
        return super().getreply()


class _Brief:
    """What a server says on one connection, as far as a whole conversation can be long."""

    def __init__(self, file: IO[bytes], until: float) -> None:
        self._file, self._left, self._until = file, LONGEST_TALK, until

    def readline(self, size: int) -> bytes:
        line = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0 or time.monotonic() > self._until:
            raise OSError("邮件服务器说个没完")
        return line

    def close(self) -> None:
        self._file.close()


class _Patient(_Hurry):
    """Plain, or until STARTTLS."""


class _PatientTls(_Hurry, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""

    def __init__(self, mail: Mail) -> None:
        super().__init__(mail, context=mail.trusted())


def _refused(code: int, why: bytes | str) -> NotSent:
    """5xx will be refused again (RFC 5321 section 4.2.1), 4xx may pass later."""
    return NotSent(f"SMTP {code} {_text(why)}", permanent=500 <= code < 600)


def _text(why: bytes | str) -> str:
    return why.decode("utf-8", "replace") if isinstance(why, bytes) else why
