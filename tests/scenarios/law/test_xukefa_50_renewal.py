"""许可法第五十条: renewal is asked for thirty days before expiry; what is not decided by the last
day of validity is renewed by law. Days are working days (第八十二条)."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from onevisit.access import Forbidden
from onevisit.cases.afterwards import renewal
from onevisit.cases.afterwards.certificate import held
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.documents.certificate import next_certificate_number
from onevisit.store.session import reading, writing
from onevisit.store.turn_tables import Certificate
from onevisit.store.work_tables import Message
from scenarios.law import stall
from scenarios.stage import Stage


def ask(market: Stage, case_id: UUID, region: str = "permit") -> None:
    """The holder asks for another term."""
    row = stall.certificate(market, case_id, region)
    with market.acting("applicant") as ctx:
        renewal.ask(ctx, row.id, "继续经营", row.revision)


def decide(market: Stage, case_id: UUID, reasons: str = "", region: str = "permit") -> None:
    """The department's decider grants, or with reasons refuses."""
    row = stall.certificate(market, case_id, region)
    with market.acting(f"{row.department}.decider") as ctx:
        if reasons:
            renewal.refuse(ctx, row.id, reasons, row.revision)
        else:
            renewal.renew(ctx, row.id, row.revision)


def until(market: Stage, case_id: UUID, region: str = "permit") -> tuple[str, str]:
    """State and last day of validity."""
    row = stall.certificate(market, case_id, region)
    assert row.valid_until is not None
    return row.state, row.valid_until.isoformat()


VALIDITY = [
    # granted on, four years: last day, and the last day after one renewal
    ("2025-10-09", "2029-10-08", "2033-10-08"),
    (
        "2024-02-29",
        "2028-02-28",
        "2032-02-28",
    ),  # counted from 29 Feb 2024 to the eve of 29 Feb 2028
    ("2024-03-01", "2028-02-29", "2032-02-29"),  # ends on a leap day; the next term begins on 1 Mar
    ("2026-02-13", "2030-02-12", "2034-02-12"),
]


@pytest.mark.parametrize(("granted", "last", "renewed"), VALIDITY)
def test_50_a_term_and_the_term_that_continues_it(
    market: Stage, granted: str, last: str, renewed: str
) -> None:
    stall.at(market, granted)
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    assert row.valid_from.isoformat() == granted
    assert until(market, case_id) == ("valid", last)
    assert row.timer_due == row.valid_until
    assert stall.entries(market, case_id, row.chain) == [("issue", "automatic")]
    stall.at(market, f"{int(last[:4]) - 1}-06-03")
    ask(market, case_id)
    assert until(market, case_id) == ("renewing", last)
    decide(market, case_id)
    assert until(market, case_id) == ("valid", renewed)
    *_, receipt, renewed_by, paper = market.documents(case_id)
    assert [each.kind for each in (receipt, renewed_by, paper)] == [
        "receipt", "renewal", "certificate",
    ]  # fmt: skip
    printed = paper.snapshot["certificate"]
    assert (printed["valid_from"], printed["valid_until"]) == (granted, renewed)
    now = stall.certificate(market, case_id)
    assert (now.document_id, now.number) == (paper.id, paper.number)
    assert paper.number == next_certificate_number(row.number)
    assert market.problems(case_id) == []


ASKING = [
    # last day of validity, last day to ask: thirty working days have to follow it
    # granted 2022-02-24, ends Mon 23 Feb 2026, a holiday. Counting back from it: Feb 14 (make-up
    # Saturday), 13…9 (6), 6…2 (11), Jan 30…26 (16), 23…19 (21), 16…12 (26), 9, 8, 7, 6 (30):
    # those thirty follow Mon 5 January.
    ("2022-02-24", "2026-02-23", "2026-01-05"),
    # granted 2021-10-10, ends Thu 9 Oct 2025. Back: Oct 9 (1), Sun Sep 28 (make-up, 2)… the week
    # Sep 28 to 30: 30, 29, 28 (4), 26…22 (9), 19…15 (14), 12…8 (19), 5…1 (24), Aug 29…25 (29),
    # Aug 22 (30): they follow Thu 21 August.
    ("2021-10-10", "2025-10-09", "2025-08-21"),
]


@pytest.mark.parametrize(("granted", "last", "ask_by"), ASKING)
def test_50_1_asked_thirty_working_days_before_the_last_day(
    market: Stage, granted: str, last: str, ask_by: str
) -> None:
    case_id = _held_until(market, granted, last)
    stall.at(market, ask_by, hour=23)
    with market.looking("applicant") as ctx:
        found = held(ctx, stall.certificate(market, case_id).id)
        day = renewal.ask_by(found)
        assert day is not None and day.isoformat() == ask_by
        assert renewal.hindrance(ctx, found) is None
    ask(market, case_id)
    assert until(market, case_id) == ("renewing", last)


