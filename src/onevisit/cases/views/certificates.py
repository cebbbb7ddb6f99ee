"""What holders and departments see of certificates after they are issued."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement
from sqlalchemy import select as rows_of
from sqlmodel import col, or_, select

from onevisit.access import (
    OFFICE_ROLES,
    Forbidden,
    can_edit,
    check_can_edit,
    check_can_see_approval,
)
from onevisit.cases import wording
from onevisit.cases.afterwards import renewal, request
from onevisit.cases.afterwards.certificate import CertificateTurn, Held, held
from onevisit.cases.afterwards.request import Request, open_request
from onevisit.cases.context import Context
from onevisit.cases.lights import Due, due_on
from onevisit.cases.views.history import entries, public_history, staff_history
from onevisit.cases.views.named import named
from onevisit.cases.views.papers import Papers, papers_of
from onevisit.cases.views.parts import (
    Act,
    Badge,
    Event,
    Page,
    Person,
    acts,
    badge,
    person,
)
from onevisit.cases.views.typed import found_by
from onevisit.documents.format import cn_date
from onevisit.engine import Move
from onevisit.store.beginning import only_checked
from onevisit.store.tables import Account, Case
from onevisit.store.turn_tables import Certificate, PledgeCheck

PAGE = 30
ENDED = ("revoked", "cancelled")
"""States in which nothing that was asked for is answered any more."""


@dataclass(frozen=True)
class CertificateRow:
    """One line of a list of certificates."""

    id: uuid.UUID
    title: str
    number: str
    service: str
    case_number: str | None
    holder: str
    state: Badge
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class CertificateView:
    """One certificate: `ask_by` is the last day for asking for renewal, `asked` what was asked,
    `renewable` whether it can be asked now and `hindrance` why not. `request` is what else the
    holder asked for and nobody has answered; `askable` the events that they may still ask for."""

    id: uuid.UUID
    revision: int
    case_id: uuid.UUID
    document_id: uuid.UUID
    title: str
    number: str
    service: str
    item: str
    department: str
    case_number: str | None
    holder: Person
    state: Badge
    valid_from: date
    valid_until: date | None
    ask_by: Due | None
    renewable: bool
    hindrance: str | None
    asked: str | None
    next_term: tuple[date, date] | None
    check_id: uuid.UUID | None
    request: Request | None
    askable: frozenset[str]
    acts: tuple[Act, ...]
    papers: Papers
    events: tuple[Event, ...]


def my_certificates(ctx: Context, after: str | None = None) -> Page[CertificateRow]:
    """What the signed-in person holds, or asked for as somebody's agent, newest first."""
    own = or_(Case.applicant_id == ctx.actor.id, Case.agent_id == ctx.actor.id)
    return _rows(ctx, own, after, None)


def office_certificates(
    ctx: Context,
    tab: Literal["renewing", "asked", "all"],
    search: str = "",
    after: str | None = None,
) -> Page[CertificateRow]:
    """What the officer's departments have issued, newest first; `renewing`: what waits for a
    decision on its renewal, `asked`: what else holders asked for. `search`: the whole number of
    the case or of any of its papers, or the beginning of the applicant's name, in all of them."""
    departments = {
        post.department for post in ctx.actor.posts if post.role in OFFICE_ROLES and post.department
    }
    if not departments:
        raise Forbidden("只有部门的承办、审核和决定人员可以查看本部门发出的证照")
    wanted: ColumnElement[bool] = col(Certificate.department).in_(departments)
    if tab == "renewing":
        wanted &= col(Certificate.state) == "renewing"
    if tab == "asked":
        wanted &= col(Certificate.asked).is_not(None)
        wanted &= col(Certificate.state).not_in(ENDED)
    if search:
        cases = rows_of(col(Case.id)).where(found_by(ctx.session, search))
        wanted = col(Certificate.case_id).in_(cases)
        wanted &= only_checked(Certificate.department).in_(departments)
    return _rows(ctx, wanted, after, search)


def my_certificate(ctx: Context, certificate_id: uuid.UUID) -> CertificateView:
    """One certificate for its holder's side."""
    found = held(ctx, certificate_id)
    case = found.dossier.case
    check_can_edit(ctx.actor, case.applicant_id, case.agent_id)
    return _view(ctx, found)


