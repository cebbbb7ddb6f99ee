"""Finds whatever somebody changed behind the application's back, and says where.

First the checkpoints and what they cover, then each case with all that its ledger vouches for;
each page of cases is read at one moment, so that people may go on working meanwhile.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session, col, func, or_, select

from onevisit.cases.checkpoints.archived import archived
from onevisit.cases.checkpoints.archived import problems as problems_of_archived
from onevisit.cases.checkpoints.finding import Finding
from onevisit.cases.checkpoints.keys import Keys
from onevisit.cases.checkpoints.leaf import Leaf
from onevisit.cases.checkpoints.logs import LOGS, Log
from onevisit.cases.checkpoints.outside import Outside
from onevisit.cases.checkpoints.sealed import Reading, Sealed
from onevisit.store import ledger
from onevisit.store.archive_tables import ArchivedCase
from onevisit.store.checkpoint_tables import Checkpoint, CheckpointLeaf, Uncovered
from onevisit.store.evidence import Problem, verify_ledger
from onevisit.store.secret import KeysFault
from onevisit.store.tables import Case, LedgerEntry

Trusted = Mapping[str, Ed25519PublicKey]
PAGE = 50
"""Cases that are looked at in one moment."""


@dataclass
class Verifier:
    """One verification at the moment `now`. `progress` is told what is being looked at."""

    reading: Reading
    keys: Keys
    outside: Outside
    now: datetime
    logs: tuple[Log, ...] = LOGS
    progress: Callable[[str], None] = lambda _: None
    cases: int = 0
    archived: int = 0
    checkpoints: int = 0

    def all(self, since: datetime | None = None) -> Iterator[Finding]:
        """Everything, or what was covered since a moment and is not covered yet. Raises BadKey."""
        yield from self._sealed(since)
        yield from self._forgotten()
        for ids in self._pages(since):
            with self.reading() as session:
                yield from self._of_cases(session, ids)
            self.cases += len(ids)
            self.progress(f"办件 {self.cases} 件")

    def one(self, case: str) -> Iterator[Finding]:
        """One case by its number or id, also one that is no longer there; a single finding with
        nothing but a text where nobody ever knew it. Raises BadKey."""
        with self.reading() as session:
            case_id = _id_of(session, case)
            subject = case_id.hex if case_id is not None else ""
            yield from self._sealed(
                None, lambda leaf: subject == leaf.subject or leaf.label == case
            )
            if case_id is not None:
                yield from self._of_cases(session, [case_id])
                self.cases = 1

    def knows(self, case: str) -> bool:
        """Whether the database or any checkpoint outside has such a case."""
        with self.reading() as session:
            if _id_of(session, case) is not None:
                return True
        lines = (each for number in self.outside.numbers() for each in self.outside.leaves(number))
        return any(case in (each.label, each.subject) for each in lines)

    def _sealed(
        self, since: datetime | None, wanted: Callable[[Leaf], bool] = lambda _: True
    ) -> Iterator[Finding]:
        trusted = self.keys.trusted()
        sealed = Sealed(
            self.reading, self.outside, trusted, self.logs, self.now, since, wanted, self.progress
        )
        yield from sealed.findings()
        self.checkpoints = sealed.count

    def _forgotten(self) -> Iterator[Finding]:
        """Entries that wait for the next checkpoint and are gone."""
        statement = (
            select(func.count())
            .select_from(Uncovered)
            .join(LedgerEntry, col(LedgerEntry.id) == col(Uncovered.row_id), isouter=True)
            .where(Uncovered.log == ledger.LOG, col(LedgerEntry.id).is_(None))
        )
        with self.reading() as session:
            gone = session.exec(statement).one()
        if gone:
            yield Finding(f"{gone} 条等待进入下一个检查点的留痕已被删除")

    def _pages(self, since: datetime | None) -> Iterator[list[uuid.UUID]]:
        """The ids of the cases, in their order, a page at a time."""
        last = uuid.UUID(int=0)
        while True:
            with self.reading() as session:
                ids = sorted({each for some in _ids(session, last, since) for each in some})[:PAGE]
            if not ids:
                return
            yield ids
            last = ids[-1]

    def _of_cases(self, session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Finding]:
        named = select(Case.id, Case.number).where(col(Case.id).in_(ids))
        numbers = dict(session.exec(named).all())
        away, trusted = archived(session, ids), self.keys.trusted()
        for case_id in ids:
            if case_id not in numbers:
                yield Finding("办件已被删除，留痕还在", label=case_id.hex, chain=ledger.CASE)
                continue
            label = numbers[case_id] or case_id.hex
            for problem in _problems(session, case_id, away.get(case_id), trusted):
                yield Finding(problem.text, label, problem.region, problem.seq)
            session.expunge_all()
        self.archived += len(away)
        for case_id, chain, seq in _unregistered(session, ids):
            label = numbers.get(case_id) or case_id.hex
            yield Finding("这条留痕没有登记，不是系统写下的", label, chain, seq)


def _problems(
    session: Session, case_id: uuid.UUID, away: ArchivedCase | None, trusted: Trusted
) -> list[Problem]:
    """What the ledger of a case finds; rows that cannot even be read are a problem of their own."""
    try:
        if away is not None:
            return list(problems_of_archived(session, away, trusted))
        found = verify_ledger(session, case_id)
        case = session.get_one(Case, case_id)
        if case.number is not None and case.ledger_seq == 0:
            found.append(Problem(ledger.CASE, None, "没有任何留痕，不是系统写下的办件"))
    except (KeysFault, AttributeError, KeyError, TypeError, ValueError) as error:
        session.expunge_all()
        return [Problem(ledger.CASE, None, f"办件的内容打不开或者不完整：{error}")]
    return found


def _ids(
    session: Session, last: uuid.UUID, since: datetime | None
) -> Iterator[Sequence[uuid.UUID]]:
    """The next cases that have a ledger, should have one, or are in a checkpoint since then."""
    entries = select(LedgerEntry.case_id).where(col(LedgerEntry.case_id) > last)
    if since is None:
        has_one = or_(col(Case.ledger_seq) > 0, col(Case.number).is_not(None))
        cases = select(Case.id).where(col(Case.id) > last, has_one).order_by(col(Case.id))
        yield session.exec(cases.limit(PAGE)).all()
    else:
        waiting = select(Uncovered.row_id).where(Uncovered.log == ledger.LOG)
        entries = entries.where(col(LedgerEntry.id).in_(waiting))
        covered = (
            select(CheckpointLeaf.subject)
            .join(Checkpoint, col(Checkpoint.number) == col(CheckpointLeaf.checkpoint))
            .where(CheckpointLeaf.log == ledger.LOG, CheckpointLeaf.subject > last.hex)
            .where(Checkpoint.made_at >= since)
        )
        subjects = covered.distinct().order_by(CheckpointLeaf.subject).limit(PAGE)
        yield [uuid.UUID(each) for each in session.exec(subjects)]
    distinct = entries.distinct().order_by(col(LedgerEntry.case_id)).limit(PAGE)
    yield session.exec(distinct).all()


def _unregistered(
    session: Session, ids: Sequence[uuid.UUID]
) -> Iterator[tuple[uuid.UUID, str, int]]:
    """Entries that no checkpoint covers and that do not wait for one either."""
    heads = (
        select(CheckpointLeaf.subject, CheckpointLeaf.chain, func.max(CheckpointLeaf.seq))
        .where(CheckpointLeaf.log == ledger.LOG)
        .where(col(CheckpointLeaf.subject).in_([each.hex for each in ids]))
        .group_by(CheckpointLeaf.subject, CheckpointLeaf.chain)
    )
    covered = {(subject, chain): seq for subject, chain, seq in session.exec(heads)}
    entries = (
        select(LedgerEntry.case_id, LedgerEntry.region, LedgerEntry.seq)
        .join(Uncovered, col(Uncovered.row_id) == col(LedgerEntry.id), isouter=True)
        .where(col(LedgerEntry.case_id).in_(ids), col(Uncovered.row_id).is_(None))
        .order_by(col(LedgerEntry.case_id), col(LedgerEntry.region), col(LedgerEntry.seq))
    )
    for case_id, chain, seq in session.exec(entries):
        if seq > covered.get((case_id.hex, chain), 0):
            yield case_id, chain, seq


def _id_of(session: Session, case: str) -> uuid.UUID | None:
    found = session.exec(select(Case.id).where(Case.number == case)).first()
    if found is None:
        try:
            found = session.exec(select(Case.id).where(Case.id == uuid.UUID(case))).first()
        except ValueError:
            return None
    return found
