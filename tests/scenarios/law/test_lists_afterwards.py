"""Lists of what comes after a decision: in the order of the law's days, a page at a time."""

from collections.abc import Callable
from uuid import UUID

import pytest

from onevisit.access import Forbidden
from onevisit.cases import Context
from onevisit.cases.afterwards import pledge, renewal
from onevisit.cases.errors import NotPossible
from onevisit.cases.views import certificates, pledges, window
from onevisit.cases.views.parts import Page
from onevisit.cases.views.reopening import by_number, reopen_view
from scenarios.law import stall
from scenarios.stage import Stage

Listed = Callable[[Context, str | None], Page[object]]


def pages(market: Stage, who: str, listed: Listed) -> list[object]:
    """The ids on all pages, one after the other."""
    found, after = [], None
    with market.looking(who) as ctx:
        while True:
            page = listed(ctx, after)
            found += [row.id for row in page.rows]  # type: ignore[attr-defined]  # every row has one
            after = page.next
            if after is None:
                return found


@pytest.fixture
def three(market: Stage, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Three cases decided on three days; lists show one row a page."""
    for module in (certificates, pledges, window):
        monkeypatch.setattr(module, "PAGE", 1)
    found = []
    for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
        stall.at(market, day)
        found.append(stall.decided(market))
    return found


def test_checks_that_are_due_first_stand_first_and_mending_counts_before(
    market: Stage, three: list[UUID]
) -> None:
    ids = [stall.check(market, case_id).id for case_id in three]

    def opened(ctx: Context, after: str | None) -> Page[pledges.PledgeRow]:
        return pledges.office_pledges(ctx, "open", after)

    def done(ctx: Context, after: str | None) -> Page[pledges.PledgeRow]:
        return pledges.office_pledges(ctx, "done", after)

    assert pages(market, "fire_rescue.head", opened) == ids

    with market.acting("fire_rescue.handler") as ctx:
        number = stall.certificate(market, three[2], "fire").revision
        pledge.record(ctx, ids[2], kept=False, finding="不符。", revision=number)
    assert pages(market, "fire_rescue.head", opened) == [ids[2], ids[0], ids[1]]
    for case_id, check_id in zip(three[:2], ids[:2], strict=True):
        with market.acting("fire_rescue.handler") as ctx:
            number = stall.certificate(market, case_id, "fire").revision
            pledge.record(ctx, check_id, kept=True, finding="一致。", revision=number)
    assert pages(market, "fire_rescue.head", opened) == [ids[2]]
    assert pages(market, "fire_rescue.head", done) == [ids[1], ids[0]]


def test_certificates_newest_first_and_renewals_by_themselves(
    market: Stage, three: list[UUID]
) -> None:
    ids = [stall.certificate(market, case_id).id for case_id in three]

    def issued(ctx: Context, after: str | None) -> Page[certificates.CertificateRow]:
        return certificates.office_certificates(ctx, "all", "", after)

    def renewing(ctx: Context, after: str | None) -> Page[certificates.CertificateRow]:
        return certificates.office_certificates(ctx, "renewing", "", after)

    assert pages(market, "market_regulation.head", issued) == ids[::-1]
    assert pages(market, "market_regulation.head", renewing) == []
    with market.acting("applicant") as ctx:
        renewal.ask(ctx, ids[1], "", stall.certificate(market, three[1]).revision)
    assert pages(market, "market_regulation.head", renewing) == [ids[1]]
    own = pages(market, "applicant", certificates.my_certificates)
    assert len(own) == 6 and set(ids) < set(own)


def test_results_to_hand_out_by_the_day_they_are_due(market: Stage, three: list[UUID]) -> None:
    def ready(ctx: Context, after: str | None) -> Page[window.WindowRow]:
        return window.window_ready(ctx, "", after)

    assert pages(market, "window", ready) == three


def test_who_works_in_no_department_has_no_such_lists(market: Stage) -> None:
    for who in ("clerk", "window", "applicant", "government"):
        with market.looking(who) as ctx:
            with pytest.raises(Forbidden):
                certificates.office_certificates(ctx, "all")
            with pytest.raises(Forbidden):
                pledges.office_pledges(ctx)


def test_one_certificate_one_check_one_closed_case(market: Stage) -> None:
    stall.at(market, "2026-03-02")
    case_id = stall.decided(market)
    paper, check = stall.certificate(market, case_id, "fire"), stall.check(market, case_id)
    with market.looking("fire_rescue.decider") as ctx:
        held = certificates.office_certificate(ctx, paper.id)
        seen = pledges.office_pledge(ctx, check.id)
    assert [act.event for act in held.acts] == [
        "revoke_certificate", "cancel_certificate", "correct_certificate",
    ]  # fmt: skip
    assert (held.check_id, seen.certificate_id, seen.acts) == (check.id, paper.id, ())
    with market.looking("fire_rescue.handler") as ctx:
        assert pledges.office_pledge(ctx, check.id).acts == ("check_pledge",)
        pledge.check_may(ctx, check.id, "check_pledge")
        with pytest.raises(NotPossible):
            pledge.check_may(ctx, check.id, "confirm_mended")
    with market.looking("applicant") as ctx:
        mine = certificates.my_certificate(ctx, paper.id)
    assert mine.renewable and mine.check_id is None
    with market.looking("government") as ctx, pytest.raises(NotPossible, match="待出件"):
        reopen_view(ctx, case_id)
    stall.handed_out(market, case_id)
    with market.looking("government") as ctx:
        view = reopen_view(ctx, case_id)
        assert by_number(ctx, f" {view.number} ") == case_id
    assert [item.hindrance is None for item in view.items] == [False, False, True]
