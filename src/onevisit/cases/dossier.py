"""A case with all that is needed to move it: its rows, its definition and its statechart."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.errors import Archived, Happened, NotFound, NotPossible
from onevisit.definition.lifecycle import State
from onevisit.definition.place import Department
from onevisit.definition.service import Definition
from onevisit.engine import CASE, Chart, Marking, Move, Part, Selection, possible
from onevisit.engine import select as select_parts
from onevisit.store.session import is_alone
from onevisit.store.tables import Account, Approval, Case, LedgerEntry

NOTED = {
    "record_checks": "核对材料",
    "amend": "修改申请表",
    "attach": "补充材料文件",
    "remove": "删除材料文件",
    "overdue": "容缺材料逾期未补",
    "alert": "时限提醒",
    "recompute": "时限重算",
    "appoint": "登记共同的核查或者到场安排",
    "rate": "评价",
    "follow_up_rating": "差评回访",
    "end_agency": "代办授权终止",
    "begin_intake": "窗口收件登记",
    "hold": "接手办理",
    "hand_over": "移交同事",
    "put_down": "不再经手",
    "erase": "个人信息按保存期限清除",
    "archive_out": "移出归档",
    "archive_back": "从归档调回",
}
"""Titles of recorded acts that are no moves of the lifecycle."""
AFTERWARDS = {
    "issue": "发出证照",
    "check_pledge": "告知承诺核查",
    "order_mending": "责令限期整改",
    "confirm_mended": "确认整改到位",
    "revoke_certificate": "撤销许可",
}
"""Titles of what happens to a decision later on, where it led to no certificate."""
OF_A_CERTIFICATE = "certificate/"
"""How the ledger chains of certificates begin; the region whose result it is follows."""


_CASE = select(Case).where(Case.id == bindparam("case"))
_APPROVALS = (
    select(Approval).where(Approval.case_id == bindparam("case")).order_by(col(Approval.region))
)
AFRESH = {"populate_existing": True}
CASE_ROW = {
    False: _CASE.execution_options(**AFRESH),
    True: _CASE.with_for_update(key_share=True).execution_options(**AFRESH),
}
APPROVAL_ROWS = {
    False: _APPROVALS.execution_options(**AFRESH),
    True: _APPROVALS.with_for_update(key_share=True).execution_options(**AFRESH),
}
"""The rows of a case, to look at or locked; every act asks for them, so they are said once."""
_OWN_CASE = select(Approval.case_id).where(Approval.id == bindparam("approval")).scalar_subquery()
SIBLINGS = (
    select(Approval)
    .where(Approval.case_id == _OWN_CASE)
    .order_by(col(Approval.region))
    .execution_options(**AFRESH)
)
PEOPLE = select(Account).where(
    or_(col(Account.id) == bindparam("applicant"), col(Account.id) == bindparam("agent"))
)


@dataclass(frozen=True)
class Beside:
    """Whether there is a hearing of an item, material that its case owed, a pause of the item's
    clocks, and somebody who has it in hand; over or not."""

    hearing: bool
    owed: bool
    pause: bool
    claim: bool


@dataclass(frozen=True)
class Dossier:
    """The rows as they are loaded and what the pinned definition makes of them.

    A draft has no approvals yet: its regions stand in their first states. `there`: what lies beside
    an item, by region, where an act has asked (`beside`) before it began.
    """

    case: Case
    approvals: Mapping[str, Approval]
    applicant: Account
    agent: Account | None
    definition: Definition
    selection: Selection
    chart: Chart
    there: dict[str, Beside] = field(default_factory=dict)

    @property
    def marking(self) -> Marking:
        """The marking that the rows hold."""
        states = dict(self.chart.initial)
        states.update({region: row.state for region, row in self.approvals.items()})
        states[CASE] = self.case.state
        return self.chart.marking(states)

    def row(self, region: str) -> Case | Approval:
        """The row that keeps this region's state."""
        return self.case if region == CASE else self.approvals[region]

    def department(self, part: Part) -> Department:
        """Whoever has an item: where it was transferred to, else as the service says; of a draft,
        as the service says."""
        row = self.approvals.get(part.key)
        named = part.item.department if row is None else row.department
        return self.definition.directory.department(named)

    def state(self, region: str = CASE) -> State:
        """What the definition says of a region's present state."""
        return self.chart.state(region, self.row(region).state)

    def possible(self, region: str = CASE) -> tuple[Move, ...]:
        """The moves that somebody could make now."""
        return possible(self.chart, self.marking, region)

    def acts(self, region: str = CASE) -> tuple[Move, ...]:
        """What may be done in the region's present state without leaving it."""
        found = self.chart.tables[region].acts.get(self.row(region).state, ())
        return tuple(act for act in found if act.may_fire(self.marking))

    def standing(self, region: str, event: str) -> Move | None:
        """The standing act of that name, if it may be done now."""
        return next((act for act in self.acts(region) if act.event == event), None)

    def move_title(self, region: str, event: str) -> str:
        """The title of an event of a region, or of a recorded act that is no move."""
        if region.startswith(OF_A_CERTIFICATE):
            return self._certificate_title(event)
        table = self.chart.tables[region]
        for moves in (*table.moves.values(), *table.acts.values()):
            for move in moves:
                if move.event == event:
                    return move.title
        return NOTED.get(event) or AFTERWARDS.get(event, event)

    def _certificate_title(self, event: str) -> str:
        """The title of what happened to a certificate after it was issued."""
        life = self.definition.lifecycle.certificate
        titles: dict[str, str] = {}
        if life is not None:
            titles = {move.event: move.title for move in life.transitions}
            titles |= {act.event: act.title for act in life.acts}
        return titles.get(event, AFTERWARDS.get(event, event))

    def hindered(self, region: str, event: str, because: str) -> NotPossible:
        """What to raise when something beside the state stands in the way of an event."""
        title = self.move_title(region, event)
        return NotPossible(title, self.state(region).title, None, (), because)


