"""All drafts of the applicant with how far each is, in a number of queries that never grows."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, or_, select

from onevisit.cases.context import Context
from onevisit.cases.discard import kept_until
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import Facts, task_list
from onevisit.cases.shared_data import Key
from onevisit.cases.views.parts import Page
from onevisit.engine import select as select_parts
from onevisit.store.citizen_tables import SharedFact
from onevisit.store.tables import Account, Case, Upload

PAGE = 20


@dataclass(frozen=True)
class DraftRow:
    """One draft: `done` of `steps` are complete; `outdated` when the service has a new version."""

    id: uuid.UUID
    service: str
    whose: str
    done: int
    steps: int
    saved_at: datetime
    kept_until: date | None
    outdated: bool


def my_drafts(ctx: Context, after: str | None = None) -> Page[DraftRow]:
    """What was begun and not handed in, the newest first, a page at a time."""
    statement = (
        select(Case)
        .where(or_(Case.applicant_id == ctx.actor.id, Case.agent_id == ctx.actor.id))
        .where(col(Case.number).is_(None))
        .order_by(col(Case.id).desc())
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(Case.id < uuid.UUID(after))
    found = ctx.session.exec(statement).all()
    cases = found[:PAGE]
    people, uploads, facts = _people(ctx, cases), _uploads(ctx, cases), _facts(ctx, cases)
    current = {each.hash for each in ctx.catalog.list(ctx.session)}
    rows = tuple(
        _row(ctx, case, people, uploads[case.id], facts[case.id], current) for case in cases
    )
    return Page(rows, str(rows[-1].id) if len(found) > PAGE else None)


def _people(ctx: Context, cases: Sequence[Case]) -> dict[uuid.UUID, Account]:
    ids = {each for case in cases for each in (case.applicant_id, case.agent_id) if each}
    return {
        row.id: row for row in ctx.session.exec(select(Account).where(col(Account.id).in_(ids)))
    }


def _uploads(ctx: Context, cases: Sequence[Case]) -> dict[uuid.UUID, list[Upload]]:
    found: dict[uuid.UUID, list[Upload]] = defaultdict(list)
    ids = [case.id for case in cases]
    for row in ctx.session.exec(select(Upload).where(col(Upload.case_id).in_(ids))):
        found[row.case_id].append(row)
    return found


def _facts(ctx: Context, cases: Sequence[Case]) -> dict[uuid.UUID, dict[Key, SharedFact]]:
    found: dict[uuid.UUID, dict[Key, SharedFact]] = defaultdict(dict)
    ids = [case.id for case in cases]
    for row in ctx.session.exec(select(SharedFact).where(col(SharedFact.case_id).in_(ids))):
        found[row.case_id][row.kind, row.name] = row
    return found


def _row(  # noqa: PLR0917 -- what was read for all drafts at once
    ctx: Context,
    case: Case,
    people: dict[uuid.UUID, Account],
    uploads: Sequence[Upload],
    facts: Facts,
    current: set[str],
) -> DraftRow:
    dossier = _dossier(ctx, case, people)
    have = {each.material_id for each in uploads if each.removed_at is None}
    tasks = task_list(dossier, facts, have)
    moments = [case.created_at, case.saved_at, *(each.uploaded_at for each in uploads)]
    saved = max(each for each in moments if each is not None)
    return DraftRow(
        id=case.id,
        service=dossier.definition.workflow.title,
        whose=_whose(ctx, dossier),
        done=sum(each.state == "done" for each in tasks),
        steps=len(tasks),
        saved_at=saved,
        kept_until=kept_until(dossier, saved) if case.ledger_seq == 0 else None,
        outdated=case.version_hash not in current,
    )


def _dossier(ctx: Context, case: Case, people: dict[uuid.UUID, Account]) -> Dossier:
    published = ctx.catalog.version(ctx.session, case.version_hash)
    selection = select_parts(published.definition, case.answers, case.form, case.only)
    return Dossier(
        case=case,
        approvals={},
        applicant=people[case.applicant_id],
        agent=people[case.agent_id] if case.agent_id else None,
        definition=published.definition,
        selection=selection,
        chart=published.chart(selection),
    )


def _whose(ctx: Context, dossier: Dossier) -> str:
    if dossier.agent is None:
        return ""
    own = dossier.agent.id == ctx.actor.id
    return f"替{dossier.applicant.name}办" if own else f"由{dossier.agent.name}代办"
