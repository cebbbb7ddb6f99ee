"""Shows pages of handed-in files as pictures, drawn in a process that limits itself: what strangers
hand in is neither opened in a browser's plug-in nor in the memory of the server.

The process is this file; it starts with the first page, draws one at a time, and ends
with whoever started it. Jobs and answers are lines of JSON.
"""

import atexit
import base64
import json
import resource
import subprocess
import sys
import threading
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

MEMORY = 1536 * 1024**2
"""Bytes of address space, of which the libraries take a third."""
SECONDS = 10
"""Of a processor for one page."""
PATIENCE = 30
"""Seconds until a page is given up, however busy the machine is."""
WIDTH, SMALL = 1240, 180
"""Pixels across: A4 at 150 dots an inch, and a thumbnail."""
TALLEST = 4
"""A page is drawn at most so many times as high as wide."""
SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""What can be shown; other kinds (OFD) can only be downloaded."""

_one_at_a_time = threading.Lock()
_running: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True)
class Leaf:
    """One page as a JPEG, and of how many it is one."""

    jpeg: bytes
    count: int


def leaf(path: Path, content_type: str, number: int, *, small: bool = False) -> Leaf | None:
    """Page `number` (from 1) of a file; None when it cannot be drawn or there is no such page."""
    if content_type not in SHOWN:
        return None
    width = SMALL if small else WIDTH
    job = json.dumps([str(path), content_type, number, width]).encode()
    with _one_at_a_time:
        answer = _answer(job)
    found = json.loads(answer) if answer else None
    return Leaf(base64.b64decode(found[0]), found[1]) if found else None


def close() -> None:
    """End the process; the next page starts another."""
    while _running:
        process = _running.pop()
        process.kill()
        process.communicate()


def _answer(job: bytes) -> bytes:
    """The line that the process answers; b"" when it was cut off."""
    if _running and _running[0].poll() is not None:  # somebody ended it meanwhile
        close()
    if not _running:
        command = [sys.executable, "-P", __file__]  # not -m: the package would load the press
        _running.append(
            subprocess.Popen(  # noqa: S603 -- this interpreter and this file
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        )
    process = _running[0]
    assert process.stdin is not None and process.stdout is not None
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    try:
        process.stdin.write(job + b"\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        answer = b""
    finally:
        watch.cancel()
    if not answer.endswith(b"\n"):
        close()
        return b""
    return answer


def main(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Draw whatever comes until nothing comes any more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for line in jobs:
        used = resource.getrusage(resource.RUSAGE_SELF)
        until = int(used.ru_utime + used.ru_stime) + SECONDS + 1
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        path, content_type, number, width = json.loads(line)
        try:
            answer = _drawn(path, content_type, number, width)
        except Exception:  # whatever a stranger's file brings about: it cannot be shown
            answer = None
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _drawn(path: str, content_type: str, number: int, width: int) -> tuple[str, int] | None:
    """The page as a JPEG in base64, and how many there are."""
    image, count = (
        _of_pdf(path, number, width)
        if content_type == "application/pdf"
        else _of_photo(path, number, width)
    )
    if image is None:
        return None
    stream = BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=80)
    return base64.b64encode(stream.getvalue()).decode(), count


def _of_pdf(path: str, number: int, width: int) -> tuple[Any, int]:
    import pypdfium2  # noqa: PLC0415 -- within the limit of memory

    document = pypdfium2.PdfDocument(path)
    if not 1 <= number <= len(document):
        return None, len(document)
    page = document[number - 1]
    across, up = page.get_size()
    scale = min(width / across, TALLEST * width / up)
    return page.render(scale=scale).to_pil(), len(document)


def _of_photo(path: str, number: int, width: int) -> tuple[Any, int]:
    from PIL import Image, ImageOps  # noqa: PLC0415 -- within the limit of memory

    if number != 1:
        return None, 1
    with Image.open(path, formats=("JPEG", "PNG")) as image:
        image.thumbnail((width, TALLEST * width), reducing_gap=2.0)
        return ImageOps.exif_transpose(image), 1


atexit.register(close)

if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
