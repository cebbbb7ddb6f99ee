"""Moves closed cases out: first a whole, durable, signed file, then in one transaction the rows go,
then the stored files. Killed at any instant, a case is in the database or in a named file, whole;
begun again, it goes on where it was."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col
from sqlmodel import select as rows

from onevisit.cases.checkpoints.archived import OUT, statement
from onevisit.cases.checkpoints.keys import Keys, key_id
from onevisit.cases.moved_out import ready
from onevisit.cases.moved_out.file import (
    FORMAT,
    SUFFIX,
    Part,
    Reader,
    Writer,
    key_text,
    packed,
)
from onevisit.cases.moved_out.parts import (
    LEAVE,
    OF_APPROVALS,
    OF_UPLOADS,
    case_left,
    snapshot_left,
    stays_in_ledger,
)
from onevisit.cases.moved_out.rows import Json, all_rows, table, written
from onevisit.catalog.catalog import Catalog
from onevisit.store import ledger
from onevisit.store.archive_tables import ArchivedCase, ArchiveFile
from onevisit.store.columns import new_id
from onevisit.store.discarded import discard
from onevisit.store.files import FileStore
from onevisit.store.kept import keyring_on
from onevisit.store.ledger import Act
from onevisit.store.secret import Key
from onevisit.store.tables import METADATA, Approval, Case, Document, LedgerEntry
from onevisit.store.tables import WorkflowVersion as Version
from onevisit.store.turn_tables import Certificate

OPERATOR = "operator"
PLACE = "archive/"
"""Under which name a part's key is sealed in the file itself, with the case's id after it."""
STORED = {"uploads": "storage_key", "documents": "pdf_key"}
"""Which column names a stored file; its SHA-256 is in `sha256` beside it."""
Sessions = Callable[[], AbstractContextManager[Session]]


class Unfit(Exception):
    """A case that does not go out, and why."""


@dataclass(frozen=True)
class House:
    """What moving out and back works with. `who` is the person at the machine, for the ledger."""

    reading: Sessions
    transaction: Sessions
    catalog: Catalog
    files: FileStore
    keys: Keys
    who: str


@dataclass(frozen=True)
class Packed:
    """A case that lies in a file and still in the database: what its rows were when it was read."""

    part: Part
    key: Key
    revision: int
    stored: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """What became of one case: `because` says why it stays, None when it went out."""

    number: str
    because: str | None


def move_out(
    house: House, chosen: Sequence[ready.Candidate], folder: Path, now: datetime
) -> Iterator[Done]:
    """Move some cases out into one new file below `folder`; each with what became of it. No file is
    left when none of them can go."""
    file_id = new_id()
    name = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{file_id.hex[-12:]}{SUFFIX}"
    writer, kept, versions = Writer(folder / name), list[Packed](), dict[str, Json]()
    try:
        for each in chosen:
            with house.reading() as session:
                try:
                    kept.append(_pack(house, session, writer, each, now, versions))
                except Unfit as unfit:
                    yield Done(each.number, str(unfit))
        if not kept:
            writer.abandon()
            return
        sha256 = _finish(house, writer, file_id, kept, versions, now)
        _read_again(house, writer.target, kept)
    except BaseException:
        writer.abandon()
        raise
    row = ArchiveFile(
        id=file_id, name=name, made_at=now, cases=len(kept), size=writer.target.stat().st_size,
        sha256=sha256,
    )  # fmt: skip
    with house.transaction() as session:
        session.add(row)
        session.flush()
        told = [_take_out(session, house, row, each, now) for each in kept]
    if all(each.because for each in told):
        _forget(house, row, writer.target)
    yield from told


def heads_of(session: Session, case: Case) -> dict[str, list[Any]]:
    """{chain: [entries, hash of the last]} of everything in a case that has a chain."""
    approvals = session.exec(rows(Approval).where(Approval.case_id == case.id))
    issued = session.exec(rows(Certificate).where(Certificate.case_id == case.id))
    keepers: list[ledger.Chained] = [case, *approvals, *issued]
    return {row.chain: [row.ledger_seq, row.ledger_hash] for row in keepers}


def _pack(  # noqa: PLR0917 -- what one case is packed with
    house: House,
    session: Session,
    writer: Writer,
    each: ready.Candidate,
    now: datetime,
    versions: dict[str, Json],
) -> Packed:
    """Write one case into the file; Unfit when it has to stay."""
    case = session.get_one(Case, each.id)
    because = ready.held(session, case, now) or next(ready.wrong(session, case.id), None)
    if because is not None:
        raise Unfit(because)
    keyring = keyring_on(session.connection().dialect)
    key = Key.new(now, keyring.ring.writer.cipher)
    stored: list[str] = []
    path = f"cases/{each.number}"
    records = _records(house, session, case, stored, versions)
    sha256, size = writer.add(path, packed(records, key, path))
    assert case.concluded_at is not None
    part = Part(
        id=str(case.id),
        number=each.number,
        service=house.catalog.version(session, case.version_hash).definition.workflow.title,
        concluded_at=case.concluded_at.astimezone(UTC).isoformat(),
        sha256=sha256,
        size=size,
        key=base64.b64encode(keyring.seal(key_text(key).encode(), f"{PLACE}{case.id}")).decode(),
        heads=heads_of(session, case),
    )
    return Packed(part, key, case.revision, tuple(stored))


def _records(
    house: House, session: Session, case: Case, stored: list[str], versions: dict[str, Json]
) -> Iterator[bytes]:
    """The case as lines: what it is, its rows, each stored file after the line that names it, and a
    last line without which it was cut."""
    yield _line({"format": FORMAT, "id": str(case.id), "number": case.number})
    wanted, count = list[tuple[str, str, bool]](), 0
    for name, row in all_rows(session, case.id):
        yield _line({"table": name, "row": written(row)})
        count += 1
        key = row[STORED[name]] if name in STORED else None
        if key is not None:
            wanted.append((key, row["sha256"], name == "uploads" and row["removed_at"] is None))
        if name == "ledger_entries" and row["version_hash"] not in versions:
            versions[row["version_hash"]] = _version(session, row["version_hash"])
    for key, sha256, needed in wanted:
        yield from _stored(house.files, key, sha256, needed=needed)
        stored.append(key)
    yield _line({"end": count, "files": len(stored)})


def _stored(files: FileStore, key: str, sha256: str, *, needed: bool) -> Iterator[bytes]:
    """A stored file after its line; nothing for a paper that can be made again and is not there.
    Unfit when it is not what was handed in."""
    file = files.stored(key)
    if not file.exists():
        if needed:
            raise Unfit("存储里缺了一份材料文件")
        return
    if file.sha256() != sha256:
        raise Unfit("存储里有一份文件与登记的不符")
    yield _line({"file": key, "size": file.size(), "sha256": sha256})
    yield from file.chunks()


def _version(session: Session, sha256: str) -> Json:
    row = session.connection().execute(
        select(table("workflow_versions")).where(col(Version.hash) == sha256)
    )
    return written(dict(row.mappings().one()))


def _finish(  # noqa: PLR0917 -- what a file is finished with
    house: House,
    writer: Writer,
    file_id: uuid.UUID,
    kept: Sequence[Packed],
    versions: dict[str, Json],
    now: datetime,
) -> str:
    sums = {
        sha256: writer.add(f"versions/{sha256}", [json.dumps(row, ensure_ascii=False).encode()])[0]
        for sha256, row in versions.items()
    }
    about = {"id": str(file_id), "made_at": now.isoformat(), "versions": sums}
    return writer.finish(about, [each.part for each in kept], house.keys)


def _read_again(house: House, path: Path, kept: Sequence[Packed]) -> None:
    """No row goes before what lies on the disk was opened and read to its end."""
    reader = Reader(path, house.keys)
    try:
        for each in kept:
            with reader.opened(each.part, each.key) as content:
                while content.read(1 << 20):
                    pass
    finally:
        reader.close()


def _take_out(
    session: Session, house: House, file: ArchiveFile, packed_case: Packed, now: datetime
) -> Done:
    """The rows of a case go, if nothing happened to it since it was read."""
    part, case_id = packed_case.part, uuid.UUID(packed_case.part.id)
    locked = rows(Case).where(Case.id == case_id).with_for_update()
    case = session.exec(locked.execution_options(populate_existing=True)).one()
    changed = case.revision != packed_case.revision or heads_of(session, case) != part.heads
    because = "移出途中有了变化，下次再移" if changed else ready.held(session, case, now)
    if because is not None:
        return Done(part.number, because)
    signer = house.keys.signer()
    row = ArchivedCase(
        case_id=case_id,
        file_id=file.id,
        at=now,
        sha256=part.sha256,
        key=key_text(packed_case.key),
        heads=part.heads,
        key_id=key_id(signer.public_key()),
        signature="",
    )
    row.signature = signer.sign(statement(row).encode()).hex()
    session.add(row)
    detail = {"file": file.name, "part": part.sha256, "by": house.who}
    note(session, case, OUT, now, detail, archived_at=now, **case_left())
    _delete(session, case_id)
    for document in session.exec(rows(Document).where(Document.case_id == case_id)):
        document.snapshot, document.pdf_key = snapshot_left(document.snapshot), None
    discard(session, house.files, packed_case.stored, now)
    return Done(part.number, None)


def note(
    session: Session, case: Case, act: str, now: datetime, detail: Json, **changes: Any
) -> None:
    """Write an act of an operator into a case's own chain, and change its row with it."""
    state = case.state
    entry = ledger.next_entry(
        case, Act(act, now, None, OPERATOR, state, state, case.version_hash, detail)
    )
    head = {"ledger_seq": entry["seq"], "ledger_hash": entry["hash"]}
    for name, value in {**changes, **head, "revision": case.revision + 1}.items():
        setattr(case, name, value)
    session.flush()
    ledger.write(session, [entry])


def _delete(session: Session, case_id: uuid.UUID) -> None:
    """Every row that leaves, the ones that refer to others first."""
    for each in reversed(METADATA.sorted_tables):
        if each.name not in LEAVE:
            continue
        if each.name in (OF_APPROVALS, OF_UPLOADS):
            (key,) = each.primary_key
            parent = table("approvals" if each.name == OF_APPROVALS else "uploads")
            of = key.in_(select(parent.c.id).where(parent.c.case_id == case_id))
        else:
            of = each.c.case_id == case_id
        statement = delete(each).where(of)
        if each.name == "ledger_entries":
            statement = statement.where(~stays_in_ledger(), col(LedgerEntry.act) != OUT)
        session.connection().execute(statement)


def _forget(house: House, row: ArchiveFile, path: Path) -> None:
    """A file of which every case stayed after all is none."""
    with house.transaction() as session:
        session.delete(session.get_one(ArchiveFile, row.id))
    path.unlink(missing_ok=True)


def _line(said: Json) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
