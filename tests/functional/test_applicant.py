"""An application from its first answer to its results, through the pages that a citizen uses."""

import re
from uuid import UUID

import pytest
from httpx import Response
from starlette.testclient import TestClient

from functional.city import ANSWERS, FORM, PDF, City
from onevisit.cases import FieldFinding, Finding, correct

TYPED = {
    name: str(value).lower() if isinstance(value, bool) else str(value)
    for name, value in ANSWERS.items()
}
UPLOADS = ("process_layout", "floor_plan", "food_manager", "sign_design")


def started(client: TestClient) -> UUID:
    """A new draft with the answers of the everyday case."""
    answer = client.post("/my/start/open_restaurant", data=TYPED, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["location"].removeprefix("/my/"))


def typed(section_fields: list[str]) -> dict[str, str | list[str]]:
    """What a person types into these fields."""
    data: dict[str, str | list[str]] = {}
    for name in section_fields:
        value = FORM.get(name, "")
        if name == "staff":
            data |= {"staff.0.name": "演示员工甲", "staff.0.post": "厨师"}
        else:
            data[name] = value if isinstance(value, list) else str(value)
    return data


def filled(city: City, case_id: UUID) -> None:
    """Every page of the form saved the way the page sends it."""
    client = city.client("applicant")
    tasks = client.get(f"/my/{case_id}").text
    for section in re.findall(rf"/my/{case_id}/form/(\w+)", tasks):
        page = client.get(f"/my/{case_id}/form/{section}").text
        names = re.findall(r'name="(\w+)(?:\.0\.\w+)?"', page)
        data = typed([name for name in dict.fromkeys(names) if name in FORM])
        answer = save(city, case_id, section, **data)
        assert "check=true" not in answer, answer


