"""Every way of making a real service worse is refuted by the obligation that names it."""

from typing import Any

import pytest

from onevisit.engine.proof.prove import prove
from proof.mutated import Change, Files, parsed, report

TALK = {"id": "talk", "title": "面谈", "basis": "示例"}


def prior(files: Files, **more: Any) -> None:
    result = {"id": "prior_licence", "title": "核验结果", "source": "prior", "origin": "licence"}
    files.add_material(**result, **more)


# ---- soundness -------------------------------------------------------------------------------


def a_need_is_dropped(files: Files) -> None:
    prior(files)
    del files.item("food")["needs"]


def a_result_that_is_not_made(files: Files) -> None:
    prior(files)
    files.item("licence")["when"] = "cooking"


def needs_go_round(files: Files) -> None:
    files.item("licence")["needs"] = ["food"]


def an_item_nobody_gets(files: Files) -> None:
    files.item("hygiene")["when"] = "area > 30000"


def a_route_nobody_takes(files: Files) -> None:
    files.item("food")["routes"][0]["when"] = "area > 30000"


def material_nobody_needs(files: Files) -> None:
    files.material("fire_layout")["when"] = "!fire_pledge && area < 0"


def a_procedure_nobody_takes(files: Files) -> None:
    files.item("food")["special"] = [
        {"kind": "experts", "days": 0 + 1, "basis": "示例", "when": "area > 30000"}
    ]


def an_appointment_nobody_has(files: Files) -> None:
    files.item("food")["appointments"] = [{**TALK, "when": "area > 30000"}]


def nothing_is_accepted(files: Files) -> None:
    files.drop_move("accept")
    files.drop_move("deem_accepted")


def nothing_joins(files: Files) -> None:
    files.drop_move("join")


def approvals_outlive_the_case(files: Files) -> None:
    files.drop_move("end", "approval")


def steps_lead_nowhere(files: Files) -> None:
    files.drop_move("forward", "approval")


def refused_needs_block(files: Files) -> None:
    files.item("licence")["on_reject"] = "item"
    files.drop_move("cancel", "approval")


def correction_waits_for_ever(files: Files) -> None:
    files.drop_move("lapse")


def a_move_nobody_can_make(files: Files) -> None:
    files.drop_move("request_correction")


# ---- visits ----------------------------------------------------------------------------------


def only_at_the_window(files: Files) -> None:
    files.workflow["submission"]["channels"] = ["window"]
    files.workflow["issue"]["pickup"] = ["window"]


def original_and_window(files: Files) -> None:
    files.material("floor_plan")["original"] = ["acceptance"]
    files.workflow["issue"]["pickup"] = ["window"]


def two_interviews(files: Files) -> None:
    files.item("food")["appointments"] = [TALK]
    files.item("licence")["appointments"] = [{**TALK, "id": "other", "title": "又一次面谈"}]


def interview_in_one_situation(files: Files) -> None:
    files.item("food")["appointments"] = [TALK, {**TALK, "id": "more", "when": "cooking"}]


def paper_is_carried(files: Files) -> None:
    files.workflow["promise"]["visits"] = 0
    prior(files, carried=True, media="paper")


def one_result_at_the_window(files: Files) -> None:
    files.workflow["promise"]["visits"] = 0
    files.item("food")["result"]["pickup"] = ["window"]


def no_way_without_the_net(files: Files) -> None:
    files.workflow["submission"]["channels"] = ["online", "home"]


def paper_only_at_the_window(files: Files) -> None:
    files.material("floor_plan")["media"] = "paper"
    files.workflow["submission"]["channels"] = ["online", "window"]
    files.workflow["promise"]["visits"] = 0


# ---- time ------------------------------------------------------------------------------------


def a_longer_promise(files: Files) -> None:
    files.item("fire")["promise"]["days"] = 12


def more_than_the_law_gives(files: Files) -> None:
    files.item("food")["promise"]["days"] = 21


def a_route_over_the_limit(files: Files) -> None:
    files.item("signboard")["routes"][0]["promise"]["days"] = 21


def a_longer_chain(files: Files) -> None:
    files.item("fire")["needs"] = ["licence"]


def a_special_procedure(files: Files) -> None:
    files.item("food")["special"] = [{"kind": "experts", "days": 20, "basis": "示例"}]


