"""Transfer: an item whose business it is another department's goes there; its clocks run on.

The applicant is told (许可法第三十二条第一款第二项: told whose business it is, in the spirit of one
window: brought there, not sent away). The new department begins with its own first step.
"""

import uuid
from collections.abc import Iterator

from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.account import counts_on
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.signing import done_by_officer
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.cases.turns.stops import dues
from onevisit.definition.form import FieldError
from onevisit.definition.place import Department
from onevisit.documents.format import cn_date
from onevisit.store.tables import Account, Approval, Post

EVENT = "transfer"
BACK = "send_back"
ARTICLE = "《中华人民共和国行政许可法》第二十六条第二款"


def transfer(
    ctx: Context, approval_id: uuid.UUID, department_id: str, reasons: str, revision: int
) -> str:
    """Hand an item over to a department that has officers for each of its steps.

    The old department puts its seal under the notice and no longer sees the item; results are
    issued by the new one. Returns a sentence; raises Invalid (paths department, reasons), Stale.
    """
    turn, region = done_by_officer(ctx, approval_id, EVENT, revision)
    dossier, row = turn.dossier, turn.dossier.approvals[region]
    new = next((each for each in targets(ctx, dossier, region) if each.id == department_id), None)
    if new is None:
        raise Invalid([FieldError("department", "请选择有权办理、并且各环节都有人员的部门")])
    old = dossier.definition.directory.department(row.department)
    turn.act(EVENT, region, reasons=reasons.strip(), source=old.id, target=new.id, to=new.title)
    turn.write_documents({EVENT: _particulars(dossier, region, old, new, reasons.strip())})
    turn.set(region, department=new.id)
    _begin_anew(turn, region, reasons)
    turn.save()
    _tell(ctx, dossier, row, old)
    return f"已移送{new.title}办理，时限照常计算；《移送办理通知书》已送申请人。"


def targets(ctx: Context, dossier: Dossier, region: str) -> tuple[Department, ...]:
    """The other departments that have somebody for each step of the item."""
    needed = set(_roles(dossier, region))
    statement = (
        select(Post.department, Post.role)
        .join(Account, col(Account.id) == col(Post.account_id))
        .where(col(Post.role).in_(needed), col(Account.disabled).is_(False), counts_on(ctx.today))
        .distinct()
    )
    staffed = set(ctx.session.exec(statement))
    present = dossier.approvals[region].department
    return tuple(
        each
        for each in dossier.definition.directory.departments
        if each.id != present and all((each.id, role) in staffed for role in needed)
    )


def _roles(dossier: Dossier, region: str) -> Iterator[str]:
    steps = dossier.definition.lifecycle.approval.steps
    return (steps[name].role for name in dossier.selection.part(region).route.steps)


def _begin_anew(turn: Turn, region: str, reasons: str) -> None:
    """Who decides has looked at it themselves: the new department starts at the first step."""
    if any(move.event == BACK for move in turn.dossier.possible(region)):
        turn.fire(BACK, region, reasons=reasons)


def _particulars(
    dossier: Dossier, region: str, old: Department, new: Department, reasons: str
) -> Particulars:
    legal, promise = dues(dossier, region)
    facts = [
        ("事项", wording.item_title(dossier.selection.part(region))),
        ("原承办部门", old.title),
        ("移送至", f"{new.title}{f'（电话：{new.phone}）' if new.phone else ''}"),
        ("时限", f"照常计算：承诺{cn_date(promise)}前办结，法定期限{cn_date(legal)}届满"),
    ]
    paragraphs = (
        f"移送理由：{reasons}",
        "您不需要重新申请，已经交来的材料随同移送，办理结果由接收部门作出",
    )
    return Particulars(letter=Letter(facts, paragraphs), basis=(ARTICLE,))


def _tell(ctx: Context, dossier: Dossier, row: Approval, old: Department) -> None:
    """Whoever signs the first step in the new department learns of it."""
    who = holders(ctx, row.awaits or "", row.department)
    item = wording.item_title(dossier.selection.part(row.region))
    body = f"{old.title}移送“{item}”（{dossier.case.number}），时限照常计算，请从承办环节开始办理。"
    tell(
        ctx, f"transfer/{row.id}/{row.revision}", who, "有一个事项移送到本部门", body,
        kind=EVENT, link=f"/office/{row.id}", case_id=dossier.case.id,
    )  # fmt: skip
