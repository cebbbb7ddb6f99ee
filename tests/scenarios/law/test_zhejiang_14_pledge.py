"""浙江规定第十四条: a pledge is decided first and checked within sixty working days; what is not
kept is mended in time, or the licence is revoked and no pledge is taken again for years."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from onevisit.access import Forbidden
from onevisit.cases import submit
from onevisit.cases.afterwards import pledge
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.store.session import reading
from onevisit.store.turn_tables import Certificate
from onevisit.store.work_tables import Message
from scenarios.law import stall
from scenarios.stage import Stage


def revision(market: Stage, case_id: UUID, region: str) -> int:
    """Of the certificate, or where there is none of the approval."""
    if region == "fire":
        return stall.certificate(market, case_id, region).revision
    return market.approvals(case_id)[region].revision


def look(market: Stage, case_id: UUID, *, kept: bool, region: str = "fire") -> None:
    """The handler records what the check found."""
    row, department = stall.check(market, case_id, region), _department(region)
    with market.acting(f"{department}.handler") as ctx:
        number = revision(market, case_id, region)
        pledge.record(ctx, row.id, kept=kept, finding="现场与承诺一致。", revision=number)


def confirm(market: Stage, case_id: UUID, mended_on: str, region: str = "fire") -> None:
    """The handler finds it mended."""
    row, department = stall.check(market, case_id, region), _department(region)
    with market.acting(f"{department}.handler") as ctx:
        number = revision(market, case_id, region)
        pledge.confirm(ctx, row.id, date.fromisoformat(mended_on), "灭火器已经配齐。", number)


def revoke(market: Stage, case_id: UUID, region: str = "fire") -> None:
    """The decider revokes what was not mended."""
    row, department = stall.check(market, case_id, region), _department(region)
    with market.acting(f"{department}.decider") as ctx:
        number = revision(market, case_id, region)
        pledge.revoke(ctx, row.id, "期满仍未配备灭火器。", number)


def _department(region: str) -> str:
    return {"fire": "fire_rescue", "noise": "urban_management"}[region]


DUES = [
    # decided on, checked by: sixty working days after the decision
    # 2026: Feb 9…14 with the make-up Saturday (6), the holidays to Feb 23, Feb 24…28 with the
    # make-up Saturday (11), Mar 2…31 (33), Apr 1…3 (36), 6 Apr off, 7…30 (54), 1–5 May off,
    # May 6…8 (57), Sat 9 May make-up (58), 11, 12 (60).
    ("2026-02-06", "2026-05-12"),
    # 2025: Sep 26 (1), Sun 28 make-up (2), 29, 30 (4), Oct 1–8 off, 9, 10 (6), Sat 11 make-up (7),
    # 13…31 (22), Nov 3…28 (42), Dec 1…24 (60).
    ("2025-09-25", "2025-12-24"),
]


@pytest.mark.parametrize(("decided", "due"), DUES)
def test_14_2_the_check_falls_due_sixty_working_days_after_the_decision(
    market: Stage, decided: str, due: str
) -> None:
    stall.at(market, decided)
    case_id = stall.decided(market)
    row = stall.check(market, case_id)
    assert (row.state, row.due.isoformat()) == ("due", due)
    assert market.problems(case_id) == []


def test_14_2_an_item_may_be_checked_sooner_than_the_place_allows(market: Stage) -> None:
    """The route says thirty: Feb 9…14 (6), 24…28 (11), Mar 2…20 (26), 23…26 (30)."""
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market)
    assert stall.check(market, case_id, "noise").due.isoformat() == "2026-03-26"


def test_14_only_pledges_are_checked(market: Stage) -> None:
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market, pledged=False)
    with pytest.raises(Exception, match="No row"):
        stall.check(market, case_id)
    assert stall.check(market, case_id, "noise").state == "due"


def test_14_2_a_pledge_that_was_kept_is_done_with(market: Stage) -> None:
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market)
    stall.at(market, "2026-03-03")
    look(market, case_id, kept=True)
    row = stall.check(market, case_id)
    assert (row.state, row.finding) == ("kept", "现场与承诺一致。")
    assert stall.certificate(market, case_id, "fire").state == "valid"
    chain = stall.entries(market, case_id, "certificate/fire")
    assert chain == [("issue", "automatic"), ("check_pledge", "handler")]
    assert stall.papers(market, case_id)[-1] == "pledge_check"
    assert market.problems(case_id) == []
    with pytest.raises(NotPossible, match="承诺属实"):
        look(market, case_id, kept=False)


def test_14_2_a_broken_pledge_is_mended_within_the_days_set(market: Stage) -> None:
    """Ten working days from Fri 13 Feb 2026: Sat 14 make-up (1), Feb 24…27 (5), Sat 28 make-up
    (6), Mar 2…5 (10)."""
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market)
    stall.at(market, "2026-02-13")
    look(market, case_id, kept=False)
    row = stall.check(market, case_id)
    assert row.state == "broken"
    assert row.mend_by == date(2026, 3, 5)
    assert stall.certificate(market, case_id, "fire").state == "mending"
    assert stall.papers(market, case_id)[-2:] == ["pledge_check", "mending_order"]
    order = market.documents(case_id)[-1].snapshot
    assert order["due"] == "2026-03-05"
    assert market.problems(case_id) == []
    stall.at(market, "2026-03-09")  # looked at later, mended in time
    for wrong, fault in (("2026-03-10", "不能晚于今天"), ("2026-03-06", "整改期限是2026年3月5日")):
        with pytest.raises(Invalid, match=fault):
            confirm(market, case_id, wrong)
    confirm(market, case_id, "2026-03-05")
    assert stall.check(market, case_id).state == "mended"
    assert stall.certificate(market, case_id, "fire").state == "valid"
    assert stall.bars(market) == []
    assert market.problems(case_id) == []


def test_14_2_what_was_not_mended_is_revoked_and_no_pledge_is_taken_again(market: Stage) -> None:
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market)
    stall.at(market, "2026-02-13")
    look(market, case_id, kept=False)
    stall.at(market, "2026-03-05", hour=17)
    with pytest.raises(NotPossible, match="整改期限到2026年3月5日"):
        revoke(market, case_id)
    stall.at(market, "2026-03-06")
    revoke(market, case_id)
    assert stall.check(market, case_id).state == "failed"
    assert stall.certificate(market, case_id, "fire").state == "revoked"
    assert stall.certificate(market, case_id, "permit").state == "valid"
    (bar,) = stall.bars(market)
    assert (bar.scope, bar.item_id, bar.until.isoformat()) == ("pledge", "fire", "2029-03-06")
    letter = market.documents(case_id)[-1].snapshot["letter"]
    assert "行政复议" in letter["remedies"][0]
    assert "在2029年3月6日以前，不再适用告知承诺" in letter["paragraphs"][-1]
    assert market.problems(case_id) == []
    _refused_at_submit(market, "2029-03-06")
    stall.at(market, "2029-03-07")
    stall.accepted(market, pledged=True)


def _refused_at_submit(market: Stage, day: str) -> None:
    """The pledge route is closed; the sentence says what to do instead."""
    stall.at(market, day)
    draft = stall.applied(market, pledged=True)
    with (
        pytest.raises(Invalid, match="不能以告知承诺方式办理") as told,
        market.acting("applicant") as ctx,
    ):
        submit.submit(ctx, draft, "window", market.case(draft).revision)
    assert any("摊位消防许可" in error.message for error in told.value.errors)


def test_14_2_a_pledge_without_a_certificate_moves_its_check_alone(market: Stage) -> None:
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market)
    stall.at(market, "2026-02-13")
    look(market, case_id, kept=False, region="noise")
    assert stall.check(market, case_id, "noise").state == "broken"
    with reading(market.engine) as session:
        states = set(session.exec(select(Certificate.state)))
    assert states == {"valid"}
    stall.at(market, "2026-03-06")
    revoke(market, case_id, "noise")
    assert stall.check(market, case_id, "noise").state == "failed"
    assert market.approvals(case_id)["noise"].state == "approved"
    acts = [act for act, _ in stall.entries(market, case_id, "noise")]
    assert acts[-3:] == ["check_pledge", "order_mending", "revoke_certificate"]
    found = stall.papers(market, case_id, "pledge_check", "mending_order", "certificate_revocation")
    assert found == ["mending_order", "pledge_check", "certificate_revocation"]
    assert market.problems(case_id) == []


def test_14_checked_only_once_the_certificate_is_out(market: Stage) -> None:
    stall.at(market, "2026-02-06")
    case_id = stall.accepted(market)
    stall.finish(market, case_id, "fire")
    row = stall.check(market, case_id)
    assert row.due.isoformat() == "2026-05-12"  # the decision counts, not the certificate
    number = market.approvals(case_id)["fire"].revision
    with (
        pytest.raises(NotPossible, match="发出后再核查"),
        market.acting("fire_rescue.handler") as ctx,
    ):
        pledge.record(ctx, row.id, kept=True, finding="一致。", revision=number)
    stall.finish(market, case_id, "permit")
    stall.finish(market, case_id, "noise")
    look(market, case_id, kept=True)
    assert market.problems(case_id) == []


def test_14_who_checks_and_who_revokes(market: Stage) -> None:
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market)
    row, number = stall.check(market, case_id), revision(market, case_id, "fire")
    for who in ("fire_rescue.decider", "tobacco.handler", "clerk", "applicant"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            pledge.record(ctx, row.id, kept=True, finding="一致。", revision=number)
    with pytest.raises(Stale), market.acting("fire_rescue.handler") as ctx:
        pledge.record(ctx, row.id, kept=True, finding="一致。", revision=number - 1)
    with pytest.raises(Invalid, match="写明核查"), market.acting("fire_rescue.handler") as ctx:
        pledge.record(ctx, row.id, kept=True, finding=" ", revision=number)
    look(market, case_id, kept=False)
    stall.at(market, "2026-06-01")
    number = revision(market, case_id, "fire")
    with pytest.raises(Forbidden), market.acting("fire_rescue.handler") as ctx:
        pledge.revoke(ctx, row.id, "仍未达到。", number)


def test_14_who_has_to_act_is_told_once_when_a_check_is_late(market: Stage) -> None:
    stall.at(market, "2026-02-06")
    case_id = stall.decided(market)
    stall.at(market, "2026-05-12", hour=17)  # the last day of one, the other is long over
    stall.sweep(market)
    assert _told(market) == {"urban_management.handler", "urban_management.head"}
    stall.at(market, "2026-05-13", hour=9)
    stall.sweep(market)
    assert stall.sweep(market) == 0
    fire = {"fire_rescue.handler", "fire_rescue.head"}
    assert _told(market) == {"urban_management.handler", "urban_management.head"} | fire
    look(market, case_id, kept=False)  # ten working days: May 14 … 27
    stall.at(market, "2026-05-28", hour=9)
    stall.sweep(market)
    assert "fire_rescue.decider" in _told(market)
    assert market.problems(case_id) == []


def _told(market: Stage) -> set[str]:
    """Who has a message about a late check."""
    names = {actor.id: name for name, actor in market.actors.items()}
    with reading(market.engine) as session:
        found = session.exec(select(Message.account_id).where(Message.kind == "pledge"))
        return {names[account] for account in found}