def acceptance_too_late(files: Files) -> None:
    files.data["place"]["correction_notice"]["days"] = 1
    files.workflow["submission"]["acceptance"] = 2


def issue_too_late(files: Files) -> None:
    files.data["place"]["delivery"]["days"] = 1
    files.workflow["issue"]["days"] = 2


def longer_than_joint_handling(files: Files) -> None:
    files.data["place"]["joint_limit"]["days"] = 12
    for name in ("food", "tobacco"):
        files.item(name)["promise"]["days"] = 19
    for item in files.workflow["items"]:
        item["limit"]["days"] = min(item["limit"]["days"], 12) if item["id"] != "x" else 0
        item["promise"]["days"] = min(item["promise"]["days"], 12)


def working_days_in_natural_ones(files: Files) -> None:
    files.item("food")["limit"] = {"days": 6, "unit": "natural", "basis": "示例"}


# ---- asked once ------------------------------------------------------------------------------


def a_shared_document_is_asked(files: Files) -> None:
    files.add_material(id="copy", title="营业执照复印件")


def a_known_document_is_asked(files: Files) -> None:
    known = {"field": "id_card", "titles": ["负责人身份证"]}
    source = next(s for s in files.data["directory"]["sources"] if s["id"] == "population")
    source["known_as"] = [*source.get("known_as", []), known]
    files.add_material(id="card", title="负责人身份证")


def the_same_twice(files: Files) -> None:
    files.add_material(id="plan_again", title="场所平面图", items=["hygiene"])


def a_result_is_asked(files: Files) -> None:
    files.add_material(id="permit", title="食品经营许可证", items=["tobacco"])


def a_field_twice(files: Files) -> None:
    files.add_field("phone_again", title=files.field("phone")["title"])


def shared_data_twice(files: Files) -> None:
    files.add_field("name_again", title="另一个名称", **{"x-shared": "business_register.uscc"})


def an_answer_twice(files: Files) -> None:
    files.add_field("area_again", title="另一个面积", type="integer", **{"x-from": "area"})


def an_answer_is_asked(files: Files) -> None:
    del files.field("area")["x-from"]


def a_shared_field_is_asked(files: Files) -> None:
    source = next(s for s in files.data["directory"]["sources"] if s["id"] == "business_register")
    source["known_as"] = [{"field": "uscc", "titles": [files.field("uscc")["title"]]}]
    del files.field("uscc")["x-shared"]


def carried_again(files: Files) -> None:
    prior(files, carried=True)


# ---- law -------------------------------------------------------------------------------------


def no_basis_for_the_limit(files: Files) -> None:
    del files.item("food")["limit"]["basis"]


def no_basis_for_a_promise(files: Files) -> None:
    del files.item("food")["promise"]["basis"]


def no_basis_for_a_route(files: Files) -> None:
    del files.item("food")["routes"][0]["promise"]["basis"]


def no_basis_for_the_whole(files: Files) -> None:
    del files.workflow["promise"]["basis"]


def no_basis_for_a_deferral(files: Files) -> None:
    del files.material("health_certificates")["defer"]["basis"]


def a_blank_basis_for_a_fee(files: Files) -> None:
    files.item("food")["fee"] = {"yuan": "10.00", "basis": " "}


def no_basis_for_a_procedure(files: Files) -> None:
    files.item("licence")["special"] = [{"kind": "test", "days": 1}]


def no_basis_for_coming(files: Files) -> None:
    files.item("food")["appointments"] = [{"id": "talk", "title": "面谈"}]


def a_blank_basis_for_a_notice(files: Files) -> None:
    files.item("hygiene")["wait"] = {"title": "公示", "days": 5, "basis": " "}


def a_pledge_nobody_checks(files: Files) -> None:
    del files.item("fire")["routes"][0]["check"]


def no_basis_for_a_check(files: Files) -> None:
    del files.item("fire")["routes"][0]["check"]["basis"]


def a_pledge_checked_late(files: Files) -> None:
    files.data["place"]["pledge_check"] = {"days": 60, "basis": "浙江规定第十四条"}
    files.item("fire")["routes"][0]["check"]["days"] = 90


def no_right_to_sue(files: Files) -> None:
    said = files.data["place"]["remedies"]
    files.data["place"]["remedies"] = [each for each in said if "诉讼" not in each]


def no_right_to_review(files: Files) -> None:
    said = files.data["place"]["remedies"]
    files.data["place"]["remedies"] = [each for each in said if "复议" not in each]


