"""Every permission, granted and refused, with the reason a person would read."""

import uuid
from collections.abc import Callable
from datetime import date

import pytest

from onevisit import access
from onevisit.access import Actor, Agency, Forbidden, KeyValue, PostValue, Principal

ME, OTHER = uuid.uuid4(), uuid.uuid4()
TODAY, YESTERDAY = date(2026, 11, 21), date(2026, 11, 20)


def actor(*posts: tuple[str, str | None]) -> Actor:
    return Actor(ME, "演示人员", tuple(PostValue(role, department) for role, department in posts))


APPLICANT = actor(("applicant", None))
CLERK = actor(("clerk", None))
WINDOW = actor(("window", None))
ADMIN = actor(("admin", None))
HANDLER = actor(("handler", "fire"))
BOTH = actor(("reviewer", "fire"), ("decider", "tobacco"))
NOBODY = actor()
READING = Actor(ME, "演示系统", (), KeyValue(OTHER, frozenset({"read"})))

BOSS = Principal(uuid.uuid4(), "演示负责人")
DEPUTY = Actor(ME, "演示代理人", (PostValue("handler", "fire"), PostValue("decider", "fire", BOSS)))
OWN_TOO = Actor(ME, "演示", (PostValue("decider", "fire"), PostValue("decider", "fire", BOSS)))
HEAD = actor(("head", "fire"))
HEADS_DEPUTY = Actor(ME, "演示代理人", (PostValue("head", "fire", BOSS),))

