"""Opening a restaurant from draft to hand-out on a real database, every state looked at."""

from dataclasses import replace

import pytest

from onevisit.access import Forbidden, PostValue
from onevisit.cases import (
    accept,
    correct,
    decide,
    decline,
    draft,
    hand_out,
    material,
    submit,
    views,
    withdraw,
)
from onevisit.cases.check import FieldFinding
from onevisit.cases.errors import Invalid, NotFound, NotPossible, Stale
from onevisit.cases.hand_out import Collector
from onevisit.store.numbers import case_number_holds
from scenarios.stage import AGENT_ID, ANSWERS, APPLICANT_ID, PDF, Stage, findings

SELF = Collector("演示申请人甲", APPLICANT_ID)
REGIONS = ("licence", "food", "signboard", "tobacco")


def test_from_draft_to_the_results_in_hand(stage: Stage) -> None:
    case_id = stage.submitted()
    assert stage.states(case_id) == dict.fromkeys(REGIONS, "waiting") | {"case": "submitted"}
    assert case_number_holds(stage.case(case_id).number or "")

    with stage.acting("clerk") as ctx:
        missing = findings(floor_plan="unfit", food_manager="missing")
        field = FieldFinding("address", "没有写门牌号")
        correct.request(ctx, case_id, missing, [field], stage.case(case_id).revision)
    assert stage.case(case_id).state == "correcting"

    with stage.acting("applicant") as ctx:
        for name in ("floor_plan", "food_manager"):
            material.attach(ctx, case_id, name, "新.pdf", [PDF])
        view = views.draft_view(ctx, case_id)
        address = {"address": "示例市演示区演示路八号一层"}
        draft.save_section(ctx, case_id, "premises", address, view.revision)
    with stage.acting("applicant") as ctx:
        correct.supplement(ctx, case_id, stage.case(case_id).revision)
    assert stage.case(case_id).state == "resubmitted"
    assert stage.case(case_id).form["address"].endswith("一层")

    with stage.acting("clerk") as ctx:
        accept.accept(ctx, case_id, findings(), stage.case(case_id).revision)
    assert stage.states(case_id) == {
        "case": "reviewing", "licence": "handle", "food": "handle", "signboard": "handle",
        "tobacco": "waiting",
    }  # fmt: skip

    stage.bring(case_id, "food")
    with pytest.raises(NotPossible, match="须等待“营业执照信息核验”的结果"):
        stage.act(case_id, "food", "approve")
    stage.approve(case_id, "licence")
    assert stage.approvals(case_id)["tobacco"].state == "handle"
    stage.inspect(case_id, "food")
    stage.act(case_id, "food", "approve")
    stage.approve(case_id, "signboard")
    assert stage.case(case_id).state == "reviewing"
    outcome = stage.approve(case_id, "tobacco")
    assert outcome.joined
    assert stage.case(case_id).state == "issuing"

    stage.printed(case_id)
    with stage.acting("window") as ctx:
        hand_out.hand_out(ctx, case_id, SELF, "window", stage.case(case_id).revision)
    case = stage.case(case_id)
    assert (case.state, case.awaits) == ("concluded", None)
    kinds = [each.kind for each in stage.documents(case_id)]
    assert sorted(kinds) == sorted(
        [
            "receipt",
            "application",
            "correction",
            "application",  # as handed in again
            "acceptance",
            "inspection",
            "delivery",
            *["approval"] * 4,
            *["certificate"] * 3,
        ]
    )
    assert stage.problems(case_id) == []


def test_the_ledger_tells_the_whole_story(stage: Stage) -> None:
    case_id = stage.accepted()
    for region in REGIONS:
        stage.approve(case_id, region)
    acts = [entry.act for entry in stage.ledger(case_id)]
    assert acts == ["submit", "accept", "appoint", "appoint", "join"]
    assert [each.actor_role for each in stage.ledger(case_id)] == [
        "applicant",
        "clerk",
        "decider",
        "decider",
        "automatic",
    ]
    assert [each.act for each in stage.ledger(case_id, "food")] == [
        "start", "forward", "forward", "call_inspection", "record_inspection", "approve",
    ]  # fmt: skip
    joined = stage.ledger(case_id)[-1]
    heads = {region: stage.approvals(case_id)[region].ledger_hash for region in REGIONS}
    assert {region: head for region, (_, head) in joined.detail["heads"].items()} == heads