def save(city: City, case_id: UUID, section: str, **data: str | list[str]) -> str:
    """Where saving one page leads."""
    data["revision"] = str(city.case(case_id).revision)
    answer = city.client("applicant").post(
        f"/my/{case_id}/form/{section}", data=data, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def uploaded(city: City, case_id: UUID) -> None:
    """One file for each material that must be handed in."""
    for material in UPLOADS:
        answer = city.client("applicant").post(
            f"/my/{case_id}/materials/{material}",
            files={"file": (f"{material}.pdf", PDF, "application/pdf")},
            follow_redirects=False,
        )
        assert answer.status_code == 303, answer.text


def submit(city: City, case_id: UUID, **changes: str) -> Response:
    """Press submit and follow."""
    data = {"revision": str(city.case(case_id).revision), "pickup": "window", "agreed": "yes"}
    answer: Response = city.client("applicant").post(
        f"/my/{case_id}/submit", data={**data, **changes}
    )
    return answer


def test_from_the_answers_to_the_case_number(city: City) -> None:
    client = city.client("applicant")
    case_id = started(client)
    filled(city, case_id)
    uploaded(city, case_id)
    review = client.get(f"/my/{case_id}/review").text
    for said in (
        "示例市演示小馆",
        "80 平方米",
        "热食类食品制售",
        "floor_plan.pdf",
        "餐饮服务经营者",
    ):
        assert said in review
    done = submit(city, case_id).text
    number = city.case(case_id).number
    assert number is not None and number in done
    receipt = re.search(r'href="(/documents/[\w-]+)"', done)
    assert receipt is not None
    pdf = client.get(receipt[1])
    assert pdf.content.startswith(b"%PDF-") and pdf.headers["content-type"] == "application/pdf"
    assert number in client.get("/my").text


def test_a_draft_waits_for_its_applicant(city: City) -> None:
    client = city.client("applicant")
    case_id = started(client)
    save(city, case_id, "operator", operator_name="示例市演示小馆")
    assert f'href="/my/{case_id}"' in client.get("/my").text
    assert 'value="示例市演示小馆"' in client.get(f"/my/{case_id}/form/operator").text


def test_a_wrong_page_comes_back_with_everything_typed_and_its_errors(city: City) -> None:
    case_id = started(city.client("applicant"))
    where = save(
        city, case_id, "premises", address="示例市演示区演示路八号", seats="二十四", sign_text="匾"
    )
    page = city.client("applicant").get(where)
    assert page.status_code == 422
    assert 'value="二十四"' in page.text and 'value="匾"' in page.text
    assert 'href="#f-seats"' in page.text and "座席数：应为整数" in page.text
    assert 'role="alert"' in page.text and "data-focus" in page.text
    assert "aria-invalid" in page.text


def test_what_an_answer_holds_is_not_asked_again(city: City) -> None:
    case_id = started(city.client("applicant"))
    page = city.client("applicant").get(f"/my/{case_id}/form/premises").text
    assert 'name="area"' not in page and "80 平方米" in page


def test_rows_are_added_and_removed_without_losing_what_was_typed(city: City) -> None:
    case_id = started(city.client("applicant"))
    client = city.client("applicant")
    rows = {"staff.0.name": "演示员工甲", "staff.0.post": "厨师"}
    where = save(city, case_id, "people", **rows, _row="add:staff")
    assert where.endswith("#f-staff-1")
    page = client.get(where).text
    assert 'name="staff.1.name"' in page and 'value="演示员工甲"' in page
    rows |= {"staff.1.name": "演示员工乙", "staff.1.post": "服务员"}
    where = save(city, case_id, "people", **rows, _row="remove:staff.0")
    page = client.get(where).text
    assert 'value="演示员工乙"' in page and "演示员工甲" not in page
    assert 'name="staff.1.name"' not in page


def test_an_old_page_does_not_overwrite_a_newer_one(city: City) -> None:
    case_id = started(city.client("applicant"))
    old = str(city.case(case_id).revision)
    save(city, case_id, "operator", operator_name="新的名称")
    answer = city.client("applicant").post(
        f"/my/{case_id}/form/operator", data={"operator_name": "旧的名称", "revision": old}
    )
    assert answer.status_code == 409
    assert "没有生效" in answer.text
    page = city.client("applicant").get(f"/my/{case_id}/form/operator").text
    assert "新的名称" in page


def test_a_form_without_its_revision_is_refused(city: City) -> None:
    case_id = started(city.client("applicant"))
    answer = city.client("applicant").post(
        f"/my/{case_id}/form/operator", data={"operator_name": "没有版本号"}
    )
    assert answer.status_code == 422


def test_submitting_too_early_names_everything(city: City) -> None:
    case_id = started(city.client("applicant"))
    page = submit(city, case_id)
    assert page.status_code == 422
    assert "还不能提交" in page.text
    assert "请填写“经营者名称”" in page.text and "请上传“场所平面图”" in page.text
    assert city.case(case_id).state == "draft"


def test_submitting_needs_the_pledge(city: City) -> None:
    case_id = started(city.client("applicant"))
    filled(city, case_id)
    uploaded(city, case_id)
    page = submit(city, case_id, agreed="")
    assert page.status_code == 422 and "请阅读并勾选承诺" in page.text
    assert city.case(case_id).number is None


def test_submitting_twice_says_what_happened(city: City) -> None:
    case_id = started(city.client("applicant"))
    filled(city, case_id)
    uploaded(city, case_id)
    revision = str(city.case(case_id).revision)
    submit(city, case_id)
    number = city.case(case_id).number
    again = submit(city, case_id, revision=revision)
    assert again.status_code == 409
    assert city.case(case_id).number == number


def test_answers_can_be_changed_and_the_rest_stays(city: City) -> None:
    case_id = started(city.client("applicant"))
    save(city, case_id, "operator", operator_name="示例市演示小馆")
    data = {**TYPED, "signboard": "false", "revision": str(city.case(case_id).revision)}
    page = city.client("applicant").post(f"/my/{case_id}/answers", data=data)
    assert page.status_code == 200
    assert "户外招牌" not in page.text
    assert "示例市演示小馆" in city.client("applicant").get(f"/my/{case_id}/form/operator").text


def test_nobody_else_sees_a_case(city: City) -> None:
    case_id = city.submitted()
    for username in ("tobacco.handler", "admin"):
        for address in (f"/my/{case_id}", f"/my/{case_id}/materials", f"/my/{case_id}/review"):
            assert city.client(username).get(address).status_code in (403, 404), address


@pytest.mark.parametrize("address", ["/my/not-an-id", "/my/00000000-0000-7000-8000-000000000000"])
def test_a_case_that_is_not_there(city: City, address: str) -> None:
    page = city.client("applicant").get(address)
    assert page.status_code == 404 and "没有找到" in page.text


def corrected(city: City) -> UUID:
    """A submitted case of which the desk told two things that are missing."""
    case_id = city.submitted()
    with city.acting("clerk") as ctx:
        good = ("application", "licence_copy", "representative_id", "process_layout",
                "food_safety_rules", "food_manager", "sign_design")  # fmt: skip
        findings = [Finding(each, "received") for each in good]
        findings += [
            Finding("health_certificates", "deferred"),
            Finding("floor_plan", "unfit", "图纸模糊，看不清疏散通道"),
        ]
        fields = [FieldFinding("seats", "与平面图不一致")]
        correct.request(ctx, case_id, findings, fields, city.case(case_id).revision)
    return case_id


def test_a_correction_shows_what_is_missing_beside_where_to_mend_it(city: City) -> None:
    case_id = corrected(city)
    client = city.client("applicant")
    assert f"/my/{case_id}/correction" in client.get(f"/my/{case_id}").text
    page = client.get(f"/my/{case_id}/correction").text
    assert "图纸模糊，看不清疏散通道" in page and "与平面图不一致" in page
    assert f"/my/{case_id}/materials#material-floor_plan" in page
    assert f"/my/{case_id}/form/premises#f-seats" in page
    section = client.get(f"/my/{case_id}/form/premises").text
    assert 'name="seats"' in section and "与平面图不一致" in section
    assert 'name="address"' not in section, "what is right is not asked again"


def test_a_correction_is_mended_and_handed_in(city: City) -> None:
    case_id = corrected(city)
    client = city.client("applicant")
    save(city, case_id, "premises", seats="30")
    page = client.post(
        f"/my/{case_id}/materials/floor_plan",
        files={"file": ("清晰的图纸.pdf", PDF + b"2", "application/pdf")},
    )
    assert "清晰的图纸.pdf" in page.text
    client.post(f"/my/{case_id}/supplement", data={"revision": str(city.case(case_id).revision)})
    assert city.case(case_id).state == "resubmitted"
    assert city.case(case_id).form["seats"] == 30


def test_withdrawing_ends_the_case(city: City) -> None:
    case_id = city.submitted()
    client = city.client("applicant")
    assert f"/my/{case_id}/withdraw" in client.get(f"/my/{case_id}").text
    data = {"revision": str(city.case(case_id).revision), "reason": "不开了"}
    page = client.post(f"/my/{case_id}/withdraw", data=data)
    assert page.status_code == 200 and "撤回" in page.text
    assert city.case(case_id).state == "withdrawn"


def test_progress_is_told_item_by_item(city: City) -> None:
    case_id = city.accepted()
    page = city.client("applicant").get(f"/my/{case_id}").text
    for said in ("食品经营许可（新办）", "户外招牌设置许可", "烟草专卖零售许可", "承办", "受理"):
        assert said in page


def test_a_rejected_item_shows_reasons_and_remedies(city: City) -> None:
    case_id = city.accepted()
    city.approve(case_id, "licence")
    while city.approval(case_id, "signboard").state != "decide":
        city.act(case_id, "signboard", "forward")
    city.act(case_id, "signboard", "reject", "招牌超出门楣范围")
    page = city.client("applicant").get(f"/my/{case_id}").text
    assert "招牌超出门楣范围" in page
    assert "行政复议" in page and "行政诉讼" in page


def test_results_are_downloaded_by_their_owner_only(city: City) -> None:
    case_id = city.ready()
    page = city.client("applicant").get(f"/my/{case_id}").text
    documents = re.findall(r'href="(/documents/[\w-]+)"', page)
    assert documents
    assert city.client("applicant").get(documents[0]).content.startswith(b"%PDF-")
    assert city.client("admin").get(documents[0]).status_code in (403, 404)
    stranger = TestClient(city.app, base_url="http://testserver", follow_redirects=False)
    assert stranger.get(documents[0]).headers["location"].startswith("/sign-in")
