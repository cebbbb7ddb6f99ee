"""许可法第二十九条、第三十二条: only what is needed is asked; slips are put right on the spot;
everything missing is told at once; who is declined hears why and where to go."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from onevisit.cases import FieldFinding, correct, decline, draft, submit, views
from onevisit.cases.check import Finding
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotPossible
from onevisit.cases.turns import mend
from scenarios.law.intake import at_moment, deferring, handed_in, told
from scenarios.stage import ANSWERS, FORM, Stage, findings

SetUp = Callable[[Path], Stage]
DAY = "2026-03-09 10:00"


def services(folder: Path) -> Path:
    """The restaurant whose sign needs a permit only below a hundred seats: the form decides."""
    folder = deferring(folder)
    path = folder / "workflows" / "open_restaurant.yaml"
    text = path.read_text("utf-8")
    head, found, tail = text.partition("    when: signboard\n")
    assert found
    path.write_text(head + "    when: signboard && form.seats < 100\n" + tail, "utf-8")
    return folder


@pytest.fixture
def stage(set_up: SetUp, tmp_path: Path) -> Stage:
    return set_up(services(tmp_path / "root"))


def mended(stage: Stage, case_id: uuid.UUID, **changed: object) -> None:
    revision = stage.case(case_id).revision
    with stage.acting("clerk") as ctx:
        data = dict(load(ctx, case_id).case.form) | changed
        mend.mend(ctx, case_id, data, revision)


def test_29_1_the_form_asks_nothing_that_the_matter_does_not_need(stage: Stage) -> None:
    case_id = stage.drafted()
    with stage.looking("applicant") as ctx:
        dossier = load(ctx, case_id)
        form = draft.form_of(dossier)
    assert form.fields
    assert all(each.serves(dossier.selection.item_ids) for each in form.fields)
    with stage.acting("applicant") as ctx:
        answers = {**ANSWERS, "signboard": False}
        draft.answers(ctx, case_id, answers, stage.case(case_id).revision)
        fewer = {each.id for each in draft.form_of(load(ctx, case_id)).fields}
    assert {each.id for each in form.fields} - fewer == {"sign_text", "sign_size"}


def test_32_1_1_declined_because_no_permit_is_needed(stage: Stage) -> None:
    case_id = handed_in(stage, DAY)
    revision = stage.case(case_id).revision
    with stage.acting("clerk") as ctx:
        decline.decline(ctx, case_id, "not_needed", "只在自家请客", None, revision)
    paper = stage.documents(case_id)[-1]
    said = paper.snapshot["decision"]
    assert said["reasons"] == "申请事项依法不需要取得行政许可：只在自家请客"
    assert said["basis"] == ["《中华人民共和国行政许可法》第三十二条第一款第（一）项"]
    assert len(said["remedies"]) == 2
    assert stage.problems(case_id) == []


def test_32_1_2_declined_with_whose_business_it_is(stage: Stage) -> None:
    case_id = handed_in(stage, DAY)
    revision = stage.case(case_id).revision
    with pytest.raises(Invalid) as caught, stage.acting("clerk") as ctx:
        decline.decline(ctx, case_id, "elsewhere", " ", "", revision)
    assert [each.path for each in caught.value.errors] == ["reasons", "belongs_to"]
    with pytest.raises(Invalid) as caught, stage.acting("clerk") as ctx:
        decline.decline(ctx, case_id, "still_unfit", "缺件", None, revision)  # nothing was asked
    assert [each.path for each in caught.value.errors] == ["ground"]
    with stage.acting("clerk") as ctx:
        decline.decline(ctx, case_id, "elsewhere", "店在邻市", "邻市综合窗口", revision)
    said = stage.documents(case_id)[-1].snapshot["decision"]
    assert said["opinion"] == "请向邻市综合窗口提出申请。"
    assert said["basis"] == ["《中华人民共和国行政许可法》第三十二条第一款第（二）项"]
    assert set(stage.states(case_id).values()) == {"declined", "cancelled"}


def test_zhejiang_11_3_declined_when_it_is_still_unfit_after_the_correction(stage: Stage) -> None:
    case_id = handed_in(stage, DAY)
    with stage.acting("clerk") as ctx:
        wrong = [FieldFinding("sign_size", "与效果图不符")]
        correct.request(ctx, case_id, findings(), wrong, load(ctx, case_id).case.revision)
    with stage.acting("applicant") as ctx:
        correct.supplement(ctx, case_id, load(ctx, case_id).case.revision)
    with stage.acting("clerk") as ctx:
        at = load(ctx, case_id).case.revision
        decline.decline(ctx, case_id, "still_unfit", "尺寸仍然不符", None, at)
    said = stage.documents(case_id)[-1].snapshot["decision"]
    assert said["reasons"] == "申请材料补正以后仍然不符合要求：尺寸仍然不符"
    assert "第十一条" in said["basis"][0]
    assert stage.problems(case_id) == []


def test_32_1_3_put_right_on_the_spot_with_a_record_of_before_and_after(stage: Stage) -> None:
    case_id = handed_in(stage, DAY)
    mended(stage, case_id, phone="19911111111", main_form="canteen")
    case = stage.case(case_id)
    assert (case.state, case.form["phone"]) == ("submitted", "19911111111")
    paper = stage.documents(case_id)[-1]
    assert paper.kind == "mending"
    facts = {each["label"]: each["value"] for each in paper.snapshot["letter"]["facts"]}
    assert len(facts) == 2
    assert "原填：19900000000；更正为：19911111111" in facts.values()
    assert paper.snapshot["basis"] == [mend.BASIS]
    entry = stage.ledger(case_id)[-1]
    assert (entry.act, entry.from_state, entry.to_state) == ("mend", "submitted", "submitted")
    assert sorted(entry.detail["fields"]) == ["main_form", "phone"]
    assert any("当场更正记录" in each for each in told(stage, "applicant"))
    assert str(case.timer_due) == "2026-03-16"  # the days for telling what is missing run on
    assert stage.problems(case_id) == []


def test_32_1_3_what_would_change_the_matter_is_no_slip_of_the_pen(stage: Stage) -> None:
    case_id = handed_in(stage, DAY)
    with pytest.raises(Invalid, match="更正的内容改变了要办理的事项"):
        mended(stage, case_id, seats=120)
    with pytest.raises(Invalid) as caught:
        mended(stage, case_id, seats=120, phone="12")
    assert len(caught.value.errors) == 2  # all at once
    with pytest.raises(Invalid, match="没有改动任何内容"):
        mended(stage, case_id)
    assert stage.case(case_id).form["seats"] == FORM["seats"]
    assert [each.kind for each in stage.documents(case_id)] == ["application", "receipt"]


def test_32_1_3_only_before_it_is_accepted(stage: Stage) -> None:
    case_id = stage.accepted()
    with pytest.raises(NotPossible, match="不能“当场更正”"):
        mended(stage, case_id, phone="19911111111")


def test_32_1_4_everything_missing_is_told_to_the_clerk_at_once_too(stage: Stage) -> None:
    case_id = handed_in(stage, DAY)
    found = [Finding("floor_plan", "unfit"), Finding("process_layout", "received")]
    fields = [FieldFinding("seats", ""), FieldFinding("phone", "少一位")]
    revision = stage.case(case_id).revision
    with pytest.raises(Invalid) as caught, stage.acting("clerk") as ctx:
        correct.request(ctx, case_id, found, fields, revision)
    paths = [each.path for each in caught.value.errors]
    assert paths[-1] == "field.seats"
    assert "material.floor_plan" in paths  # its problem is not said
    assert "material.food_manager" in paths  # not looked at
    assert "material.process_layout" not in paths
    places = [paths.index(name) for name in ("material.floor_plan", "material.food_manager")]
    assert places == sorted(places)
    assert stage.case(case_id).state == "submitted"


def test_29_2_an_agent_may_apply_and_is_named(stage: Stage) -> None:
    case_id = stage.drafted()
    with at_moment(stage, "applicant", DAY) as ctx:
        draft_case = load(ctx, case_id).case
        draft_case.agent_id = stage.actors["stranger"].id
        ctx.session.flush()
    revision = stage.case(case_id).revision
    with stage.acting("stranger") as ctx:
        submit.submit(ctx, case_id, "window", revision)
    with stage.looking("clerk") as ctx:
        assert views.desk_case(ctx, case_id).applicant.agent == "演示申请人乙"
    receipt = stage.documents(case_id)[-1]
    assert receipt.snapshot["applicant"]["agent"]["name"] == "演示申请人乙"
    assert re.fullmatch(r"演示申请人甲", receipt.snapshot["applicant"]["name"])
