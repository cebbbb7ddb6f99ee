"""Each permission once: `check_can_…` raises Forbidden with its reason, `can_…` answers yes or no.

Officers of one department never act for another; administrators publish but never touch a case;
who took a case in does not decide it (收件与审批分离).
"""

import uuid
from collections.abc import Callable, Collection
from datetime import date
from functools import wraps
from typing import ParamSpec

from onevisit.access.actor import Actor, Agency, Forbidden
from onevisit.access.scopes import SCOPES

Checked = ParamSpec("Checked")
INTAKE_ROLES = frozenset({"clerk", "window"})


APART = frozenset({"admin", "supervisor"})
"""Posts that never come near a case, whatever else the same person holds (职责分离)."""


def _check_not_apart(actor: Actor) -> None:
    """Who writes the services, or watches over them, handles none: holding such a post shuts the
    pages and acts of every other (职责分离; OWASP ASVS 5.0, 8.3)."""
    if actor.roles & APART:
        raise Forbidden("流程管理员和督查人员不办理办件，也不查看办件内容（职责分离）")


def check_can_apply(actor: Actor) -> None:
    """Applicants start and submit cases."""
    if "applicant" not in actor.roles:
        raise Forbidden("只有申请人可以申请办理；工作人员请使用自己的个人账号")


def check_can_edit(actor: Actor, applicant_id: uuid.UUID, agent_id: uuid.UUID | None) -> None:
    """Only the applicant, or the agent who applies for them, changes and withdraws a case."""
    check_can_apply(actor)
    if actor.id not in (applicant_id, agent_id):
        raise Forbidden("这不是您的办件，只有申请人本人或者其代办人可以操作")


def check_can_apply_for(actor: Actor, agency: Agency, service_id: str, today: date) -> None:
    """An agent applies for another while the authorisation is in force, for what it names
    (民法典第一百六十五条、第一百七十三条)."""
    check_can_apply(actor)
    if actor.id != agency.agent_id or today > agency.until:
        raise Forbidden("代办授权不存在、已经到期或者已被收回，不能再替授权人办理")
    if agency.services and service_id not in agency.services:
        raise Forbidden("代办授权不包括这项服务，请授权人另行授权")


def check_can_end_agency(actor: Actor, principal_id: uuid.UUID, agent_id: uuid.UUID | None) -> None:
    """Either side ends it at any time."""
    check_can_apply(actor)
    if actor.id not in (principal_id, agent_id):
        raise Forbidden("只有授权人或者代办人可以终止这份授权")


def check_can_see_case(actor: Actor, applicant_id: uuid.UUID, agent_id: uuid.UUID | None) -> None:
    """The whole of a case: the applicant's side their own, clerks and the window every one."""
    if actor.id in (applicant_id, agent_id) and "applicant" in actor.roles:
        return
    if not actor.roles & INTAKE_ROLES:
        raise Forbidden("您无权查看这个办件")
    _check_not_apart(actor)


def check_can_take_in(
    actor: Actor, applicant_id: uuid.UUID | None = None, agent_id: uuid.UUID | None = None
) -> None:
    """Clerks check, accept, correct and decline, but never a case of their own (回避)."""
    if "clerk" not in actor.roles:
        raise Forbidden("只有综窗人员可以收件、受理")
    _check_not_apart(actor)
    if actor.id in (applicant_id, agent_id):
        raise Forbidden("不能受理自己申请的办件，请由其他综窗人员办理（回避）")


def check_can_see_approval(actor: Actor, department: str) -> None:
    """Officers see the approvals of their own department and no other."""
    if department not in actor.departments:
        raise Forbidden("这个事项由其他部门办理，您无权查看")
    _check_not_apart(actor)


def check_can_act(
    actor: Actor,
    department: str,
    role: str,
    involved: Collection[uuid.UUID | None],
    signed: Collection[uuid.UUID | None] = (),
) -> None:
    """The step's post in the item's department signs it.

    `involved`: those who took the case in, applied for it or chair its hearing (许可法第四十八条);
    `signed`: those who have signed another step of it. None of them signs this one, nor their
    deputies, nor whose deputies they were.
    """
    check_can_see_approval(actor, department)
    if not actor.holds(role, department):
        raise Forbidden("这一环节由本部门其他岗位办理，您的岗位不能操作")
    if actor.id in involved:
        raise Forbidden("收件、受理、申请或者主持听证的人不能参与同一办件的审批（回避）")
    if actor.id in signed:
        raise Forbidden("您签署过这个事项的另一个环节，不能再签署这一个，请由他人办理（职责分离）")
    if actor.speaks_for(role, department) & {*involved, *signed}:
        raise Forbidden("您代理的人已经参与过这个办件，不能由您代签，请由其他人员办理（回避）")


def check_can_hand_out(
    actor: Actor, applicant_id: uuid.UUID | None = None, agent_id: uuid.UUID | None = None
) -> None:
    """The issuing window hands out results, but not to itself."""
    if "window" not in actor.roles:
        raise Forbidden("只有出件窗口可以出件")
    _check_not_apart(actor)
    if actor.id in (applicant_id, agent_id):
        raise Forbidden("不能给自己的办件出件，请由其他窗口人员办理（回避）")


def check_can_self_serve(actor: Actor) -> None:
    """A kiosk hands out by card and code alone; no person signs in as one."""
    if "kiosk" not in actor.roles:
        raise Forbidden("这里只供自助终端使用；工作人员请从“统一出件”交付")


