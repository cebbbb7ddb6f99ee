"""Officers side by side: who has what in hand, phrases, several signed at once, files beside."""

from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import event
from sqlmodel import select

from functional.city import City
from functional.test_office import address, body
from onevisit.cases.phrases import GENERAL
from onevisit.store.evidence import verify_ledger
from onevisit.store.session import reading
from onevisit.store.tables import Approval, Upload

HANDLER, REVIEWER, DECIDER, HEAD = (
    f"market_regulation.{role}" for role in ("handler", "reviewer", "decider", "head")
)


def several(city: City, count: int) -> list[UUID]:
    """So many accepted cases of one city."""
    city.client(HANDLER)  # from now on the city is not copied anew
    return [city.accepted() for _ in range(count)]


def pick(city: City, *wanted: tuple[UUID, str]) -> list[str]:
    """What the boxes of these items send."""
    rows = [city.approval(case_id, region) for case_id, region in wanted]
    return [f"{row.id}:{row.revision}" for row in rows]


def sign(city: City, who: str, picks: list[str], act: str = "forward", opinion: str = "") -> str:
    """The answer to one press for all of them."""
    data = {"pick": picks, "step": "sign", "event": act, "opinion": opinion}
    text: str = city.client(who).post("/office/batch", data=data).text
    return text


def test_who_has_it_in_hand_is_seen_and_stops_nobody(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "food")
    first, second = city.client(HANDLER), city.client(DECIDER)
    assert "在我手上" in first.post(f"{page}/claim").text
    assert "演示handler" in second.get("/office?tab=department").text
    assert "已领取" in second.get(page).text
    assert "由我接手" in second.get(page).text
    assert page in first.get("/office?claimed=me").text
    assert page not in first.get("/office?claimed=nobody").text
    assert page in first.get("/office?claimed=").text
    first.post(f"{page}/put_back")
    assert "在我手上" not in first.get(page).text
    assert page in first.get("/office?claimed=nobody").text


def test_a_colleague_acts_all_the_same_and_both_are_told(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "food")
    city.client(REVIEWER).post(f"{page}/claim")  # who cannot sign this step, but has it
    answer = city.client(HANDLER).post(page, data=body(city, case_id, "food", "forward"))
    assert "领取过本件，已告知" in answer.text
    assert city.approval(case_id, "food").state == "review"
    told = city.client(REVIEWER).get("/messages").text
    assert "您领取的事项已由同事办理" in told
    assert "在我手上" not in city.client(REVIEWER).get(page).text, "let go with the signature"
    with reading(city.engine) as session:
        assert verify_ledger(session, case_id) == []


def test_taking_over_tells_who_had_it(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "food")
    city.client(HANDLER).post(f"{page}/claim")
    assert "在我手上" in city.client(DECIDER).post(f"{page}/claim").text
    assert "您领取的事项已由同事接手" in city.client(HANDLER).get("/messages").text
    city.client(HANDLER).post(f"{page}/put_back")  # no longer in that hand: nothing happens
    assert "在我手上" in city.client(DECIDER).get(page).text
    assert city.client("tobacco.handler").post(f"{page}/claim").status_code == 403


def test_what_is_decided_is_in_nobodys_hand(city: City) -> None:
    case_id = city.accepted()
    city.approve(case_id, "licence")
    page = address(city, case_id, "licence")
    assert "领取" not in city.client(HANDLER).get(page).text
    assert city.client(HANDLER).post(f"{page}/claim").status_code == 422


def test_phrases_are_ones_own_or_the_departments(city: City) -> None:
    handler, decider = city.client(HANDLER), city.client(DECIDER)
    case_id = city.accepted()
    page = address(city, case_id, "food")
    assert all(text in handler.get(page).text for text in GENERAL)
    own = {"text": "现场与图纸  一致。", "for": "market_regulation"}
    assert "现场与图纸 一致。" in handler.post("/office/phrases", data=own).text
    handler.post("/office/phrases", data=own)  # pressed twice
    assert handler.get("/office/phrases").text.count("<li><span>现场与图纸 一致。") == 1
    assert "现场与图纸 一致。" in handler.get(page).text
    assert "现场与图纸 一致。" not in decider.get(page).text
    shared = {"text": "请按新标准执行。", "for": "market_regulation:all"}
    assert handler.post("/office/phrases", data=shared).status_code == 403
    assert decider.post("/office/phrases", data=shared).status_code == 200
    assert "请按新标准执行。" in handler.get(page).text
    assert "请按新标准执行。" not in city.client("tobacco.handler").get("/office/phrases").text
    elsewhere = {"text": "越权", "for": "tobacco"}
    assert decider.post("/office/phrases", data=elsewhere).status_code == 403


@pytest.mark.parametrize(("text", "said"), [("", "请填写常用语"), ("长" * 201, "最多200个字")])
def test_a_wrong_phrase_is_told_and_stays(city: City, text: str, said: str) -> None:
    data = {"text": text, "for": "market_regulation"}
    answer = city.client(HANDLER).post("/office/phrases", data=data)
    assert answer.status_code == 422 and said in answer.text and f"{text}</textarea>" in answer.text


def test_phrases_are_removed_by_whom_they_belong_to(city: City) -> None:
    decider, handler = city.client(DECIDER), city.client(HANDLER)
    page = decider.post(
        "/office/phrases", data={"text": "部门的。", "for": "market_regulation:all"}
    ).text
    address_of_it = page.split('action="/office/phrases/')[1].split('"')[0]
    remove = f"/office/phrases/{address_of_it}"
    assert handler.post(remove).status_code == 403
    assert city.client("tobacco.decider").post(remove).status_code == 404
    assert "部门的。" not in decider.post(remove).text


