"""What one person had better not hold together, and the table of who may do what."""

import pytest

from onevisit import access
from onevisit.access import PostValue
from onevisit.access.duties import CENTRE_ROLES, ROLES, conflicts, counting, refused
from onevisit.access.matrix import HERE, OWN, PERMISSIONS, scope
from onevisit.definition import lifecycle

TOGETHER = [
    ((("clerk", None), ("decider", "fire")), "收件与审批应当分离"),
    ((("window", None), ("head", "fire")), "收件与审批应当分离"),
    ((("handler", "fire"), ("decider", "fire")), "不同的人签署"),
    ((("government", None), ("head", "fire")), "报请与批准应当分离"),
]
NEVER = [
    ((("admin", None), ("clerk", None)), "写流程的人不办件"),
    ((("admin", None), ("head", "fire")), "写流程的人不办件"),
    ((("supervisor", None), ("admin", None)), "监督与办理应当分离"),
    ((("supervisor", None), ("reviewer", "fire")), "监督与办理应当分离"),
    ((("kiosk", None), ("window", None)), "不属于任何人"),
]


@pytest.mark.parametrize(("posts", "reason"), NEVER)
def test_posts_that_nobody_may_hold_together(
    posts: tuple[tuple[str, str | None], ...], reason: str
) -> None:
    assert any(reason in each for each in refused([PostValue(*post) for post in posts]))


@pytest.mark.parametrize(("posts", "reason"), TOGETHER)
def test_posts_that_speak_against_each_other(
    posts: tuple[tuple[str, str | None], ...], reason: str
) -> None:
    assert any(reason in each for each in conflicts([PostValue(*post) for post in posts]))


@pytest.mark.parametrize(
    "posts",
    [
        (),
        (("clerk", None), ("window", None)),
        (("handler", "fire"), ("decider", "tobacco")),
        (("decider", "fire"), ("head", "fire")),
        (("admin", None), ("operator", None)),
    ],
)
def test_posts_that_go_together(posts: tuple[tuple[str, str | None], ...]) -> None:
    assert conflicts([PostValue(*post) for post in posts]) == ()
    assert refused([PostValue(*post) for post in posts]) == ()


def test_beside_a_post_kept_apart_no_post_on_cases_counts() -> None:
    clerk, handler = PostValue("clerk"), PostValue("handler", "fire")
    admin, watch, operator = (PostValue(each) for each in ("admin", "supervisor", "operator"))
    assert counting([clerk, handler]) == (clerk, handler)
    assert counting([clerk, admin, handler, operator, watch]) == (admin, operator)
    assert counting([watch, handler, operator]) == (watch, operator)


def test_the_roles_are_those_of_the_definition_language() -> None:
    assert set(lifecycle.ROLES) <= ROLES
    assert ROLES - set(lifecycle.ROLES) == {"admin", "operator", "kiosk"}
    assert not CENTRE_ROLES & access.OFFICE_ROLES


def test_the_table_asks_for_every_permission_once() -> None:
    names = [each.name for each in PERMISSIONS]
    assert len(names) == len(set(names))
    assert set(names) == {
        name.removeprefix("can_") for name in dir(access) if name.startswith("can_")
    } - {"use"}  # asked of a key, which no post has


def test_what_the_table_says() -> None:
    found = {
        (each.name, role): found
        for each in PERMISSIONS
        for role in ROLES
        if (found := scope(each, role)) is not None
    }
    assert found["edit", "applicant"] == OWN
    assert found["see_case", "clerk"] == ""
    assert found["act", "decider"] == HERE
    assert found["grant", "head"] == HERE
    assert found["grant", "government"] == ""
    assert found["appoint", "admin"] == ""
    assert [role for name, role in found if name == "take_in"] == ["clerk"]
    assert {name for name, role in found if role == "admin"} == {"publish", "appoint", "deputise"}
    assert {name for name, _ in found} == {each.name for each in PERMISSIONS}
