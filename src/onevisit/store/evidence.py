"""Digests of everything a case rests on, and the check that the rows still say the same.

Acts put digests into their ledger entry under `evidence` ({name: digest}); a later entry may
replace one (a supplemented form). `verify_ledger` compares the newest with the rows of today.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import merge
from typing import Any

from sqlmodel import Session, col, select

from onevisit.store.citizen_tables import Rating, SharedFact
from onevisit.store.desk_tables import Holding, Intake
from onevisit.store.ledger import CASE, Chained, digest, seal
from onevisit.store.read_tables import Erasure
from onevisit.store.secret import KeysFault
from onevisit.store.tables import (
    GENESIS,
    Approval,
    Case,
    Check,
    Correction,
    Document,
    Handout,
    LedgerEntry,
    Row,
    Upload,
)
from onevisit.store.turn_tables import (
    Appointment,
    Bar,
    Certificate,
    Extension,
    Finding,
    Hearing,
    Owed,
    Pause,
    PledgeCheck,
)

Evidence = dict[str, str]
Said = dict[str, Any]
"""What a row says that the ledger vouches for, as JSON values by the name of the evidence."""
DOCUMENT = "document/"
ERASURE = "erasure"
SEALED: tuple[type[Row], ...] = (
    Pause, Extension, Owed, Hearing, Appointment, Finding, PledgeCheck, Bar, Intake,
    Holding, Rating,
)  # fmt: skip
"""Tables whose rows are vouched for whole, each under the name of its table and its id."""
MOVING = frozenset({"state", "asked", "timer_due", "revision", "ledger_seq", "ledger_hash"})
"""What each move of a certificate changes; the chain itself holds it."""


@dataclass(frozen=True)
class Problem:
    """One thing that the ledger and the rows disagree about; `text` is for people."""

    region: str
    seq: int | None
    text: str


def of_form(case: Case) -> Evidence:
    """What was handed in, by whom and how."""
    return _digests(form_said(case))


def of_uploads(uploads: Sequence[Upload]) -> Evidence:
    """The files that were handed in and not removed."""
    return _digests(uploads_said(uploads))


def of_checks(checks: Sequence[Check]) -> Evidence:
    """The clerk's findings, one digest for each round."""
    return _digests(checks_said(checks))


def of_facts(rows: Sequence[SharedFact]) -> Evidence:
    """What shared sources said, and what the applicant said of it."""
    return _digests(facts_said(rows))


def of_correction(row: Correction) -> Evidence:
    """What was asked of the applicant, and by when."""
    return _digests(correction_said(row))


def of_approval(row: Approval) -> Evidence:
    """Whose item it is, its clocks, and who decided it with which opinion and reasons."""
    return _digests(approval_said(row))


def of_document(row: Document) -> Evidence:
    """What a notice or certificate says."""
    return _digests(document_said(row))


def of_handout(row: Handout) -> Evidence:
    """Who received which results."""
    return _digests(handout_said(row))


def of_row(row: Row) -> Evidence:
    """Everything that a row of one of the SEALED tables says; each act that changes it vouches."""
    return _digests(row_said(row))


def of_certificate(row: Certificate) -> Evidence:
    """What a certificate says and until when it holds; its state is what its own chain says."""
    return _digests(certificate_said(row))


def _digests(said: Said) -> Evidence:
    return {name: digest(value) for name, value in said.items()}


def form_said(case: Case) -> Said:
    """[facts, answers, form] and, where it is posted, to whom; facts begin with number, applicant,
    channel, pickup."""
    facts = [case.number, str(case.applicant_id), case.channel, case.pickup]
    if case.only is not None:
        facts += [str(case.reopens), *case.only]
    said = [facts, case.answers, case.form]
    return {"form": said if case.recipient is None else [*said, case.recipient]}


def uploads_said(uploads: Sequence[Upload]) -> Said:
    """[id, material, filename, size, sha256] of each file that is not removed, sorted."""
    live = sorted(
        [str(row.id), row.material_id, row.filename, row.size, row.sha256]
        for row in uploads
        if row.removed_at is None
    )
    return {"uploads": live}


def checks_said(checks: Sequence[Check]) -> Said:
    """[material, status, note, how] of each finding of a round, sorted."""
    rounds = defaultdict(list)
    for row in checks:
        rounds[row.round].append([row.material_id, row.status, row.note or "", row.how or ""])
    return {f"checks/{number}": sorted(rows) for number, rows in rounds.items()}


