"""What a key of a department's system may be used for, and the posts in which it then acts."""

from collections.abc import Collection

from onevisit.access.actor import SYSTEM, PostValue

READ, MATERIAL = "read", "material"
SIGN = "sign:"
"""Before the post whose signature it is."""
SCOPES = {
    READ: "查看本部门的事项",
    MATERIAL: "下载本部门事项的材料",
    "sign:handler": "以承办人的岗位签署",
    "sign:reviewer": "以审核人的岗位签署",
    "sign:decider": "以决定人的岗位签署",
}
"""In the order in which they are offered."""
SIGNING = frozenset(scope for scope in SCOPES if scope.startswith(SIGN))
PARTED = "一个密钥只能签署一个环节：承办、审核、决定要由不同的岗位签署（职责分离）"


def posts_of(department: str, scopes: Collection[str]) -> tuple[PostValue, ...]:
    """The posts of a key in its department: that of a system, and that in which it signs."""
    signed = sorted(scope.removeprefix(SIGN) for scope in scopes if scope in SIGNING)
    return (PostValue(SYSTEM, department), *(PostValue(role, department) for role in signed))


def unfit(scopes: Collection[str]) -> str | None:
    """What is wrong with these scopes together, in Chinese; None when nothing is."""
    if not scopes or not SCOPES.keys() >= set(scopes):
        return "请至少选择一项权限"
    return PARTED if len(SIGNING & set(scopes)) > 1 else None