@pytest.mark.parametrize(("granted", "last", "ask_by"), ASKING)
def test_50_1_who_asks_later_is_told_to_apply_anew(
    market: Stage, granted: str, last: str, ask_by: str
) -> None:
    case_id = _held_until(market, granted, last)
    day = int(ask_by[-2:]) + 1
    stall.at(market, f"{ask_by[:8]}{day:02d}")
    with pytest.raises(NotPossible, match="请重新申请“摆摊“一件事””") as told:
        ask(market, case_id)
    assert "30个工作日前" in str(told.value)
    assert until(market, case_id) == ("valid", last)


def _held_until(market: Stage, granted: str, last: str) -> UUID:
    """A certificate that was granted long ago: made today, its dates set back to then."""
    stall.at(market, "2024-03-01")
    case_id = stall.decided(market)
    with writing(market.engine) as session:
        row = session.get_one(Certificate, stall.certificate(market, case_id).id)
        row.valid_from = date.fromisoformat(granted)
        row.valid_until = row.timer_due = date.fromisoformat(last)
        session.add(row)
    return case_id


def test_50_2_not_decided_by_the_last_day_is_renewed_by_law(market: Stage) -> None:
    stall.at(market, "2024-03-01")
    case_id = stall.decided(market)
    stall.at(market, "2027-12-01")
    ask(market, case_id)
    stall.at(market, "2028-02-29", hour=23)  # the last day itself
    stall.sweep(market)
    assert until(market, case_id) == ("renewing", "2028-02-29")
    stall.at(market, "2028-03-01", hour=9)
    with pytest.raises(NotPossible, match="有效期已于2028年2月29日届满"):
        decide(market, case_id)  # even before the sweep has looked
    assert stall.sweep(market) == 1
    assert until(market, case_id) == ("valid", "2032-02-29")
    last = market.ledger(case_id, "certificate/permit")[-1]
    assert (last.act, last.actor_id, last.actor_role) == ("renew_tacitly", None, "timer")
    *_, paper, following = market.documents(case_id)
    assert (paper.kind, following.kind) == ("renewal", "certificate")
    assert following.snapshot["certificate"]["valid_until"] == "2032-02-29"
    told = paper.snapshot["letter"]["paragraphs"][0]
    assert "视为准予延续" in told and "自2028年3月1日至2032年2月29日" in told
    assert stall.sweep(market) == 0
    assert market.problems(case_id) == []


def test_50_what_nobody_renews_expires_the_day_after(market: Stage) -> None:
    stall.at(market, "2025-10-09")
    case_id = stall.decided(market)
    stall.at(market, "2028-10-08", hour=23)
    stall.sweep(market)
    assert stall.certificate(market, case_id, "fire").state == "valid"
    stall.at(market, "2028-10-09", hour=9)
    stall.sweep(market)
    row = stall.certificate(market, case_id, "fire")
    assert (row.state, row.timer_due) == ("expired", None)
    assert stall.certificate(market, case_id, "permit").state == "valid"
    with reading(market.engine) as session:
        rows = session.exec(select(Message)).all()
        told = [row.account_id for row in rows if row.title == "证照有效期已经届满"]
    assert told == [market.actors["applicant"].id]
    with pytest.raises(NotPossible, match="已过有效期"):
        ask(market, case_id, "fire")
    assert market.problems(case_id) == []


def test_50_a_refusal_has_reasons_and_remedies_and_the_term_runs_on(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    stall.at(market, "2029-06-01")
    ask(market, case_id)
    with pytest.raises(Invalid, match="理由"):
        decide(market, case_id, " ")
    decide(market, case_id, "摊位已经划作绿地。")
    assert until(market, case_id) == ("valid", "2030-02-12")
    letter = market.documents(case_id)[-1].snapshot["letter"]
    assert "摊位已经划作绿地。" in letter["paragraphs"][0]
    assert "行政复议" in letter["remedies"][0]
    ask(market, case_id)  # there is time to ask again
    assert market.problems(case_id) == []


def test_50_only_the_holder_asks_and_only_the_decider_of_the_department_answers(
    market: Stage,
) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    for who in ("stranger", "clerk"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            renewal.ask(ctx, row.id, "", row.revision)
    ask(market, case_id)
    row = stall.certificate(market, case_id)
    for who in ("market_regulation.handler", "fire_rescue.decider", "applicant"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            renewal.renew(ctx, row.id, row.revision)
    with pytest.raises(Stale), market.acting("market_regulation.decider") as ctx:
        renewal.renew(ctx, row.id, row.revision - 1)
