"""Another paper for a certificate: lost, damaged or wrong ones are issued again with their history;
asking gets a receipt (许可法第三十二条第二款), a refusal has reasons and remedies (第三十八条)."""

import threading
from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from onevisit.access import Forbidden
from onevisit.cases import CaseError, hand_out, views
from onevisit.cases.afterwards import reissue, request, revoke_certificate
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.views.certificates import (
    my_certificate,
    office_certificate,
    office_certificates,
)
from onevisit.documents.certificate import next_certificate_number
from onevisit.store.session import reading, writing
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Certificate
from onevisit.store.work_tables import Message
from scenarios.law import stall
from scenarios.stage import Stage

DAY = "2026-02-13"
HANDLER, DECIDER = "market_regulation.handler", "market_regulation.decider"


def asked(market: Stage, case_id: UUID, kind: str, text: str = "在市场里丢了。") -> None:
    """The holder asks."""
    row = stall.certificate(market, case_id)
    with market.acting("applicant") as ctx:
        request.ask(ctx, row.id, kind, text, row.revision)


def reissued(market: Stage, case_id: UUID, why: str = "遗失，已核对身份。") -> None:
    """The handler issues it again."""
    row = stall.certificate(market, case_id)
    with market.acting(HANDLER) as ctx:
        reissue.reissue(ctx, row.id, why, row.revision)


def corrected(
    market: Stage, case_id: UUID, values: Mapping[str, str], reasons: str = "登记时录入有误。"
) -> None:
    """The decider has it say what it should have said."""
    row = stall.certificate(market, case_id)
    with market.acting(DECIDER) as ctx:
        reissue.correct(ctx, row.id, values, reasons, row.revision)


def papers(market: Stage, case_id: UUID) -> list[Document]:
    """All papers of the permit's certificate, in the order in which they were issued."""
    return [
        each
        for each in market.documents(case_id)
        if (each.kind, each.region) == ("certificate", "permit")
    ]


def told(market: Stage, who: str, title: str) -> list[str]:
    """What somebody was told under a title."""
    with reading(market.engine) as session:
        own = select(Message).where(Message.account_id == market.actors[who].id)
        rows = session.exec(own.order_by(col(Message.id)))
        return [row.body for row in rows if row.title == title]


