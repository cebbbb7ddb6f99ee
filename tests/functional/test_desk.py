"""The desk's pages: the queue, the one checklist, and its acts, with what goes wrong."""

from functional.city import CHECKED, PDF, City
from onevisit.cases import correct, material


def sheet(city: City, case_id: object, **changes: str) -> dict[str, str]:
    """The checklist with everything in order, as the page sends it, with some changes."""
    changed = {name.replace("__", "."): text for name, text in changes.items()}
    return {**CHECKED, "revision": str(city.case(case_id).revision), **changed}  # type: ignore[arg-type]


def test_queue_shows_the_case_under_its_tab(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    waiting = desk.get("/desk").text
    assert f"/desk/{case_id}" in waiting
    assert str(city.case(case_id).number) in waiting
    assert f"/desk/{case_id}" not in desk.get("/desk?tab=running").text
    assert desk.get("/desk?tab=nonsense").status_code == 200


def test_queue_is_only_for_clerks(city: City) -> None:
    case_id = city.submitted()
    for username in ("applicant", "window", "admin", "tobacco.handler"):
        assert city.client(username).get("/desk").status_code == 403, username
        answer = city.client(username).post(
            f"/desk/{case_id}/accept", data=sheet(city, case_id), follow_redirects=False
        )
        assert answer.status_code == 403, username
    assert city.case(case_id).state == "submitted"


def test_checklist_holds_everything_once(city: City) -> None:
    case_id = city.submitted()
    page = city.client("clerk").get(f"/desk/{case_id}").text
    for name in CHECKED:
        assert page.count(f'name="{name}" value="unfit"') == 1, name
    assert page.count('value="deferred"') == 1, "only health certificates may be deferred"
    assert "标明比例、出入口、疏散通道" in page, "the acceptance standard"
    assert "floor_plan.pdf" in page
    assert "示例市演示小馆" in page
    assert page.count("受理时立即启动") == 3
    assert page.count("启动要等：营业执照信息核验") == 1, "tobacco"
    assert page.count("决定前要等：营业执照信息核验") == 2, "food and signboard"


def test_accept_starts_all_items_at_one_moment(city: City) -> None:
    case_id = city.submitted()
    answer = city.client("clerk").post(f"/desk/{case_id}/accept", data=sheet(city, case_id))
    assert answer.status_code == 200
    assert "已受理" in answer.text
    assert "受理通知书" in answer.text
    assert f'action="/desk/{case_id}/save"' not in answer.text, "nothing left to decide"
    assert city.case(case_id).state == "reviewing"
    started = {r: city.approval(case_id, r).started_at for r in ("licence", "food", "signboard")}
    assert len(set(started.values())) == 1
    assert None not in started.values()
    assert city.approval(case_id, "tobacco").state == "waiting"


def test_accept_names_what_is_not_checked_and_keeps_what_was_typed(city: City) -> None:
    case_id = city.submitted()
    data = sheet(
        city, case_id, material__sign_design__status="unfit",
        material__sign_design__note="没有尺寸", reasons="先写下的理由",
    )  # fmt: skip
    del data["material.floor_plan.status"]
    answer = city.client("clerk").post(f"/desk/{case_id}/accept", data=data)
    assert answer.status_code == 422
    assert 'href="#f-material-floor_plan"' in answer.text
    assert 'id="f-material-floor_plan"' in answer.text
    assert 'value="没有尺寸"' in answer.text
    assert "先写下的理由" in answer.text
    assert f'value="received" id="{"f-material-process_layout"}" checked' in answer.text
    assert city.case(case_id).state == "submitted"


def test_accept_refuses_while_an_answer_is_ticked_as_wrong(city: City) -> None:
    case_id = city.submitted()
    data = sheet(city, case_id, field__uscc__status="wrong", field__uscc__note="与登记不一致")
    answer = city.client("clerk").post(f"/desk/{case_id}/accept", data=data)
    assert answer.status_code == 422
    assert 'href="#f-field-uscc"' in answer.text
    assert 'value="与登记不一致"' in answer.text
    assert city.case(case_id).state == "submitted"


def test_correction_tells_everything_once(city: City) -> None:
    case_id = city.submitted()
    data = sheet(
        city, case_id,
        material__floor_plan__status="unfit", material__floor_plan__note="缺疏散通道",
        material__floor_plan__how="补画后重传", field__sign_text__status="wrong",
        field__sign_text__note="与效果图不一致",
    )  # fmt: skip
    desk = city.client("clerk")
    page = desk.post(f"/desk/{case_id}/correct", data=data).text
    assert "补正告知书已发出" in page
    for told in ("缺疏散通道", "补画后重传", "与效果图不一致"):
        assert told in page
    assert city.case(case_id).state == "correcting"
    assert f"/desk/{case_id}" in desk.get("/desk?tab=correcting").text
    again = desk.post(
        f"/desk/{case_id}/correct",
        data=sheet(city, case_id, material__floor_plan__status="missing"),
    )
    assert again.status_code == 409
    assert "一次性告知补正" in again.text


def test_correction_without_a_problem_or_without_words_is_refused(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    nothing = desk.post(f"/desk/{case_id}/correct", data=sheet(city, case_id))
    assert nothing.status_code == 422
    assert "没有需要补正的内容" in nothing.text
    data = sheet(city, case_id, material__floor_plan__status="unfit", field__uscc__status="wrong")
    wordless = desk.post(f"/desk/{case_id}/correct", data=data)
    assert wordless.status_code == 422
    assert 'href="#f-material-floor_plan"' in wordless.text
    assert 'href="#f-field-uscc"' in wordless.text
    assert city.case(case_id).state == "submitted"


def test_decline_needs_reasons_and_says_whose_business_it_is(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    data = sheet(city, case_id, belongs_to="示例市水务局")
    answer = desk.post(f"/desk/{case_id}/decline", data=data)
    assert answer.status_code == 422
    assert 'href="#f-reasons"' in answer.text
    assert 'value="示例市水务局"' in answer.text
    assert 'href="#f-ground"' in answer.text
    assert "补正以后仍然不符合要求" not in answer.text
    words = {"reasons": "取水不归市场监管", "ground": "elsewhere"}
    done = desk.post(f"/desk/{case_id}/decline", data=data | words)
    assert "不予受理" in done.text
    assert city.case(case_id).state == "declined"
    assert f"/desk/{case_id}" in desk.get("/desk?tab=closed").text


def test_saving_and_filling_decide_nothing(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    revision = str(city.case(case_id).revision)
    some = {"revision": revision, "material.floor_plan.status": "unfit",
            "material.floor_plan.note": "看不清", "material.floor_plan.how": "重拍"}  # fmt: skip
    filled = desk.post(f"/desk/{case_id}/fill", data=some)
    assert filled.status_code == 200
    assert 'value="看不清"' in filled.text
    assert 'value="verified" id="f-material-licence_copy" checked' in filled.text
    assert 'value="received" id="f-material-sign_design" checked' in filled.text
    assert 'value="unfit" id="f-material-floor_plan-unfit" checked' in filled.text
    assert 'id="f-material-licence_copy" checked' not in desk.get(f"/desk/{case_id}").text
    saved = desk.post(f"/desk/{case_id}/save", data=some)
    assert "暂存" in saved.text
    assert 'value="看不清"' in saved.text
    assert 'value="重拍"' in saved.text
    assert city.case(case_id).state == "submitted"


def test_a_page_left_open_says_who_was_faster(city: City) -> None:
    case_id = city.submitted()
    left_open = sheet(city, case_id)
    city.client("clerk2").post(f"/desk/{case_id}/accept", data=left_open)
    answer = city.client("clerk").post(
        f"/desk/{case_id}/accept",
        data=left_open,
        headers={"referer": f"http://testserver/desk/{case_id}"},
    )
    assert answer.status_code == 409
    assert "演示综窗员乙" in answer.text
    assert "受理" in answer.text
    assert f'href="/desk/{case_id}"' in answer.text


def test_bad_addresses_and_forms_are_told(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    assert desk.get("/desk/00000000-0000-7000-8000-000000000000").status_code == 404
    assert desk.get("/desk/nonsense").status_code == 404
    assert desk.post(f"/desk/{case_id}/accept", data={"revision": "x"}).status_code == 422
    tampered = sheet(city, case_id, material__floor_plan__status="approved")
    assert desk.post(f"/desk/{case_id}/accept", data=tampered).status_code == 422
    strange = sheet(city, case_id, material__nonsense__status="received")
    assert desk.post(f"/desk/{case_id}/accept", data=strange).status_code == 422
    assert city.case(case_id).state == "submitted"


def test_after_a_correction_there_is_no_second_one(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    unfit = sheet(
        city, case_id, material__floor_plan__status="unfit", material__floor_plan__note="缺疏散通道"
    )
    desk.post(f"/desk/{case_id}/correct", data=unfit)
    with city.acting("applicant") as ctx:
        material.attach(ctx, case_id, "floor_plan", "new_plan.pdf", [PDF])
    with city.acting("applicant") as ctx:
        correct.supplement(ctx, case_id, city.case(case_id).revision)
    page = desk.get(f"/desk/{case_id}").text
    assert "new_plan.pdf" in page
    assert "缺疏散通道" in page, "what was told stays in sight"
    assert f'formaction="/desk/{case_id}/notice"' not in page
    assert "不能再次要求补正" in page
    assert 'name="field.uscc.status"' not in page
    again = desk.post(f"/desk/{case_id}/correct", data=sheet(city, case_id) | unfit)
    assert again.status_code == 409
    accepted = desk.post(f"/desk/{case_id}/accept", data=sheet(city, case_id))
    assert accepted.status_code == 200
    assert city.case(case_id).state == "reviewing"


def test_queue_is_searched_by_number_and_name_within_a_tab(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    number = str(city.case(case_id).number)
    for words in (number[-8:], "演示申请人甲"):
        assert f"/desk/{case_id}" in desk.get("/desk", params={"q": words}).text
        elsewhere = desk.get("/desk", params={"q": words, "tab": "closed"}).text
        assert f"/desk/{case_id}" not in elsewhere
    nobody = desk.get("/desk", params={"q": "<查无此人>"}).text
    assert "&lt;查无此人&gt;" in nobody
    assert f"/desk/{case_id}" not in nobody


def test_an_address_that_no_page_made_leads_to_the_list(city: City) -> None:
    for username, address in (
        ("clerk", "/desk"), ("window", "/window"), ("tobacco.handler", "/office"),
    ):  # fmt: skip
        answer = city.client(username).get(f"{address}?after=nonsense", follow_redirects=False)
        assert answer.status_code == 303, address
        assert answer.headers["location"] == address


def test_the_notice_of_an_online_case_is_read_first_and_the_checklist_comes_back(
    city: City,
) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    data = sheet(
        city, case_id, material__floor_plan__status="unfit", material__floor_plan__note="没有比例",
    )  # fmt: skip
    shown = desk.post(f"/desk/{case_id}/notice", data=data)
    assert shown.status_code == 200
    assert "只能一次" in shown.text
    assert "没有比例" in shown.text
    assert city.case(case_id).state == "submitted", "nothing has gone out"
    back = desk.post(f"/desk/{case_id}/edit", data=data).text
    assert 'value="没有比例"' in back
    empty = desk.post(f"/desk/{case_id}/notice", data=sheet(city, case_id))
    assert empty.status_code == 422
    assert "没有需要补正的内容" in empty.text


def test_marks_are_not_lost_when_a_colleague_was_faster(city: City) -> None:
    case_id = city.submitted()
    old = sheet(
        city, case_id, material__floor_plan__status="unfit", material__floor_plan__note="没有比例",
    )  # fmt: skip
    taken = {"revision": str(city.case(case_id).revision)}
    assert city.client("clerk2").post(f"/desk/{case_id}/hold", data=taken).status_code == 200
    answer = city.client("clerk").post(f"/desk/{case_id}/correct", data=old)
    assert answer.status_code == 409
    assert "演示综窗员乙" in answer.text
    assert 'value="没有比例"' in answer.text
    assert f'name="revision" value="{city.case(case_id).revision}"' in answer.text, "may go on"
    assert "演示综窗员乙 正在办理" in city.client("clerk").get(f"/desk/{case_id}").text


def test_the_queue_narrows_by_service_and_channel(city: City) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    assert str(case_id) in desk.get("/desk?service=open_restaurant&channel=online").text
    assert str(case_id) not in desk.get("/desk?channel=window").text
    assert str(case_id) not in desk.get("/desk?service=newborn").text
