"""The office's pages: inboxes, an approval with only its own fields, signatures and refusals."""

import re
from uuid import UUID

from functional.city import FORM, City


def body(city: City, case_id: UUID, region: str, event: str, **words: str) -> dict[str, str]:
    """What the approval page sends for one act."""
    revision = str(city.approval(case_id, region).revision)
    return {"event": event, "revision": revision, "opinion": "", "reasons": "", **words}


def address(city: City, case_id: UUID, region: str) -> str:
    """The page of one item of a case."""
    return f"/office/{city.approval(case_id, region).id}"


def test_inbox_shows_each_officer_what_waits_for_them(city: City) -> None:
    case_id = city.accepted()
    food, tobacco = address(city, case_id, "food"), address(city, case_id, "tobacco")
    handler = city.client("market_regulation.handler")
    assert food in handler.get("/office").text
    assert food not in city.client("market_regulation.reviewer").get("/office").text
    assert food in city.client("market_regulation.reviewer").get("/office?tab=department").text
    assert food not in city.client("tobacco.handler").get("/office?tab=department").text
    assert tobacco not in city.client("tobacco.handler").get("/office").text, "it has not started"
    assert "剩" in handler.get("/office").text
    city.approve(case_id, "licence")
    assert tobacco in city.client("tobacco.handler").get("/office").text
    assert address(city, case_id, "licence") in handler.get("/office?tab=done").text


def test_page_holds_only_what_the_item_needs(city: City) -> None:
    case_id = city.accepted()
    page = city.client("urban_management.handler").get(address(city, case_id, "signboard")).text
    assert FORM["sign_text"] in page
    assert FORM["address"] in page
    assert "sign_design.pdf" in page
    for foreign in (FORM["uscc"], FORM["food_manager_name"], "演示员工甲", "process_layout.pdf"):
        assert foreign not in page, f"{foreign} belongs to another item"


def test_another_department_and_the_desk_stay_outside(city: City) -> None:
    case_id = city.accepted()
    food = address(city, case_id, "food")
    for username in ("tobacco.handler", "clerk", "window", "applicant", "admin"):
        client = city.client(username)
        assert client.get(food).status_code == 403, username
        refused = client.post(food, data=body(city, case_id, "food", "forward"))
        assert refused.status_code == 403, username
    wrong_post = city.client("market_regulation.decider").post(
        food, data=body(city, case_id, "food", "forward")
    )
    assert wrong_post.status_code == 403
    assert city.approval(case_id, "food").state == "handle"


def test_signatures_pass_from_step_to_step(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "signboard")
    handler = city.client("urban_management.handler")
    assert 'value="forward"' in handler.get(page).text
    assert 'value="approve"' not in handler.get(page).text
    done = handler.post(page, data=body(city, case_id, "signboard", "forward", opinion="同意。"))
    assert done.status_code == 200
    assert "户外招牌设置许可" in done.text
    assert "现在没有等您办理的环节" in done.text
    assert "演示handler" in done.text, "who did it stands on the page"
    assert city.approval(case_id, "signboard").state == "decide"


def test_decision_waits_for_the_licence_and_says_so(city: City) -> None:
    case_id = city.accepted()
    city.act(case_id, "signboard", "forward")
    page = address(city, case_id, "signboard")
    decider = city.client("urban_management.decider")
    before = decider.get(page).text
    assert "营业执照信息核验" in before
    assert "还不能作出决定" in before
    assert 'value="approve"' not in before
    early = decider.post(page, data=body(city, case_id, "signboard", "approve"))
    assert early.status_code == 409
    city.approve(case_id, "licence")
    after = decider.get(page).text
    assert 'value="approve"' in after
    assert "还不能作出决定" not in after


def test_earlier_results_are_named_and_no_link_leads_nowhere(city: City) -> None:
    case_id = city.accepted()
    city.approve(case_id, "licence")
    for username, region in (("urban_management.handler", "signboard"),
                             ("market_regulation.handler", "food")):  # fmt: skip
        officer = city.client(username)
        page = officer.get(address(city, case_id, region)).text
        assert "前置事项的结果" in page
        links = re.findall(r'href="(/(?:files|documents)/[^"]+)"', page)
        assert links
        for link in links:
            assert officer.get(link).status_code == 200, link


def test_consequences_of_an_act_are_told(city: City) -> None:
    case_id = city.accepted()
    city.act(case_id, "licence", "forward")
    answer = city.client("market_regulation.decider").post(
        address(city, case_id, "licence"),
        data=body(city, case_id, "licence", "approve", opinion="信息一致。"),
    )
    assert "“营业执照信息核验”已准予；“烟草专卖零售许可”启动办理。" in answer.text
    again = city.client("market_regulation.decider").get(address(city, case_id, "licence")).text
    assert "启动办理。" not in again, "said once"
    assert "信息一致。" in again


def test_refusing_needs_reasons_and_nothing_typed_is_lost(city: City) -> None:
    case_id = city.accepted()
    city.approve(case_id, "licence")
    city.act(case_id, "signboard", "forward")
    page, decider = address(city, case_id, "signboard"), city.client("urban_management.decider")
    wordless = decider.post(
        page, data=body(city, case_id, "signboard", "reject", opinion="写了一半的意见")
    )
    assert wordless.status_code == 422
    assert 'href="#f-reasons"' in wordless.text
    assert 'id="f-reasons"' in wordless.text
    assert "写了一半的意见</textarea>" in wordless.text
    assert city.approval(case_id, "signboard").state == "decide"
    reasons = "招牌遮挡消防登高面，不符合第十一条"
    done = decider.post(page, data=body(city, case_id, "signboard", "reject", reasons=reasons))
    assert reasons in done.text
    assert city.approval(case_id, "signboard").state == "rejected"


def test_send_back_goes_to_the_handler_with_reasons(city: City) -> None:
    case_id = city.accepted()
    city.act(case_id, "food", "forward")
    answer = city.client("market_regulation.reviewer").post(
        address(city, case_id, "food"),
        data=body(city, case_id, "food", "send_back", reasons="请补充现场核查记录"),
    )
    assert answer.status_code == 200
    assert city.approval(case_id, "food").state == "handle"
    seen = city.client("market_regulation.handler").get(address(city, case_id, "food")).text
    assert "请补充现场核查记录" in seen


def test_already_decided_or_left_open_says_what_happened_instead(city: City) -> None:
    case_id = city.accepted()
    page, handler = address(city, case_id, "food"), city.client("market_regulation.handler")
    left_open = body(city, case_id, "food", "forward")
    city.act(case_id, "food", "forward")
    city.act(case_id, "food", "send_back", "请补充")
    stale = handler.post(page, data=left_open, headers={"referer": f"http://testserver{page}"})
    assert stale.status_code == 409
    assert "演示reviewer" in stale.text
    assert "退回承办" in stale.text
    assert f'href="{page}"' in stale.text
    city.approve(case_id, "licence")
    decided = city.client("market_regulation.decider").post(
        address(city, case_id, "licence"), data=body(city, case_id, "licence", "approve")
    )
    assert decided.status_code == 409
    assert "准予" in decided.text


def test_an_unknown_act_or_page_is_refused(city: City) -> None:
    case_id = city.accepted()
    handler = city.client("market_regulation.handler")
    unknown = handler.post(
        address(city, case_id, "food"), data=body(city, case_id, "food", "launch")
    )
    assert unknown.status_code == 409
    assert handler.get("/office/00000000-0000-7000-8000-000000000000").status_code == 404
