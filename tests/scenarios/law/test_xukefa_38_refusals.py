"""许可法第三十八条: a refusal states reasons and remedies, whatever else of the case it ends."""

from pathlib import Path

from scenarios.conftest import SetUp
from scenarios.law import stall
from scenarios.stage import Stage


def test_38_all_refused_closes_the_case_with_a_decision_for_each(market: Stage) -> None:
    stall.at(market, "2026-03-02")
    case_id = stall.decided(market, refused=("permit", "fire", "noise"))
    assert market.case(case_id).state == "refused"
    papers = [each for each in market.documents(case_id) if each.kind == "rejection"]
    assert len(papers) == 3
    assert all(each.snapshot["decision"]["reasons"] for each in papers)
    assert all(len(each.snapshot["decision"]["remedies"]) == 2 for each in papers)
    assert not [each for each in market.documents(case_id) if each.kind == "certificate"]
    assert market.problems(case_id) == []


def test_38_what_is_sent_back_begins_anew_with_reasons(market: Stage) -> None:
    stall.at(market, "2026-03-02")
    case_id = stall.accepted(market, pledged=False)
    market.act(case_id, "permit", "forward")
    market.act(case_id, "permit", "send_back", reasons="摊位尺寸没有核对。")
    assert market.states(case_id)["permit"] == "handle"
    last = market.ledger(case_id, "permit")[-1]
    assert (last.act, last.detail["reasons"]) == ("send_back", "摊位尺寸没有核对。")
    stall.finish(market, case_id, "permit")
    assert market.states(case_id)["permit"] == "approved"
    assert market.problems(case_id) == []


def test_38_what_a_refused_item_was_needed_for_is_cancelled(set_up: SetUp, tmp_path: Path) -> None:
    folder = stall.services(tmp_path / "services")
    service = folder / "workflows/stall.yaml"
    needed = stall.SERVICE.replace(
        "title: 噪声承诺备查\n", "title: 噪声承诺备查\n    needs: [permit]\n"
    )
    service.write_text(needed, "utf-8")
    stage = set_up(folder)
    stall.at(stage, "2026-03-02")
    case_id = stall.accepted(stage, pledged=False)
    assert stage.states(case_id)["noise"] == "waiting"
    stall.finish(stage, case_id, "permit", refused=True)
    cancelled = stage.ledger(case_id, "noise")[-1]
    assert (cancelled.act, cancelled.actor_id, cancelled.to_state) == ("cancel", None, "cancelled")
    assert stage.states(case_id)["case"] == "reviewing"
    assert stage.problems(case_id) == []