def load(
    ctx: Context,
    case_id: uuid.UUID,
    *,
    lock: bool = False,
    approvals: Mapping[str, Approval] | None = None,
) -> Dossier:
    """The dossier of a case; NotFound. With `lock`, nobody else moves it until the commit;
    `approvals`, where they have just been read.

    The lock does not exclude rows that merely refer to the case (FOR NO KEY UPDATE), so an officer
    whose step stays within its own approval is not held up and cannot deadlock with us.
    """
    case = ctx.session.exec(CASE_ROW[lock], params={"case": case_id}).one_or_none()
    if case is None:
        raise NotFound("这个办件")
    if case.archived_at is not None:
        raise Archived
    ctx.seen.opened(case.id, case.applicant_id, case.agent_id)
    return build(ctx, case, approvals or _approvals(ctx.session, case_id, lock=lock))


def siblings(ctx: Context, approval_id: uuid.UUID) -> tuple[Approval, dict[str, Approval]]:
    """An approval and all of its case, itself included, by region; NotFound."""
    rows = ctx.session.exec(SIBLINGS, params={"approval": approval_id}).all()
    for row in rows:
        if row.id == approval_id:
            return row, {each.region: each for each in rows}
    raise NotFound("这个事项")


def locked(ctx: Context, dossier: Dossier) -> Dossier:
    """A dossier that was loaded without the lock, as it is once we hold it."""
    if is_alone(ctx.session):  # it has held it from the beginning
        return dossier
    case_id, before = dossier.case.id, dossier.case.revision
    case = ctx.session.exec(CASE_ROW[True], params={"case": case_id}).one()
    approvals = _approvals(ctx.session, case_id, lock=True)
    if case.revision == before:  # the same application, so the same chart
        return replace(dossier, approvals=approvals)
    return load(ctx, case_id, lock=True)


def build(ctx: Context, case: Case, approvals: Mapping[str, Approval]) -> Dossier:
    """The dossier of rows that are already at hand."""
    published = ctx.catalog.version(ctx.session, case.version_hash)
    selection = select_parts(published.definition, case.answers, case.form, case.only)
    who = {"applicant": case.applicant_id, "agent": case.agent_id}
    known = {account.id: account for account in ctx.session.exec(PEOPLE, params=who)}
    return Dossier(
        case=case,
        approvals=approvals,
        applicant=known[case.applicant_id],
        agent=known.get(case.agent_id) if case.agent_id else None,
        definition=published.definition,
        selection=selection,
        chart=published.chart(selection),
    )


def _approvals(session: Session, case_id: uuid.UUID, *, lock: bool) -> dict[str, Approval]:
    rows = session.exec(APPROVAL_ROWS[lock], params={"case": case_id})
    return {row.region: row for row in rows}


def waits_for(dossier: Dossier, part: Part) -> tuple[str, ...]:
    """Titles of the items whose results a part still waits for."""
    if dossier.state(part.key).final:
        return ()
    return tuple(
        wording.item_title(each)
        for each in dossier.selection.parts
        if each.item.id in part.item.needs and not dossier.state(each.key).granted
    )


def last_happened(ctx: Context, dossier: Dossier, region: str) -> Happened | None:
    """The newest ledger entry of a region, in words; None when there is none."""
    statement = (
        select(LedgerEntry, Account.name)
        .join(Account, col(Account.id) == col(LedgerEntry.actor_id), isouter=True)
        .where(LedgerEntry.case_id == dossier.case.id, LedgerEntry.region == region)
        .order_by(col(LedgerEntry.seq).desc())
        .limit(1)
    )
    found = ctx.session.exec(statement).first()
    if found is None:
        return None
    entry, name = found
    title = dossier.move_title(region, entry.act)
    return Happened(name, entry.at, title, mine=entry.actor_id == ctx.actor.id)
