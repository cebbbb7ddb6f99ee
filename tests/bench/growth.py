"""How what people and operators do grows with the ledger: the same on a tenth of the entries and on
all of them, in one database that is filled further; on SQLite, and on PostgreSQL where it is."""

import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from bench import postgres
from bench.fresh import Figures, run
from bench.ledgers import ENTRIES as OF_ONE_CASE
from bench.ledgers import Filler
from onevisit.access import Actor, PostValue
from onevisit.cases.board.counting import numbers
from onevisit.cases.checkpoints import Keys, Maker, Outside, Verifier
from onevisit.cases.context import Context
from onevisit.cases.figures import Day, measured
from onevisit.cases.moved_out import ready
from onevisit.cases.moved_out.out import note
from onevisit.cases.privacy.shown import my_reads
from onevisit.catalog.catalog import Catalog
from onevisit.store import backup_database
from onevisit.store.checkpoint_tables import CheckpointLeaf
from onevisit.store.files import FileStore
from onevisit.store.migrate import upgrade
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account, Case, LedgerEntry
from only_for_tests import KEYRING

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = "open_restaurant"
entries, database = 10_000_000, "sqlite"
"""How many at the end, and where; the command line may say otherwise."""
LEAST = 500_000
"""A tenth of fewer does not fill the checkpoints that are looked at."""
TIMES, PAGES, CHECKPOINTS = 15, 8, 4
NOW = datetime.now(UTC)
SLOW = 1.5
TOLD = {
    "history": "一个办件的全部留痕",
    "reads": "一位申请人被查阅的记录（一页）",
    "today": "后台数一次督查首页今天的数",
    "day": "统计一天",
    "append": "写一条留痕并提交",
    "candidates": "找 200 件可以归档的",
    "checkpoint": "作一个检查点（1 万条）",
    "verify": "核对 50 件（一页）",
}


