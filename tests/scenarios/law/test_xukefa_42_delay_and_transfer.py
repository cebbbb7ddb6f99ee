"""许可法第四十二条: who is late tells the applicant why. 第二十六条: an item that is another
department's business is brought there, and the applicant does nothing again."""

from datetime import date

import pytest
from sqlmodel import col, select

from onevisit.access import Forbidden
from onevisit.cases import material, views
from onevisit.cases.errors import Invalid, NotFound, NotPossible, Stale
from onevisit.cases.turns import delay, transfer
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Upload
from onevisit.store.work_tables import Alert, Message
from scenarios.law.officers import (
    accepted_on,
    begin,
    dues,
    explained,
    morning,
    moved,
    papers,
)
from scenarios.stage import Stage

MONDAY = date(2026, 2, 9)
"""Food is promised by Saturday 14 February 2026 (worked), by law until 13 March; the whole until 13
and 20 April (see test_xukefa_45_special_procedures)."""


@pytest.fixture
def stage(kitchen: Stage) -> Stage:
    return kitchen


def test_42_late_is_only_who_has_passed_the_promise(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2026, 2, 14))  # the last day
    with pytest.raises(NotPossible, match="还没有超过承诺时限（2026年2月14日）"):
        explained(stage, case_id)
    morning(stage, date(2026, 2, 24))  # the next working day
    said = explained(stage, case_id)
    assert "已向申请人说明超期理由" in said
    (facts,) = papers(stage, case_id, "delay")
    assert facts["承诺时限"] == "2026年2月14日，已经超过"
    assert facts["法定期限"] == "2026年3月13日届满，尚未超过"
    letter = stage.documents(case_id)[-1].snapshot["letter"]
    assert letter["paragraphs"][0] == "未能按时办结的理由：检测机构排期推迟"
    assert stage.problems(case_id) == []


