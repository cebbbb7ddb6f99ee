"""Appearances before the departments: joint ones once, missed ones once more, waived where the
service lets a department waive; what the service demands is held before it is granted."""

from datetime import date

import pytest

from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotPossible
from onevisit.engine.presence import duties
from scenarios.law.arranged import (
    accepted_on,
    appointments_of,
    came,
    clock,
    local,
    messages_to,
    met_on,
    paper,
)
from scenarios.stage import Stage

DAY = date(2026, 3, 2)
JOINT = "interview/review"
READING, TALK = "tobacco/reading", "tobacco/talk"


@pytest.fixture
def stage(hall: Stage) -> Stage:
    return hall


def test_a_joint_appointment_is_one_for_all_its_items_as_the_proof_counts_it(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 3)))
    with stage.looking("clerk") as ctx:
        dossier = load(ctx, case_id)
        counted = {
            each.key: each for each in duties(dossier.definition, dossier.selection).meetings
        }
    [row] = appointments_of(stage, case_id)
    assert tuple(row.regions) == counted[row.joint].parts == ("food", "signboard")
    with pytest.raises(NotPossible, match="到场办理已经约定在2026年3月3日 09:30"):
        met_on(stage, case_id, "signboard", JOINT, local(date(2026, 3, 4)))
    notice = paper(stage, case_id, "appointment")
    assert notice["请携带"] == "身份证件"
    assert "合并为一次到场" in str(notice["text"])
    assert notice["basis"] == ["示例市约谈办法（虚构）"]
    clock(stage, date(2026, 3, 3), 10)
    came(stage, case_id, "signboard", JOINT, "held")
    with pytest.raises(NotPossible, match="没有等待记录"):
        came(stage, case_id, "food", JOINT, "held")
    with pytest.raises(NotPossible, match="已经到场办理过"):
        met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 5)))
    assert stage.problems(case_id) == []


def test_who_did_not_come_is_called_once_more_and_no_more(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 3)))
    with pytest.raises(NotPossible, match="到时间后才能记录"):
        came(stage, case_id, "food", JOINT, "missed", "没有来")
    clock(stage, date(2026, 3, 3), 10)
    with pytest.raises(Invalid, match="请写明情况"):
        came(stage, case_id, "food", JOINT, "missed")
    with pytest.raises(Invalid, match="请选择到场情况"):
        came(stage, case_id, "food", JOINT, "forgotten")
    came(stage, case_id, "food", JOINT, "missed", "等到11点没有来")
    [body] = messages_to(stage, "applicant", "没有按约到场")
    assert "等到11点没有来" in body
    met_on(stage, case_id, "signboard", JOINT, local(date(2026, 3, 5)))
    clock(stage, date(2026, 3, 5), 10)
    came(stage, case_id, "signboard", JOINT, "missed", "又没有来")
    with pytest.raises(NotPossible, match="两次没有按约到场"):
        met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 6)))
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")
    stage.act(case_id, "food", "reject", "两次没有按约接受约谈。")
    assert stage.problems(case_id) == []


def test_it_may_be_moved_once(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 3)))
    met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 4)), moved="申请人要求改期")
    assert [row.state for row in appointments_of(stage, case_id)] == ["cancelled", "called"]
    with pytest.raises(NotPossible, match="已经改过一次"):
        met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 5)), moved="再改")
    assert stage.problems(case_id) == []


def test_only_what_may_be_waived_is(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 3)))
    with pytest.raises(Invalid, match="必须到场，不能免去"):
        came(stage, case_id, "food", JOINT, "waived", "不用来")
    met_on(stage, case_id, "tobacco", READING, local(date(2026, 3, 3)))
    came(stage, case_id, "tobacco", READING, "waived", "已在线核对")  # before its moment
    [body] = messages_to(stage, "applicant", "不用到场了")
    assert "已在线核对" in body
    with pytest.raises(NotPossible, match="已经免于到场"):
        met_on(stage, case_id, "tobacco", READING, local(date(2026, 3, 4)))
    stage.approve(case_id, "tobacco")
    assert stage.problems(case_id) == []


def test_what_only_the_applicant_may_ask_for_is_not_imposed(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    with pytest.raises(Invalid, match="写明申请人何时、怎样提出"):
        met_on(stage, case_id, "tobacco", TALK, local(date(2026, 3, 3)))
    met_on(stage, case_id, "tobacco", TALK, local(date(2026, 3, 3)), "3月2日来电要求当面说明")
    assert "3月2日来电要求当面说明" in str(paper(stage, case_id, "appointment")["text"])
    assert stage.problems(case_id) == []


def test_an_appearance_has_its_purpose_place_and_hour(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    with pytest.raises(Invalid, match="请选择到场办理什么"):
        met_on(stage, case_id, "food", "nothing", local(date(2026, 3, 3)))
    with pytest.raises(NotPossible, match="不用申请人到场"):
        met_on(stage, case_id, "licence", JOINT, local(date(2026, 3, 3)))
    with pytest.raises(Invalid, match="不是工作日"):
        met_on(stage, case_id, "food", JOINT, local(date(2026, 3, 7)))