def facts_said(rows: Sequence[SharedFact]) -> Said:
    """[kind, name, source and field, value, as of, state, the applicant's version, why], sorted;
    nothing where no shared source said anything."""
    said = [
        [row.kind, row.name, row.origin, row.value, str(row.as_of), row.state, row.said, row.why]
        for row in sorted(rows, key=lambda row: (row.kind, row.name))
    ]
    return {"shared": said} if said else {}


def correction_said(row: Correction) -> Said:
    """[last day, what is missing]."""
    return {"correction": [row.due.isoformat(), row.missing]}


def approval_said(row: Approval) -> Said:
    """[[item, element, department, route], [promised, legal day], who decided, opinion, reasons]"""
    facts = [row.item_id, row.element, row.department, row.route]
    clocks = [str(each) if each else None for each in (row.promise_due, row.legal_due)]
    by = str(row.decided_by) if row.decided_by else None
    return {"approval": [facts, clocks, by, row.opinion, row.reasons]}


def document_said(row: Document) -> Said:
    """[kind, number, template, snapshot]."""
    return {f"{DOCUMENT}{row.id}": [row.kind, row.number, row.template, row.snapshot]}


def handout_said(row: Handout) -> Said:
    """[method, collector, bundle] and, where it was posted, the carrier and its number."""
    said = [row.method, row.collector, row.bundle]
    posted = row.carrier is not None or row.tracking_number is not None
    return {"handout": [*said, row.carrier, row.tracking_number] if posted else said}


def row_said(row: Row) -> Said:
    """Every column of a row, as JSON values."""
    facts = {name: _plain(value) for name, value in row.model_dump().items()}
    return {f"{row.__tablename__}/{facts['id']}": facts}


def certificate_said(row: Certificate) -> Said:
    """Every column of a certificate but those that each of its moves changes."""
    ((name, facts),) = row_said(row).items()
    assert isinstance(facts, dict)
    return {name: {key: value for key, value in facts.items() if key not in MOVING}}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, (uuid.UUID, date)) else value


def verify_ledger(session: Session, case_id: uuid.UUID) -> list[Problem]:
    """Everything wrong with the ledger of a case: broken chains, states, bindings or evidence.

    An empty list means that the rows are what the recorded acts made of them. A sealed value that
    no key opens where it stands was put there past the program; nothing after it can be looked at.
    """
    try:
        return _problems(session, case_id)
    except KeysFault as fault:
        return list(_unopened(session, case_id)) or [Problem(CASE, None, str(fault))]


def _unopened(session: Session, case_id: uuid.UUID) -> Iterator[Problem]:
    """The entries whose sealed detail no key opens."""
    places = select(LedgerEntry.id, LedgerEntry.region, LedgerEntry.seq)
    for row_id, region, seq in session.exec(places.where(LedgerEntry.case_id == case_id)).all():
        try:
            session.exec(select(LedgerEntry.detail).where(LedgerEntry.id == row_id)).one()
        except KeysFault as fault:
            yield Problem(region, seq, f"第 {seq} 条留痕读不出来：{fault}")


def _problems(session: Session, case_id: uuid.UUID) -> list[Problem]:
    """As `verify_ledger`; KeysFault."""
    case = session.get_one(Case, case_id)
    approvals = session.exec(select(Approval).where(Approval.case_id == case_id)).all()
    issued = session.exec(select(Certificate).where(Certificate.case_id == case_id)).all()
    statement = select(LedgerEntry).where(LedgerEntry.case_id == case_id)
    entries = session.exec(statement.order_by(col(LedgerEntry.seq))).all()
    chains: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        chains[entry.region].append(entry)
    keepers: list[Chained] = [case, *approvals, *issued]
    rows = {row.chain: row for row in keepers}
    problems: list[Problem] = []
    bound = {region for entry in chains[CASE] for region in entry.detail.get("heads", {})}
    for region in sorted(chains.keys() | rows.keys() | bound):
        problems += _chain_problems(region, chains[region], rows.get(region))
    problems += _binding_problems(chains)
    problems += _evidence_problems(session, case, approvals, chains)
    return problems


