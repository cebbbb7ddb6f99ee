"""`onevisit export`: one case as a folder or ZIP file that a court can read and check by itself."""

import getpass
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Engine

from onevisit.cases.archive import (
    AlreadyThere,
    Paper,
    Papers,
    Record,
    Sources,
    collect,
    verify,
    write,
)
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY
from onevisit.cases.errors import NotFound
from onevisit.cases.outbox import documents
from onevisit.cases.privacy import reads
from onevisit.cases.seen import PAGE, Looks
from onevisit.catalog.catalog import Catalog
from onevisit.documents import DocumentError, Press
from onevisit.documents.trust.demo_authority import ROOT
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Case

FINE, FAULTY, REFUSED = 0, 1, 2
EVERYBODY = "依法调取本案卷的机关和本办件的当事人"


def export(case: str, out: Path, zipped: bool, recipient: str | None) -> int:
    """Writes the archive and checks it at once; 1 when something in it is not as it should be (it
    is written all the same), 2 when there is no such case or already such a folder."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        written = _write(engine, settings, case, out, zipped, recipient or EVERYBODY)
    except (NotFound, AlreadyThere) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    except OSError as error:  # a full disk, a folder that is somebody else's
        sys.stderr.write(f"写不出来，没有留下文件：{error}\n")
        return REFUSED
    finally:
        engine.dispose()
    found = verify.examined(written.path)
    _remember(settings, written, found.fingerprint, recipient)
    sys.stdout.write(f"已写出：{written.path}\n目录指纹：{found.fingerprint}\n")
    sys.stdout.write("请另行（来函、电话）把目录指纹告知收卷人，供其比对。本卷含个人信息。\n")
    wrong = [str(each) for each in found.faults] + list(written.unmade)
    sys.stderr.writelines(f"✗ {each}\n" for each in wrong)
    return FAULTY if wrong else FINE


@dataclass(frozen=True)
class _Written:
    """An archive that was just written, and which of its papers could not be made, and why."""

    path: Path
    number: str
    unmade: tuple[str, ...]


def _write(  # noqa: PLR0917 -- what the command was told
    engine: Engine, settings: Settings, case: str, out: Path, zipped: bool, recipient: str
) -> _Written:
    files = FileStore(settings.files)
    with reading(engine, one_moment=True) as session:
        ctx = Context(session, Catalog(engine), files, NOBODY, datetime.now(UTC))
        record = collect(ctx, case)
    _note_read(engine, record.dossier.case, recipient, ctx.now)
    press = settings.press
    make = partial(documents.make, partial(writing, engine), files, press.make)
    papers: Papers = {row.id: _paper(make, files, row.id) for row in record.documents}
    sources = Sources(files, settings.templates, _roots(press))
    path = write(record, papers, sources, recipient, out, zipped=zipped)
    return _Written(path, record.number, tuple(_unmade(record, papers)))


def _note_read(engine: Engine, case: Case, recipient: str, now: datetime) -> None:
    """The applicant reads of it, as of everything that anybody is shown of them."""
    seen = Looks()
    what = "办件档案：申请表、材料、文书、留痕的全部"
    seen.listed(PAGE, what, case)
    told = [replace(each, reason=f"交给{recipient}") for each in seen]
    with writing(engine) as session:
        reads.keep_without_account(session, told, now, "operator", None)


def _unmade(record: Record, papers: Papers) -> Iterator[str]:
    for row in record.documents:
        if isinstance(papers[row.id], str):
            yield f"《{row.title}》{row.number} 的 PDF 没有生成：{papers[row.id]}"


def _roots(press: Press) -> bytes:
    """The certificates that the house publishes, where papers are sealed."""
    root = press.seals.folder / ROOT if press.seals else None
    return root.read_bytes() if root and root.exists() else b""


def _paper(make: Callable[[uuid.UUID], str], files: FileStore, document_id: uuid.UUID) -> Paper:
    """The PDF, made now when it is not there yet; or why it cannot be made."""
    try:
        return files.stored(make(document_id))
    except DocumentError as error:
        return str(error)


def _remember(
    settings: Settings, written: _Written, fingerprint: str, recipient: str | None
) -> None:
    """One line in `exports.log`: personal data left the house (个人信息保护法第五十四、五十五条).

    Not an entry of the case's own ledger: nothing was done in the case, and an archive that
    changed what it shows could not be written twice alike.
    """
    path = settings.data / "exports.log"
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as file:
        log = structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
        log.info(
            "exported",
            case=written.number,
            to=str(written.path.resolve()),
            fingerprint=fingerprint,
            recipient=recipient,
            by=_who(),
        )


def _who() -> str:
    """The account of the operating system; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