def office_certificate(ctx: Context, certificate_id: uuid.UUID) -> CertificateView:
    """One certificate for an officer of the department that issued it."""
    found = held(ctx, certificate_id)
    check_can_see_approval(ctx.actor, found.row.department)
    return _view(ctx, found)


def _rows(
    ctx: Context, wanted: ColumnElement[bool], after: str | None, search: str | None
) -> Page[CertificateRow]:
    """No `search`: one's own, whose name needs no mask."""
    statement = (
        select(Certificate, Case, Account.name)
        .join(Case, col(Case.id) == col(Certificate.case_id))
        .join(Account, col(Account.id) == col(Certificate.holder_id))
        .where(wanted)
        .order_by(col(Certificate.id).desc())
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(col(Certificate.id) < uuid.UUID(after))
    found = ctx.session.exec(statement).all()
    rows = tuple(
        _row(ctx, row, case, name if search is None else named(ctx, case, name, search))
        for row, case, name in found[:PAGE]
    )
    return Page(rows, str(rows[-1].id) if len(found) > PAGE else None)


def _row(ctx: Context, row: Certificate, case: Case, holder: str) -> CertificateRow:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    life = definition.lifecycle.certificate
    assert life is not None, "certificates are only made where their life is described"
    return CertificateRow(
        id=row.id,
        title=row.title,
        number=row.number,
        service=definition.workflow.title,
        case_number=case.number,
        holder=holder,
        state=badge(row.state, life.states[row.state]),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _view(ctx: Context, found: Held) -> CertificateView:
    row, dossier = found.row, found.dossier
    case, definition = dossier.case, dossier.definition
    own = can_edit(ctx.actor, case.applicant_id, case.agent_id)
    asked = row.detail.get("renewal") if row.state == "renewing" else None
    history = entries(ctx, dossier, row.chain)
    may = any(move.event == renewal.ASK for move in found.possible())
    hindrance = renewal.hindrance(ctx, found) if may else None
    return CertificateView(
        id=row.id,
        revision=row.revision,
        case_id=case.id,
        document_id=row.document_id,
        title=row.title,
        number=row.number,
        service=definition.workflow.title,
        item=wording.item_title(dossier.selection.part(row.region)),
        department=definition.directory.department(row.department).title,
        case_number=case.number,
        holder=person(dossier),
        state=badge(row.state, found.state),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        ask_by=due_on(definition.calendar, renewal.ask_by(found)),
        renewable=may and hindrance is None,
        hindrance=hindrance,
        asked=_asked(asked),
        next_term=renewal.following(found) if asked else None,
        check_id=None if own else _check_id(ctx, row),
        request=_request(found),
        askable=_askable(ctx, found),
        acts=acts(_moves(ctx, found)),
        papers=papers_of(ctx, row),
        events=public_history(dossier, history) if own else staff_history(dossier, history),
    )


def _moves(ctx: Context, found: Held) -> list[Move]:
    """What the officer's posts may do now; what nobody asked for needs no refusal."""
    idle = {request.REFUSE} if _request(found) is None else set()
    return [
        move
        for move in (*found.possible(), *found.acts)
        if ctx.actor.holds(move.by, found.row.department) and move.event not in idle
    ]


def _request(found: Held) -> Request | None:
    """What waits for an answer, as long as it can be given one."""
    answerable = any(act.event == request.REFUSE for act in found.acts)
    return open_request(found.row) if answerable else None


def _askable(ctx: Context, found: Held) -> frozenset[str]:
    """What its holder may ask for now, beside renewal."""
    turn = CertificateTurn(ctx, found)
    if turn.is_over or request.hindrance(found) is not None:
        return frozenset()
    asking = (request.ASK, request.ASK_TO_CANCEL)
    return frozenset(act.event for act in found.acts if act.event in asking)


def _check_id(ctx: Context, row: Certificate) -> uuid.UUID | None:
    """The check of the pledge that it was granted on."""
    statement = select(PledgeCheck.id).where(
        PledgeCheck.case_id == row.case_id, PledgeCheck.region == row.region
    )
    return ctx.session.exec(statement).one_or_none()


def _asked(asked: dict[str, str] | None) -> str | None:
    """What the holder wrote when asking, with the day."""
    if asked is None:
        return None
    day = cn_date(asked["asked_on"])
    return day + (f"：{asked['text']}" if asked["text"] else "")