def check_can_draw_ticket(actor: Actor) -> None:
    """A terminal at the entrance draws call numbers, and so does a clerk for whoever cannot."""
    if not actor.roles & {"clerk", "kiosk"}:
        raise Forbidden("取号请到大厅的取号机，或者请综合窗口的工作人员帮助")


def check_can_grant(
    actor: Actor, asked_by: uuid.UUID, involved: Collection[uuid.UUID | None]
) -> None:
    """Nobody grants or refuses what they asked for themselves, nor on a case of their own; a
    deputy no more than whom they stand in for."""
    _check_not_apart(actor)
    people = {actor.id, *(each.principal.id for each in actor.posts if each.principal)}
    if asked_by in people:
        raise Forbidden("报请延长期限的人不能自己批准，请由其他负责人办理（回避）")
    if people & set(involved):
        raise Forbidden("收件、受理或者申请的人不能批准同一办件的延期（回避）")


def check_can_use(actor: Actor, *scopes: str) -> None:
    """A system does with its key only what the key was made for: one of these scopes."""
    if actor.key is None:
        raise Forbidden("这里只供部门业务系统凭接口密钥使用")
    if not actor.key.scopes & set(scopes):
        wanted = "”或者“".join(SCOPES[scope] for scope in scopes)
        raise Forbidden(f"这个密钥没有“{wanted}”的权限，请流程管理员另开密钥")


def check_can_chair(actor: Actor, department: str, chair_id: uuid.UUID | None) -> None:
    """Whoever was named chair holds the hearing, and nobody else (许可法第四十八条)."""
    check_can_see_approval(actor, department)
    if actor.id != chair_id:
        raise Forbidden("听证由指定的主持人举行和记录，您不是本次听证的主持人")


def check_can_govern(actor: Actor) -> None:
    """The government's head approves what is handled jointly (许可法第四十二条第二款)."""
    if "government" not in actor.roles:
        raise Forbidden("只有本级政府负责人可以办理（行政许可法第四十二条第二款）")
    _check_not_apart(actor)


def check_can_supervise(actor: Actor) -> None:
    """Supervisors see lights and overdue cases, and decide none (效能监察)."""
    if "supervisor" not in actor.roles:
        raise Forbidden("只有督查人员可以查看效能监察")
    if "admin" in actor.roles:
        raise Forbidden("流程管理员不能同时督查：监督与管理应当分离（职责分离）")


def check_can_operate(actor: Actor) -> None:
    """Operators see background work, without the content of cases."""
    if "operator" not in actor.roles:
        raise Forbidden("只有运行维护人员可以查看后台任务")


def check_can_publish(actor: Actor) -> None:
    """Administrators publish services."""
    if "admin" not in actor.roles:
        raise Forbidden("只有流程管理员可以发布一件事")


def check_can_appoint(actor: Actor, account_id: uuid.UUID | None = None) -> None:
    """Administrators open accounts and give posts, but nobody changes their own (职责分离): that
    takes a second administrator."""
    if "admin" not in actor.roles:
        raise Forbidden("只有流程管理员可以管理账号和岗位")
    if actor.id == account_id:
        raise Forbidden("不能改自己的账号和岗位，请由另一位流程管理员办理（职责分离）")


def check_can_deputise(
    actor: Actor,
    department: str,
    deputy_id: uuid.UUID | None = None,
    principal_id: uuid.UUID | None = None,
) -> None:
    """An administrator, or the head of the department in their own right, says who stands in for
    whom; nobody for themselves, an administrator not in a post of their own."""
    own_head = actor.holds("head", department) and not actor.stands_in("head", department)
    if "admin" not in actor.roles and not own_head:
        raise Forbidden("只有流程管理员和本部门负责人可以安排代理")
    if deputy_id == actor.id:
        raise Forbidden("不能安排自己代理别人的岗位，请由流程管理员办理（职责分离）")
    if "admin" in actor.roles and principal_id == actor.id:
        raise Forbidden("不能改自己的账号和岗位，请由另一位流程管理员办理（职责分离）")


def _twin(check: Callable[Checked, None]) -> Callable[Checked, bool]:
    """The same question, answered yes or no; for pages that show or leave out a button."""

    @wraps(check)
    def answer(*args: Checked.args, **kwargs: Checked.kwargs) -> bool:
        try:
            check(*args, **kwargs)
        except Forbidden:
            return False
        return True

    return answer


can_apply = _twin(check_can_apply)
can_draw_ticket = _twin(check_can_draw_ticket)
can_edit = _twin(check_can_edit)
can_apply_for = _twin(check_can_apply_for)
can_end_agency = _twin(check_can_end_agency)
can_see_case = _twin(check_can_see_case)
can_take_in = _twin(check_can_take_in)
can_see_approval = _twin(check_can_see_approval)
can_act = _twin(check_can_act)
can_hand_out = _twin(check_can_hand_out)
can_self_serve = _twin(check_can_self_serve)
can_grant = _twin(check_can_grant)
can_chair = _twin(check_can_chair)
can_use = _twin(check_can_use)
can_govern = _twin(check_can_govern)
can_supervise = _twin(check_can_supervise)
can_operate = _twin(check_can_operate)
can_publish = _twin(check_can_publish)
can_appoint = _twin(check_can_appoint)
can_deputise = _twin(check_can_deputise)
