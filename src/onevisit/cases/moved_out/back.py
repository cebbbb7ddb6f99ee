"""Brings cases back from an archive file: the stored files first, then all rows in one transaction,
value for value as they were, and only if the ledger says that this is what went out.

A database that never had the case takes it over with what its rows name.
"""

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, update
from sqlmodel import Session, col
from sqlmodel import select as rows_where

from onevisit.cases.checkpoints.outside import leaves_about
from onevisit.cases.moved_out.contents import Contents, chain_problems
from onevisit.cases.moved_out.file import Part, Reader, Unusable, key_from
from onevisit.cases.moved_out.out import PLACE, STORED, House, note
from onevisit.cases.moved_out.parts import IN_FILE, NAMED, case_left
from onevisit.cases.moved_out.rows import Json, existing, read, table
from onevisit.store import ledger
from onevisit.store.archive_tables import ArchivedCase
from onevisit.store.checkpoint_tables import CheckpointLeaf, register
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.kept import keyring_on
from onevisit.store.secret import Key, KeysFault
from onevisit.store.tables import METADATA, Account, Case, LedgerEntry

BACK = "archive_back"
NOBODY: Final[dict[str, Any]] = {"password_hash": "archived", "disabled": True}
"""An account that is here only because rows name it: nothing opens it."""


@dataclass(frozen=True)
class Brought:
    """What became of one case: `was_here` when there was nothing to bring."""

    number: str
    was_here: bool


def bring_back(house: House, reader: Reader, part: Part, now: datetime) -> Brought:
    """Bring one case back, whole or not at all. Raises Unusable."""
    case_id = uuid.UUID(part.id)
    with house.reading() as session:
        case = session.get(Case, case_id)
        if case is not None and case.archived_at is None:
            return Brought(part.number, was_here=True)
        row = session.get(ArchivedCase, case_id)
        if row is not None and row.sha256 != part.sha256:
            raise Unusable(f"{part.number} 后来又移出过，内容在另一个归档文件里")
        key = _key(session, row, part)
    if not reader.whole(part):
        raise Unusable(f"{reader.path} 里 {part.number} 的内容被改动或者损坏")
    with reader.opened(part, key) as content:
        contents = Contents(part, content)
        contents.load()
        wrong = next(chain_problems(contents.rows, part.heads), None)
        if wrong is not None:
            raise Unusable(f"{part.number}：{wrong.text}")
        saved = _save(house.files, contents)
    try:
        with house.transaction() as session:
            _put_back(house, session, reader, contents, saved, now)
    except BaseException:
        for each in saved.values():
            house.files.delete(each)
        raise
    return Brought(part.number, was_here=False)


def open_part(house: House, reader: Reader, part: Part) -> Contents:
    """The rows of a part, to be looked at; Unusable."""
    with house.reading() as session:
        key = _key(session, session.get(ArchivedCase, uuid.UUID(part.id)), part)
    contents = Contents(part, reader.opened(part, key))
    contents.load()
    return contents


def _key(session: Session, row: ArchivedCase | None, part: Part) -> Key:
    """What opens a part: kept with the case, so that it goes over to new keys with everything else;
    for a database without the case, sealed in the file itself."""
    if row is not None and row.sha256 == part.sha256:
        return key_from(row.key)
    keyring = keyring_on(session.connection().dialect)
    try:
        return key_from(keyring.open(base64.b64decode(part.key), f"{PLACE}{part.id}").decode())
    except KeysFault as fault:
        raise Unusable(f"{part.number} 打不开：{fault}") from fault


def _save(files: FileStore, contents: Contents) -> dict[str, str]:
    """The stored files under new names, {name in the file: name in the store}; none of them stays
    when one is not what it should be."""
    saved: dict[str, str] = {}
    try:
        for key, sha256, stream in contents.files():
            kept = files.save_stream(stream, stream.left)
            saved[key] = kept.key
            _check_same(contents.part, kept.sha256, sha256)
    except BaseException:
        for each in saved.values():
            files.delete(each)
        raise
    return saved


def _check_same(part: Part, found: str, sha256: str) -> None:
    if found != sha256:
        raise Unusable(f"归档文件里 {part.number} 的一份文件与登记的不符")


def _put_back(  # noqa: PLR0917 -- everything that a case comes back with
    house: House,
    session: Session,
    reader: Reader,
    contents: Contents,
    saved: dict[str, str],
    now: datetime,
) -> None:
    case_id = uuid.UUID(contents.part.id)
    locked = rows_where(Case).where(Case.id == case_id).with_for_update()
    case = session.exec(locked).one_or_none()
    row = session.get(ArchivedCase, case_id)
    if (case is None) != (row is None) or (row and row.sha256 != contents.part.sha256):
        raise Unusable(f"{contents.part.number} 在调回途中有了变化，请再试一次")
    _rename(contents.rows, saved)
    if case is None:
        _check_free(session, contents)
        _take_versions(session, reader, contents)
    _take_named(session, contents)
    _insert(session, contents, new=case is None)
    if row is not None:
        session.delete(row)
    found = case or session.get_one(Case, case_id)
    filled = contents.one("cases")
    changes = {name: filled[name] for name in case_left()} if case is not None else {}
    detail = {"file": reader.path.name, "part": contents.part.sha256, "by": house.who}
    note(session, found, BACK, now, detail, archived_at=None, **changes)
    _register(session, case_id, contents)
    session.flush()
    session.expire_all()
    problems = verify_ledger(session, case_id)
    if problems:
        raise Unusable(f"{contents.part.number} 调回后留痕不符：{problems[0].text}；没有调回")


