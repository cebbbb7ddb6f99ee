"""The visits that docs/proof.md fixes for each vector, and the way to reach them in words."""

import pytest

from onevisit import engine
from onevisit.engine.proof.prove import prove
from onevisit.engine.proof.visits import Visits
from onevisit.engine.situations import situations
from proof.vectors import vector

VISITS = {  # name: (free choice, never online)
    "v01": (0, 1),
    "v02": (2, 2),
    "v03": (1, 1),
    "v04": (1, 2),
    "v04_post": (1, 1),
    "v05": (2, 2),
    "v06": (1, 1),
    "v07": (2, 3),
    "v08": (1, 2),
    "v08_submission": (1, 1),
    "v09": (0, 1),
    "v10": (0, 1),
    "v11": (1, 2),
    "v12": (0, 1),
    "v13": (2, 3),
    "v14": (2, 3),
    "v14_prior": (0, 1),
    "v15": (1, 2),
}


def worst(name: str) -> Visits:
    definition = vector(name)
    found = [engine.visits(definition, each.selection) for each in situations(definition)]
    return max(found, key=lambda each: (each.visits or 0, each.visits_counter or 0))


@pytest.mark.parametrize("name", VISITS)
def test_a_vector_costs_what_the_model_says(name: str) -> None:
    found = worst(name)
    assert (found.visits, found.visits_counter) == VISITS[name]


@pytest.mark.parametrize("name", VISITS)
def test_a_proof_has_the_worst_situation_for_its_figures(name: str) -> None:
    figures = prove(vector(name)).figures
    assert figures is not None
    assert (figures.visits, figures.visits_counter) == VISITS[name]


@pytest.mark.parametrize("name", VISITS)
def test_the_path_costs_exactly_the_visits(name: str) -> None:
    found = worst(name)
    for path, visits in ((found.path, found.visits), (found.path_counter, found.visits_counter)):
        assert sum("次到场" in step and "同一次" not in step for step in path) == visits
        assert path[-1].startswith("申请人") and "领取" in path[-1]


def test_v09_an_inspection_is_a_presence_not_a_visit() -> None:
    assert worst("v09").presences == 1


def test_v12_a_correction_at_the_window_costs_a_visit_more() -> None:
    found = worst("v12")
    assert found.visits_with_correction == 1
    assert found.visits_counter_with_correction == 2


def test_v13_each_situation_has_its_own_figures() -> None:
    definition = vector("v13")
    found = {
        each.answers["s"]: engine.visits(definition, each.selection)
        for each in situations(definition)
    }
    assert (found[True].visits, found[True].visits_counter) == (2, 3)
    assert (found[False].visits, found[False].visits_counter) == (1, 2)


def test_v02_tells_the_second_visit_in_the_words_of_the_service() -> None:
    assert worst("v02").path == (
        "申请人到窗口提交申请：第 1 次到场",
        "受理",
        "各部门办理并作出决定",
        "申请人到窗口领取“甲许可证”：第 2 次到场",
    )


def test_v03_hands_in_and_takes_away_at_once() -> None:
    found = worst("v03")
    assert found.path[-1] == "申请人到窗口领取“甲许可证”（同一次到场）"
    assert found.advice == ("到窗口提交申请。", "不用离开，到窗口一次领齐“甲许可证”。")


def test_v04_advice_waits_with_the_original_until_collecting() -> None:
    assert worst("v04").advice[:2] == (
        "在网上提交申请，不用到场。",
        "等全部办好，到窗口一次领齐“甲许可证”，带上“房产证明”原件当场核验。",
    )


def test_v14_names_the_paper_that_is_carried() -> None:
    assert any("“甲许可证”并递交" in step for step in worst("v14").path)
