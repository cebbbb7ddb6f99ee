"""What people are told: once each, in the transaction that has something to tell."""

import uuid

import pytest
from sqlmodel import col, select

from onevisit.cases import correct, decide
from onevisit.cases.outbox.telling import holders, tell
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account
from onevisit.store.work_tables import Dispatch, Message
from scenarios.stage import Stage, findings


def messages(stage: Stage, who: str) -> list[Message]:
    """The inbox of a person, oldest first."""
    with reading(stage.engine) as session:
        statement = select(Message).where(Message.account_id == stage.actors[who].id)
        return list(session.exec(statement.order_by(col(Message.id))))


def dispatches(stage: Stage, message: Message) -> dict[str, Dispatch]:
    """The ways out of a message, by channel."""
    with reading(stage.engine) as session:
        statement = select(Dispatch).where(Dispatch.message_id == message.id)
        return {row.channel: row for row in session.exec(statement)}


def reachable_by(stage: Stage, who: str, email: str | None, phone: str | None) -> None:
    """Give a person these addresses."""
    with writing(stage.engine) as session:
        account = session.get_one(Account, stage.actors[who].id)
        account.email, account.phone = email, phone


def test_each_document_is_told_to_the_applicant_with_a_way_out_for_each_address(
    stage: Stage,
) -> None:
    reachable_by(stage, "applicant", "jia@example.test", "19900000001")
    case_id = stage.submitted()
    (receipt,) = messages(stage, "applicant")
    number = stage.case(case_id).number
    assert (receipt.kind, receipt.title) == ("receipt", "收件回执")
    assert receipt.link == f"/my/{case_id}"
    assert receipt.case_id == case_id
    assert str(number) in receipt.body
    sent = dispatches(stage, receipt)
    assert {key: row.address for key, row in sent.items()} == {
        "email": "jia@example.test",
        "sms": "19900000001",
    }
    assert {row.state for row in sent.values()} == {"waiting"}
    assert messages(stage, "clerk") == []


def test_without_addresses_the_inbox_alone_is_told(stage: Stage) -> None:
    reachable_by(stage, "applicant", None, None)
    stage.submitted()
    (receipt,) = messages(stage, "applicant")
    assert dispatches(stage, receipt) == {}


def test_nothing_personal_leaves_the_house(stage: Stage) -> None:
    reachable_by(stage, "applicant", "jia@example.test", None)
    case_id = stage.accepted()
    stage.bring(case_id, "signboard")
    stage.act(case_id, "signboard", "reject", "材料与实际情况不一致")
    decision = messages(stage, "applicant")[-1]
    assert "不予" in decision.body
    (mail,) = dispatches(stage, decision).values()
    assert "不予" not in mail.text
    assert stage.actors["applicant"].name not in mail.text
    assert str(stage.case(case_id).number) in mail.text


def test_a_correction_says_by_when(stage: Stage) -> None:
    case_id = stage.submitted()
    with stage.acting("clerk") as ctx:
        revision = stage.case(case_id).revision
        correct.request(ctx, case_id, findings(floor_plan="missing"), [], revision)
    told = messages(stage, "applicant")[-1]
    assert told.kind == "correction"
    assert "2026年12月7日前" in told.body  # ten working days after 23 November


def test_all_certificates_are_told_of_in_one_message(stage: Stage) -> None:
    case_id = stage.accepted()
    for region in ("licence", "signboard", "tobacco"):
        if region in stage.approvals(case_id):
            stage.approve(case_id, region)
    for region, row in stage.approvals(case_id).items():
        if row.decided_at is None:
            stage.approve(case_id, region)
    assert stage.case(case_id).state == "issuing"
    ready = [each for each in messages(stage, "applicant") if each.kind == "certificate"]
    assert [each.title for each in ready] == ["结果已经办好，可以领取"]
    assert "出件窗口" in ready[0].body


def test_a_turn_that_fails_tells_nobody(stage: Stage) -> None:
    case_id = stage.accepted()
    before = len(messages(stage, "applicant"))
    row = stage.approvals(case_id)["signboard"]
    with pytest.raises(RuntimeError), stage.acting(f"{row.department}.{row.awaits}") as ctx:
        decide.act(ctx, row.id, "forward", "同意。", "", row.revision)
        tell(ctx, "test/undone", [stage.actors["applicant"].id], "标题", "内容")
        raise RuntimeError
    assert len(messages(stage, "applicant")) == before


def test_told_once_even_when_one_more_person_is_told_later(stage: Stage) -> None:
    first, second = (stage.actors[who].id for who in ("applicant", "clerk"))
    for people in ([first], [first, second], [first, first, second]):
        with stage.acting("clerk") as ctx:
            tell(ctx, "test/once", people, "标题", "内容", kind="test")
    for who in ("applicant", "clerk"):
        assert [each.body for each in messages(stage, who)] == ["内容"]


def test_holders_of_a_post_in_a_department_or_for_the_whole_centre(stage: Stage) -> None:
    with stage.looking("clerk") as ctx:
        assert holders(ctx, "clerk") != []
        assert stage.actors["clerk"].id in holders(ctx, "clerk")
        assert holders(ctx, "decider") == []  # deciders belong to departments
        department = next(post.department for post in _posts(stage, "decider"))
        assert all(isinstance(each, uuid.UUID) for each in holders(ctx, "decider", department))
        assert len(holders(ctx, "decider", department)) == 1
    with writing(stage.engine) as session:
        session.get_one(Account, stage.actors["clerk"].id).disabled = True
    with stage.looking("applicant") as ctx:
        assert stage.actors["clerk"].id not in holders(ctx, "clerk")


def _posts(stage: Stage, role: str):  # type: ignore[no-untyped-def]  # a list of posts
    return [post for actor in stage.actors.values() for post in actor.posts if post.role == role]