def test_clocks_run_from_the_moment_an_item_starts(stage: Stage) -> None:
    case_id = stage.accepted()
    rows = stage.approvals(case_id)
    assert rows["food"].started_at == stage.case(case_id).accepted_at
    assert rows["food"].promise_due is not None
    assert rows["food"].promise_due.isoformat() == "2026-11-30"  # 5 working days after the 23rd
    assert rows["food"].legal_due is not None
    assert rows["food"].legal_due.isoformat() == "2026-12-21"
    assert rows["tobacco"].promise_due is None
    stage.approve(case_id, "licence")
    assert stage.approvals(case_id)["tobacco"].promise_due is not None


def test_a_rejected_item_leaves_the_others_alone(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    stage.bring(case_id, "signboard")
    with pytest.raises(Invalid) as refused:
        stage.act(case_id, "signboard", "reject", reasons="  ")
    assert refused.value.errors[0].path == "reasons"
    stage.act(case_id, "signboard", "reject", reasons="招牌遮挡消防通道。")
    assert stage.case(case_id).state == "reviewing"
    for region in ("food", "tobacco"):
        stage.approve(case_id, region)
    assert stage.case(case_id).state == "issuing"
    paper = next(each for each in stage.documents(case_id) if each.kind == "rejection")
    decision = paper.snapshot["decision"]
    assert paper.title == "不予备案通知书"
    assert decision["reasons"] == "招牌遮挡消防通道。"
    assert len(decision["remedies"]) == 2
    certificates = {each.title for each in stage.documents(case_id) if each.kind == "certificate"}
    assert certificates == {"食品经营许可证", "烟草专卖零售许可证"}
    assert stage.problems(case_id) == []


def test_a_fatal_rejection_ends_the_case(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.bring(case_id, "licence")
    stage.act(case_id, "licence", "reject", reasons="营业执照已注销。")
    assert stage.states(case_id) == {
        "case": "refused", "licence": "rejected", "food": "cancelled", "signboard": "cancelled",
        "tobacco": "cancelled",
    }  # fmt: skip
    assert [each.kind for each in stage.documents(case_id)][-1] == "rejection"
    assert stage.approvals(case_id)["food"].awaits is None
    assert stage.problems(case_id) == []


def test_withdrawing_ends_every_approval_while_nothing_is_decided(stage: Stage) -> None:
    case_id = stage.accepted()
    with stage.acting("applicant") as ctx:
        withdraw.withdraw(ctx, case_id, "不开了", stage.case(case_id).revision)
    assert set(stage.states(case_id).values()) == {"withdrawn", "cancelled"}
    assert stage.problems(case_id) == []


def test_withdrawing_is_too_late_after_a_decision(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    with pytest.raises(NotPossible, match="撤回申请"), stage.acting("applicant") as ctx:
        withdraw.withdraw(ctx, case_id, "", stage.case(case_id).revision)
    assert stage.case(case_id).state == "reviewing"


def test_declining_says_whose_business_it_is(stage: Stage) -> None:
    case_id = stage.submitted()
    with pytest.raises(Invalid), stage.acting("clerk") as ctx:
        decline.decline(ctx, case_id, "not_needed", "", None, stage.case(case_id).revision)
    with stage.acting("clerk") as ctx:
        revision = stage.case(case_id).revision
        told = "经营场所在邻市。"
        decline.decline(ctx, case_id, "elsewhere", told, "邻市综合窗口", revision)
    assert stage.states(case_id)["case"] == "declined"
    paper = stage.documents(case_id)[-1]
    assert paper.snapshot["decision"]["opinion"] == "请向邻市综合窗口提出申请。"


def test_a_page_left_open_is_told_who_was_faster(stage: Stage) -> None:
    case_id = stage.accepted()
    row = stage.approvals(case_id)["food"]
    stage.act(case_id, "food", "forward")
    with pytest.raises(Stale) as stale, stage.acting("market_regulation.handler") as ctx:
        decide.act(ctx, row.id, "forward", "", "", row.revision)
    assert stale.value.happened is not None
    assert stale.value.happened.mine
    assert "您的上一次操作已经生效" in str(stale.value)
    other = "演示market_regulationhandler"
    with pytest.raises(Stale, match=other), stage.acting("market_regulation.decider") as ctx:
        decide.act(ctx, row.id, "approve", "", "", row.revision)


def test_deciding_twice_says_what_was_decided(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    row = stage.approvals(case_id)["licence"]
    with pytest.raises(NotPossible, match="准予"), stage.acting("market_regulation.decider") as ctx:
        decide.act(ctx, row.id, "reject", "", "晚了", row.revision)


def test_another_department_and_another_post_are_kept_out(stage: Stage) -> None:
    case_id = stage.accepted()
    row = stage.approvals(case_id)["food"]
    for who, reason in (("tobacco.handler", "其他部门"), ("market_regulation.decider", "其他岗位")):
        with pytest.raises(Forbidden, match=reason), stage.acting(who) as ctx:
            decide.act(ctx, row.id, "forward", "", "", row.revision)
    with pytest.raises(Forbidden), stage.looking("tobacco.handler") as ctx:
        views.office_case(ctx, row.id)
    with pytest.raises(Forbidden), stage.looking("stranger") as ctx:
        views.progress(ctx, case_id)
    assert stage.approvals(case_id)["food"].state == "handle"


def test_who_takes_in_does_not_decide(stage: Stage) -> None:
    clerk = stage.actors["clerk"]
    officer = PostValue("handler", "market_regulation")
    stage.actors["clerk"] = replace(clerk, posts=(*clerk.posts, officer))
    case_id = stage.accepted()
    row = stage.approvals(case_id)["food"]
    with pytest.raises(Forbidden, match="回避"), stage.acting("clerk") as ctx:
        decide.act(ctx, row.id, "forward", "", "", row.revision)


def test_submitting_names_everything_that_is_wrong_and_keeps_the_draft(stage: Stage) -> None:
    with stage.acting("applicant") as ctx:
        case = draft.start(ctx, "open_restaurant", ANSWERS)
        draft.save_section(ctx, case.id, "operator", {"operator_name": "甲", "phone": "1"}, 1)
        case_id = case.id
    with pytest.raises(Invalid) as wrong, stage.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "balloon", stage.case(case_id).revision)
    paths = [error.path for error in wrong.value.errors]
    assert {"operator_name", "phone", "uscc", "material.floor_plan", "pickup"} <= set(paths)
    kept = stage.case(case_id)
    assert (kept.state, kept.number, kept.form["operator_name"]) == ("draft", None, "甲")


def test_submitting_twice_gives_one_case_number(stage: Stage) -> None:
    case_id = stage.submitted()
    number = stage.case(case_id).number
    for revision in (stage.case(case_id).revision, 1):
        again = pytest.raises((NotPossible, Stale), match="提交申请")
        with again, stage.acting("applicant") as ctx:
            submit.submit(ctx, case_id, "window", revision)
    assert stage.case(case_id).number == number
    assert [each.kind for each in stage.documents(case_id)] == ["application", "receipt"]


def test_correction_is_asked_once_never_empty_and_only_what_was_named(stage: Stage) -> None:
    case_id = stage.submitted()
    with pytest.raises(Invalid, match="没有需要补正的内容"), stage.acting("clerk") as ctx:
        correct.request(ctx, case_id, findings(), [], stage.case(case_id).revision)
    with pytest.raises(Invalid, match="还没有核对"), stage.acting("clerk") as ctx:
        half = [
            each for each in findings(floor_plan="missing") if each.material_id != "application"
        ]
        correct.request(ctx, case_id, half, [], stage.case(case_id).revision)
    with stage.acting("clerk") as ctx:
        revision = stage.case(case_id).revision
        correct.request(ctx, case_id, findings(floor_plan="missing"), [], revision)
    with pytest.raises(Invalid, match="补正通知没有要求"), stage.acting("applicant") as ctx:
        material.attach(ctx, case_id, "sign_design", "换.pdf", [PDF])
    with pytest.raises(Invalid, match="场所平面图"), stage.acting("applicant") as ctx:
        correct.supplement(ctx, case_id, stage.case(case_id).revision)
    with stage.acting("applicant") as ctx:
        material.attach(ctx, case_id, "floor_plan", "新.pdf", [PDF])
    assert stage.problems(case_id) == []
    with stage.acting("applicant") as ctx:
        correct.supplement(ctx, case_id, stage.case(case_id).revision)
    with pytest.raises(NotPossible, match="一次性告知补正"), stage.acting("clerk") as ctx:
        revision = stage.case(case_id).revision
        correct.request(ctx, case_id, findings(floor_plan="unfit"), [], revision)


def test_results_go_only_to_whom_they_belong(stage: Stage) -> None:
    case_id = stage.accepted()
    for region in REGIONS:
        stage.approve(case_id, region)
    wrong = [
        (Collector("演示申请人甲", AGENT_ID), "collector.id_number"),
        (Collector("别人", APPLICANT_ID), "collector.name"),
        (Collector("演示代办人", AGENT_ID, "agent"), "collector.authorisation"),
        (Collector("演示代办人", "123", "agent", "委托书一份"), "collector.id_number"),
    ]
    for collector, path in wrong:
        with pytest.raises(Invalid) as refused, stage.acting("window") as ctx:
            hand_out.hand_out(ctx, case_id, collector, "window", stage.case(case_id).revision)
        assert [error.path for error in refused.value.errors] == [path]
    assert stage.case(case_id).state == "issuing"
    stage.printed(case_id)
    agent = Collector("演示代办人", AGENT_ID, "agent", "2026年11月20日委托书")
    with stage.acting("window") as ctx:
        hand_out.hand_out(ctx, case_id, agent, "window", stage.case(case_id).revision)
    with stage.looking("window") as ctx:
        handout = views.window_case(ctx, case_id).handout
    assert handout is not None
    assert (handout.name, handout.relation) == ("演示代办人", "委托代理人")
    assert stage.problems(case_id) == []


def test_the_applicant_may_download_instead(stage: Stage) -> None:
    case_id = stage.accepted()
    for region in REGIONS:
        stage.approve(case_id, region)
    stage.printed(case_id)
    with stage.acting("applicant") as ctx:
        hand_out.collect(ctx, case_id, stage.case(case_id).revision)
    assert stage.case(case_id).state == "concluded"
    with pytest.raises(NotPossible, match="下载领取"), stage.acting("window") as ctx:
        hand_out.hand_out(ctx, case_id, SELF, "window", stage.case(case_id).revision)


def test_a_draft_is_nobody_elses_business(stage: Stage) -> None:
    case_id = stage.drafted()
    for look in (views.desk_case, views.progress):
        with pytest.raises(NotFound), stage.looking("clerk") as ctx:
            look(ctx, case_id)
    with pytest.raises(NotFound), stage.looking("window") as ctx:
        views.window_case(ctx, case_id)
    with pytest.raises(Forbidden), stage.acting("stranger") as ctx:
        draft.save_section(ctx, case_id, "operator", {}, 1)


def test_departments_see_nothing_before_acceptance(stage: Stage) -> None:
    case_id = stage.submitted()
    approval = stage.approvals(case_id)["food"].id
    for tab in ("mine", "department", "done"):
        with stage.looking("market_regulation.handler") as ctx:
            assert views.office_inbox(ctx, tab).rows == ()
    with pytest.raises(NotFound), stage.looking("market_regulation.handler") as ctx:
        views.office_case(ctx, approval)