def measure() -> Figures:
    """On a tenth and on all of the entries; with a backup of the database at each size."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onevisit-growth-")))
        url = f"sqlite:///{place / 'growth.db'}"
        if database == "postgresql":
            url = stack.enter_context(postgres.server()).new("growth")
        return on_database(url, place)


def on_database(url: str, place: Path) -> Figures:
    """In the empty database at `url`, which takes 0.8 kB an entry, and the folder `place`, which
    takes a backup of that."""
    found: Figures = {"database": backup_database.kind_of(url), "entries": entries}
    first = 0
    for size in (entries // 10, entries):
        filled = run(fill, url=url, size=size, first=first)
        first = size
        found[str(size)] = run(look, url=url, home=str(place))
        found[str(size)]["filled_seconds"] = filled["seconds"]
        room = postgres.size(url) if url.startswith("postgresql") else _room(url)
        found[str(size)]["bytes_an_entry"] = round(room / size)
    found["ratios"] = ratios(found[str(entries // 10)], found[str(entries)])
    return found


def _room(url: str) -> int:
    return backup_database.sqlite_file(url).stat().st_size


def ratios(few: Figures, many: Figures) -> dict[str, float]:
    """How much slower with ten times as many."""
    return {name: round(many[name] / few[name], 2) for name in TOLD}


def fill(url: str, size: int, first: int) -> Figures:
    """A database with so many entries, where there were `first`."""
    engine = engine_for(url, KEYRING)
    if not first:
        upgrade(url, KEYRING)
        with writing(engine) as session:
            Catalog(engine).publish_folder(session, ROOT, datetime.now(UTC))
    began = perf_counter()
    Filler.of(engine, KEYRING, WORKFLOW).fill(size, first)
    engine.dispose()
    return {"seconds": round(perf_counter() - began)}


def look(url: str, home: str) -> Figures:
    """Medians in milliseconds, the memory that verifying takes at its most, and a backup."""
    engine, folder = engine_for(url, KEYRING), Path(home)
    keys, outside = Keys(folder / "checkpoint.key"), Outside(folder / "checkpoints")  # both times
    begin, read = partial(writing, engine), partial(reading, engine, one_moment=True)
    with reading(engine) as session:
        ids = _some_cases(session)
    found = _pages(engine, ids)
    maker = Maker(begin, keys, outside)
    found["checkpoint"] = _checkpoints(maker)
    verifier = Verifier(read, keys, outside, datetime.now(UTC))
    with reading(engine) as session:
        pages = list(_covered(session))
    tracemalloc.start()
    began, looked = perf_counter(), 0
    for page in pages:
        with read() as session:
            wrong = list(verifier._of_cases(session, page))
        assert not wrong, wrong[0].sentence
        looked += len(page)
    found["verify"] = round((perf_counter() - began) * 1000 * 50 / looked, 1)
    found["verify_peak_mb"] = round(tracemalloc.get_traced_memory()[1] / 2**20, 1)
    tracemalloc.stop()
    began = perf_counter()
    copy = folder / backup_database.NAMES[backup_database.kind_of(url)]
    backup_database.copy(url, copy, lambda _: None)
    found["backup_seconds"] = round(perf_counter() - began, 1)
    found["backup_mb"] = round(copy.stat().st_size / 2**20)
    copy.unlink()
    engine.dispose()
    return found


def _some_cases(session: Session) -> list[UUID]:
    """Cases from the oldest to the newest, evenly by their numbers, without counting any."""
    least, most = session.exec(select(func.min(Case.number), func.max(Case.number))).one()
    first, last = (datetime.strptime(str(each)[7:15], "%Y%m%d") for each in (least, most))  # noqa: DTZ007 -- a day
    found = []
    for step in range(TIMES):
        day = first + (last - first) * step / TIMES
        from_here = select(Case.id).where(col(Case.number) >= f"990000-{day:%Y%m%d}")
        found.append(session.exec(from_here.order_by(col(Case.number)).limit(1)).one())
    return found


def _pages(engine: Engine, ids: list[UUID]) -> Figures:
    catalog, files = Catalog(engine), FileStore(Path(tempfile.gettempdir()) / "onevisit-none")

    def seen(work: Callable[[Context, Case], object]) -> float:
        def once(case_id: UUID) -> None:
            with reading(engine) as session:
                case = session.get_one(Case, case_id)
                post = PostValue("supervisor")
                actor = Actor(case.applicant_id, "演示", (PostValue("applicant"), post))
                work(Context(session, catalog, files, actor, case.submitted_at or NOW), case)

        once(ids[0])
        return _median(once, ids)

    with reading(engine) as session:
        newest = session.exec(select(func.max(LedgerEntry.at))).one()
    return {
        "history": seen(_history),
        "reads": seen(lambda ctx, _: my_reads(ctx)),
        "today": seen(lambda ctx, _: numbers(replace(ctx, now=newest))),
        "day": seen(lambda ctx, _: measured(ctx, Day(ctx.today))),
        "candidates": seen(
            lambda ctx, case: ready.closed(ctx.session, NOW + timedelta(days=99_999), None, 200)
        ),
        "append": _median(lambda case_id: _append(engine, case_id), ids),
    }


def _history(ctx: Context, case: Case) -> object:
    """As cases/views/history.py asks."""
    statement = (
        select(LedgerEntry, Account.name)
        .join(Account, col(Account.id) == col(LedgerEntry.actor_id), isouter=True)
        .where(LedgerEntry.case_id == case.id)
        .order_by(col(LedgerEntry.at).desc(), col(LedgerEntry.id).desc())
    )
    found = ctx.session.exec(statement).all()
    assert len(found) >= OF_ONE_CASE
    return found


def _append(engine: Engine, case_id: UUID) -> None:
    """A durable act on a case."""
    with writing(engine) as session:
        note(session, session.get_one(Case, case_id), "alert", NOW, {})


def _checkpoints(maker: Maker) -> float:
    """Milliseconds of one: the median of CHECKPOINTS, or of as many as there is something for."""
    taken = []
    for _ in range(CHECKPOINTS):
        began = perf_counter()
        with maker.transaction() as session:
            number = maker._next(session, datetime.now(UTC), "")
        if number is None:
            break
        taken.append(perf_counter() - began)
    return round(median(taken) * 1000, 2)


def _covered(session: Session) -> Iterator[Sequence[UUID]]:
    """Cases that a checkpoint covers whole, fifty at a time."""
    newest = session.exec(select(func.max(CheckpointLeaf.checkpoint))).one()
    statement = select(CheckpointLeaf.subject).where(CheckpointLeaf.checkpoint == newest)
    found = session.exec(statement.distinct().order_by(CheckpointLeaf.subject)).all()
    ids = [UUID(each) for each in found[1:-1]]  # the first and the last may be cut in two
    for at in range(0, min(len(ids), 50 * PAGES), 50):
        yield ids[at : at + 50]


def _median(work: Callable[[Any], object], over: Any) -> float:
    took = []
    for each in over:
        began = perf_counter()
        work(each)
        took.append(perf_counter() - began)
    return round(median(took) * 1000, 2)


def lines(found: Figures) -> list[str]:
    """For people."""
    few, many = str(found["entries"] // 10), str(found["entries"])
    told = [f"{'':34} {int(few):>12,} {int(many):>12,}   倍数"]
    for name, title in TOLD.items():
        ratio = found["ratios"][name]
        slow = "  ←" if ratio > SLOW else ""
        told.append(f"{title:30} {found[few][name]:>12} {found[many][name]:>12} ms  {ratio}{slow}")
    others = ("filled_seconds", "verify_peak_mb", "backup_seconds", "backup_mb", "bytes_an_entry")
    return told + [f"{name:34} {found[few][name]:>12} {found[many][name]:>12}" for name in others]
