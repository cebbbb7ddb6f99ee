"""Documents on paper: the PDF is made between two short transactions, never inside a deciding one.

`transaction` opens a committing session (the edge hands in `partial(writing, engine)`).
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from onevisit.access import Actor, can_see_approval, can_see_case, can_supervise
from onevisit.cases.deadlines.look import Transaction
from onevisit.cases.errors import Archived, NotFound
from onevisit.cases.outbox import announce, claims
from onevisit.cases.outbox.claims import DOCUMENTS
from onevisit.cases.seen import PAPER, Seen
from onevisit.catalog.published import Published
from onevisit.documents import Printing
from onevisit.store.files import FileStore, Stored
from onevisit.store.sealed_files import Altered
from onevisit.store.tables import Approval, Case, Document, WorkflowVersion

LIMIT = 50 * 1024 * 1024
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Pdf:
    """A file to hand out: its name for people, the file, and whose data it shows."""

    filename: str
    stored: Stored
    seen: Seen


def pdf(
    transaction: Transaction,
    files: FileStore,
    printing: Printing,
    actor: Actor,
    document_id: uuid.UUID,
) -> Pdf:
    """The PDF of a document for whoever may see it; made now when it is not there yet.

    Raises NotFound (also for somebody else's document) or documents.DocumentError.
    """
    with transaction() as session:
        document = session.get(Document, document_id)
        if document is None or not _may_see(session, actor, document):
            raise NotFound("这份文书")
        if not document.snapshot:  # erased after its time
            raise NotFound("这份文书（已按保存期限清除）")
        key, name, seen = document.pdf_key, _filename(document), _seen(session, document, actor)
    if key is None or not files.stored(key).exists():
        key = make(transaction, files, printing, document_id)
    return Pdf(name, files.stored(key), seen)


def make(
    transaction: Transaction, files: FileStore, printing: Printing, document_id: uuid.UUID
) -> str:
    """Make the paper of one document and return its storage key; again gives the same bytes.

    Safe when two do it at once: the first to finish keeps its file, the other's is thrown away.
    Raises documents.DocumentError.
    """
    with transaction() as session:
        document = session.get_one(Document, document_id)
        template, snapshot, old = document.template, document.snapshot, document.pdf_key
    if old is not None and files.stored(old).exists():
        return old
    content = printing(template, snapshot)
    chunks = (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))
    saved = files.save_stream(chunks, LIMIT)
    with transaction() as session:
        kept = session.connection().execute(_made(document_id, old, saved.key, saved.sha256))
        row = session.get_one(Document, document_id)
        winner = row.pdf_key
    if not kept.rowcount:
        files.delete(saved.key)
    assert winner is not None
    return winner


def make_next(
    transaction: Transaction,
    files: FileStore,
    printing: Printing,
    clock: Callable[[], datetime],
    node: str,
) -> bool:
    """Make the document that waits longest; False when none is due. For a worker.

    What fails waits for its next attempt, longer each time, and in the end for an operator.
    """
    with transaction() as session:
        claim = claims.claim_next(session, DOCUMENTS, clock(), node)
    if claim is None:
        return False
    try:
        make(transaction, files, printing, claim.row_id)
    except Exception as error:  # whatever it is, the row remembers it and the next one is made
        with transaction() as session:
            why = f"{type(error).__name__}: {error}"
            claims.give_back(session, DOCUMENTS, claim, clock(), why)
    return True


def made_of(session: Session, files: FileStore, number: str) -> bytes | None:
    """The file that was made for a number; None when there is none, or it is not what it was."""
    statement = select(Document.pdf_key).where(Document.number == number)
    key = session.exec(statement).first()
    try:
        return files.stored(key).read() if key else None
    except (FileNotFoundError, Altered):
        return None


def _made(document_id: uuid.UUID, old: str | None, key: str, sha256: str):  # type: ignore[no-untyped-def]  # Update has no public type argument
    """Only while nobody else has: pdf_key is what we saw before rendering. Whoever is at it by a
    claim finds that it is done."""
    unchanged = col(Document.pdf_key).is_(None) if old is None else col(Document.pdf_key) == old
    return (
        update(Document)
        .where(col(Document.id) == document_id, unchanged)
        .values(
            state="made", pdf_key=key, sha256=sha256, error=None, claim=None, claimed_until=None
        )
    )


def _may_see(session: Session, actor: Actor, document: Document) -> bool:
    """The applicant's side, clerks and the window see all papers of a case; officers those of
    their own approvals, and the results of earlier items that theirs need. What one office writes
    to another is for supervisors too, and not for the applicant's side."""
    case = session.get_one(Case, document.case_id)
    if case.archived_at is not None:
        if can_see_case(actor, case.applicant_id, case.agent_id):
            raise Archived
        return False
    if document.kind in announce.INTERNAL:
        if can_supervise(actor):
            return True
        if actor.id in (case.applicant_id, case.agent_id):
            return False
    if can_see_case(actor, case.applicant_id, case.agent_id):
        return True
    return _of_their_office(session, actor, document, case)


def _of_their_office(session: Session, actor: Actor, document: Document, case: Case) -> bool:
    """Whether it is of an approval of theirs, or of an earlier one that theirs needs."""
    if document.region is None or not actor.departments:
        return False
    statement = select(Approval).where(Approval.case_id == document.case_id)
    rows = {row.region: row for row in session.exec(statement)}
    if can_see_approval(actor, rows[document.region].department):
        return True
    own = {row.item_id for row in rows.values() if can_see_approval(actor, row.department)}
    return bool(own) and rows[document.region].item_id in _needed(session, case, own)


def _seen(session: Session, document: Document, actor: Actor) -> Seen:
    case = session.get_one(Case, document.case_id)
    side = frozenset(each for each in (case.applicant_id, case.agent_id) if each)
    what = f"文书：{document.title}（{document.number}）"
    department = min(actor.departments, default=None)
    return Seen(case.id, case.applicant_id, side, PAPER, what, department, document.id)


def _needed(session: Session, case: Case, item_ids: set[str]) -> set[str]:
    """The items whose results these items need, by the version that the case runs on."""
    version = session.get_one(WorkflowVersion, case.version_hash)
    definition = Published.from_content(version.workflow_id, version.content).definition
    items = (definition.workflow.item(item_id) for item_id in item_ids)
    return {needed for item in items for needed in item.needs}


def _filename(document: Document) -> str:
    """Title and number, without what a file system does not like."""
    return re.sub(r'[\\/:*?"<>|\s]+', "_", f"{document.title}-{document.number}.pdf")