CASES: list[tuple[str, Actor, tuple[object, ...], str | None]] = [
    ("apply", APPLICANT, (), None),
    ("apply", CLERK, (), "只有申请人"),
    ("edit", APPLICANT, (ME, None), None),
    ("edit", APPLICANT, (OTHER, ME), None),
    ("edit", APPLICANT, (OTHER, None), "不是您的办件"),
    ("edit", ADMIN, (ME, None), "只有申请人"),
    ("apply_for", APPLICANT, (Agency(ME, frozenset(), TODAY), "restaurant", TODAY), None),
    ("apply_for", APPLICANT, (Agency(ME, frozenset({"a"}), TODAY), "a", TODAY), None),
    ("apply_for", APPLICANT, (Agency(ME, frozenset({"a"}), TODAY), "b", TODAY), "不包括这项服务"),
    ("apply_for", APPLICANT, (Agency(OTHER, frozenset(), TODAY), "a", TODAY), "已被收回"),
    ("apply_for", APPLICANT, (Agency(ME, frozenset(), YESTERDAY), "a", TODAY), "已经到期"),
    ("apply_for", CLERK, (Agency(ME, frozenset(), TODAY), "a", TODAY), "只有申请人"),
    ("end_agency", APPLICANT, (ME, OTHER), None),
    ("end_agency", APPLICANT, (OTHER, ME), None),
    ("end_agency", APPLICANT, (OTHER, None), "只有授权人或者代办人"),
    ("end_agency", CLERK, (ME, None), "只有申请人"),
    ("see_case", APPLICANT, (ME, None), None),
    ("see_case", APPLICANT, (OTHER, None), "无权查看"),
    ("see_case", CLERK, (OTHER, None), None),
    ("see_case", WINDOW, (OTHER, None), None),
    ("see_case", HANDLER, (OTHER, None), "无权查看"),
    ("see_case", ADMIN, (OTHER, None), "无权查看"),
    ("see_case", NOBODY, (ME, None), "无权查看"),
    ("take_in", CLERK, (), None),
    ("take_in", CLERK, (OTHER, None), None),
    ("take_in", CLERK, (ME, None), "回避"),
    ("take_in", CLERK, (OTHER, ME), "回避"),
    ("take_in", WINDOW, (), "只有综窗人员"),
    ("see_approval", HANDLER, ("fire",), None),
    ("see_approval", HANDLER, ("tobacco",), "其他部门"),
    ("see_approval", CLERK, ("fire",), "其他部门"),
    ("act", HANDLER, ("fire", "handler", ()), None),
    ("act", HANDLER, ("fire", "decider", ()), "其他岗位"),
    ("act", HANDLER, ("fire", "handler", (OTHER, None)), None),
    ("act", HANDLER, ("fire", "handler", (OTHER, ME)), "回避"),
    ("act", HANDLER, ("tobacco", "handler", ()), "其他部门"),
    ("act", BOTH, ("tobacco", "decider", ()), None),
    ("act", BOTH, ("tobacco", "reviewer", ()), "其他岗位"),
    ("hand_out", WINDOW, (), None),
    ("hand_out", WINDOW, (OTHER, None), None),
    ("hand_out", WINDOW, (ME, None), "回避"),
    ("hand_out", CLERK, (), "只有出件窗口"),
    ("grant", actor(("head", "fire")), (OTHER, (OTHER, None)), None),
    ("grant", actor(("head", "fire")), (ME, (OTHER, None)), "自己批准"),
    ("grant", actor(("government", None)), (OTHER, (OTHER, ME)), "同一办件的延期"),
    ("chair", HANDLER, ("fire", ME), None),
    ("chair", HANDLER, ("fire", OTHER), "不是本次听证的主持人"),
    ("chair", HANDLER, ("tobacco", ME), "其他部门"),
    ("govern", actor(("government", None)), (), None),
    ("govern", BOTH, (), "只有本级政府负责人"),
    ("supervise", actor(("supervisor", None)), (), None),
    ("supervise", ADMIN, (), "只有督查人员"),
    ("operate", actor(("operator", None)), (), None),
    ("operate", ADMIN, (), "只有运行维护人员"),
    ("self_serve", actor(("kiosk", None)), (), None),
    ("self_serve", WINDOW, (), "只供自助终端"),
    ("draw_ticket", actor(("kiosk", None)), (), None),
    ("draw_ticket", WINDOW, (), "请到大厅的取号机"),
    ("publish", ADMIN, (), None),
    ("publish", CLERK, (), "只有流程管理员"),
    ("appoint", ADMIN, (), None),
    ("appoint", ADMIN, (OTHER,), None),
    ("appoint", ADMIN, (ME,), "另一位流程管理员"),
    ("appoint", CLERK, (OTHER,), "只有流程管理员"),
    ("see_case", actor(("clerk", None), ("admin", None)), (OTHER, None), "不查看办件内容"),
    ("take_in", actor(("clerk", None), ("supervisor", None)), (), "不办理办件"),
    ("see_approval", actor(("handler", "fire"), ("admin", None)), ("fire",), "不办理办件"),
    ("act", actor(("decider", "fire"), ("admin", None)), ("fire", "decider", ()), "不办理办件"),
    ("chair", actor(("head", "fire"), ("supervisor", None)), ("fire", ME), "不办理办件"),
    ("grant", actor(("head", "fire"), ("admin", None)), (OTHER, ()), "不办理办件"),
    ("hand_out", actor(("window", None), ("admin", None)), (), "不办理办件"),
    ("govern", actor(("government", None), ("admin", None)), (), "不办理办件"),
    ("supervise", actor(("supervisor", None), ("admin", None)), (), "监督与管理"),
    ("act", HANDLER, ("fire", "handler", (), (OTHER,)), None),
    ("act", HANDLER, ("fire", "handler", (), (ME,)), "另一个环节"),
    ("act", DEPUTY, ("fire", "decider", (OTHER,), (OTHER,)), None),
    ("act", DEPUTY, ("fire", "decider", (), (ME,)), "另一个环节"),
    ("act", DEPUTY, ("fire", "decider", (), (BOSS.id,)), "您代理的人"),
    ("act", DEPUTY, ("fire", "decider", (BOSS.id,)), "您代理的人"),
    ("act", DEPUTY, ("fire", "handler", (), (BOSS.id,)), None),
    ("act", OWN_TOO, ("fire", "decider", (BOSS.id,)), None),
    ("grant", HEADS_DEPUTY, (OTHER, ()), None),
    ("grant", HEADS_DEPUTY, (BOSS.id, ()), "自己批准"),
    ("grant", HEADS_DEPUTY, (OTHER, (BOSS.id,)), "同一办件的延期"),
    ("deputise", ADMIN, ("fire",), None),
    ("deputise", ADMIN, ("fire", OTHER, BOSS.id), None),
    ("deputise", ADMIN, ("fire", ME, OTHER), "自己代理别人"),
    ("deputise", ADMIN, ("fire", OTHER, ME), "另一位流程管理员"),
    ("deputise", HEAD, ("fire", OTHER, ME), None),
    ("deputise", HEAD, ("fire", ME, OTHER), "自己代理别人"),
    ("deputise", HEAD, ("tobacco",), "本部门负责人"),
    ("deputise", HEADS_DEPUTY, ("fire",), "本部门负责人"),
    ("deputise", HANDLER, ("fire",), "本部门负责人"),
    ("use", READING, ("read",), None),
    ("use", READING, ("sign:handler", "read"), None),
    ("use", READING, ("material",), "没有“下载本部门事项的材料”"),
    ("use", HANDLER, ("read",), "只供部门业务系统"),
]


@pytest.mark.parametrize(("name", "who", "values", "reason"), CASES)
def test_check_and_its_twin_agree(
    name: str, who: Actor, values: tuple[object, ...], reason: str | None
) -> None:
    check: Callable[..., None] = getattr(access, f"check_can_{name}")
    twin: Callable[..., bool] = getattr(access, f"can_{name}")
    if reason is None:
        check(who, *values)
        assert twin(who, *values) is True
        return
    with pytest.raises(Forbidden, match=reason) as refusal:
        check(who, *values)
    assert refusal.value.reason == str(refusal.value)
    assert twin(who, *values) is False


def test_every_permission_is_tried_both_ways() -> None:
    checks = {
        name.removeprefix("check_can_") for name in dir(access) if name.startswith("check_can_")
    }
    twins = {name.removeprefix("can_") for name in dir(access) if name.startswith("can_")}
    granted = {name for name, _, _, reason in CASES if reason is None}
    refused = {name for name, _, _, reason in CASES if reason is not None}
    assert checks == twins == granted == refused


def test_departments_are_those_of_office_posts_only() -> None:
    who = actor(
        ("handler", "fire"), ("clerk", "centre"), ("decider", None), ("reviewer", "tobacco")
    )
    assert who.departments == {"fire", "tobacco"}
    assert who.roles == {"handler", "clerk", "decider", "reviewer"}
