"""许可法第七十八条: who hands in false material is refused and does not apply again for a year."""

import pytest

from onevisit.cases import decide, submit
from onevisit.cases.errors import Invalid
from scenarios.law import stall
from scenarios.stage import Stage

BARRED = [
    # refused on, the last day of the year (民法典第二百零二条), the first day after
    ("2026-02-14", "2027-02-14", "2027-02-15"),
    ("2024-02-29", "2025-02-28", "2025-03-01"),  # there is no 29 February in 2025
]


@pytest.mark.parametrize(("day", "last", "free"), BARRED)
def test_78_false_material_bars_for_a_year(market: Stage, day: str, last: str, free: str) -> None:
    stall.at(market, day)
    case_id = stall.decided(market, refused=["permit"], false=True)
    (bar,) = stall.bars(market)
    assert (bar.item_id, bar.until.isoformat(), bar.reasons) == ("permit", last, "不符合演示条件。")
    paper = next(each for each in market.documents(case_id) if each.kind == "rejection")
    told = paper.snapshot["decision"]["opinion"]
    assert "给予警告" in told and "不得再次申请该事项" in told
    assert market.problems(case_id) == []
    stall.at(market, last, hour=17)
    barred = stall.applied(market)
    with pytest.raises(Invalid, match="不能再次申请") as why, market.acting("applicant") as ctx:
        submit.submit(ctx, barred, "window", market.case(barred).revision)
    assert ["摆摊许可" in error.message for error in why.value.errors] == [True]
    stall.at(market, free)
    with market.acting("applicant") as ctx:
        submit.submit(ctx, barred, "window", market.case(barred).revision)


def test_78_an_honest_refusal_bars_nobody(market: Stage) -> None:
    stall.at(market, "2026-02-14")
    stall.decided(market, refused=["permit"])
    assert stall.bars(market) == []
    stall.accepted(market)


def test_78_a_grant_cannot_find_false_material(market: Stage) -> None:
    stall.at(market, "2026-02-14")
    case_id = stall.accepted(market)
    row = market.approvals(case_id)["noise"]
    with (
        pytest.raises(Invalid, match="不予决定"),
        market.acting("urban_management.decider") as ctx,
    ):
        decide.act(ctx, row.id, "approve", "", "", row.revision, false_material=True)
    assert stall.bars(market) == []
    assert market.approvals(case_id)["noise"].state == "decide"
