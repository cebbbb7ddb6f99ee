"""Deleting the personal data of a case after its time (个人信息保护法第十九条、第四十七条): the
values go, the ledger stays whole and can still be checked by the digests that it vouched for.

What is kept secret in the database (store/kept.py) is what is personal; of the form only the
choices and numbers stay, on which it rests which items there were.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.privacy import closing
from onevisit.cases.privacy.keeping import years_before
from onevisit.cases.turn import Turn
from onevisit.definition.form import Form
from onevisit.definition.place import Keeping
from onevisit.engine import CASE
from onevisit.engine import select as select_parts
from onevisit.store import discarded, evidence
from onevisit.store.archive_tables import ArchivedCase
from onevisit.store.citizen_tables import SharedFact
from onevisit.store.kept import is_secret
from onevisit.store.ledger import digest
from onevisit.store.office_tables import Scan
from onevisit.store.read_tables import Closing, Erasure
from onevisit.store.tables import METADATA, Account, Case, Document, Row, Upload
from onevisit.store.turn_tables import Certificate
from onevisit.store.work_tables import Dispatch, Message

ERASE = "erase"
WITHOUT_VALUE: dict[str, Any] = {
    "corrections.missing": [], "findings.officers": [], "documents.snapshot": {},
    "certificates.detail": {},
    "handouts.collector": {"name": "", "id_number": "", "relation": "self"},
}  # fmt: skip
"""What a column says that cannot be empty, once nothing is left of it."""
NOT_HERE = frozenset({"cases", "ledger_entries", "messages", "dispatches", "reads"})
"""Tables that are treated by themselves: the case's own row; the ledger, whose text its hashes
need; messages, which go whole; reads, which have a time of their own."""
MOST = 500


@dataclass(frozen=True)
class Due:
    """One case whose time is over, and the rule by which it is."""

    id: uuid.UUID
    number: str
    ended: datetime
    rule: Keeping


def due(ctx: Context, after: uuid.UUID | None = None) -> tuple[list[Due], uuid.UUID | None]:
    """Closed cases whose time is over, some of them, in the order of their ids, and after which
    one to go on; none with a certificate in force, nor one that is handled anew. What lies in
    archive files is not among them (`archived_due`)."""
    ended = func.coalesce(col(Case.concluded_at), col(Case.decided_at), col(Case.submitted_at))
    shortest = _shortest(ctx)
    if shortest is None:
        return [], None
    again = rows_of(col(Case.reopens)).where(col(Case.awaits).is_not(None))
    statement = (
        select(Case.id, ended)
        .where(col(Case.awaits).is_(None), col(Case.number).is_not(None))
        .where(col(Case.archived_at).is_(None))
        .where(ended < years_before(ctx.now, shortest))
        .where(col(Case.id).not_in(rows_of(col(Erasure.case_id))))
        .where(col(Case.id).not_in(again.where(col(Case.reopens).is_not(None))))
        .order_by(col(Case.id))
        .limit(MOST)
    )
    if after is not None:
        statement = statement.where(col(Case.id) > after)
    rows = ctx.session.exec(statement).all()
    found = [_due(ctx, case_id, at) for case_id, at in rows]
    return [each for each in found if each is not None], rows[-1][0] if rows else None


def archived_due(ctx: Context) -> list[str]:
    """Numbers of archived cases whose shortest time is over, some of them, the oldest first: they
    have to be brought back before anything of them can be deleted."""
    shortest = _shortest(ctx)
    if shortest is None:
        return []
    statement = (
        select(Case.number)
        .join(ArchivedCase, col(ArchivedCase.case_id) == col(Case.id))
        .where(col(Case.concluded_at) < years_before(ctx.now, shortest))
        .where(col(Case.id).not_in(rows_of(col(Erasure.case_id))))
        .order_by(col(ArchivedCase.case_id))
        .limit(MOST)
    )
    return [number or "" for number in ctx.session.exec(statement)]


def _shortest(ctx: Context) -> int | None:
    kept = (
        each
        for service in ctx.catalog.list(ctx.session)
        for each in service.definition.jurisdiction.keeping
    )
    return min((each.years for each in kept if each.what in ("case", "attempt")), default=None)


def _due(ctx: Context, case_id: uuid.UUID, ended: datetime) -> Due | None:
    dossier = load(ctx, case_id)
    granted = any(dossier.state(region).granted for region in dossier.approvals)
    what = "case" if granted else "attempt"
    place = dossier.definition.jurisdiction
    rule = next((each for each in place.keeping if each.what == what), None)
    if rule is None or ended >= years_before(ctx.now, rule.years) or _in_force(ctx, case_id):
        return None
    return Due(case_id, dossier.case.number or "", ended, rule)


def _in_force(ctx: Context, case_id: uuid.UUID) -> bool:
    """Whether somebody may still show a certificate of the case: then its papers are needed."""
    for row in ctx.session.exec(select(Certificate).where(Certificate.case_id == case_id)):
        if row.valid_until is None or row.valid_until >= ctx.today:
            return True
    return False


def erase(ctx: Context, wanted: Due) -> str | None:
    """Delete what is personal in one case; why not, where something stands in the way."""
    dossier = load(ctx, wanted.id, lock=True)
    problems = evidence.verify_ledger(ctx.session, wanted.id)
    if problems:
        return f"留痕核验有 {len(problems)} 处不符，先查明再清除"
    forms = [
        blank(dossier.definition.form, dossier.case.form, choices=each) for each in (False, True)
    ]
    form = next((each for each in forms if _same_items(dossier, each)), None)
    if form is None:
        return "办了哪些事项取决于填写的文字，不能只清除其中的个人信息"
    _record(ctx, dossier, wanted)
    turn_form(ctx, dossier, form, wanted.rule.basis)
    keys = _empty(ctx, wanted.id)
    discarded.discard(ctx.session, ctx.files, keys, ctx.now)
    _end_of_accounts(ctx, dossier)
    return None


def _same_items(dossier: Dossier, form: dict[str, Any]) -> bool:
    """Whether the same items would follow from this form: else the case could not be opened."""
    case = dossier.case
    try:
        left = select_parts(dossier.definition, case.answers, form, case.only)
    except Exception:  # a condition of the service that cannot do without what was typed
        return False
    return {part.key for part in left.parts} == set(dossier.approvals)


def blank(form: Form, data: dict[str, Any], *, choices: bool) -> dict[str, Any]:
    """The answers without any text that somebody typed: choices, numbers, yes and no stay, and the
    number of rows; those that are personal (x-sensitivity) only if `choices` says so."""
    fields = {each.id: each.schema for each in form.fields}
    return {
        name: _blank(fields.get(name, {}), value, choices=choices) for name, value in data.items()
    }


def _blank(schema: Any, value: Any, *, choices: bool) -> Any:
    if isinstance(value, list):
        return [_blank(schema.get("items", {}), each, choices=choices) for each in value]
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {
            name: _blank(properties.get(name, {}), each, choices=choices)
            for name, each in value.items()
        }
    is_choice = "oneOf" in schema or isinstance(value, (bool, int, float))
    return value if is_choice and (choices or "x-sensitivity" not in schema) else ""


def _record(ctx: Context, dossier: Dossier, wanted: Due) -> None:
    """What the ledger had vouched for, kept as digests."""
    approvals = list(dossier.approvals.values())
    vouched: dict[str, dict[str, str]] = {}
    for region, name, value in evidence.said(ctx.session, dossier.case, approvals):
        vouched.setdefault(region, {})[name] = digest(value)
    row = Erasure(case_id=wanted.id, at=ctx.now, basis=wanted.rule.basis[:300], vouched=vouched)
    ctx.session.add(row)
    ctx.session.flush()


def turn_form(ctx: Context, dossier: Dossier, form: dict[str, Any], basis: str) -> None:
    """The case's own row, and the entry of its ledger that vouches for the erasure."""
    row = ctx.session.get_one(Erasure, dossier.case.id)
    turn = Turn(ctx, dossier)
    turn.set(CASE, form=form, recipient=None, pickup_code=None)
    turn.note(ERASE, "timer", basis=basis)
    turn.vouch(lambda: {evidence.ERASURE: digest(row.vouched)})
    turn.save()


