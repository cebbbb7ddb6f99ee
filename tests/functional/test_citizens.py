"""What citizens do around an application: shared data, drafts, agents, the list of what to do, and
rating what was finished."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import (
    ANSWERS,
    APPLICANT_ID,
    FORM,
    PDF,
    RECEIVED,
    VERIFIED,
    City,
)
from onevisit.cases import (
    FieldFinding,
    Finding,
    Invalid,
    NotPossible,
    authorise,
    correct,
    discard,
    draft,
    material,
    rating,
    submit,
)
from onevisit.cases.shared_import import BadList, import_records
from onevisit.catalog.folder import load
from onevisit.store.citizen_tables import Authorisation, Rating, SharedFact, SharedRead
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case, Document, LedgerEntry, Upload
from onevisit.store.work_tables import Message

AGENT_ID = "990000199001019038"
NAME, ADDRESS = "示例市演示小馆", "示例市演示区演示路八号"
REGISTER = (
    "holder,as_of,person,operator_name,uscc,address,licence",
    f"91990000MA0000001B,2026-10-08,{APPLICANT_ID},{NAME},91990000MA0000001B,{ADDRESS},营业执照（有效）",
)


def imported(city: City, *lines: str) -> None:
    """The register of businesses knows these."""
    source = next(
        each
        for each in city.catalog.current("open_restaurant").definition.directory.sources
        if each.id == "business_register"
    )
    with writing(city.engine) as session:
        import_records(session, source, lines, datetime.now(UTC))


def started(city: City, username: str = "applicant") -> UUID:
    with city.acting(username) as ctx:
        return draft.start(ctx, "open_restaurant", ANSWERS).id


def post(client: TestClient, address: str, city: City, case_id: UUID, **data: str) -> str:
    """The page after a form was sent with the present revision."""
    data = {"revision": str(city.case(case_id).revision), **data}
    return client.post(address, data=data).text


def row(city: City, table: type, *conditions: object) -> object:
    with reading(city.engine) as session:
        return session.exec(select(table).where(*conditions)).one()


# ---- shared data -----------------------------------------------------------------------------


def test_what_a_source_knows_is_shown_and_not_asked(city: City) -> None:
    imported(city, *REGISTER)
    case_id = started(city)
    client = city.client("applicant")
    assert f'href="/my/{case_id}/shared"' in client.get(f"/my/{case_id}").text
    page = client.get(f"/my/{case_id}/shared").text
    assert NAME in page and "来自市场主体登记库，截至2026年10月8日" in page and "确认无误" in page
    section = client.get(f"/my/{case_id}/form/operator").text
    assert 'name="operator_name"' not in section and 'name="phone"' in section
    with reading(city.engine) as session:
        reads = session.exec(select(SharedRead).where(SharedRead.case_id == case_id)).all()
    assert {(each.source, each.found) for each in reads} == {
        ("business_register", True), ("population", False),
    }  # fmt: skip
    assert all("预填申请" in each.purpose for each in reads)


def test_confirmed_data_goes_into_the_form_and_disputed_data_as_the_applicant_says(
    city: City,
) -> None:
    imported(city, *REGISTER)
    case_id = started(city)
    client = city.client("applicant")
    wrong = post(client, f"/my/{case_id}/shared", city, case_id, **{"field.uscc": "confirmed"})
    assert "经营者名称：请选择“确认无误”或者“有异议”" in wrong
    said = {
        "field.operator_name": "confirmed",
        "field.uscc": "confirmed",
        "field.address": "disputed",
        "field.address.said": "示例市演示区演示路九号",
        "material.licence_copy": "confirmed",
    }
    page = post(client, f"/my/{case_id}/shared", city, case_id, **said)
    assert "请写明为什么有异议" in page and "示例市演示区演示路九号" in page
    post(client, f"/my/{case_id}/shared", city, case_id, **said, **{"field.address.why": "已搬迁"})
    form = city.case(case_id).form
    assert (form["operator_name"], form["address"]) == (NAME, "示例市演示区演示路九号")
    review = client.get(f"/my/{case_id}/review").text
    assert "您有异议" in review and "演示路八号" in review


def test_nothing_is_submitted_before_shared_data_is_looked_at(city: City) -> None:
    imported(city, *REGISTER)
    case_id = city.filled()
    with city.acting("applicant") as ctx, pytest.raises(Invalid, match="请核对“经营者名称”"):
        submit.submit(ctx, case_id, "window", city.case(case_id).revision)


def test_a_dispute_is_in_the_ledger_and_on_the_application_form(city: City) -> None:
    imported(city, *REGISTER)
    case_id = city.filled()
    client = city.client("applicant")
    said = {f"field.{each}": "confirmed" for each in ("operator_name", "uscc")}
    said |= {"material.licence_copy": "confirmed", "field.address": "disputed"}
    said |= {"field.address.said": "示例市演示区演示路九号", "field.address.why": "已搬迁"}
    post(client, f"/my/{case_id}/shared", city, case_id, **said)
    with city.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "window", city.case(case_id).revision)
    with reading(city.engine) as session:
        assert verify_ledger(session, case_id) == []
        of_form = Document.case_id == case_id, Document.kind == "application"
        sections = session.exec(select(Document).where(*of_form)).one().snapshot["form"]["sections"]
        told = sections[-1]
        assert "异议" in told["title"] and "演示路九号" in told["rows"][0]["value"]
        assert "演示路八号" in told["rows"][0]["value"] and "已搬迁" in told["rows"][0]["value"]
    with writing(city.engine) as session:
        fact = session.exec(select(SharedFact).where(SharedFact.name == "address")).one()
        fact.why = "改过"
        session.add(fact)
        session.flush()
        assert any("shared" in each.text for each in verify_ledger(session, case_id))


def test_no_record_leaves_the_question_as_it_was(city: City) -> None:
    imported(city, REGISTER[0], REGISTER[1].replace(APPLICANT_ID, AGENT_ID))
    case_id = started(city)
    client = city.client("applicant")
    assert "/shared" not in client.get(f"/my/{case_id}").text
    assert 'name="operator_name"' in client.get(f"/my/{case_id}/form/operator").text


def test_a_value_that_does_not_fit_the_form_is_asked(city: City) -> None:
    imported(city, REGISTER[0], REGISTER[1].replace(f"{NAME},91990000MA0000001B", f"{NAME},坏号码"))
    case_id = started(city)
    section = city.client("applicant").get(f"/my/{case_id}/form/operator").text
    assert 'name="uscc"' in section and 'name="operator_name"' not in section


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("12345,2026-10-08,,,,,", "holder 不是"),
        ("91990000MA0000001B,2026-10-08,,,,,", "person 要写"),
        (f"{APPLICANT_ID},8.10.2026,,,,,", "as_of 应当"),
        (f"{APPLICANT_ID},2026-10-08", "列数"),
    ],
)
def test_a_faulty_list_is_taken_over_by_no_line(city: City, line: str, fault: str) -> None:
    with pytest.raises(BadList, match=f"第 3 行：.*{fault}"):
        imported(city, *REGISTER, line)
    with pytest.raises(BadList, match="没有字段“name”"):
        imported(city, "holder,as_of,name", f"{APPLICANT_ID},2026-10-08,甲")


# ---- drafts ----------------------------------------------------------------------------------


def test_drafts_are_listed_with_how_far_they_are_and_thrown_away(city: City) -> None:
    case_id = city.filled()
    client = city.client("applicant")
    page = client.get("/my/drafts").text
    assert "填好 6 / 7 步" in page and "保存到" in page and f"/my/{case_id}/discard" in page
    ask = client.get(f"/my/{case_id}/discard").text
    assert "4 个" in ask and "不能恢复" in ask
    with reading(city.engine) as session:
        keys = [each.storage_key for each in session.exec(select(Upload)).all()]
    files = FileStore(city.settings.files)
    assert all(files.stored(key).exists() for key in keys)
    assert "草稿已删除" in post(client, f"/my/{case_id}/discard", city, case_id)
    assert client.get(f"/my/{case_id}").status_code == 404
    assert not any(files.stored(key).exists() for key in keys)


def test_what_was_handed_in_is_not_thrown_away(city: City) -> None:
    case_id = city.submitted()
    with city.acting("applicant") as ctx, pytest.raises(NotPossible, match="已经提交"):
        discard.discard(ctx, case_id, city.case(case_id).revision)


def test_a_draft_that_nobody_went_on_with_is_deleted_after_its_time(city: City) -> None:
    case_id = city.filled()
    files = FileStore(city.settings.files)

    def run(days: int) -> int:
        then = datetime.now(UTC) + timedelta(days=days)
        return discard.run_expired(lambda: writing(city.engine), city.catalog, files, then)

    assert run(180) == 0 and city.case(case_id)
    assert run(182) == 1
    with reading(city.engine) as session:
        assert session.get(Case, case_id) is None


def outdated(city: City) -> UUID:
    """A draft whose service is published anew with one more thing to hand in."""
    case_id = city.filled()
    former = city.catalog.current("open_restaurant")
    texts = dict(former.content)
    path = "workflows/open_restaurant.yaml"
    texts[path] = texts[path].replace("materials:\n", "materials:\n" + NEW_MATERIAL, 1)
    texts[path] = texts[path].replace('version: "1.0"', 'version: "1.1"', 1)
    with writing(city.engine) as session:
        assert city.catalog.put_in_force(session, load(path, texts), datetime.now(UTC))
    return case_id


NEW_MATERIAL = "  - {id: lease_copy, title: 场所租赁合同, source: applicant, items: [food]}\n"


def test_a_draft_goes_on_with_a_new_version_and_is_told_what_changed(city: City) -> None:
    case_id = outdated(city)
    client = city.client("applicant")
    assert "办理要求有了更新" in client.get(f"/my/{case_id}").text
    with city.acting("applicant") as ctx, pytest.raises(Invalid, match="办理要求在您填写期间"):
        submit.submit(ctx, case_id, "window", city.case(case_id).revision)
    page = client.get(f"/my/{case_id}/renew").text
    assert "新增：场所租赁合同" in page
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert client.post(f"/my/{case_id}/renew", data=sent).status_code == 200
    case = city.case(case_id)
    assert case.version_hash == city.catalog.current("open_restaurant").hash
    assert case.form["operator_name"] == FORM["operator_name"], "nothing typed is lost"
    assert "场所租赁合同" in client.get(f"/my/{case_id}/materials").text


# ---- agents ----------------------------------------------------------------------------------


def named(city: City) -> None:
    """The second applicant has an ID number, by which they can be named."""
    with writing(city.engine) as session:
        account = session.exec(select(Account).where(Account.username == "applicant2")).one()
        account.id_number = AGENT_ID
        session.add(account)


def authorised(city: City, *services: str, until: date | None = None) -> UUID:
    named(city)
    with city.acting("applicant") as ctx:
        until = until or ctx.today + timedelta(days=30)
        row = authorise.offer(ctx, AGENT_ID, "演示申请人乙", services, until)
        code, authorisation_id = row.code, row.id
    with city.acting("applicant2") as ctx:
        assert authorise.take_on(ctx, code or "") is not None
    return authorisation_id


def represented(city: City, authorisation_id: UUID) -> UUID:
    """A draft that the agent has begun for the first applicant."""
    with city.acting("applicant2") as ctx:
        case = draft.start(ctx, "open_restaurant", ANSWERS, authorisation_id=authorisation_id)
        return case.id


def test_an_authorisation_is_taken_on_with_its_code(city: City) -> None:
    named(city)
    owner, agent = city.client("applicant"), city.client("applicant2")
    data = {"name": "演示申请人乙", "named": AGENT_ID, "until": "2020-01-01", "revision": "0"}
    assert "请填写今天起一年以内的日期" in owner.post("/my/agents/new", data=data).text
    data["until"] = (date.today() + timedelta(days=9)).isoformat()  # noqa: DTZ011
    page = owner.post("/my/agents/new", data=data).text
    found = re.search(r'ov-agency-code ov-code">(\d{4}) (\d{4})<', page)
    assert found is not None
    code = found[1] + found[2]
    waiting = agent.get("/my/agents").text
    assert "有 1 份授权等您接受" in waiting and found[0] not in waiting
    wrong = agent.post("/my/agents/accept", data={"code": "00000000", "revision": "0"})
    assert wrong.status_code == 422 and "代办码不对" in wrong.text
    page = agent.post("/my/agents/accept", data={"code": code, "revision": "0"}).text
    assert "替演示申请人甲办事" in page
    assert "演示申请人乙" in owner.get("/my/agents").text


def test_wrong_codes_end_an_offer(city: City) -> None:
    named(city)
    with city.acting("applicant") as ctx:
        row = authorise.offer(ctx, AGENT_ID, "演示申请人乙", (), ctx.today)
        code = row.code or ""
    for _ in range(authorise.TRIES):
        with city.acting("applicant2") as ctx:
            assert authorise.take_on(ctx, "x") is None
    with city.acting("applicant2") as ctx:
        assert authorise.take_on(ctx, code) is None


def test_an_agent_is_asked_for_whom_and_both_sides_see_the_case(city: City) -> None:
    authorised(city, "open_restaurant")
    agent = city.client("applicant2")
    typed = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in ANSWERS.items()}
    page = agent.post("/my/start/open_restaurant", data=typed)
    assert "为谁申请" in page.text
    chosen = re.search(r'value="([\w-]{36})" id="for-1"', page.text)
    assert chosen is not None
    answer = agent.post("/my/start/open_restaurant", data={**typed, "_for": chosen[1]})
    assert "您正在替<strong>演示申请人甲</strong>申请" in answer.text
    assert "替演示申请人甲办" in agent.get("/my").text
    assert "由演示申请人乙代办" in city.client("applicant").get("/my").text


def test_the_ledger_names_the_authorisation_under_every_act_of_an_agent(city: City) -> None:
    authorisation_id = authorised(city)
    case_id = represented(city, authorisation_id)
    with city.acting("applicant2") as ctx:
        definition = ctx.catalog.current("open_restaurant").definition
        case = city.case(case_id)
        for section in definition.form.sections:
            data = {each.id: FORM[each.id] for each in section.fields if each.id in FORM}
            case = draft.save_section(ctx, case_id, section.id, data, case.revision)
        for each in ("process_layout", "floor_plan", "food_manager", "sign_design"):
            material.attach(ctx, case_id, each, f"{each}.pdf", [PDF])
        submit.submit(ctx, case_id, "window", case.revision)
    with reading(city.engine) as session:
        entry = session.exec(select(LedgerEntry).where(LedgerEntry.act == "submit")).one()
        assert entry.detail["authorisation"] == str(authorisation_id)
        assert entry.detail["acts_for"] == str(city.case(case_id).applicant_id)
        assert entry.actor_id == city.case(case_id).agent_id
        assert verify_ledger(session, case_id) == []


def test_taking_it_back_has_effect_at_once(city: City) -> None:
    authorisation_id = authorised(city)
    case_id = represented(city, authorisation_id)
    agent, owner = city.client("applicant2"), city.client("applicant")
    assert agent.get(f"/my/{case_id}").status_code == 200
    assert "立即生效" in owner.post(f"/my/agents/{authorisation_id}/end").text
    assert agent.get(f"/my/{case_id}").status_code == 403
    assert owner.get(f"/my/{case_id}").status_code == 200
    with reading(city.engine) as session:
        titles = [each.title for each in session.exec(select(Message)).all()]
    assert "代办授权已经终止" in titles


def test_an_authorisation_ends_with_its_last_day(city: City) -> None:
    authorisation_id = authorised(city)
    case_id = represented(city, authorisation_id)
    later = datetime.now(UTC) + timedelta(days=31)
    revision = city.case(case_id).revision
    with pytest.raises(Exception, match="到期"), city.acting("applicant2", later) as ctx:
        draft.save_section(ctx, case_id, "operator", {"phone": "19900000001"}, revision)
    files = FileStore(city.settings.files)
    done = authorise.run_expired(lambda: writing(city.engine), city.catalog, files, later)
    assert done == 1 and city.case(case_id).agent_id is None
    ended = row(city, Authorisation)
    assert isinstance(ended, Authorisation) and ended.state == "revoked"


# ---- the list, and rating --------------------------------------------------------------------


def test_nothing_to_do_is_said_plainly(city: City) -> None:
    assert "现在没有要您办的事" in city.client("applicant2").get("/my").text


def concluded(city: City) -> UUID:
    case_id = city.submitted()
    client = city.client("applicant")
    post(client, f"/my/{case_id}/withdraw", city, case_id, reason="演示")
    with writing(city.engine) as session:  # as if it had ended otherwise; only the list looks at it
        assert session.get_one(Case, case_id).concluded_at is not None
    return case_id


def test_a_bad_rating_is_told_followed_up_and_answered(city: City) -> None:
    case_id = concluded(city)
    client = city.client("applicant")
    assert "请选择一个等次" in post(client, f"/my/{case_id}/rate", city, case_id)
    page = post(
        client, f"/my/{case_id}/rate", city, case_id, grade="1", reasons="slow", words="太慢了"
    )
    assert "非常不满意" in page and "办得太慢" in page and "前会有人联系您" in page
    watch = city.client("supervisor")
    assert city.case(case_id).number in watch.get("/watch/ratings").text
    given = row(city, Rating)
    assert isinstance(given, Rating) and given.contact_due is not None
    assert (
        "请写明联系的情况" in watch.post(f"/watch/ratings/{given.id}", data={"outcome": " "}).text
    )
    watch.post(f"/watch/ratings/{given.id}", data={"outcome": "已电话道歉并说明原因"})
    assert "已电话道歉并说明原因" in watch.get("/watch/ratings?tab=done").text
    assert "已电话道歉并说明原因" in client.get(f"/my/{case_id}/rate").text
    with reading(city.engine) as session:
        titles = [each.title for each in session.exec(select(Message)).all()]
        assert verify_ledger(session, case_id) == []
    assert any(each.startswith("差评待回访") for each in titles)
    assert any("有了回复" in each for each in titles)


def test_a_case_is_rated_once_and_only_after_its_end(city: City) -> None:
    case_id = city.submitted()
    client = city.client("applicant")
    data = {"grade": "5", "reasons": ["once", "slow"], "words": ""}
    assert client.post(f"/my/{case_id}/rate", data=data).status_code == 409
    post(client, f"/my/{case_id}/withdraw", city, case_id, reason="演示")
    for grade in (5, 1):
        with city.acting("applicant") as ctx:
            rating.rate(ctx, case_id, grade, ["once", "slow"], "")
    given = row(city, Rating)
    assert isinstance(given, Rating)
    assert (given.grade, given.reasons, given.contact_due) == (5, ["once"], None)


# ---- correction ------------------------------------------------------------------------------


def test_a_correction_shows_the_earlier_answer_and_what_is_mended(city: City) -> None:
    case_id = city.submitted()
    with city.acting("clerk") as ctx:
        good = {*VERIFIED, *RECEIVED, "health_certificates"} - {"floor_plan"}
        findings = [Finding(each, "received") for each in sorted(good)]
        findings.append(Finding("floor_plan", "unfit", "图纸模糊"))
        fields = [FieldFinding("seats", "与平面图不一致"), FieldFinding("staff", "岗位不全")]
        correct.request(ctx, case_id, findings, fields, city.case(case_id).revision)
    client = city.client("applicant")
    page = client.get(f"/my/{case_id}/correction").text
    assert "还有 3 处没有补" in page and "原来填的：</span>24" in page
    section = client.get(f"/my/{case_id}/form/premises").text
    assert "与平面图不一致" in section and "原来填的：</span>24" in section
    post(client, f"/my/{case_id}/form/premises", city, case_id, seats="30")
    page = client.get(f"/my/{case_id}/correction").text
    assert "还有 2 处没有补" in page and "现在填的：</span>30" in page
    files = {"file": ("清晰.pdf", PDF + b"2", "application/pdf")}
    client.post(f"/my/{case_id}/materials/floor_plan", files=files)
    assert "还有 1 处没有补" in client.get(f"/my/{case_id}/correction").text
