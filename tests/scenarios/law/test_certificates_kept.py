"""A certificate's row and chain are held by the ledger, and two at once do not both decide."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import col, delete, update

from onevisit.access import Forbidden
from onevisit.cases import CaseError
from onevisit.cases.afterwards import renewal, revoke_certificate
from onevisit.cases.views.certificates import my_certificate, my_certificates
from onevisit.store.session import writing
from onevisit.store.tables import LedgerEntry
from onevisit.store.turn_tables import Bar, Certificate, PledgeCheck
from scenarios.law import stall
from scenarios.stage import Stage

CHANGES = [
    (update(Certificate).values(valid_until=date(2099, 1, 1)), "内容与留痕不符"),
    (update(Certificate).values(state="revoked"), "留痕末条为"),
    (update(PledgeCheck).values(state="kept"), "内容与留痕不符"),
    (update(PledgeCheck).values(due=date(2099, 1, 1)), "内容与留痕不符"),
    (delete(Bar), "已不存在"),
    (update(Bar).values(until=date(2020, 1, 1)), "内容与留痕不符"),
    (delete(LedgerEntry).where(col(LedgerEntry.region).like("certificate/%")), "留痕"),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_whatever_is_changed_behind_our_back_is_found(market: Stage, number: int) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market, refused=["noise"], false=True)
    assert market.problems(case_id) == []
    change, told = CHANGES[number]
    with writing(market.engine) as session:
        session.exec(change)
    found = [each.text for each in market.problems(case_id)]
    assert found and any(told in text for text in found)


def test_a_certificate_that_disappears_with_its_chain_is_missed(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    with writing(market.engine) as session:
        session.exec(delete(Certificate))
        session.exec(delete(LedgerEntry).where(col(LedgerEntry.region).like("certificate/%")))
    assert any("已不存在" in each.text for each in market.problems(case_id))


def test_of_two_who_decide_at_once_one_is_told_who_was_first(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    with market.acting("applicant") as ctx:
        renewal.ask(ctx, row.id, "", row.revision)
    number = stall.certificate(market, case_id).revision
    start, said = threading.Barrier(2), []

    def one(act: Callable[..., object], *typed: str) -> None:
        start.wait()
        try:
            with market.acting("market_regulation.decider") as ctx:
                act(ctx, row.id, *typed, number)
        except CaseError as error:
            said.append(str(error))
        else:
            said.append("done")

    acts = ((renewal.renew, ()), (revoke_certificate.revoke, ("other", "演示。")))
    both = [threading.Thread(target=one, args=(act, *typed)) for act, typed in acts]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert said.count("done") == 1, said
    assert len(market.ledger(case_id, row.chain)) == 3  # issued, asked, and one decision
    assert market.problems(case_id) == []


def test_strangers_have_no_certificates(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    with market.looking("stranger") as ctx:
        assert my_certificates(ctx).rows == ()
        with pytest.raises(Forbidden):
            my_certificate(ctx, row.id)