def _empty(ctx: Context, case_id: uuid.UUID) -> list[str]:
    """Every secret column of every row of the case; the keys of the files that go with them."""
    session = ctx.session
    uploads = session.exec(select(Upload).where(Upload.case_id == case_id)).all()
    papers = session.exec(select(Document).where(Document.case_id == case_id)).all()
    keys = [*(each.storage_key for each in uploads), *(p.pdf_key for p in papers if p.pdf_key)]
    for upload in uploads:
        upload.removed_at = upload.removed_at or ctx.now
    for paper in papers:
        paper.pdf_key = None
    told = rows_of(col(Message.id)).where(col(Message.case_id) == case_id)
    own = rows_of(col(Upload.id)).where(col(Upload.case_id) == case_id)
    connection = session.connection()
    connection.execute(delete(Dispatch).where(col(Dispatch.message_id).in_(told)))
    connection.execute(delete(Message).where(col(Message.case_id) == case_id))
    connection.execute(delete(SharedFact).where(col(SharedFact.case_id) == case_id))
    connection.execute(delete(Scan).where(col(Scan.upload_id).in_(own)))
    for model in _models():
        for row in session.exec(select(model).where(model.case_id == case_id)).all():  # type: ignore[attr-defined]  # each of them has one
            _forget(row)
    session.flush()
    return keys


def _models() -> list[type[Row]]:
    """Every table of cases with something secret in it."""
    found = []
    for mapper in Row._sa_registry.mappers:
        table = METADATA.tables[str(mapper.class_.__tablename__)]
        secret = any(is_secret(column.type) for column in table.columns)
        if secret and "case_id" in table.columns and table.name not in NOT_HERE:
            found.append(mapper.class_)
    return found


def _forget(row: Row) -> None:
    name = str(row.__tablename__)
    for column in METADATA.tables[name].columns:
        if is_secret(column.type) and not column.name.endswith("_hash"):
            value = None if column.nullable else WITHOUT_VALUE.get(f"{name}.{column.name}", "")
            setattr(row, column.name, value)


def _end_of_accounts(ctx: Context, dossier: Dossier) -> None:
    """Closed accounts that had nothing left but this case are erased with it."""
    for account in (dossier.applicant, dossier.agent):
        closed = ctx.session.get(Closing, account.id) if account is not None else None
        if account is None or closed is None or closed.state != "kept":
            continue
        mine = (Case.applicant_id == account.id) | (Case.agent_id == account.id)
        kept = select(Case.id).where(mine, col(Case.id).not_in(rows_of(col(Erasure.case_id))))
        if ctx.session.exec(kept.limit(1)).first() is None:
            closing.erase(ctx.session, ctx.session.get_one(Account, account.id), ctx.now)
            closed.state, closed.erased_at = "erased", ctx.now
