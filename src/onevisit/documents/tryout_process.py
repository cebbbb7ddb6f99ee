"""The process that tries edited templates: it limits itself, reads a job, tells what came of it.

Started by tryout.py with `python -m`; a job and its outcome are JSON on standard input and output.
"""

import base64
import io
import json
import logging
import resource
import select
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

MEMORY = 1536 * 1024 * 1024
"""Bytes of address space; laying out the longest papers takes a third of it."""
IDLE = 900
"""Seconds without a job after which it ends."""
DOTS_PER_INCH = 80

Json = dict[str, Any]


def main() -> None:
    """Reads its libraries, waits for the job on standard input, and does it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    get_ready()
    if not select.select([sys.stdin], [], [], IDLE)[0]:
        return
    text = sys.stdin.read()
    if text:
        job = json.loads(text)
        limit_time(job["seconds"])
        json.dump(done(job), sys.stdout)


def get_ready() -> None:
    """What every first page costs once: libraries and fonts."""
    import pypdfium2  # noqa: F401, PLC0415 -- within the limit of memory
    from weasyprint import HTML  # noqa: PLC0415

    from onevisit.documents.pdf import _fonts  # noqa: PLC0415

    HTML(string="<p>示</p>").render(font_config=_fonts())


def limit_time(seconds: int) -> None:
    """From now on this process gets so many seconds of a processor, and writes no files."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, until + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def done(job: Mapping[str, Any]) -> Json:
    """Faults, the first pages of the last document laid out (PNG in base64), how many it has."""
    from onevisit.documents.render import Press  # noqa: PLC0415

    templates, drafts = Path(job["templates"]), job["drafts"]
    press = Press(templates, drafts=drafts)
    faults, pdf = [], b""
    for trial in job["trials"]:
        fault, made = _tried(press, trial)
        faults += [fault] if fault else []
        pdf = made or pdf
    pages, count = pictures(pdf, job["pages"]) if pdf and job["pages"] else ([], 0)
    return {"faults": faults, "pages": pages, "count": count}


def _tried(press: Any, trial: Json) -> tuple[Json | None, bytes | None]:
    from onevisit.documents.errors import DocumentError  # noqa: PLC0415
    from onevisit.documents.trial import try_filling  # noqa: PLC0415

    try:
        error = try_filling(trial["template"], trial["snapshot"], press.templates, press.drafts)
        if error is not None:
            return _fault(trial, error), None
        return None, press.make(trial["template"], trial["snapshot"]) if trial["laid_out"] else None
    except DocumentError as error:
        return _fault(trial, error), None
    except MemoryError:
        return _fault(trial, "用的内存太多，已经停止"), None
    except Exception as error:  # what a style sheet can bring about in the layout is open-ended
        return _fault(trial, f"不能排版（{type(error).__name__}：{error}）"), None


def _fault(trial: Json, error: object) -> Json:
    return {
        "trial": trial["title"],
        "template": getattr(error, "place", getattr(error, "template", trial["template"])),
        "line": getattr(error, "line", None),
        "message": str(error),
        "missing": getattr(error, "name", None),
    }


def pictures(pdf: bytes, most: int) -> tuple[list[str], int]:
    """The first pages as PNG in base64, and how many there are."""
    import pypdfium2  # noqa: PLC0415 -- only where pages are looked at

    document = pypdfium2.PdfDocument(pdf)
    found = []
    for place in range(min(len(document), most)):
        image = document[place].render(scale=DOTS_PER_INCH / 72).to_pil().convert("P")
        stream = io.BytesIO()
        image.save(stream, "PNG", optimize=True)
        found.append(base64.b64encode(stream.getvalue()).decode())
    return found, len(document)


if __name__ == "__main__":
    main()
