"""The process that draws pages of strangers' files: it limits itself, and needs no more than the
libraries that read the file. Started by leaves.py as a script."""

import base64
import json
import resource
import sys
from io import BytesIO
from typing import IO, Any

MEMORY = 1536 * 1024**2
"""Bytes of address space, of which the libraries take a third."""
SECONDS = 10
"""Of a processor for one page."""
TALLEST = 4
"""A page is drawn at most so many times as high as wide."""


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

    # opened here: the path may be one of an open file that has no other name
    document = pypdfium2.PdfDocument(open(path, "rb"), autoclose=True)  # noqa: PTH123, SIM115
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


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
