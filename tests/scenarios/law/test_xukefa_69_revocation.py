"""许可法第六十九条: a licence is revoked on a ground of the law, with reasons and remedies; after
deceit nobody applies again for three years (第七十九条)."""

from uuid import UUID

import pytest

from onevisit.access import Forbidden
from onevisit.cases import draft, hand_out, submit
from onevisit.cases.afterwards import pledge, revoke_certificate
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotPossible
from scenarios.law import stall
from scenarios.stage import Stage


def revoke(
    market: Stage, case_id: UUID, ground: str, reasons: str = "演示理由。", region: str = "permit"
) -> None:
    """The decider of the department that issued it revokes."""
    row = stall.certificate(market, case_id, region)
    with market.acting(f"{row.department}.decider") as ctx:
        revoke_certificate.revoke(ctx, row.id, ground, reasons, row.revision)


GROUNDS = [
    ("abuse", "第六十九条第一款第（一）项", "赔偿"),
    ("competence", "第六十九条第一款第（二）项", "赔偿"),
    ("procedure", "第六十九条第一款第（三）项", "赔偿"),
    ("unqualified", "第六十九条第一款第（四）项", "赔偿"),
    ("other", "第六十九条第一款第（五）项", "赔偿"),
    ("fraud", "第六十九条第二款", "利益不受保护"),
]


@pytest.mark.parametrize(("ground", "article", "follows"), GROUNDS)
def test_69_each_ground_with_its_article_and_what_follows(
    market: Stage, ground: str, article: str, follows: str
) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    revoke(market, case_id, ground)
    row = stall.certificate(market, case_id)
    assert (row.state, row.timer_due) == ("revoked", None)
    paper = market.documents(case_id)[-1]
    assert paper.kind == "certificate_revocation"
    assert paper.snapshot["basis"] == [f"《中华人民共和国行政许可法》{article}"]
    letter = paper.snapshot["letter"]
    assert "演示理由。" in letter["paragraphs"][0] and follows in letter["paragraphs"][1]
    assert "行政复议" in letter["remedies"][0] and "行政诉讼" in letter["remedies"][1]
    assert len(stall.bars(market)) == (ground == "fraud")
    assert market.problems(case_id) == []
    stall.at(market, "2035-01-01")
    stall.sweep(market)
    assert stall.certificate(market, case_id).state == "revoked"


def test_69_never_without_a_ground_reasons_or_the_post(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    row = stall.certificate(market, case_id)
    with pytest.raises(Invalid, match="法定情形"):
        revoke(market, case_id, "displeasure")
    with pytest.raises(Invalid, match="理由"):
        revoke(market, case_id, "unqualified", " ")
    for who in ("market_regulation.handler", "fire_rescue.decider", "clerk"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            revoke_certificate.revoke(ctx, row.id, "other", "演示。", row.revision)
    revoke(market, case_id, "other")
    with pytest.raises(NotPossible, match="已撤销"):
        revoke(market, case_id, "other")


def test_69_an_open_check_of_the_pledge_ends_with_the_licence(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    revoke(market, case_id, "fraud", region="fire")
    check = stall.check(market, case_id)
    assert check.state == "failed"
    with pytest.raises(NotPossible, match="已撤销"), market.acting("fire_rescue.handler") as ctx:
        number = market.approvals(case_id)["fire"].revision
        pledge.record(ctx, check.id, kept=True, finding="一致。", revision=number)
    assert market.problems(case_id) == []


def test_69_what_is_revoked_is_not_handed_out(market: Stage) -> None:
    stall.at(market, "2026-02-13")
    case_id = stall.decided(market)
    revoke(market, case_id, "fraud")
    stall.handed_out(market, case_id)
    with market.looking("window") as ctx:
        given = [row.title for row in hand_out.results_of(ctx, load(ctx, case_id))]
    assert "摆摊许可证" not in given and "摊位消防合格证" in given
    assert "摆摊许可证" not in str(market.documents(case_id)[-1].snapshot["bundle"])


BARRED = [
    # revoked on, the last day of three years (民法典第二百零二条), the first day after
    ("2026-02-13", "2029-02-13", "2029-02-14"),
    ("2028-02-29", "2031-02-28", "2031-03-01"),  # there is no 29 February in 2031
]


@pytest.mark.parametrize(("day", "last", "free"), BARRED)
def test_79_after_deceit_three_years_for_this_item(
    market: Stage, day: str, last: str, free: str
) -> None:
    stall.at(market, day)
    case_id = stall.decided(market)
    revoke(market, case_id, "fraud")
    (bar,) = stall.bars(market)
    assert (bar.scope, bar.item_id, bar.until.isoformat()) == ("item", "permit", last)
    stall.at(market, last, hour=17)
    barred = stall.applied(market)
    with pytest.raises(Invalid, match="不能再次申请"), market.acting("applicant") as ctx:
        submit.submit(ctx, barred, "window", market.case(barred).revision)
    stall.at(market, free)
    with market.acting("applicant") as ctx:
        draft.editable(ctx, barred)
        submit.submit(ctx, barred, "window", market.case(barred).revision)
    assert market.case(barred).state == "submitted"
