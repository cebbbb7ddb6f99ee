"""The pages of what comes after a decision: certificates, pledges, revocation, reopening."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from httpx import Response
from sqlmodel import col, select, update

from functional.city import PASSWORD, City
from onevisit.cases.account import hash_password
from onevisit.settings import Settings
from onevisit.store.evidence import verify_ledger
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case, Document
from onevisit.store.turn_tables import Bar, Certificate, PledgeCheck
from scenarios.law import stall
from scenarios.stage import Stage, prepare


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, City]]:
    """The market of the law tests with its pages: what the stage does, the browsers see."""
    folder = stall.services(tmp_path_factory.mktemp("services"))
    data = tmp_path_factory.mktemp("data")
    settings = Settings(home=folder, data=data, database_url="", printing_processes=0).prepared()
    prepare(settings.database_url, folder)
    stage = Stage(settings.database_url, data)
    with writing(stage.engine) as session:
        session.exec(update(Account).values(password_hash=hash_password(PASSWORD)))
    yield stage, City(settings)
    stage.engine.dispose()


def granted(stage: Stage, days_ago: int = 3, **how: object) -> UUID:
    """A case whose results were handed out some days ago."""
    stage.now = datetime.now(UTC) - timedelta(days=days_ago)
    case_id = stall.decided(stage, **how)  # type: ignore[arg-type]  # as the stall takes it
    stall.handed_out(stage, case_id)
    stage.now = datetime.now(UTC) - timedelta(hours=1)
    return case_id


def sent(city: City, who: str, address: str, **typed: object) -> Response:
    """The form of a page as its person fills it in: revision taken from the page itself."""
    browser = city.client(who)
    page = browser.get(address)
    assert page.status_code == 200, page.text
    number = page.text.partition('name="revision" value="')[2].partition('"')[0]
    answer: Response = browser.post(address, data={"revision": number, **typed})
    return answer


def test_a_holder_sees_their_certificates_and_asks_for_renewal(
    market: tuple[Stage, City],
) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    browser = city.client("applicant")
    assert f"/my/certificates/{row.id}" in browser.get("/my/certificates").text
    page = browser.get(f"/my/certificates/{row.id}").text
    assert "摆摊许可证" in page and row.number in page and "申请延续" in page
    assert "（暂定）前（含当日）申请延续" in page  # rests on holidays not yet announced
    answer = sent(city, "applicant", f"/my/certificates/{row.id}/renew", text="内容不变。")
    assert "延续申请已经提交" in answer.text and "延续正在办理" in answer.text
    again = browser.get(f"/my/certificates/{row.id}/renew")
    assert again.status_code == 409 and "延续办理中" in again.text


def test_an_officer_finds_the_renewal_and_decides(market: tuple[Stage, City]) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    sent(city, "applicant", f"/my/certificates/{row.id}/renew", text="")
    decider = city.client("market_regulation.decider")
    assert f"/office/certificates/{row.id}" in decider.get("/office?tab=certificates").text
    address = f"/office/certificates/{row.id}"
    refused = sent(city, "market_regulation.decider", f"{address}/refuse_renewal", reasons=" ")
    assert refused.status_code == 422 and "请写明理由" in refused.text
    done = sent(city, "market_regulation.decider", f"{address}/renew")
    assert "已准予延续" in done.text
    found = stall.certificate(stage, row.case_id)
    assert found.state == "valid" and found.valid_until != row.valid_until
    everything = decider.get("/office/certificates?state=all").text
    assert address in everything
    assert address in decider.get(f"/office/certificates?q={row.number}").text
    assert "没有找到" in decider.get("/office/certificates?q=查无此人").text
    assert stage.problems(row.case_id) == []


def test_revoking_asks_for_ground_and_reasons_and_keeps_what_was_typed(
    market: tuple[Stage, City],
) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    address = f"/office/certificates/{row.id}/revoke_certificate"
    wrong = sent(city, "market_regulation.decider", address, reasons="伪造了场地证明。")
    assert wrong.status_code == 422
    assert "请选择撤销的法定情形" in wrong.text and "伪造了场地证明。" in wrong.text
    typed = {"ground": "fraud", "reasons": "伪造了场地证明。"}
    done = sent(city, "market_regulation.decider", address, **typed)
    assert "已撤销" in done.text and "撤销决定书" in done.text
    gone = city.client("market_regulation.decider").get(address)
    assert gone.status_code == 409
    with writing(stage.engine) as session:  # the next tests apply again
        session.exec(update(Bar).values(until=date(2020, 1, 1)))


def test_a_page_that_is_out_of_date_changes_nothing(market: tuple[Stage, City]) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    address = f"/office/certificates/{row.id}/revoke_certificate"
    typed = {"revision": "0", "ground": "other", "reasons": "演示。"}
    answer = city.client("market_regulation.decider").post(address, data=typed)
    assert answer.status_code == 409
    assert stall.certificate(stage, row.case_id).state == "valid"


def test_a_pledge_is_checked_mended_and_another_revoked_on_its_pages(
    market: tuple[Stage, City],
) -> None:
    stage, city = market
    case_id = granted(stage)
    row = stall.check(stage, case_id)
    handler = city.client("fire_rescue.handler")
    assert f"/office/pledges/{row.id}" in handler.get("/office?tab=pledges").text
    address = f"/office/pledges/{row.id}"
    wrong = sent(city, "fire_rescue.handler", f"{address}/check_pledge", finding="通道堵塞。")
    assert (
        wrong.status_code == 422 and "请选择核查结果" in wrong.text and "通道堵塞。" in wrong.text
    )
    typed = {"result": "broken", "finding": "通道堵塞。"}
    assert (
        "限期整改中" in sent(city, "fire_rescue.handler", f"{address}/check_pledge", **typed).text
    )
    wrong = sent(city, "fire_rescue.handler", f"{address}/confirm_mended", mended_on="昨天")
    assert wrong.status_code == 422 and "请填写日期" in wrong.text
    early = city.client("fire_rescue.decider").get(f"{address}/revoke_certificate")
    assert early.status_code == 200
    typed = {"reasons": "仍未达到。"}
    hindered = sent(city, "fire_rescue.decider", f"{address}/revoke_certificate", **typed)
    assert hindered.status_code == 409 and "期满仍未达到条件的才能撤销" in hindered.text
    today = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    typed = {"mended_on": today, "finding": "已经清空。"}
    done = sent(city, "fire_rescue.handler", f"{address}/confirm_mended", **typed)
    assert "整改到位" in done.text
    assert f"/office/pledges/{row.id}" in handler.get("/office/pledges?state=done").text
    assert stage.problems(case_id) == []


def test_what_was_not_mended_in_time_is_revoked_on_its_page(market: tuple[Stage, City]) -> None:
    stage, city = market
    case_id = granted(stage)
    row = stall.check(stage, case_id)
    typed = {"result": "broken", "finding": "通道堵塞。"}
    sent(city, "fire_rescue.handler", f"/office/pledges/{row.id}/check_pledge", **typed)
    with writing(stage.engine) as session:  # the days for mending are over
        over = update(PledgeCheck).where(col(PledgeCheck.id) == row.id)
        session.exec(over.values(mend_by=date(2026, 1, 5)))
    listed = city.client("fire_rescue.handler").get("/office/pledges").text
    assert "超期" in listed
    address = f"/office/pledges/{row.id}/revoke_certificate"
    done = sent(city, "fire_rescue.decider", address, reasons="通道仍然堵塞。")
    assert "已撤销许可" in done.text
    assert stall.certificate(stage, case_id, "fire").state == "revoked"
    with writing(stage.engine) as session:
        session.exec(update(Bar).values(until=date(2020, 1, 1)))


def test_the_government_reopens_by_number(market: tuple[Stage, City]) -> None:
    stage, city = market
    old = granted(stage, refused=["permit"])
    browser = city.client("government")
    assert "/government/reopen" in browser.get("/government").text
    nothing = browser.get("/government/reopen?number=990000-20200101-000001-1").text
    assert "没有找到" in nothing
    number = stage.case(old).number
    found = browser.get(f"/government/reopen?number={number}")
    assert found.url.path == f"/government/cases/{old}/reopen"
    assert "“摊位消防许可”的证照仍然有效" in found.text
    typed = {"body": "示例市人民政府", "number": "3号", "day": "", "reasons": "事实不清。"}
    wrong = sent(city, "government", found.url.path, items=["permit"], **typed)
    assert wrong.status_code == 422 and "请填写日期" in wrong.text and "事实不清。" in wrong.text
    typed["day"] = stage.now.date().isoformat()
    done = sent(city, "government", found.url.path, items=["permit"], **typed)
    assert "已经重新办理，新办件编号" in done.text
    with reading(stage.engine) as session:
        new = session.exec(select(Case).where(Case.reopens == old)).one()
        assert verify_ledger(session, new.id) == []
    assert f"在办件{new.number}中重新办理" in city.client("applicant").get(f"/my/{old}").text
    assert (
        f"办件{number}的决定被撤销后重新办理" in city.client("applicant").get(f"/my/{new.id}").text
    )
    inbox = city.client("market_regulation.handler").get("/office").text
    assert str(new.number) in inbox


def test_a_rejection_for_false_material_is_ticked_on_the_approval_page(
    market: tuple[Stage, City],
) -> None:
    stage, city = market
    stage.now = datetime.now(UTC) - timedelta(hours=1)
    case_id = stall.accepted(stage)
    stage.act(case_id, "permit", "forward")
    row = stage.approvals(case_id)["permit"]
    page = city.client("market_regulation.decider").get(f"/office/{row.id}").text
    assert "认定隐瞒情况或者提供虚假材料" in page
    typed = {"event": "reject", "reasons": "证明系伪造。", "false_material": "yes"}
    sent(city, "market_regulation.decider", f"/office/{row.id}", **typed)
    (bar,) = [each for each in stall.bars(stage) if each.case_id == case_id]
    assert bar.reasons == "证明系伪造。"
    assert stage.problems(case_id) == []
    with writing(stage.engine) as session:
        session.exec(update(Bar).values(until=date(2020, 1, 1)))


def test_a_certificate_that_holds_for_good_offers_no_renewal(market: tuple[Stage, City]) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    with writing(stage.engine) as session:
        forever = update(Certificate).where(col(Certificate.id) == row.id)
        session.exec(forever.values(valid_until=None, timer_due=None))
    page = city.client("applicant").get(f"/my/certificates/{row.id}").text
    assert "长期有效" in page and "/renew" not in page
    answer = city.client("applicant").get(f"/my/certificates/{row.id}/renew")
    assert answer.status_code == 409 and "不需要延续" in answer.text


def papers(stage: Stage, case_id: UUID, region: str = "permit") -> list[Document]:
    """The papers of one certificate, in the order in which they were issued."""
    found = stage.documents(case_id)
    return [each for each in found if (each.kind, each.region) == ("certificate", region)]


def test_a_lost_paper_is_asked_for_and_issued_again_on_its_pages(
    market: tuple[Stage, City],
) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    mine, address = f"/my/certificates/{row.id}", f"/office/certificates/{row.id}"
    assert f"{mine}/reissue" in city.client("applicant").get(mine).text
    wrong = sent(city, "applicant", f"{mine}/reissue", text="昨天在市场丢了。")
    assert wrong.status_code == 422 and "请选择申请什么" in wrong.text
    assert "昨天在市场丢了。" in wrong.text
    sneaked = sent(city, "applicant", f"{mine}/reissue", kind="cancel", text="昨天丢了。")
    assert sneaked.status_code == 422  # cancelling has a page of its own
    asked = sent(city, "applicant", f"{mine}/reissue", kind="lost", text="昨天在市场丢了。")
    assert "申请已经提交" in asked.text and "您申请了遗失补发" in asked.text
    assert f"{mine}/reissue" not in asked.text
    again = city.client("applicant").get(f"{mine}/reissue")
    assert again.status_code == 409 and "正在等待答复" in again.text
    handler = city.client("market_regulation.handler")
    assert address in handler.get("/office/certificates?state=asked").text
    assert "持有人申请遗失补发" in handler.get(address).text
    wrong = sent(city, "market_regulation.handler", f"{address}/reissue_certificate", why=" ")
    assert wrong.status_code == 422 and "补发的事由" in wrong.text
    typed = {"why": "遗失，已核对身份。"}
    done = sent(city, "market_regulation.handler", f"{address}/reissue_certificate", **typed)
    assert "已补发" in done.text and "已由第002版替换" in done.text
    assert address not in handler.get("/office/certificates?state=asked").text
    first, second = papers(stage, row.case_id)
    page = city.client("applicant").get(mine).text
    assert f"/documents/{second.id}" in page and f"/documents/{first.id}" in page
    assert "已由第002版替换" in page and second.number in page and "（第002版）" in page
    assert stage.problems(row.case_id) == []


def test_a_correction_shows_what_is_printed_and_keeps_what_was_typed(
    market: tuple[Stage, City],
) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    address = f"/office/certificates/{row.id}/correct_certificate"
    page = city.client("market_regulation.decider").get(address).text
    assert 'value="示例市演示广场"' in page and "持证主体" in page
    as_it_is = {"holder": "演示申请人甲", "field_0": "示例市演示广场", "reasons": "录入有误。"}
    nothing = sent(city, "market_regulation.decider", address, **as_it_is)
    assert nothing.status_code == 422 and "没有改动任何一项" in nothing.text
    changed = {**as_it_is, "field_0": "示例市演示广场东侧", "reasons": ""}
    wrong = sent(city, "market_regulation.decider", address, **changed)
    assert wrong.status_code == 422 and 'value="示例市演示广场东侧"' in wrong.text
    done = sent(city, "market_regulation.decider", address, **{**changed, "reasons": "录入有误。"})
    assert "已更正" in done.text
    assert "地点由“示例市演示广场”更正为“示例市演示广场东侧”" in done.text
    printed = papers(stage, row.case_id)[-1].snapshot["certificate"]
    assert printed["fields"] == [{"label": "地点", "value": "示例市演示广场东侧"}]


def test_the_holder_gives_a_certificate_up_and_it_is_cancelled(market: tuple[Stage, City]) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    mine, address = f"/my/certificates/{row.id}", f"/office/certificates/{row.id}"
    asked = sent(city, "applicant", f"{mine}/cancel", text="不再摆摊。")
    assert "您申请了注销" in asked.text
    page = city.client("market_regulation.decider").get(address).text
    assert f"{address}/cancel_certificate" in page and f"{address}/refuse_request" in page
    typed = {"ground": "expired", "reasons": "演示。"}
    wrong = sent(city, "market_regulation.decider", f"{address}/cancel_certificate", **typed)
    assert wrong.status_code == 422 and "有效期还没有届满" in wrong.text
    typed = {"ground": "request", "reasons": "同意持证人的申请。"}
    done = sent(city, "market_regulation.decider", f"{address}/cancel_certificate", **typed)
    assert "已注销，注销决定书已经生成" in done.text
    page = city.client("applicant").get(mine).text
    assert "已注销" in page and "注销决定书" in page and "/reissue" not in page
    assert stage.problems(row.case_id) == []


def test_what_is_not_done_is_refused_in_writing(market: tuple[Stage, City]) -> None:
    stage, city = market
    row = stall.certificate(stage, granted(stage))
    address = f"/office/certificates/{row.id}/refuse_request"
    early = city.client("market_regulation.decider").get(f"/office/certificates/{row.id}").text
    assert "refuse_request" not in early
    typed = {"kind": "wrong", "text": "想改到别的广场。"}
    sent(city, "applicant", f"/my/certificates/{row.id}/reissue", **typed)
    done = sent(city, "market_regulation.decider", address, reasons="属于变更，不是更正。")
    assert "已决定不予办理" in done.text and "不予办理决定书" in done.text
    assert stall.certificate(stage, row.case_id).state == "valid"
