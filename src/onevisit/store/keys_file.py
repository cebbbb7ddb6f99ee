"""Where the keys lie: a file that only the server may read, made once, replaced whole."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from onevisit.store.secret import Keyring, KeysFault, Ring


def keyring_of(path: Path) -> Keyring:
    """The keyring of a key file, which follows it as it changes. KeysFault: missing, unreadable."""

    def read() -> Ring:
        try:
            return Ring.read(path.read_text(), str(path))
        except UnicodeDecodeError:
            raise KeysFault(f"{path} 不是密钥文件；请放回备份的密钥文件") from None

    def stamp() -> object:
        found = path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    try:
        return Keyring(read, stamp)
    except OSError as error:
        raise KeysFault(
            f"读不到密钥文件 {path}（{error.strerror}）；请放回备份的密钥文件，"
            "或者用 ONEVISIT_KEYS_FILE 指明它在哪里"
        ) from None


def keyring_in(text: str, where: str) -> Keyring:
    """The keyring of a key file's text that came in some other way."""
    return Keyring.of(Ring.read(text, where))


def make_once(path: Path, now: datetime) -> None:
    """Makes the key file where there is none; of two starting processes the first wins, whole."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _placed(path, Ring.new(now).text(), os.link)


def replace_by(path: Path, ring: Ring) -> None:
    """The same file with other keys, whole or not at all, durable before this returns."""
    _placed(path, ring.text(), os.replace)


def _placed(path: Path, text: str, place: Callable[[Path, Path], None]) -> None:
    made = path.with_name(f"{path.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        place(made, path)
    made.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
