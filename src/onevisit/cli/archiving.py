"""`onevisit archive`: closed cases out of the database into signed files, and back."""

import fcntl
import getpass
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from onevisit.cases.checkpoints import BadKey, RolledBack
from onevisit.cases.moved_out import back, out, ready
from onevisit.cases.moved_out.contents import chain_problems, swallow
from onevisit.cases.moved_out.file import SUFFIX, Part, Reader, Unusable
from onevisit.catalog.catalog import Catalog
from onevisit.cli.checkpointing import keys_of, maker
from onevisit.documents.format import BEIJING, cn_date
from onevisit.settings import Settings
from onevisit.store.archive_tables import ArchivedCase, ArchiveFile
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Case

FINE, NOT_ALL, UNABLE = 0, 1, 2
BATCH = 200
"""Cases in one file, and in one transaction."""
LOCK = ".archiving"


def move_out(before: str, case: str | None, to: Path, *, dry: bool) -> int:
    """Prints what became of each case that stays, and how many went out; 1 when some of those that
    were asked for stayed, 2 when it could not be done at all."""
    try:
        moment = datetime.fromisoformat(before).replace(tzinfo=BEIJING)
    except ValueError:
        return _unable(f"--before 应当是日期，如 2024-01-01，现在是 {before}")
    with _house() as (settings, engine, house):
        try:
            if not dry:
                maker(settings, engine).run(datetime.now(UTC))
            with _alone(to):
                _tell_unrecorded(house, to)
                return _move_out(house, moment, case, to, dry=dry)
        except (BadKey, RolledBack, Unusable) as error:
            return _unable(str(error))
        except BlockingIOError:
            return _unable(f"另一个归档正在写 {to}，等它结束再试")
        except OSError as error:
            return _unable(f"写不进 {to}：{error.strerror}。没有写完的办件都还在库里")


def _move_out(house: out.House, before: datetime, case: str | None, to: Path, *, dry: bool) -> int:
    went, stayed = 0, list[out.Done]()
    with house.reading() as session:
        total = 1 if case else ready.how_many(session, before)
    with _bar(total, "移出") as bar:
        for chosen in _chosen(house, before, case):
            done = _look(house, chosen) if dry else _one_file(house, chosen, to)
            for each in done:
                bar.advance(bar.task_ids[0])
                went += each.because is None
                if each.because:
                    stayed.append(each)
    for each in stayed:
        sys.stdout.write(f"· {each.number} 留在库里：{each.because}\n")
    if case and not went and not stayed:
        return _unable(f"{cn_date(before)}以前办结、还在库里的办件里，没有编号为“{case}”的")
    what = "可以移出" if dry else "已移出"
    sys.stdout.write(f"{what} {went} 件，留在库里 {len(stayed)} 件。\n")
    if went and not dry:
        sys.stdout.write(f"归档文件在 {to}。请至少再存两份在别处：这些内容库里和备份里都不再有。\n")
    return NOT_ALL if stayed and case else FINE


def _one_file(house: out.House, chosen: Sequence[ready.Candidate], to: Path) -> Iterator[out.Done]:
    return out.move_out(house, chosen, to, datetime.now(UTC))


def _look(house: out.House, chosen: Sequence[ready.Candidate]) -> Iterator[out.Done]:
    """What would become of some cases, without opening files or ledgers."""
    now = datetime.now(UTC)
    with house.reading() as session:
        for each in chosen:
            yield out.Done(each.number, ready.held(session, session.get_one(Case, each.id), now))
            session.expunge_all()


def _chosen(
    house: out.House, before: datetime, case: str | None
) -> Iterator[list[ready.Candidate]]:
    """The cases, as many at a time as go into one file."""
    last: ready.Candidate | None = None
    while True:
        with house.reading() as session:
            found = ready.closed(session, before, last, BATCH)
        if not found:
            return
        last = found[-1]
        if case is None:
            yield found
        elif mine := [each for each in found if each.number == case]:
            yield mine
            return


def bring_back(files: Sequence[Path], case: str | None) -> int:
    """Brings back all cases of some files, or the one; 1 when some could not be brought back."""
    brought = here = 0
    wrong: list[str] = []
    with _house() as (_, __, house), _bar(0, "调回") as bar:
        for reader, part in _parts(house, files, case, wrong):
            bar.update(bar.task_ids[0], total=(bar.tasks[0].total or 0) + 1)
            try:
                done = back.bring_back(house, reader, part, datetime.now(UTC))
                brought += not done.was_here
                here += done.was_here
            except Unusable as error:
                wrong.append(str(error))
            bar.advance(bar.task_ids[0])
    sys.stderr.writelines(f"✗ {each}\n" for each in wrong)
    if case and not brought and not here and not wrong:
        return _unable(f"这些归档文件里没有编号为“{case}”的办件")
    sys.stdout.write(f"已调回 {brought} 件，本来就在库里 {here} 件。\n")
    return NOT_ALL if wrong else FINE


