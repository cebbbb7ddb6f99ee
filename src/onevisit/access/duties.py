"""Which posts one person may not hold together (职责分离), and which they had better not.

Refused: who writes the services or watches over them handles none, since nothing on a single case
could keep that apart. Warned of: what a small office may have no choice about; on the same case the
checks keep those posts apart anyway.
"""

from collections.abc import Collection, Iterable, Iterator

from onevisit.access.actor import OFFICE_ROLES, PostValue

CENTRE_ROLES = frozenset(
    {"applicant", "clerk", "window", "admin", "supervisor", "government", "operator", "kiosk"}
)
"""The posts that are held for the whole centre, in no department."""
ROLES = CENTRE_ROLES | OFFICE_ROLES
DESK = frozenset({"clerk", "window"})
SIGNING = frozenset({"handler", "reviewer", "decider"})
ON_CASES = DESK | OFFICE_ROLES | {"government"}


def refused(posts: Collection[PostValue]) -> tuple[str, ...]:
    """Why one person may not hold all these posts, in Chinese; nothing when they may."""
    return tuple(_refused(frozenset(post.role for post in posts)))


def counting(posts: Iterable[PostValue]) -> tuple[PostValue, ...]:
    """Those of somebody's posts that count: beside one that is kept apart from cases, none of the
    others does, however they came to hold both."""
    held = tuple(posts)
    roles = {post.role for post in held}
    if "admin" in roles:
        return tuple(post for post in held if post.role not in ON_CASES | {"supervisor"})
    if "supervisor" in roles:
        return tuple(post for post in held if post.role not in ON_CASES)
    return held


def conflicts(posts: Collection[PostValue]) -> tuple[str, ...]:
    """What speaks against one person holding all these posts, in Chinese; nothing when all is well.

    收件与审批分离 (前台综合受理、后台分类审批), 由不同的人签署, 监督与办理分离.
    """
    return tuple(_conflicts(frozenset(post.role for post in posts), posts))


def _conflicts(roles: frozenset[str], posts: Collection[PostValue]) -> Iterator[str]:
    if roles & DESK and roles & OFFICE_ROLES:
        yield "同一个人既在前台收件或者出件，又在部门审批：收件与审批应当分离"
    for department in sorted({post.department or "" for post in posts}):
        held = {post.role for post in posts if (post.department or "") == department}
        if len(held & SIGNING) > 1:
            yield "同一个人在同一部门承办、审核、决定中占了不止一个岗位：一件事项要由不同的人签署"
            break
    if "government" in roles and roles & OFFICE_ROLES:
        yield "同一个人既是部门人员又是本级政府负责人：延期的报请与批准应当分离"


def _refused(roles: frozenset[str]) -> Iterator[str]:
    if "admin" in roles and roles & ON_CASES:
        yield "流程管理员不能同时办理办件：写流程的人不办件，请分给两个人"
    if "supervisor" in roles and roles & (ON_CASES | {"admin"}):
        yield "督查人员不能同时办理办件或者管理流程：监督与办理应当分离，请分给两个人"
    if "kiosk" in roles and len(roles) > 1:
        yield "自助终端的账号不属于任何人，不能再有其他岗位"