def refused_without_reasons(files: Files) -> None:
    files.move("reject", "approval")["reasons"] = False


def refused_by_word_of_mouth(files: Files) -> None:
    files.move("decline")["documents"] = []


def no_receipt(files: Files) -> None:
    files.move("submit")["documents"] = []


def no_written_acceptance(files: Files) -> None:
    files.move("accept")["documents"] = []


def corrected_again_and_again(files: Files) -> None:
    files.move("request_correction")["from"] = ["submitted", "resubmitted"]


def one_officer(files: Files) -> None:
    files.item("food")["inspection"]["officers"] = 1


def inspected_one_by_one(files: Files) -> None:
    files.item("fire")["inspection"]["joint"] = "another"


def only_online(files: Files) -> None:
    files.workflow["submission"]["channels"] = ["online"]


def one_channel_to_correct(files: Files) -> None:
    files.workflow["submission"]["correction"] = ["window"]


def no_counter(files: Files) -> None:
    files.workflow["submission"]["channels"] = ["online", "post"]


def three_signatures(files: Files) -> None:
    files.data["place"]["signatures"] = {"most": 2, "basis": "示例"}


# ---- names -----------------------------------------------------------------------------------


def an_unknown_department(files: Files) -> None:
    files.item("food")["department"] = "market_regulaton"


def an_unknown_need(files: Files) -> None:
    files.item("food")["needs"] = ["license"]


def an_unknown_answer(files: Files) -> None:
    files.item("hygiene")["when"] = "gathring"


CASES: list[tuple[Change, str, str]] = [
    (a_need_is_dropped, "soundness", "没有把它列为前置"),
    (a_result_that_is_not_made, "soundness", "后者并不办理"),
    (needs_go_round, "soundness", "成环"),
    (an_item_nobody_gets, "soundness", "“公共场所卫生许可”在任何情形下"),
    (a_route_nobody_takes, "soundness", "第 1 种办理方式"),
    (material_nobody_needs, "soundness", "“消防设施平面布置图”在任何情形下"),
    (a_procedure_nobody_takes, "soundness", "特别程序在任何情形下"),
    (an_appointment_nobody_has, "soundness", "“面谈”在任何情形下"),
    (nothing_is_accepted, "soundness", "走不到"),
    (nothing_joins, "soundness", "卡在“办理中”"),
    (approvals_outlive_the_case, "soundness", "还开着"),
    (steps_lead_nowhere, "soundness", "走不到"),
    (refused_needs_block, "soundness", "卡在“办理中”"),
    (correction_waits_for_ever, "soundness", "只能等申请人"),
    (a_move_nobody_can_make, "soundness", "“提交补正”在任何情形下都走不到"),
    (only_at_the_window, "visits", "最多要跑 2 次"),
    (original_and_window, "visits", "最多要跑 2 次"),
    (two_interviews, "visits", "最多要跑 2 次"),
    (interview_in_one_situation, "visits", "最多要跑 2 次"),
    (paper_is_carried, "visits", "最多要跑 1 次"),
    (one_result_at_the_window, "visits", "最多要跑 1 次"),
    (no_way_without_the_net, "visits", "从不上网的申请人没有任何办法"),
    (paper_only_at_the_window, "visits", "最多要跑 1 次"),
    (a_longer_promise, "time", "最长要 14 个工作日"),
    (more_than_the_law_gives, "time", "承诺 21 个工作日，超过法定的 20 个工作日"),
    (a_route_over_the_limit, "time", "承诺 21 个工作日，超过法定的 20 个工作日"),
    (a_longer_chain, "time", "最长要 13 个工作日"),
    (a_special_procedure, "time", "超过承诺的 12 个工作日"),
    (acceptance_too_late, "time", "受理承诺 2 个工作日"),
    (issue_too_late, "time", "送达承诺 2 个工作日"),
    (longer_than_joint_handling, "time", "联合办理最长"),
    (working_days_in_natural_ones, "time", "超过法定的 6 个自然日"),
    (a_shared_document_is_asked, "asked_once", "“市场主体登记库”里已有"),
    (a_known_document_is_asked, "asked_once", "“人口基础信息库”里已有"),
    (the_same_twice, "asked_once", "要交两次"),
    (a_result_is_asked, "asked_once", "source: prior"),
    (a_field_twice, "asked_once", "问了两次"),
    (shared_data_twice, "asked_once", "问了两次"),
    (an_answer_twice, "asked_once", "问了两次"),
    (an_answer_is_asked, "asked_once", "情形引导里已经问过"),
    (a_shared_field_is_asked, "asked_once", "应写 x-shared"),
    (carried_again, "asked_once", "由申请人领出来再交回去"),
    (no_basis_for_the_limit, "law", "法定时限没有写依据"),
    (no_basis_for_a_promise, "law", "承诺时限没有写依据"),
    (no_basis_for_a_route, "law", "承诺时限没有写依据"),
    (no_basis_for_the_whole, "law", "服务承诺没有写依据"),
    (no_basis_for_a_deferral, "law", "容缺后补的期限没有写依据"),
    (a_blank_basis_for_a_fee, "law", "收费"),
    (no_basis_for_a_procedure, "law", "特别程序"),
    (no_basis_for_coming, "law", "到场要求“面谈”没有写依据"),
    (a_blank_basis_for_a_notice, "law", "公示期没有写依据"),
    (a_pledge_nobody_checks, "law", "没有事后核查"),
    (no_basis_for_a_check, "law", "事后核查期限没有写依据"),
    (a_pledge_checked_late, "law", "事后核查超过 60 个工作日"),
    (no_right_to_sue, "law", "没有写明诉讼"),
    (no_right_to_review, "law", "没有写明行政复议"),
    (refused_without_reasons, "law", "不说明理由"),
    (refused_by_word_of_mouth, "law", "不出具书面决定"),
    (no_receipt, "law", "没有回执"),
    (no_written_acceptance, "law", "不出具受理通知书"),
    (corrected_again_and_again, "law", "没有做到一次性告知"),
    (one_officer, "law", "少于两名工作人员"),
    (inspected_one_by_one, "law", "应当联合勘验"),
    (only_online, "law", "只留一种办理渠道"),
    (one_channel_to_correct, "law", "只留一种办理渠道"),
    (no_counter, "law", "没有人工窗口"),
    (three_signatures, "law", "要签 3 次字"),
    (an_unknown_department, "names", "market_regulaton"),
    (an_unknown_need, "names", "license"),
    (an_unknown_answer, "names", "gathring"),
]