def check(files: Sequence[Path]) -> int:
    """Whether archive files are whole: signature, every part, its chains, its stored files, and
    what the database keeps of it; 1 when something is wrong."""
    wrong: list[str] = []
    count = 0
    with _house() as (_, __, house), _bar(0, "核对") as bar:
        for reader, part in _parts(house, files, None, wrong):
            bar.update(bar.task_ids[0], total=(bar.tasks[0].total or 0) + 1)
            wrong += [f"{reader.path.name}，办件 {part.number}：{each}"
                      for each in _wrong_with(house, reader, part)]  # fmt: skip
            count += 1
            bar.advance(bar.task_ids[0])
    sys.stderr.writelines(f"✗ {each}\n" for each in wrong)
    sys.stdout.write(f"核对了 {count} 件，发现 {len(wrong)} 处不符。\n")
    return NOT_ALL if wrong else FINE


def _wrong_with(house: out.House, reader: Reader, part: Part) -> Iterator[str]:
    try:
        if not reader.whole(part):
            yield "内容被改动或者损坏"
            return
        contents = back.open_part(house, reader, part)
        yield from (each.text for each in chain_problems(contents.rows, part.heads))
        yield from (f"文件 {key} 与登记的不符" for key in swallow(contents))
        with house.reading() as session:
            yield from back.uncovered(session, contents)
    except Unusable as error:
        yield str(error)


def find(case: str) -> int:
    """Prints in which file a case lies, for whoever looks for it among many."""
    statement = (
        select(ArchiveFile.name, ArchivedCase.at)
        .join(ArchivedCase, col(ArchivedCase.file_id) == col(ArchiveFile.id))
        .join(Case, col(Case.id) == col(ArchivedCase.case_id))
        .where(Case.number == case)
    )
    with _house() as (_, __, house), house.reading() as session:
        found = session.exec(statement).first()
        if found is None:
            known = session.exec(select(Case.id).where(Case.number == case)).first()
            why = "还在库里，没有归档" if known else "没有这个编号"
            return _unable(f"办件 {case}：{why}")
        sys.stdout.write(f"{found[0]}  {cn_date(found[1])}移出\n")
    return FINE


def _parts(
    house: out.House, files: Sequence[Path], case: str | None, wrong: list[str]
) -> Iterator[tuple[Reader, Part]]:
    """The cases of the files, one file open at a time."""
    for path in files:
        try:
            reader = Reader(path, house.keys)
        except (Unusable, BadKey) as error:
            wrong.append(str(error))
            continue
        try:
            for part in reader.parts.values():
                if case in (None, part.number):
                    yield reader, part
        finally:
            reader.close()


def _tell_unrecorded(house: out.House, to: Path) -> None:
    """Files that were finished and never recorded: somebody pulled the plug just then. What was
    not even finished goes."""
    for part in to.glob(f".*{SUFFIX}.part"):
        part.unlink()
    names = [path.name for path in to.glob(f"*{SUFFIX}")]
    with house.reading() as session:
        known = _recorded(session, names)
    for name in sorted(set(names) - known):
        sys.stderr.write(
            f"· {to / name} 没有登记：上次写完还没移出就中断了（或者是别处的）。"
            "本库的办件都还在库里，确认以后可以删除它\n"
        )


def _recorded(session: Session, names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for at in range(0, len(names), 500):
        some = select(ArchiveFile.name).where(col(ArchiveFile.name).in_(names[at : at + 500]))
        found |= set(session.exec(some))
    return found


@contextmanager
def _house() -> Iterator[tuple[Settings, Engine, out.House]]:
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        yield (
            settings,
            engine,
            out.House(
                reading=partial(reading, engine, one_moment=True),
                transaction=partial(writing, engine),
                catalog=Catalog(engine),
                files=FileStore(settings.files),
                keys=keys_of(settings),
                who=_who(),
            ),
        )
    finally:
        engine.dispose()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time in a folder; BlockingIOError while another is at it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@contextmanager
def _bar(total: int, what: str) -> Iterator[Progress]:
    """Where a person is watching, how far it is."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        bar.add_task(what, total=total)
        yield bar


def _who() -> str:
    """The account of the operating system; its number where it has no name."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return str(os.getuid())


def _unable(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return UNABLE