def test_a_lost_one_is_issued_again_with_the_same_content(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    before = stall.certificate(market, case_id)
    asked(market, case_id, "lost")
    receipt = market.documents(case_id)[-1]
    assert (receipt.kind, receipt.title) == ("receipt", "证照申请收件回执")
    assert {"label": "申请", "value": "遗失补发"} in receipt.snapshot["letter"]["facts"]
    assert len(told(market, HANDLER, "证照持有人有申请等待办理")) == 1
    assert told(market, DECIDER, "证照持有人有申请等待办理") == []
    stall.at(market, "2026-03-02")
    reissued(market, case_id)
    first, second = papers(market, case_id)
    now = stall.certificate(market, case_id)
    assert (now.number, now.document_id) == (second.number, second.id)
    assert first.number == before.number and first.id == before.document_id
    assert second.number == next_certificate_number(first.number)
    old, new = first.snapshot["certificate"], second.snapshot["certificate"]
    assert {**old, "number": second.number} == new
    assert second.template == first.template and second.title == first.title
    assert second.snapshot["issued_at"].startswith("2026-03-02")
    assert second.snapshot["check_code"] != first.snapshot["check_code"]
    assert (now.state, now.valid_from, now.valid_until, now.timer_due) == (
        before.state, before.valid_from, before.valid_until, before.timer_due,
    )  # fmt: skip
    entry = market.ledger(case_id, now.chain)[-1]
    assert (entry.act, entry.actor_role) == ("reissue_certificate", "handler")
    assert entry.detail["replaces"] == first.number
    assert entry.detail["documents"] == [second.number]
    (body,) = told(market, "applicant", second.title)[-1:]
    assert "原来的一份作废" in body
    assert market.problems(case_id) == []


def test_a_wrong_entry_is_corrected_and_old_and_new_are_on_record(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    asked(market, case_id, "wrong", "地点应为示例市演示广场东侧。")
    assert told(market, HANDLER, "证照持有人有申请等待办理") == []
    values = {"holder": "演示申请人甲", "field_0": " 示例市演示广场东侧 "}
    corrected(market, case_id, values)
    first, second = papers(market, case_id)
    assert first.snapshot["certificate"]["fields"] == [{"label": "地点", "value": "示例市演示广场"}]
    assert second.snapshot["certificate"]["fields"] == [
        {"label": "地点", "value": "示例市演示广场东侧"}
    ]
    entry = market.ledger(case_id, "certificate/permit")[-1]
    assert entry.detail["changes"] == [
        {"label": "地点", "old": "示例市演示广场", "new": "示例市演示广场东侧"}
    ]
    assert entry.detail["reasons"] == "登记时录入有误。"
    corrected(market, case_id, {"holder": "演示申请人甲甲"}, "姓名录入有误。")
    third = papers(market, case_id)[-1].snapshot["certificate"]
    assert (third["holder"], third["fields"][0]["value"]) == (
        "演示申请人甲甲",
        "示例市演示广场东侧",
    )
    assert third["number"].split(".")[-2] == "003"
    assert market.case(case_id).form["place"] == "示例市演示广场"  # as it was handed in
    assert market.problems(case_id) == []


def test_a_correction_needs_reasons_a_change_and_nothing_left_empty(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    for values, reasons, why in (
        ({"field_0": "别处"}, " ", "理由"),
        ({}, "演示。", "没有改动任何一项"),
        ({"holder": " 演示申请人甲 "}, "演示。", "没有改动任何一项"),
        ({"holder": " "}, "演示。", "持证主体不能为空"),
        ({"field_0": "长" * 501}, "演示。", "最多500个字"),
        ({"field_7": "没有这一项"}, "演示。", "没有改动任何一项"),
    ):
        with pytest.raises(Invalid, match=why):
            corrected(market, case_id, values, reasons)
    assert len(papers(market, case_id)) == 1
    with pytest.raises(Invalid, match="补发的事由"):
        reissued(market, case_id, "  ")


ANSWERS = [
    # asked for, done, what still waits afterwards
    ("lost", "reissue", None),
    ("damaged", "correct", None),
    ("wrong", "correct", None),
    ("wrong", "reissue", "wrong"),  # the same content again does not answer it
    ("cancel", "reissue", "cancel"),
    ("cancel", "correct", "cancel"),
]


@pytest.mark.parametrize(("kind", "done", "waits"), ANSWERS)
def test_what_was_asked_waits_until_it_is_answered(
    market: Stage, kind: str, done: str, waits: str | None
) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    asked(market, case_id, kind)
    with pytest.raises(NotPossible, match="正在等待答复"):
        asked(market, case_id, "lost")
    if done == "reissue":
        reissued(market, case_id)
    else:
        corrected(market, case_id, {"field_0": "示例市演示广场东侧"})
    found = request.open_request(stall.certificate(market, case_id))
    assert (found.kind if found else None) == waits
    with market.looking(HANDLER) as ctx:
        listed = [row.id for row in office_certificates(ctx, "asked")]
    assert bool(listed) == (waits is not None)
    assert market.problems(case_id) == []


def test_38_a_refusal_has_reasons_and_remedies_and_nothing_changes(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    with pytest.raises(NotPossible, match="没有等待答复的申请"), market.acting(DECIDER) as ctx:
        request.refuse(ctx, row.id, "演示。", row.revision)
    asked(market, case_id, "wrong", "想换一个地点。")
    row = stall.certificate(market, case_id)
    with pytest.raises(Invalid, match="理由"), market.acting(DECIDER) as ctx:
        request.refuse(ctx, row.id, " ", row.revision)
    with market.acting(DECIDER) as ctx:
        request.refuse(ctx, row.id, "记载与申请一致，属于变更。", row.revision)
    paper = market.documents(case_id)[-1]
    assert (paper.kind, paper.title) == ("rejection", "不予办理决定书")
    letter = paper.snapshot["letter"]
    assert "记载与申请一致，属于变更。" in letter["paragraphs"][0]
    assert "行政复议" in letter["remedies"][0]
    now = stall.certificate(market, case_id)
    assert (now.state, now.number) == ("valid", row.number) and "request" not in now.detail
    asked(market, case_id, "lost")  # there is nothing against asking for something else
    assert market.problems(case_id) == []


def test_who_asks_who_issues_and_who_corrects(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    for who in ("stranger", "clerk", HANDLER):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            request.ask(ctx, row.id, "lost", "丢了。", row.revision)
    for who in (DECIDER, "fire_rescue.handler", "applicant", "clerk"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            reissue.reissue(ctx, row.id, "遗失。", row.revision)
    for who in (HANDLER, "fire_rescue.decider", "applicant"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            reissue.correct(ctx, row.id, {"field_0": "别处"}, "演示。", row.revision)
    with pytest.raises(Stale), market.acting(HANDLER) as ctx:
        reissue.reissue(ctx, row.id, "遗失。", row.revision - 1)
    for kind, text, why in (
        ("lost", " ", "写明"),
        ("wrong", "", "应当是什么"),
        ("gift", "", "选择"),
    ):
        with pytest.raises(Invalid, match=why):
            asked(market, case_id, kind, text)
    assert len(papers(market, case_id)) == 1


def test_what_has_ended_is_neither_asked_for_nor_issued_again(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    stall.at(market, "2030-02-13")  # the day after the last, before the sweep
    with pytest.raises(NotPossible, match="有效期已于2030年2月12日届满"):
        reissued(market, case_id)
    with pytest.raises(NotPossible, match="有效期已于2030年2月12日届满"):
        asked(market, case_id, "lost")
    stall.sweep(market)
    with pytest.raises(NotPossible, match="已过有效期"):
        reissued(market, case_id)
    second = stall.decided(market)
    row = stall.certificate(market, second)
    with market.acting(DECIDER) as ctx:
        revoke_certificate.revoke(ctx, row.id, "other", "演示。", row.revision)
    with pytest.raises(NotPossible, match="已撤销"):
        reissued(market, second)


def test_the_bundle_has_the_paper_in_force(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    reissued(market, case_id)
    with market.looking("window") as ctx:
        given = [row.number for row in hand_out.results_of(ctx, load(ctx, case_id))]
    first, second = papers(market, case_id)
    assert second.number in given and first.number not in given
    assert len(given) == 5  # three decisions, two certificates


def test_both_sides_see_which_paper_replaced_which(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    reissued(market, case_id)
    stall.at(market, "2026-03-02")
    corrected(market, case_id, {"field_0": "示例市演示广场东侧"})
    row = stall.certificate(market, case_id)
    with market.looking("applicant") as ctx:
        mine = my_certificate(ctx, row.id)
    with market.looking(DECIDER) as ctx:
        theirs = office_certificate(ctx, row.id)
    assert mine.papers == theirs.papers
    with market.looking("applicant") as ctx:
        case = views.progress(ctx, case_id)
    titles = [each.title for each in case.documents if each.kind == "certificate"]
    assert titles.count("摆摊许可证（已被替换）") == 2 and titles.count("摆摊许可证") == 1
    first, second, third = papers(market, case_id)
    assert (mine.papers.version, mine.papers.documents[0].id) == ("003", third.id)
    assert [(each.version, each.replaced_by, each.document.id) for each in mine.papers.earlier] == [
        ("002", "003", second.id),
        ("001", "002", first.id),
    ]
    notes = [each.note for each in mine.events]
    change = "地点由“示例市演示广场”更正为“示例市演示广场东侧”。理由：登记时录入有误。"
    assert change in notes


def test_of_two_who_issue_it_again_at_once_one_does(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    start, said = threading.Barrier(2), []

    def one(who: str) -> None:
        start.wait()
        try:
            with market.acting(who) as ctx:
                if who == HANDLER:
                    reissue.reissue(ctx, row.id, "遗失。", row.revision)
                else:
                    reissue.correct(ctx, row.id, {"field_0": "别处"}, "演示。", row.revision)
        except CaseError as error:
            said.append(str(error))
        else:
            said.append("done")

    both = [threading.Thread(target=one, args=(who,)) for who in (HANDLER, DECIDER)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert said.count("done") == 1, said
    assert len(papers(market, case_id)) == 2
    assert market.problems(case_id) == []


def test_a_paper_changed_behind_our_back_is_found(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    reissued(market, case_id)
    first, _ = papers(market, case_id)
    with writing(market.engine) as session:  # the lost one made the one in force again
        there = col(Certificate.region) == "permit"
        back = update(Certificate).where(there)
        session.exec(back.values(number=first.number, document_id=first.id))
    assert any("内容与留痕不符" in each.text for each in market.problems(case_id))
