"""The logs that checkpoints cover: which rows are new, and whether what was covered still stands.

Another log joins by writing its rows together with `checkpoint_tables.register(session, name, ids)`
and adding itself to LOGS: `RowLog` for a table whose rows never change, or a class of its own.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from onevisit.cases.checkpoints.archived import archived, bears_out
from onevisit.cases.checkpoints.leaf import Leaf
from onevisit.store import ledger, read_seals
from onevisit.store.checkpoint_tables import Uncovered
from onevisit.store.evidence import row_said
from onevisit.store.read_tables import ReadBlock
from onevisit.store.tables import Case, LedgerEntry, Row

HEAD = (
    LedgerEntry.id, LedgerEntry.case_id, LedgerEntry.region, LedgerEntry.seq, LedgerEntry.hash,
)  # fmt: skip


class Pending(NamedTuple):
    """What a log has that no checkpoint covers: the rows, and the heads of their chains."""

    rows: list[uuid.UUID]
    leaves: list[Leaf]


class Fault(NamedTuple):
    """A leaf that no longer stands, and what became of it, for people."""

    leaf: Leaf
    text: str


class Log(Protocol):
    """Something that is only ever appended to."""

    @property
    def name(self) -> str:
        """What its rows are registered under."""

    def pending(self, session: Session, limit: int) -> Pending:
        """At most so many rows that no checkpoint covers."""

    def faults(self, session: Session, leaves: Sequence[Leaf]) -> Iterator[Fault]:
        """Those of some leaves of this log that the database no longer bears out."""


@dataclass(frozen=True)
class CaseLog:
    """The ledger: one chain for each region of each case."""

    name: str = ledger.LOG

    def pending(self, session: Session, limit: int) -> Pending:
        """New entries, and each of their chains up to its newest one among them."""
        statement = (
            select(LedgerEntry, Case.number)
            .join(Uncovered, col(Uncovered.row_id) == col(LedgerEntry.id))
            .join(Case, col(Case.id) == col(LedgerEntry.case_id), isouter=True)
            .where(Uncovered.log == self.name)
            .order_by(col(Uncovered.row_id))
            .limit(limit)
            .options(load_only(*HEAD))  # type: ignore[arg-type]  # columns, as SQLModel has them
        )
        rows, heads = [], dict[tuple[str, str], Leaf]()
        for row, number in session.exec(statement):
            rows.append(row.id)
            subject, chain = row.case_id.hex, row.region
            before = heads.get((subject, chain))
            if before is None or before.seq < row.seq:
                leaf = Leaf(self.name, subject, number or "", chain, row.seq, row.hash)
                heads[subject, chain] = leaf
        return Pending(rows, list(heads.values()))

    def faults(self, session: Session, leaves: Sequence[Leaf]) -> Iterator[Fault]:
        """Entries that are gone or are others than those that were covered."""
        wanted = [(uuid.UUID(each.subject), each.chain, each.seq) for each in leaves]
        place = (col(LedgerEntry.case_id), col(LedgerEntry.region), col(LedgerEntry.seq))
        statement = select(*place, LedgerEntry.hash).where(
            place[0].in_({at[0] for at in wanted}), place[2].in_({at[2] for at in wanted})
        )  # not by all three at once: SQLite finds no index for that and reads the whole ledger
        found = {tuple(row[:3]): row[3] for row in session.exec(statement)}
        missing = [each for each, at in zip(leaves, wanted, strict=True) if at not in found]
        cases = {uuid.UUID(each.subject) for each in missing}
        there = set(session.exec(select(Case.id).where(col(Case.id).in_(cases)))) if cases else ()
        away = archived(session, list(cases)) if cases else {}
        for leaf, at in zip(leaves, wanted, strict=True):
            if at not in found and at[0] in away:
                if not bears_out(away[at[0]], leaf):
                    yield Fault(leaf, f"第 {leaf.seq} 条留痕与归档时的不符")
            elif at not in found:
                gone = uuid.UUID(leaf.subject) not in there
                yield Fault(leaf, "整个办件已被删除" if gone else f"第 {leaf.seq} 条留痕已被删除")
            elif found[at] != leaf.hash:
                yield Fault(leaf, f"第 {leaf.seq} 条留痕已被替换")


@dataclass(frozen=True)
class RowLog:
    """A table whose rows are written once and never changed; `label` says what people call one.

    `retired` tells whether a row that is gone was rightly removed at the end of its time.
    """

    name: str
    title: str
    table: type[Row]
    label: Callable[[Any], str] = lambda _: ""
    retired: Callable[[Session, Sequence[str]], set[str]] = lambda _, __: set()

    def pending(self, session: Session, limit: int) -> Pending:
        """New rows, each a chain of its own."""
        statement = (
            select(self.table)
            .join(Uncovered, col(Uncovered.row_id) == self._id)
            .where(Uncovered.log == self.name)
            .order_by(col(Uncovered.row_id))
            .limit(limit)
        )
        rows = session.exec(statement).all()
        return Pending([each.id for each in rows], [self._leaf(each) for each in rows])  # type: ignore[attr-defined]  # every such table has one

    def faults(self, session: Session, leaves: Sequence[Leaf]) -> Iterator[Fault]:
        """Rows that are gone before their time or say something else."""
        ids = [uuid.UUID(each.subject) for each in leaves]
        rows = session.exec(select(self.table).where(self._id.in_(ids))).all()
        found = {leaf.subject: leaf for leaf in map(self._leaf, rows)}
        gone = [each.subject for each in leaves if each.subject not in found]
        retired = self.retired(session, gone) if gone else set()
        for leaf in leaves:
            if leaf.subject in gone:
                if leaf.subject not in retired:
                    yield Fault(leaf, f"{self.title}已被删除")
            elif found[leaf.subject].hash != leaf.hash:
                yield Fault(leaf, f"{self.title}已被改动")

    @property
    def _id(self) -> Any:
        return col(self.table.id)  # type: ignore[attr-defined]  # every such table has one

    def _leaf(self, row: Any) -> Leaf:
        ((_, facts),) = row_said(row).items()
        return Leaf(self.name, row.id.hex, self.label(row), "", 1, ledger.digest(facts))


@dataclass(frozen=True)
class ReadLog(RowLog):
    """The sealed blocks of who read whose data; a block stands only together with its rows."""

    name: str = read_seals.LOG
    title: str = "查阅记录的一段"
    table: type[Row] = ReadBlock
    label: Callable[[Any], str] = lambda block: str(block.number)

    def faults(self, session: Session, leaves: Sequence[Leaf]) -> Iterator[Fault]:
        """Blocks that are gone or changed, and those whose rows are."""
        yield from super().faults(session, leaves)
        erased = read_seals.erased_through(session)
        by_id = {uuid.UUID(each.subject): each for each in leaves}
        blocks = select(ReadBlock).where(col(ReadBlock.id).in_(by_id), ReadBlock.number > erased)
        for block in session.exec(blocks).all():
            fault = read_seals.fault_of(session, block)
            if fault is not None:
                yield Fault(by_id[block.id], fault)


LOGS: tuple[Log, ...] = (CaseLog(), ReadLog())


def by_log(leaves: Sequence[Leaf]) -> dict[str, list[Leaf]]:
    """Leaves by the log that they are of."""
    found = defaultdict(list)
    for each in leaves:
        found[each.log].append(each)
    return found