def test_42_the_reasons_stand_beside_the_light_that_came_on(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    with writing(stage.engine) as session:
        for region, kind in (("food", "yellow"), ("food", "red"), ("signboard", "red")):
            due = date(2026, 2, 14)
            alert = Alert(case_id=case_id, region=region, kind=kind, due=due, fired_at=stage.now)
            session.add(alert)
    morning(stage, date(2026, 3, 16))
    assert "已记入督办" in explained(stage, case_id)
    with reading(stage.engine) as session:
        rows = session.exec(select(Alert).where(col(Alert.reasons).is_not(None))).all()
    assert [(row.region, row.kind, row.reasons) for row in rows] == [
        ("food", "red", "检测机构排期推迟")
    ]
    assert papers(stage, case_id, "delay")[0]["法定期限"] == "2026年3月13日届满，已经超过"


def test_42_the_desk_explains_for_the_whole(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    revision = stage.case(case_id).revision
    with pytest.raises(NotPossible, match="2026年4月13日"), stage.acting("clerk") as ctx:
        delay.explain_whole(ctx, case_id, "会商未完成", revision)
    morning(stage, date(2026, 4, 14))
    for who in ("market_regulation.head", "government", "applicant", "window"):
        with pytest.raises(Forbidden), stage.acting(who) as ctx:
            delay.explain_whole(ctx, case_id, "会商未完成", revision)
    with pytest.raises(Invalid, match="理由"), stage.acting("clerk") as ctx:
        delay.explain_whole(ctx, case_id, " ", revision)
    with stage.acting("clerk") as ctx:
        delay.explain_whole(ctx, case_id, "会商未完成", revision)
    with pytest.raises(Stale), stage.acting("clerk") as ctx:
        delay.explain_whole(ctx, case_id, "会商未完成", revision)
    assert papers(stage, case_id, "delay")[0]["事项"] == "整个办件"
    assert stage.problems(case_id) == []


def test_26_an_item_goes_to_the_department_whose_business_it_is(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    before = dues(stage, case_id, "food")
    moved(stage, case_id, "urban_management")
    row = stage.approvals(case_id)["food"]
    assert (row.department, row.state, row.awaits) == ("urban_management", "handle", "handler")
    assert dues(stage, case_id, "food") == before, "the clocks run on"
    (entry,) = [each for each in stage.ledger(case_id, "food") if each.act == "transfer"]
    assert (entry.detail["source"], entry.detail["target"]) == (
        "market_regulation",
        "urban_management",
    )
    with pytest.raises(Forbidden), stage.looking("market_regulation.handler") as ctx:
        views.office_case(ctx, row.id)
    with stage.looking("urban_management.handler") as ctx:
        assert views.office_case(ctx, row.id).department == "示例市城市管理局"
        assert row.id in {each.approval_id for each in views.office_inbox(ctx)}
    assert stage.problems(case_id) == []


def test_26_the_old_department_writes_and_the_new_one_is_told(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    moved(stage, case_id, "urban_management")
    (facts,) = papers(stage, case_id, "transfer")
    assert facts["原承办部门"] == "示例市市场监督管理局"
    assert facts["移送至"] == "示例市城市管理局（电话：0990-0000002）"
    assert facts["时限"] == "照常计算：承诺2026年2月14日前办结，法定期限2026年3月13日届满"
    assert stage.documents(case_id)[-1].snapshot["authority"]["title"] == "示例市市场监督管理局"
    with reading(stage.engine) as session:
        receiver = stage.actors["urban_management.handler"].id
        bodies = session.exec(select(Message.body).where(Message.account_id == receiver)).all()
    assert any("移送“食品经营许可（新办）”" in each for each in bodies)


def test_26_the_new_department_begins_at_its_first_step_and_issues_the_result(
    stage: Stage,
) -> None:
    case_id = accepted_on(stage, MONDAY)
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")
    moved(stage, case_id, "urban_management")
    assert stage.approvals(case_id)["food"].awaits == "handler"
    stage.approve(case_id, "food")
    decision = stage.documents(case_id)[-1]
    assert (decision.kind, decision.region) == ("approval", "food")
    assert decision.snapshot["authority"]["title"] == "示例市城市管理局"
    named = {each["id"]: each["department"] for each in decision.snapshot["items"]}
    assert named["food"] == "示例市城市管理局"
    assert named["licence"] == "示例市市场监督管理局"
    assert stage.problems(case_id) == []


def test_26_the_applicant_reads_who_has_it_now(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    moved(stage, case_id, "urban_management")
    with stage.looking("applicant") as ctx:
        view = views.progress(ctx, case_id)
    lanes = {lane.region: lane.department for lane in view.lanes}
    assert lanes["food"] == "示例市城市管理局"


def test_26_material_goes_with_the_item(stage: Stage) -> None:

    case_id = accepted_on(stage, MONDAY)
    with reading(stage.engine) as session:
        statement = select(Upload.id).where(
            Upload.case_id == case_id, Upload.material_id == "food_manager"
        )
        upload = session.exec(statement).one()
    with pytest.raises(NotFound), stage.looking("urban_management.handler") as ctx:
        material.upload_file(ctx, upload)
    moved(stage, case_id, "urban_management")
    with stage.looking("urban_management.handler") as ctx:
        material.upload_file(ctx, upload)


@pytest.mark.parametrize("to", ["market_regulation", "education", "nowhere", ""])
def test_26_only_to_a_department_that_can_do_every_step(stage: Stage, to: str) -> None:
    """Not to itself, nor where nobody is hired (education), nor where nothing is."""
    case_id = accepted_on(stage, MONDAY)
    with pytest.raises(Invalid, match="请选择有权办理"):
        moved(stage, case_id, to)
    assert stage.approvals(case_id)["food"].department == "market_regulation"


def test_26_an_officer_who_left_counts_for_nobody(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    with writing(stage.engine) as session:
        account = session.get_one(Account, stage.actors["urban_management.reviewer"].id)
        account.disabled = True
        session.add(account)
    with pytest.raises(Invalid):
        moved(stage, case_id, "urban_management")


def test_26_transfer_by_the_present_step_alone_with_reasons_and_once(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    row = stage.approvals(case_id)["food"]
    for who in ("urban_management.handler", "market_regulation.decider", "clerk", "applicant"):
        with pytest.raises(Forbidden), stage.acting(who) as ctx:
            transfer.transfer(ctx, row.id, "urban_management", "属于对方职权", row.revision)
    with pytest.raises(Invalid, match="理由"), stage.acting("market_regulation.handler") as ctx:
        transfer.transfer(ctx, row.id, "urban_management", "", row.revision)
    moved(stage, case_id, "urban_management")
    with pytest.raises(Forbidden), stage.acting("market_regulation.handler") as ctx:
        transfer.transfer(ctx, row.id, "urban_management", "属于对方职权", row.revision)
    assert len(papers(stage, case_id, "transfer")) == 1


def test_45_a_special_procedure_goes_with_the_item(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    begin(stage, case_id, 5)
    moved(stage, case_id, "urban_management")
    assert dues(stage, case_id, "food")[0] == "2026-03-20"
    with pytest.raises(NotPossible, match="请先“结束特别程序”"):
        stage.act(case_id, "food", "forward")
    assert stage.problems(case_id) == []


def test_26_the_history_tells_which_department_did_what(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    stage.act(case_id, "food", "forward")
    moved(stage, case_id, "urban_management")
    stage.act(case_id, "food", "forward")
    with stage.looking("applicant") as ctx:
        events = views.progress(ctx, case_id).events
    told = [each.who for each in events if each.title.startswith("食品经营许可")]
    old, new = "示例市市场监督管理局", "示例市城市管理局"
    assert told == [new, old, old, old]  # forwarded, transferred, forwarded, started