def test_the_service_as_shipped_is_proven() -> None:
    found = prove(parsed())
    assert found.proven, [each for each in found.obligations if each.status == "refuted"]


@pytest.mark.parametrize(
    ("change", "obligation", "said"), CASES, ids=[change.__name__ for change, _, _ in CASES]
)
def test_a_worse_service_is_refuted(change: Change, obligation: str, said: str) -> None:
    against = [each for each in report(change).obligations if each.status == "refuted"]
    named = [each for each in against if each.id == obligation]
    assert any(said in each.message_zh for each in named), against
    assert all(each.message_en and each.place.line >= 1 for each in against)


# ---- ratchet: held against the version before ------------------------------------------------


def more_material(files: Files) -> None:
    files.add_material(id="lease", title="租赁合同")


def more_days(files: Files) -> None:
    files.workflow["promise"]["days"] += 1


def more_presences(files: Files) -> None:
    files.item("licence")["inspection"] = {"basis": "示例"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (more_material, "多要一份材料“租赁合同”"),
        (more_days, "承诺的工作日从 12 增加到 13"),
        (more_presences, "上门次数从 1 增加到 2"),
        (one_result_at_the_window, "跑动次数从 0 增加到 1"),
        (no_way_without_the_net, "不上网时的跑动次数从 0 增加到 无法保证"),
    ],
)
def test_a_version_that_asks_more_needs_a_basis(change: Change, said: str) -> None:
    found = report(change, parsed()).obligations
    against = [each for each in found if each.id == "ratchet" and each.status == "refuted"]
    assert any(said in each.message_zh for each in against)


def test_a_stated_basis_lets_a_version_ask_more() -> None:
    def change(files: Files) -> None:
        files.add_material(id="lease", title="租赁合同", basis="新规章（虚构）第一条")
        more_days(files)
        files.workflow["promise"]["basis"] = "新规章（虚构）第二条"

    assert report(change, parsed()).proven


def test_a_version_is_not_worse_than_itself() -> None:
    found = prove(parsed(), parsed())
    assert [each.status for each in found.obligations if each.id == "ratchet"] == ["proven"]
