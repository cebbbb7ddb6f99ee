"""Which post may do what, answered by the checks themselves, so that the page cannot say otherwise
than the application does."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from onevisit.access import checks
from onevisit.access.actor import OFFICE_ROLES, Actor, Agency, PostValue

OWN, HERE = "own", "here"
"""Marks in the matrix: only what is one's own; only in one's own department."""
_ME, _OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
Ask = Callable[[Actor, uuid.UUID, str], bool]


@dataclass(frozen=True)
class Permission:
    """One thing that may be done; `name` is that of its check. `asked` puts the question for the
    case of some person that lies with some department."""

    name: str
    title: str
    asked: Ask


def _mine(can: Callable[..., bool]) -> Ask:
    """A question about a case: its applicant is the person named."""
    return lambda actor, who, _: can(actor, who, None)


def _alone(can: Callable[..., bool]) -> Ask:
    """A question about the post alone."""
    return lambda actor, _, __: can(actor)


def _acts(actor: Actor, _: uuid.UUID, department: str) -> bool:
    return any(checks.can_act(actor, department, role, ()) for role in sorted(OFFICE_ROLES))


def _represents(actor: Actor, who: uuid.UUID, _: str) -> bool:
    """With an authorisation in force that names the person."""
    return checks.can_apply_for(actor, Agency(who, frozenset(), date.max), "", date.min)


def _grants(actor: Actor, _: uuid.UUID, department: str) -> bool:
    """As cases/turns ask: by the head of the department, or of the government for joint cases."""
    held = actor.holds("head", department) or checks.can_govern(actor)
    return held and checks.can_grant(actor, _OTHER, ())


PERMISSIONS = (
    Permission("apply", "提出申请", _alone(checks.can_apply)),
    Permission("apply_for", "经授权替别人申请（代办）", _represents),
    Permission("end_agency", "终止代办授权", _mine(checks.can_end_agency)),
    Permission("edit", "填写、修改、撤回申请", _mine(checks.can_edit)),
    Permission("see_case", "查看整个办件", _mine(checks.can_see_case)),
    Permission("draw_ticket", "取号", _alone(checks.can_draw_ticket)),
    Permission("take_in", "收件、受理、一次告知补正", _alone(checks.can_take_in)),
    Permission("see_approval", "查看本部门的事项", lambda a, _, d: checks.can_see_approval(a, d)),
    Permission("act", "在事项上签署自己的岗位", _acts),
    Permission("chair", "主持听证（须经指定）", lambda a, _, d: checks.can_chair(a, d, _ME)),
    Permission("grant", "批准延长期限", _grants),
    Permission("govern", "以本级政府负责人的名义批准", _alone(checks.can_govern)),
    Permission("hand_out", "统一出件", _alone(checks.can_hand_out)),
    Permission("self_serve", "作为自助终端出件", _alone(checks.can_self_serve)),
    Permission("supervise", "效能监察", _alone(checks.can_supervise)),
    Permission("operate", "查看和重试后台任务", _alone(checks.can_operate)),
    Permission("publish", "编写、发布一件事和辖区规则", _alone(checks.can_publish)),
    Permission("appoint", "管理他人的账号和岗位", lambda a, who, _: checks.can_appoint(a, who)),
    Permission(
        "deputise", "安排岗位代理", lambda a, who, d: checks.can_deputise(a, d, principal_id=who)
    ),
)


def scope(permission: Permission, role: str) -> str | None:
    """How far somebody with this one post may do it: "" everywhere, OWN, HERE, or None not at all.

    Asked of the checks for somebody else's case and one's own, in another department and in one's
    own.
    """
    here = "here" if role in OFFICE_ROLES else None
    actor = Actor(_ME, "", (PostValue(role, here),))
    if permission.asked(actor, _OTHER, "elsewhere"):
        return ""
    if permission.asked(actor, _OTHER, "here"):
        return HERE
    return OWN if permission.asked(actor, _ME, "here") else None
