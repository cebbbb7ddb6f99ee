"""One search for everybody, who find what their pages would show them anyway and nothing else.

Numbers of cases, documents and certificates are looked up whole, people by the beginning of their
name; each by an index. Only in what is one's own a part of a number or title is enough.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, union_all
from sqlalchemy import select as rows_of
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select

from onevisit.access import (
    can_apply,
    can_hand_out,
    can_see_approval,
    can_see_case,
    can_supervise,
    can_take_in,
)
from onevisit.cases.context import Context
from onevisit.cases.views.named import named as whose
from onevisit.cases.views.numbers_typed import paper_numbers
from onevisit.cases.views.parts import Badge, badge
from onevisit.cases.views.typed import by_document, found_by, numbered
from onevisit.store.beginning import only_checked
from onevisit.store.tables import Account, Approval, Case
from onevisit.store.turn_tables import Certificate

Kind = Literal["my", "my_certificate", "desk", "window", "office", "certificate", "watch"]
AT_MOST = 20
"""Rows of one kind; who finds more is asked for a longer text."""
FOUND = "found"
"""Whoever searches has looked for somebody: names are told in full, and that is written down."""
SHORTEST = 2
LONGEST = 100
"""Characters; numbers of certificates have more than seventy (GB/T 36904)."""


@dataclass(frozen=True)
class Hit:
    """One thing found. `who` is empty for those whom the name does not concern."""

    id: uuid.UUID
    title: str
    number: str
    who: str
    state: Badge


@dataclass(frozen=True)
class Hits:
    """Everything of one kind; `more` when there would be further rows."""

    kind: Kind
    rows: tuple[Hit, ...]
    more: bool


def search(ctx: Context, text: str) -> tuple[Hits, ...]:
    """What the signed-in person may find by `text` (2 to 100 characters), by kind, newest first;
    kinds of which there is nothing are left out."""
    if not SHORTEST <= len(text) <= LONGEST:
        return ()
    found = [*_own(ctx, text), *_at_the_counter(ctx, text), *_in_the_office(ctx, text)]
    if can_supervise(ctx.actor):  # by number alone: whose case it is does not concern them
        found.append(_cases(ctx, "watch", numbered(text), named=False))
    return tuple(hits for hits in found if hits.rows)


def _own(ctx: Context, text: str) -> Iterable[Hits]:
    if not can_apply(ctx.actor):
        return
    mine = or_(Case.applicant_id == ctx.actor.id, Case.agent_id == ctx.actor.id)
    called = col(Case.workflow_id).in_(_services(ctx, text))
    yield _cases(ctx, "my", mine & or_(_part(Case.number, text), called, numbered(text)))
    paper = or_(_part(Certificate.number, text), _part(Certificate.title, text))
    yield _certificates(ctx, "my_certificate", mine & paper)


def _at_the_counter(ctx: Context, text: str) -> Iterable[Hits]:
    """Clerks and the window may see every case, but do nothing with a case of their own (回避)."""
    wanted = found_by(ctx.session, text)
    if can_take_in(ctx.actor):
        yield _cases(ctx, "desk", wanted)
    if can_hand_out(ctx.actor):
        yield _cases(ctx, "window", wanted & col(Case.decided_at).is_not(None))


def _in_the_office(ctx: Context, text: str) -> Iterable[Hits]:
    """What has been accepted and is the department's own."""
    departments = ctx.actor.departments
    if not departments:
        return
    wanted = found_by(ctx.session, text)
    yield _approvals(ctx, col(Approval.case_id).in_(rows_of(col(Case.id)).where(wanted)))
    own = only_checked(Certificate.department).in_(departments)
    yield _certificates(ctx, "certificate", _numbered_paper(text) & own)