def _rename(rows: dict[str, list[Json]], saved: dict[str, str]) -> None:
    for name, column in STORED.items():
        for row in rows.get(name, ()):
            row[column] = saved.get(row[column], row[column])


def _check_free(session: Session, contents: Contents) -> None:
    """A number that another case has cannot be taken over."""
    taken = rows_where(Case.id).where(Case.number == contents.part.number)
    if session.exec(taken).first() is not None:
        raise Unusable(f"这个数据库里另有一个办件的编号也是 {contents.part.number}，没有调入")


def _take_versions(session: Session, reader: Reader, contents: Contents) -> None:
    """The versions of services that the case ran on, where this database does not have them."""
    hashes = {each["version_hash"] for each in contents.rows["ledger_entries"]}
    known = existing(session, "workflow_versions", hashes)
    for sha256 in sorted(hashes - known):
        row = read("workflow_versions", reader.version(sha256))
        _add(session, "workflow_versions", [row | {"current": False, "published_by": None}])


def _take_named(session: Session, contents: Contents) -> None:
    """People and call numbers that the rows name and this database does not have (any more)."""
    for name in NAMED:
        rows = contents.rows.get(name, [])
        known = existing(session, name, {row["id"] for row in rows})
        new = [row for row in rows if row["id"] not in known]
        if name == "accounts":
            for row in new:
                session.add(_account(row))
            session.flush()
        else:
            _add(session, name, new)


def _account(row: Json) -> Account:
    """Under a name of its own: another database may have given that one to somebody else."""
    return Account(**row | NOBODY | {"username": f"archived-{row['id'].hex}"})


def _insert(session: Session, contents: Contents, *, new: bool) -> None:
    """The rows of the case, those that others refer to first; what stayed is not written twice, and
    of a paper only what it had lost."""
    for each in METADATA.sorted_tables:
        name = each.name
        rows = contents.rows.get(name, [])
        if name not in IN_FILE or not rows or (name == "cases" and not new):
            continue
        (key,) = each.primary_key
        there = set() if new else existing(session, name, {row[key.name] for row in rows})
        _add(session, name, [row for row in rows if row[key.name] not in there])
        if name == "documents":
            for row in rows:
                if row["id"] in there:
                    lost = {"snapshot": row["snapshot"], "pdf_key": row["pdf_key"]}
                    changed = update(each).where(key == row["id"]).values(lost)
                    session.connection().execute(changed)


def _add(session: Session, name: str, rows: list[Json]) -> None:
    if rows:
        session.connection().execute(insert(table(name)), rows)


def _register(session: Session, case_id: uuid.UUID, contents: Contents) -> None:
    """The next checkpoint covers what none of this database has covered yet."""
    leaves = rows_where(CheckpointLeaf.chain, CheckpointLeaf.seq).where(
        CheckpointLeaf.log == ledger.LOG, CheckpointLeaf.subject == case_id.hex
    )
    covered: dict[str, int] = {}
    for chain, seq in session.exec(leaves):
        covered[chain] = max(covered.get(chain, 0), seq)
    late = [
        row["id"]
        for row in contents.rows["ledger_entries"]
        if row["seq"] > covered.get(row["region"], 0)
    ]
    here = rows_where(LedgerEntry.id).where(col(LedgerEntry.id).in_(late))
    register(session, ledger.LOG, list(session.exec(here)))


def uncovered(session: Session, contents: Contents) -> Iterator[str]:
    """What checkpoints say of a case and the file does not bear out."""
    entries = contents.rows.get("ledger_entries", [])
    found = {(row["region"], row["seq"]): row["hash"] for row in entries}
    case_id = uuid.UUID(contents.part.id)
    row = session.get(ArchivedCase, case_id)
    if row is not None and row.sha256 == contents.part.sha256 and row.heads != contents.part.heads:
        yield "库里的登记与归档文件的目录不同"
    heads = contents.part.heads
    for leaf in leaves_about(session, ledger.LOG, case_id.hex):
        inside = leaf.seq <= heads.get(leaf.chain, [0])[0]
        if inside and found.get((leaf.chain, leaf.seq)) != leaf.hash:
            yield f"“{leaf.chain}”链第 {leaf.seq} 条与检查点不符"
