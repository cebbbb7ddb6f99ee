"""Opinions that are often written (常用语): everybody's, a department's and one's own."""

import uuid
from dataclasses import dataclass

from sqlmodel import col, or_, select

from onevisit.access import Forbidden
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotFound
from onevisit.definition.form import FieldError
from onevisit.store.office_tables import Phrase

LONGEST = 200
MOST = 40
"""Of one person, and of one department: more than one reads."""
GENERAL = (
    "材料齐全，符合法定形式，建议准予。",
    "经审核，承办意见属实，同意。",
    "符合法定条件、标准，准予许可。",
    "经现场核查，与申报材料一致，建议准予。",
    "备案材料齐全，予以备案。",
    "不符合法定条件，建议不予许可。",
)
KEEPERS = frozenset({"reviewer", "decider", "head"})
"""The posts that keep the phrases of their department."""


@dataclass(frozen=True)
class Kept:
    """One phrase; `own` of the person, else of the department; `removable` by who looks."""

    id: uuid.UUID
    text: str
    department: str
    own: bool
    removable: bool


def phrases(ctx: Context, department: str | None = None) -> tuple[Kept, ...]:
    """One's own phrases, then those of one's departments (or of one of them), oldest first."""
    wanted = [each for each in ctx.actor.departments if department in (None, each)]
    if not ctx.actor.departments:
        raise Forbidden("只有部门的承办、审核和决定人员有常用语")
    statement = (
        select(Phrase)
        .where(
            col(Phrase.department).in_(wanted),
            or_(col(Phrase.account_id).is_(None), col(Phrase.account_id) == ctx.actor.id),
        )
        .order_by(col(Phrase.account_id).is_(None), col(Phrase.id))
    )
    return tuple(
        Kept(
            row.id,
            row.text,
            row.department,
            row.account_id is not None,
            row.account_id is not None or may_keep(ctx, row.department),
        )
        for row in ctx.session.exec(statement)
    )


def may_keep(ctx: Context, department: str) -> bool:
    """Whether the actor keeps the phrases of a department."""
    return any(ctx.actor.holds(role, department) for role in KEEPERS)


def add(ctx: Context, department: str, text: str, *, for_all: bool) -> Phrase:
    """Keep a phrase for oneself or for the department; the same one twice stays one.

    Raises Forbidden, or Invalid (path `text`) for none, too long a one, or too many.
    """
    if department not in ctx.actor.departments:
        raise Forbidden("只能为自己所在的部门添加常用语")
    if for_all and not may_keep(ctx, department):
        raise Forbidden("部门常用语由审核人、决定人或者部门负责人添加")
    text = " ".join(text.split())
    if not text:
        raise Invalid([FieldError("text", "请填写常用语")])
    if len(text) > LONGEST:
        raise Invalid([FieldError("text", f"常用语最多{LONGEST}个字")])
    of = [each for each in phrases(ctx, department) if each.own != for_all]
    same = next((each for each in of if each.text == text), None)
    if same is not None:
        return ctx.session.get_one(Phrase, same.id)
    if len(of) >= MOST:
        raise Invalid([FieldError("text", f"最多保留{MOST}条，请先删去不用的")])
    row = Phrase(
        department=department,
        account_id=None if for_all else ctx.actor.id,
        text=text,
        created_by=ctx.actor.id,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def remove(ctx: Context, phrase_id: uuid.UUID) -> None:
    """Keep a phrase no longer. NotFound for another person's, Forbidden for a department's that
    others keep."""
    row = ctx.session.get(Phrase, phrase_id)
    own = row is not None and row.account_id in (None, ctx.actor.id)
    if row is None or not own or row.department not in ctx.actor.departments:
        raise NotFound("这条常用语")
    if row.account_id is None and not may_keep(ctx, row.department):
        raise Forbidden("部门常用语由审核人、决定人或者部门负责人删除")
    ctx.session.delete(row)
    ctx.session.flush()
