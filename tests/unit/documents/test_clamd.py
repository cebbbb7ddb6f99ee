"""A virus scanner's word counts, and while it says nothing, nothing is taken in."""

import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onevisit.documents.clamd import FOUND, NOT_LOOKED, Clamd, Unreachable
from onevisit.documents.inspection import Unsafe

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless file that every scanner finds (eicar.org)."""


class Scanner(socketserver.BaseRequestHandler):
    """Speaks INSTREAM as clamd does; `says` overrides its answer, "" hangs up."""

    says: str | None = None

    def handle(self) -> None:
        """Read one stream and answer."""
        stream = self.request.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", stream.read(4))[0]:
            content += stream.read(size)
        clean = "stream: OK" if EICAR not in content else "stream: Eicar-Test-Signature FOUND"
        answer = clean if self.says is None else self.says
        if answer:
            self.request.sendall(answer.encode() + b"\0")


@contextmanager
def scanner(server: socketserver.BaseServer) -> Iterator[None]:
    """It runs beside the test."""
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def over_tcp(says: str | None = None) -> tuple[socketserver.TCPServer, Clamd]:
    """A scanner on a free port and who asks it."""
    handler = type("Handler", (Scanner,), {"says": says})
    server = socketserver.TCPServer(("127.0.0.1", 0), handler)
    return server, Clamd(f"tcp://127.0.0.1:{server.server_address[1]}")


def test_what_is_infected_is_refused_and_the_rest_passes() -> None:
    server, clamd = over_tcp()
    with scanner(server):
        clean = io.BytesIO(b"demo" * 100_000)
        clean.read(7)
        clamd.check_clean(clean)
        assert clean.tell() == 0
        clamd.check_clean(io.BytesIO(b""))
        with pytest.raises(Unsafe, match=FOUND):
            clamd.check_clean(io.BytesIO(b"before" * 20_000 + EICAR))


def test_over_a_socket_of_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "clamd.ctl"
    server = socketserver.UnixStreamServer(str(path), Scanner)
    with scanner(server), pytest.raises(Unsafe, match=FOUND):
        Clamd(f"unix://{path}").check_clean(io.BytesIO(EICAR))


@pytest.mark.parametrize("says", ["", "INSTREAM size limit exceeded. ERROR", "stream: "])
def test_no_clear_word_is_no_permission(says: str) -> None:
    server, clamd = over_tcp(says)
    with scanner(server), pytest.raises(Unreachable, match=NOT_LOOKED):
        clamd.check_clean(io.BytesIO(b"demo"))


def test_nobody_there_is_no_permission() -> None:
    server, clamd = over_tcp()
    server.server_close()
    with pytest.raises(Unreachable, match=NOT_LOOKED):
        clamd.check_clean(io.BytesIO(b"demo"))


@pytest.mark.parametrize("address", ["127.0.0.1:3310", "tcp://127.0.0.1", "unix://", "http://a:1"])
def test_an_address_that_is_none_is_found_at_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="ONEVISIT_CLAMD"):
        Clamd(address)
