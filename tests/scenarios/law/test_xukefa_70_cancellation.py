"""许可法第七十条: what has ended or is given up is cancelled, on a ground of the law, by a decision
with reasons and remedies."""

from uuid import UUID

import pytest

from onevisit.access import Forbidden
from onevisit.cases import hand_out
from onevisit.cases.afterwards import cancel_certificate, pledge, renewal, request
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.views.certificates import my_certificate
from scenarios.law import stall
from scenarios.stage import Stage

DECIDER = "market_regulation.decider"


def cancelled(
    market: Stage, case_id: UUID, ground: str, reasons: str = "演示理由。", region: str = "permit"
) -> None:
    """The decider of the department that issued it cancels it."""
    row = stall.certificate(market, case_id, region)
    with market.acting(f"{row.department}.decider") as ctx:
        cancel_certificate.cancel(ctx, row.id, ground, reasons, row.revision)


GROUNDS = [
    ("request", "第七十条第（六）项"),
    ("death", "第七十条第（二）项"),
    ("ended", "第七十条第（三）项"),
    ("withdrawn", "第七十条第（四）项"),
    ("impossible", "第七十条第（五）项"),
    ("other", "第七十条第（六）项"),
]


@pytest.mark.parametrize(("ground", "article"), GROUNDS)
def test_70_each_ground_with_its_article(market: Stage, ground: str, article: str) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    cancelled(market, case_id, ground)
    row = stall.certificate(market, case_id)
    assert (row.state, row.timer_due) == ("cancelled", None)
    paper = market.documents(case_id)[-1]
    assert (paper.kind, paper.title) == ("certificate_cancellation", "注销决定书")
    assert "综销〔2026〕" in paper.number
    assert paper.snapshot["basis"] == [f"《中华人民共和国行政许可法》{article}"]
    letter = paper.snapshot["letter"]
    assert "演示理由。" in letter["paragraphs"][0] and "自即日起作废" in letter["paragraphs"][0]
    assert "行政复议" in letter["remedies"][0] and "行政诉讼" in letter["remedies"][1]
    assert stall.bars(market) == []  # who gives up a right may apply again
    assert market.problems(case_id) == []
    stall.at(market, "2035-01-01")
    stall.sweep(market)
    assert stall.certificate(market, case_id).state == "cancelled"


def test_70_1_what_nobody_renewed_is_cancelled_once_it_has_expired(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    with pytest.raises(Invalid, match="有效期还没有届满"):
        cancelled(market, case_id, "expired")
    stall.at(market, "2030-02-13")  # valid through 12 February 2030
    with pytest.raises(Invalid, match="有效期还没有届满"):
        cancelled(market, case_id, "expired")  # the sweep has not looked yet
    stall.sweep(market)
    assert stall.certificate(market, case_id).state == "expired"
    cancelled(market, case_id, "expired")
    paper = market.documents(case_id)[-1]
    assert paper.snapshot["basis"] == ["《中华人民共和国行政许可法》第七十条第（一）项"]
    assert stall.certificate(market, case_id).state == "cancelled"
    assert market.problems(case_id) == []


def test_70_the_holder_asks_gets_a_receipt_and_the_department_decides(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    with market.acting("applicant") as ctx:
        request.ask(ctx, row.id, "cancel", "", row.revision)
    receipt = market.documents(case_id)[-1]
    assert receipt.kind == "receipt"
    assert "注销以前，证照仍然有效" in receipt.snapshot["letter"]["paragraphs"][0]
    assert stall.certificate(market, case_id).state == "valid"
    cancelled(market, case_id, "request", "经核实，同意持证人申请。")
    now = stall.certificate(market, case_id)
    assert now.state == "cancelled" and "request" not in now.detail
    with market.looking("applicant") as ctx:
        view = my_certificate(ctx, row.id)
    assert (view.state.title, view.request, view.askable) == ("已注销", None, frozenset())
    assert stall.entries(market, case_id, row.chain) == [
        ("issue", "automatic"),
        ("ask_cancellation", "applicant"),
        ("cancel_certificate", "decider"),
    ]
    assert market.problems(case_id) == []


def test_70_never_without_a_ground_reasons_or_the_post(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    with pytest.raises(Invalid, match="法定情形"):
        cancelled(market, case_id, "displeasure")
    with pytest.raises(Invalid, match="理由"):
        cancelled(market, case_id, "ended", " ")
    for who in ("market_regulation.handler", "fire_rescue.decider", "clerk", "applicant"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            cancel_certificate.cancel(ctx, row.id, "other", "演示。", row.revision)
    with pytest.raises(Stale), market.acting(DECIDER) as ctx:
        cancel_certificate.cancel(ctx, row.id, "other", "演示。", row.revision - 1)
    cancelled(market, case_id, "other")
    with pytest.raises(NotPossible, match="已注销"):
        cancelled(market, case_id, "other")


def test_70_a_renewal_that_is_asked_for_ends_with_the_licence(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    with market.acting("applicant") as ctx:
        renewal.ask(ctx, row.id, "继续", row.revision)
    cancelled(market, case_id, "ended")
    with market.looking("applicant") as ctx:
        view = my_certificate(ctx, row.id)
    assert view.asked is None and not view.renewable
    stall.at(market, "2030-02-13")
    stall.sweep(market)
    assert stall.certificate(market, case_id).state == "cancelled"
    assert market.problems(case_id) == []


def test_70_what_is_cancelled_is_not_handed_out(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    cancelled(market, case_id, "request")
    with market.looking("window") as ctx:
        given = [row.title for row in hand_out.results_of(ctx, load(ctx, case_id))]
    assert "摆摊许可证" not in given and "摊位消防合格证" in given


def test_70_giving_up_the_licence_does_not_end_the_check_of_the_pledge(market: Stage) -> None:
    """Whether what was promised was true still decides about the next pledge (浙江规定第十四条)."""
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    cancelled(market, case_id, "request", region="fire")
    check = stall.check(market, case_id)
    assert check.state == "due"
    with market.acting("fire_rescue.handler") as ctx:
        number = market.approvals(case_id)["fire"].revision
        pledge.record(ctx, check.id, kept=True, finding="一致。", revision=number)
    assert stall.check(market, case_id).state == "kept"
    assert market.problems(case_id) == []