def _chain_problems(
    region: str, chain: Sequence[LedgerEntry], row: Chained | None
) -> Iterator[Problem]:
    """Gaps, altered entries, and a row whose head or state differs from its chain."""
    if row is None:
        yield Problem(region, None, "留痕所属的事项记录已不存在")
        return
    previous, state = GENESIS, chain[0].from_state if chain else None
    for expected, entry in enumerate(chain, start=1):
        if entry.seq != expected:
            yield Problem(region, expected, f"留痕缺第 {expected} 条")
            return
        if entry.prev_hash != previous or seal(entry.model_dump()) != entry.hash:
            yield Problem(region, entry.seq, f"第 {entry.seq} 条留痕被改动")
        if entry.from_state != state:
            yield Problem(region, entry.seq, f"第 {entry.seq} 条留痕与前一条的状态不连续")
        previous, state = entry.hash, entry.to_state
    if (row.ledger_seq, row.ledger_hash) != (len(chain), previous):
        yield Problem(region, None, "留痕末条与记录不符")
    if row.state != state and (chain or row.ledger_seq):
        yield Problem(region, None, f"记录状态为 {row.state}，留痕末条为 {state}")


def _binding_problems(chains: dict[str, list[LedgerEntry]]) -> Iterator[Problem]:
    """Heads that the case chain has bound and that the region chains no longer have."""
    for entry in chains[CASE]:
        for region, (seq, head) in entry.detail.get("heads", {}).items():
            chain = chains.get(region, [])
            if seq and (len(chain) < seq or chain[seq - 1].hash != head):
                yield Problem(region, seq, f"办件第 {entry.seq} 条留痕绑定的记录被替换")


def _evidence_problems(
    session: Session,
    case: Case,
    approvals: Sequence[Approval],
    chains: dict[str, list[LedgerEntry]],
) -> Iterator[Problem]:
    """Rows that no longer say what was recorded, and rows that nobody recorded."""
    recorded: dict[tuple[str, str], str] = {}
    for entry in merge(*chains.values(), key=lambda each: each.at):
        for name, value in entry.detail.get("evidence", {}).items():
            recorded[_owner(entry.region, name), name] = value
    found = _digests_now(session, case, approvals)
    for region, name in sorted(recorded.keys() | found.keys()):
        key = (region, name)
        if key not in found:
            yield Problem(region, None, f"留痕提到的“{name}”已不存在")
        elif key not in recorded:
            if "/" in name and not name.startswith("checks/"):
                yield Problem(region, None, f"“{name}”没有留痕")
        elif recorded[key] != found[key]:
            yield Problem(region, None, f"“{name}”的内容与留痕不符")


def _digests_now(
    session: Session, case: Case, approvals: Sequence[Approval]
) -> dict[tuple[str, str], str]:
    """What today's rows say, by region and name; of a case whose personal data was erased after its
    time what they said until then, which the erasure has kept and the ledger vouches for."""
    erasure = session.get(Erasure, case.id)
    if erasure is None:
        rows = said(session, case, approvals)
        return {(region, name): digest(value) for region, name, value in rows}
    kept = erasure.vouched.items()
    found = {(region, name): value for region, each in kept for name, value in each.items()}
    return found | {(CASE, ERASURE): digest(erasure.vouched)}


def _owner(region: str, name: str) -> str:
    """Rows with an id of their own may be recorded by any region (certificates at the join)."""
    return CASE if "/" in name else region


def said(
    session: Session, case: Case, approvals: Sequence[Approval]
) -> Iterator[tuple[str, str, Any]]:
    """(region, name, value) of everything that today's rows say and the ledger vouches for."""
    found = form_said(case)
    found |= uploads_said(session.exec(select(Upload).where(Upload.case_id == case.id)).all())
    found |= checks_said(session.exec(select(Check).where(Check.case_id == case.id)).all())
    facts = select(SharedFact).where(SharedFact.case_id == case.id)
    found |= facts_said(session.exec(facts).all())
    for correction in session.exec(select(Correction).where(Correction.case_id == case.id)):
        found |= correction_said(correction)
    for handout in session.exec(select(Handout).where(Handout.case_id == case.id)):
        found |= handout_said(handout)
    for document in session.exec(select(Document).where(Document.case_id == case.id)):
        found |= document_said(document)
    for certificate in session.exec(select(Certificate).where(Certificate.case_id == case.id)):
        found |= certificate_said(certificate)
    for table in SEALED:
        of_case = table.case_id == case.id  # type: ignore[attr-defined]  # each of them has one
        for row in session.exec(select(table).where(of_case)):
            found |= row_said(row)
    yield from ((CASE, name, value) for name, value in found.items())
    for row in approvals:
        yield from ((row.region, name, value) for name, value in approval_said(row).items())