def _numbered_paper(text: str) -> ColumnElement[bool]:
    """The certificate with this number, or that of a case for which a paper with it was written."""
    paper = aliased(Certificate)
    found = rows_of(col(paper.id))
    own = found.where(col(paper.number).in_(paper_numbers(text)))
    return col(Certificate.id).in_(
        union_all(own, found.where(col(paper.case_id).in_(by_document(text))))
    )


def _services(ctx: Context, text: str) -> list[str]:
    titles = {each.definition.workflow.id: each.definition.workflow.title
              for each in ctx.catalog.list(ctx.session)}  # fmt: skip
    return [each for each, title in titles.items() if text in title]


def _part(column: object, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = col(column).contains(text, autoescape=True)
    return found


def _cases(ctx: Context, kind: Kind, wanted: ColumnElement[bool], *, named: bool = True) -> Hits:
    statement = (
        select(Case, Account.name)
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(wanted)
        .order_by(col(Case.id).desc())
        .limit(AT_MOST + 1)
    )
    if kind != "my":  # a draft is nobody else's business
        statement = statement.where(col(Case.number).is_not(None))
    found = ctx.session.exec(statement).all()
    rows = []
    for case, name in found[:AT_MOST]:
        if not _may(ctx, kind, case):
            continue
        definition = ctx.catalog.version(ctx.session, case.version_hash).definition
        state = badge(case.state, definition.lifecycle.case.states[case.state])
        who = whose(ctx, case, name, FOUND) if named else ""
        rows.append(Hit(case.id, definition.workflow.title, case.number or "", who, state))
    return Hits(kind, tuple(rows), len(found) > AT_MOST)


def _may(ctx: Context, kind: Kind, case: Case) -> bool:
    """Whether the page to which this leads would open."""
    if kind == "watch":
        return can_supervise(ctx.actor)
    return can_see_case(ctx.actor, case.applicant_id, case.agent_id)


def _approvals(ctx: Context, wanted: ColumnElement[bool]) -> Hits:
    statement = (
        select(Approval, Case, Account.name)
        .join(Case, col(Case.id) == col(Approval.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(wanted, col(Case.accepted_at).is_not(None))
        .where(only_checked(Approval.department).in_(ctx.actor.departments))
        .order_by(col(Approval.id).desc())
        .limit(AT_MOST + 1)
    )
    found = ctx.session.exec(statement).all()
    rows = tuple(
        _approval(ctx, row, case, whose(ctx, case, name, FOUND, row.department))
        for row, case, name in found[:AT_MOST]
        if can_see_approval(ctx.actor, row.department)
    )
    return Hits("office", rows, len(found) > AT_MOST)


def _approval(ctx: Context, row: Approval, case: Case, name: str) -> Hit:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    lifecycle = definition.lifecycle.approval
    known = lifecycle.states.get(row.state)
    if known is None:
        state = Badge(row.state, lifecycle.steps[row.state].title, "active")
    else:
        state = badge(row.state, known)
    title = definition.workflow.item(row.item_id).title
    title += "" if row.element is None else f"（第{row.element}项）"
    return Hit(row.id, title, case.number or "", name, state)


def _certificates(ctx: Context, kind: Kind, wanted: ColumnElement[bool]) -> Hits:
    statement = (
        select(Certificate, Case, Account.name)
        .join(Case, col(Case.id) == col(Certificate.case_id))
        .join(Account, col(Account.id) == col(Certificate.holder_id))
        .where(wanted)
        .order_by(col(Certificate.id).desc())
        .limit(AT_MOST + 1)
    )
    found = ctx.session.exec(statement).all()
    rows = []
    for row, case, name in found[:AT_MOST]:
        life = ctx.catalog.version(ctx.session, case.version_hash).definition.lifecycle.certificate
        assert life is not None, "certificates are only made where their life is described"
        state = badge(row.state, life.states[row.state])
        who = whose(ctx, case, name, FOUND, row.department)
        rows.append(Hit(row.id, row.title, row.number, who, state))
    return Hits(kind, tuple(rows), len(found) > AT_MOST)
