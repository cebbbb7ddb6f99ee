"""Has a virus scanner look at what is handed in: clamd (ClamAV) over its own plain protocol."""

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from onevisit.documents.inspection import Unsafe

CHUNK = 64 * 1024
PATIENCE = 30.0
"""Seconds for each step of the conversation."""
LONGEST = 4096
"""Bytes of an answer that are read."""
FOUND = "查毒程序发现这个文件不安全，没有保存；请换一台电脑查毒后，重新扫描或导出再上传"
NOT_LOOKED = "查毒程序暂时没有应答，这个文件没有保存；之前的都还在，请过几分钟再上传"


class Unreachable(Unsafe):
    """查毒程序暂时没有应答，这个文件没有保存；之前的都还在，请过几分钟再上传。"""


@dataclass(frozen=True)
class Clamd:
    """A running clamd: `tcp://主机:3310` or `unix:///run/clamav/clamd.ctl`."""

    address: str
    patience: float = PATIENCE

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        right = (parts.scheme == "unix" and parts.path) or (parts.scheme == "tcp" and parts.port)
        if not right:
            raise ValueError("ONEVISIT_CLAMD 应形如 tcp://127.0.0.1:3310 或 unix:///run/clamd.ctl")

    def check_clean(self, file: BinaryIO) -> None:
        """Raises Unsafe for an infected file, Unreachable when nobody could look.

        INSTREAM (clamd(8)): lengths of four bytes, big-endian, and an empty piece at the end.
        """
        file.seek(0)
        try:
            with self._connected() as line:
                line.sendall(b"zINSTREAM\0")
                while chunk := file.read(CHUNK):
                    line.sendall(struct.pack("!I", len(chunk)) + chunk)
                line.sendall(struct.pack("!I", 0))
                answer = _answer(line)
        except OSError:
            raise Unreachable(NOT_LOOKED) from None
        finally:
            file.seek(0)
        if answer.endswith(b"FOUND"):
            raise Unsafe(FOUND)
        if not answer.endswith(b"OK"):
            raise Unreachable(NOT_LOOKED)

    def _connected(self) -> socket.socket:
        parts = urlsplit(self.address)
        if parts.scheme == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(self.patience)
            line.connect(parts.path)
            return line
        return socket.create_connection((parts.hostname, parts.port), self.patience)


def _answer(line: socket.socket) -> bytes:
    """What it says up to the zero byte at the end."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST:
        piece = line.recv(LONGEST)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n ")