def test_several_of_one_kind_are_signed_in_one_press(city: City) -> None:
    cases = several(city, 3)
    picks = pick(city, *((case_id, "food") for case_id in cases))
    inbox = city.client(HANDLER).get("/office").text
    assert all(each in inbox for each in picks)
    shown = city.client(HANDLER).post("/office/batch", data={"pick": picks, "step": "look"})
    assert shown.status_code == 200 and "3 件都" in shown.text
    assert all(city.approval(each, "food").state == "handle" for each in cases), "only looked at"
    done = sign(city, HANDLER, picks, opinion="材料齐全。")
    assert "3 件已办" in done
    for case_id in cases:
        assert city.approval(case_id, "food").state == "review"
        with reading(city.engine) as session:
            assert verify_ledger(session, case_id) == []
    assert "材料齐全。" in city.client(REVIEWER).get(address(city, cases[0], "food")).text


def test_one_that_cannot_be_signed_holds_no_other_up(city: City) -> None:
    cases = several(city, 2)
    picks = pick(city, *((case_id, "food") for case_id in cases))
    city.act(cases[0], "food", "forward")  # a colleague was quicker
    city.act(cases[0], "food", "send_back", "请补充说明")  # and it came back since
    done = sign(city, HANDLER, picks)
    assert "1 件已办，1 件没有办成" in done
    assert city.approval(cases[0], "food").state == "handle"
    assert city.approval(cases[1], "food").state == "review"


def test_refusals_and_mixtures_are_never_signed_together(city: City) -> None:
    case_id, other = several(city, 2)
    for each in (case_id, other):
        city.act(each, "licence", "forward")
    picks = pick(city, (case_id, "licence"), (other, "licence"))
    shown = city.client(DECIDER).post("/office/batch", data={"pick": picks}).text
    assert 'value="approve"' in shown and 'value="reject"' not in shown
    answer = sign(city, DECIDER, picks, "reject")
    assert "请选择要怎样办理" in answer
    assert city.approval(case_id, "licence").state == "decide"
    mixed = pick(city, (case_id, "food"), (other, "food"))[:1] + pick(city, (other, "signboard"))
    assert sign(city, HANDLER, mixed).count("件没有办成") == 0, "of another department: not listed"
    assert city.approval(other, "signboard").state == "handle"
    both = city.client(HANDLER).post("/office/batch", data={"step": "sign", "event": "forward"})
    assert both.status_code == 422 and "没有勾选事项" in both.text
    crowd = [f"{UUID(int=number)}:1" for number in range(51)]
    assert "最多一并办理50件" in sign(city, HANDLER, crowd)


def test_others_are_seen_by_state_and_department_only(city: City) -> None:
    case_id = city.accepted()
    page = city.client("urban_management.handler").get(address(city, case_id, "signboard")).text
    others = page.split('id="others"')[1].split("</section>")[0]
    assert "食品经营许可（新办）" in others and "烟草专卖零售许可" in others
    assert "/office/" not in others


def _with_a_photo(city: City) -> UUID:
    """An accepted case whose floor plan is a photo that can be shown."""
    case_id = city.accepted()
    stream = BytesIO()
    Image.new("RGB", (300, 200), "white").save(stream, "JPEG")
    with city.acting("applicant") as ctx:
        row = next(
            each
            for each in ctx.session.exec(select(Upload)).all()
            if each.material_id == "floor_plan"
        )
        row.storage_key = ctx.files.save_stream([stream.getvalue()], 10**6).key
        row.content_type = "image/jpeg"
        ctx.session.add(row)
    return case_id


def test_a_file_lies_beside_the_decision(city: City) -> None:
    case_id = _with_a_photo(city)
    page, handler = address(city, case_id, "signboard"), city.client("urban_management.handler")
    plain = handler.get(page).text
    assert "并排看材料" in plain and 'id="viewer"' not in plain
    first = plain.split("?file=")[1].split("#")[0]
    beside = handler.get(f"{page}?file={first}").text
    assert 'id="viewer"' in beside and 'value="forward"' in beside
    shown = f"/files/{first}/pages/1"
    if shown in beside:
        assert handler.get(shown).headers["content-type"] == "image/jpeg"
    assert "下一份" in beside
    following = beside.split('rel="next"')[0].rsplit("?file=", 1)[1].split("#")[0]
    assert "上一份" in handler.get(f"{page}?file={following}").text
    assert 'id="viewer"' not in handler.get(f"{page}?file={UUID(int=1)}").text
    assert any("/pages/1" in handler.get(f"{page}?file={each}").text for each in (first, following))


def test_inbox_and_approval_stay_within_their_queries(city: City) -> None:
    *_, case_id = several(city, 2)
    page, client = address(city, case_id, "food"), city.client(HANDLER)
    counted: list[str] = []
    event.listen(
        city.app.state.site.engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_: counted.append(statement),
    )
    for where, most in (("/office", 13), (page, 40)):
        client.get(where)
        counted.clear()
        assert client.get(where).status_code == 200
        assert len(counted) <= most, f"{where}: {len(counted)}"


def test_what_came_today_is_marked(city: City) -> None:
    case_id = city.accepted()
    row: Approval = city.approval(case_id, "food")
    assert row.started_at is not None
    assert "今天新到" in city.client(HANDLER).get("/office").text
    assert "今天新到" not in city.client(REVIEWER).get("/office?tab=department").text
