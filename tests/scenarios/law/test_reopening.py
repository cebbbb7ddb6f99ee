"""行政复议法、行政诉讼法: what a review or a court sets aside is decided anew, on the material that
is there, by other people than those who signed it (回避)."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import Session, select

from onevisit.access import Actor, Forbidden, PostValue
from onevisit.cases import decide
from onevisit.cases.afterwards import revoke_certificate
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.turns import reopen, transfer
from onevisit.cases.turns.reopen import Review
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case, Post, Upload
from scenarios.law import stall
from scenarios.stage import PDF, Stage

REVIEW = Review("示例复决〔2026〕3号", date(2026, 2, 25), "示例市人民政府")


@pytest.fixture
def market(market: Stage) -> Stage:
    """The market with a second decider for the permit."""
    username, post = "market_regulation.decider2", PostValue("decider", "market_regulation")
    with writing(market.engine) as session:
        account = Account(username=username, name="演示第二决定人", password_hash="-")
        session.add(account)
        session.flush()
        session.add(Post(account_id=account.id, role=post.role, department=post.department))
        market.actors[username] = Actor(account.id, account.name, (post,))
    stall.at(market, "2026-02-13")
    return market


def again(
    market: Stage,
    case_id: UUID,
    regions: Sequence[str] = ("permit",),
    review: Review = REVIEW,
    reasons: str = "原决定认定事实不清。",
) -> UUID:
    """The head of the government orders it; the new case."""
    with market.acting("government") as ctx:
        revision = market.case(case_id).revision
        return reopen.reopen(ctx, case_id, regions, review, reasons, revision).id


def test_a_refused_item_is_decided_anew_on_what_is_there(market: Stage) -> None:
    old = stall.decided(market, refused=["permit"])
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    new = again(market, old)
    case, before = market.case(new), market.case(old)
    assert (case.state, case.reopens, case.only) == ("reviewing", old, ["permit"])
    assert market.states(new) == {"case": "reviewing", "permit": "handle"}
    assert (case.form, case.answers, case.pickup) == (before.form, before.answers, "window")
    assert case.number is not None and case.number != before.number
    # five working days from Thu 26 Feb 2026: 27, Sat 28 make-up, Mar 2, 3, 4
    assert market.approvals(new)["permit"].promise_due == date(2026, 3, 4)
    assert stall.papers(market, new) == ["application", "receipt", "acceptance"]
    assert stall.papers(market, old)[-1] == "reopening"
    with reading(market.engine) as session:
        files = session.exec(select(Upload).where(Upload.case_id == new)).all()
    assert [each.filename for each in files] == ["摊位图.pdf"]
    assert market.files.stored(files[0].storage_key).read() == PDF
    assert market.problems(old) == [] and market.problems(new) == []


def test_both_ledgers_and_the_notice_name_each_other(market: Stage) -> None:
    old = stall.decided(market, refused=["permit"])
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    new = again(market, old)
    act = market.ledger(old)[-1]
    assert (act.act, act.actor_role, act.from_state) == ("reopen", "government", act.to_state)
    assert act.detail["successor"] == market.case(new).number
    assert act.detail["review"] == ["示例市人民政府", "示例复决〔2026〕3号", "2026-02-25"]
    for entry, name in zip(market.ledger(new)[:2], ("submit", "accept"), strict=True):
        assert (entry.act, entry.actor_role) == (name, "government")
        assert entry.detail["reopens"] == market.case(old).number
    facts = market.documents(old)[-1].snapshot["letter"]["facts"]
    assert {"label": "新办件编号", "value": market.case(new).number} in facts


def test_who_signed_what_was_set_aside_does_not_decide_again(market: Stage) -> None:
    old = stall.decided(market, refused=["permit"])
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    new = again(market, old)
    market.act(new, "permit", "forward")  # who handled it may handle it again
    row = market.approvals(new)["permit"]
    with (
        pytest.raises(Forbidden, match="您签署过已被撤销的原决定"),
        market.acting("market_regulation.decider") as ctx,
    ):
        decide.act(ctx, row.id, "approve", "", "", row.revision)
    with market.acting("market_regulation.decider2") as ctx:
        decide.act(ctx, row.id, "approve", "", "", row.revision)
    assert market.case(new).state == "issuing"
    assert stall.certificate(market, new).state == "valid"
    assert market.problems(new) == []


def test_set_aside_twice_keeps_out_both_who_decided(market: Stage) -> None:
    old = stall.decided(market, refused=["permit"])
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    new = again(market, old)
    market.act(new, "permit", "forward")
    row = market.approvals(new)["permit"]
    with market.acting("market_regulation.decider2") as ctx:
        decide.act(ctx, row.id, "reject", "", "仍不符合。", row.revision)
    assert market.case(new).state == "refused"
    third = again(market, new, review=Review("示例判〔2026〕9号", date(2026, 2, 26), "示例法院"))
    market.act(third, "permit", "forward")
    row = market.approvals(third)["permit"]
    for who in ("market_regulation.decider", "market_regulation.decider2"):
        with pytest.raises(Forbidden, match="回避"), market.acting(who) as ctx:
            decide.act(ctx, row.id, "approve", "", "", row.revision)
    assert market.problems(new) == [] and market.problems(third) == []


def test_a_grant_is_handled_anew_only_once_its_certificate_is_revoked(market: Stage) -> None:
    old = stall.decided(market)
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    with pytest.raises(Invalid, match="证照仍然有效"):
        again(market, old)
    row = stall.certificate(market, old)
    with market.acting("market_regulation.decider") as ctx:
        revoke_certificate.revoke(ctx, row.id, "procedure", "复议决定撤销。", row.revision)
    again(market, old)
    assert market.problems(old) == []


def test_the_check_of_a_pledge_ends_with_the_decision_that_is_set_aside(market: Stage) -> None:
    old = stall.decided(market, refused=["permit"])
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    new = again(market, old, ["permit", "noise"])
    assert stall.check(market, old, "noise").state == "failed"
    assert stall.check(market, old, "fire").state == "due"
    assert market.states(new) == {"case": "reviewing", "permit": "handle", "noise": "decide"}
    assert market.problems(old) == [] and market.problems(new) == []


def test_an_item_that_was_transferred_stays_with_whoever_has_it(market: Stage) -> None:
    old = stall.accepted(market)
    row = market.approvals(old)["permit"]
    with market.acting("market_regulation.handler") as ctx:
        transfer.transfer(ctx, row.id, "tobacco", "依职责移送。", row.revision)
    for region in ("permit", "fire", "noise"):
        stall.finish(market, old, region, refused=region == "permit")
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    new = again(market, old)
    assert market.approvals(new)["permit"].department == "tobacco"
    market.act(new, "permit", "forward")
    assert market.problems(new) == []


FAULTS = [
    ((), REVIEW, "请选择"),
    (("nothing",), REVIEW, "请选择"),
    (("permit",), Review("", date(2026, 2, 25), "示例法院"), "编号"),
    (("permit",), Review("1号", date(2026, 2, 25), " "), "法院"),
    (("permit",), Review("1号", date(2026, 2, 27), "示例法院"), "不能晚于今天"),
    (("permit",), Review("1号", date(2026, 2, 12), "示例法院"), "不能早于原决定"),
]


@pytest.mark.parametrize(("regions", "review", "fault"), FAULTS)
def test_what_the_order_has_to_say(
    market: Stage, regions: Sequence[str], review: Review, fault: str
) -> None:
    old = stall.decided(market, refused=["permit"])
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    with pytest.raises(Invalid, match=fault):
        again(market, old, regions, review)
    with pytest.raises(Invalid, match="理由"):
        again(market, old, reasons=" ")
    with reading(market.engine) as session:
        assert len(session.exec(select(Case)).all()) == 1


def test_only_the_government_only_what_is_closed_and_only_once(market: Stage) -> None:
    old = stall.decided(market, refused=["permit"])
    with pytest.raises(NotPossible, match="待出件"):
        again(market, old)
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    revision = market.case(old).revision
    for who in ("clerk", "market_regulation.head", "applicant"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            reopen.reopen(ctx, old, ["permit"], REVIEW, "理由。", revision)
    with pytest.raises(Stale), market.acting("government") as ctx:
        reopen.reopen(ctx, old, ["permit"], REVIEW, "理由。", revision - 1)
    again(market, old)
    with pytest.raises(Invalid, match="已经在办件"):
        again(market, old)


def test_an_order_that_fails_leaves_no_file_behind(
    market: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = stall.decided(market, refused=["permit"])
    stall.handed_out(market, old)
    stall.at(market, "2026-02-26")
    before = sorted(each.name for each in market.files.shelf.root.rglob("*") if each.is_file())
    with market.acting("government") as ctx:
        monkeypatch.setattr(ctx.session, "flush", _full(ctx.session))
        with pytest.raises(OSError, match="演示"):
            revision = market.case(old).revision
            reopen.reopen(ctx, old, ["permit"], REVIEW, "理由。", revision)
        ctx.session.rollback()
        monkeypatch.undo()
    after = sorted(each.name for each in market.files.shelf.root.rglob("*") if each.is_file())
    assert after == before


def _full(session: Session) -> Callable[..., None]:
    """A flush that works until a file has been copied, then fails like a full disk."""
    flush = session.flush

    def once(*arguments: object) -> None:
        if any(isinstance(row, Upload) for row in session.new):
            raise OSError("演示：磁盘已满")
        flush(*arguments)  # type: ignore[arg-type]  # handed on as they came

    return once
