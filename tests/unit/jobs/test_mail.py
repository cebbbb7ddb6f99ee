"""E-mail, tried against a real SMTP server: encryption, passwords, refusals, repeats."""

import socket
import threading
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onevisit.cases.outbox.sending import NotSent, Outgoing
from onevisit.jobs.mail import Mail, Server
from unit.jobs.mail_server import certificate, mail_server

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SENDER = "noreply@centre.example.test"


def outgoing(address: str = "jia@example.test", number: int = 1) -> Outgoing:
    """One message that leaves the house."""
    text = "您申请的“开餐馆”（办件号990000）已经受理。"
    return Outgoing(uuid.UUID(int=number), address, "受理通知书", text, "/my/7", AT)


def mail(url: str, **more: Any) -> Mail:
    """The way out to a server."""
    return Mail(
        Server.parse(url), SENDER, "示例市政务服务中心", "https://centre.example.test", **more
    )


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own."""
    return certificate(tmp_path_factory.mktemp("pem"))


def test_a_mail_says_who_writes_what_about_and_where_to_look() -> None:
    with mail_server() as box:
        reference = mail(f"smtp://127.0.0.1:{box.port}")(outgoing())
    [got] = box.mails
    assert got["Message-ID"] == reference == f"<{uuid.UUID(int=1)}@centre.example.test>"
    assert got["To"] == "jia@example.test"
    assert got["Subject"] == "受理通知书"
    assert got["From"] == f"示例市政务服务中心 <{SENDER}>"
    assert got["Auto-Submitted"] == "auto-generated"
    text = got.get_content()
    assert "已经受理" in text
    assert "https://centre.example.test/my/7" in text


def test_a_repeated_mail_is_the_same_to_the_byte_so_a_receiver_knows_it() -> None:
    with mail_server() as box:
        for _ in range(2):
            mail(f"smtp://127.0.0.1:{box.port}")(outgoing())
    assert len(box.raw) == 2
    assert len(set(box.raw)) == 1
    assert len(box.distinct) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_encrypted_with_a_password(scheme: str, pem: Path) -> None:
    security = "implicit" if scheme == "smtps" else "starttls"
    with mail_server(security, pem, password="geheim") as box:
        url = f"{scheme}://centre:geheim@127.0.0.1:{box.port}"
        mail(url, authority=pem)(outgoing())
        with pytest.raises(NotSent, match="535") as wrong:
            mail(url.replace("geheim", "falsch"), authority=pem)(outgoing())
        with pytest.raises(NotSent, match=r"CERTIFICATE_VERIFY_FAILED|certificate") as stranger:
            mail(url)(outgoing())
    assert len(box.mails) == 1
    assert not wrong.value.permanent  # the operator can put it right
    assert not stranger.value.permanent


def test_no_encryption_where_it_is_asked_for_sends_nothing() -> None:
    with mail_server() as box, pytest.raises(NotSent, match="STARTTLS"):
        mail(f"smtp+starttls://127.0.0.1:{box.port}")(outgoing())
    assert box.raw == []


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("550 no such user", True), ("451 try again later", False), ("452 full", False)],
)
def test_a_refusal_is_final_or_for_now_as_its_code_says(answer: str, permanent: bool) -> None:
    with mail_server() as box:
        way = mail(f"smtp://127.0.0.1:{box.port}")
        box.refuse["yi@example.test"] = answer
        box.reject["bing@example.test"] = answer
        for address in ("yi@example.test", "bing@example.test"):
            with pytest.raises(NotSent, match=answer[:3]) as refused:
                way(outgoing(address))
            assert refused.value.permanent is permanent
    assert box.raw == []


def test_a_title_that_no_mail_can_have_is_final() -> None:
    bad = Outgoing(uuid.UUID(int=2), "jia@example.test", "标题\nBcc: x@y", "内容", None, AT)
    with mail_server() as box:
        with pytest.raises(NotSent) as refused:
            mail(f"smtp://127.0.0.1:{box.port}")(bad)
        assert refused.value.permanent
    assert box.raw == []


def test_a_server_that_is_not_there_or_says_nothing_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NotSent) as refused:
            mail(f"smtp://127.0.0.1:{port}", patience=0.3)(outgoing())
    assert not refused.value.permanent
    with pytest.raises(NotSent) as refused:
        mail(f"smtp://127.0.0.1:{port}")(outgoing())  # nobody listens any more
    assert not refused.value.permanent


def test_a_server_that_dawdles_has_no_more_than_the_patience_for_all_of_it() -> None:
    """Each answer comes in time for itself, all of them together do not."""

    def dawdle(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as lines:
            lines.write(b"220 slow\r\n")
            lines.flush()
            while lines.readline():
                pause.wait(0.3)
                lines.write(b"250 slow\r\n")
                try:
                    lines.flush()
                except OSError:
                    return

    pause = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=dawdle, args=(listening,))
        thread.start()
        url = f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(NotSent, match=r"Timeout|timed out|及时"):
            mail(url, patience=0.7)(outgoing())
        pause.set()
        thread.join(timeout=10)
    assert not thread.is_alive()


def test_a_server_that_never_stops_talking_is_not_listened_to() -> None:
    def talk(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            while True:
                connection.sendall(b"220-hello\r\n" * 1000)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=talk, args=(listening,), daemon=True)
        thread.start()
        url = f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(NotSent, match="说个没完"):
            mail(url, patience=60)(outgoing())
        thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.test", Server("mail.example.test", 25, "none")),
        (
            "smtp+starttls://a%40b:p%2Fw@mail.example.test",
            Server("mail.example.test", 587, "starttls", "a@b", "p/w"),
        ),
        ("smtps://mail.example.test:4650", Server("mail.example.test", 4650, "implicit")),
    ],
)
def test_the_server_is_written_as_an_address(url: str, server: Server) -> None:
    assert Server.parse(url) == server


@pytest.mark.parametrize(
    "url", ["mail.example.test:25", "http://mail.example.test", "smtp://u:p@mail.example.test"]
)
def test_an_address_that_cannot_be_right_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="ONEVISIT_SMTP_URL"):
        Server.parse(url)
