"""What answers select: items, routes, elements of a list, and material."""

from typing import Any

import pytest

from onevisit.engine.selection import everything, questions, read_answers, select
from proof.mutated import Files, parsed
from proof.vectors import vector

RESTAURANT = parsed()
SMALL: dict[str, Any] = {"area": 40, "cooking": False, "gathering": False, "signboard": False}
LARGE: dict[str, Any] = {
    "area": 600,
    "cooking": True,
    "gathering": True,
    "fire_pledge": False,
    "signboard": True,
    "want_tobacco": True,
}


def asked(answers: dict[str, Any]) -> list[str]:
    return [each.id for each in questions(RESTAURANT, answers)]


def test_a_question_appears_once_its_condition_holds() -> None:
    assert "fire_pledge" not in asked(SMALL)
    assert "fire_pledge" in asked({"area": 301, "gathering": True})
    assert asked({})[-1] == "want_tobacco"


def test_answers_select_items_routes_and_material() -> None:
    small = select(RESTAURANT, SMALL)
    assert small.item_ids == {"licence", "food"}
    assert small.part("food").route.kind == "filing"
    large = select(RESTAURANT, LARGE)
    assert large.item_ids == {each.id for each in RESTAURANT.workflow.items}
    assert large.part("food").route.kind == "approval"
    assert "fire_layout" in [each.id for each in large.asked]
    assert "fire_pledge_letter" not in [each.id for each in large.materials]


def test_what_the_service_knows_is_removed_from_the_list() -> None:
    selection = select(RESTAURANT, LARGE)
    assert "licence_copy" in [each.id for each in selection.removed]
    assert {*selection.asked, *selection.removed} == {*selection.materials}


def test_an_unknown_part_has_no_place() -> None:
    with pytest.raises(KeyError):
        select(RESTAURANT, SMALL).part("fire")


def test_every_element_of_a_list_is_an_approval() -> None:
    people = {"people": [{"name": "甲"}, {"name": "乙"}]}
    assert [part.key for part in select(vector("t7"), {}, people).parts] == ["permit/1", "permit/2"]
    assert [part.element for part in select(vector("t7"), {}).parts] == [1]


def test_conditions_see_the_form() -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["when"] = "form.seats > 100"

    definition = parsed(change)
    assert "hygiene" in select(definition, SMALL, {"seats": 101}).item_ids
    assert "hygiene" not in select(definition, SMALL, {"seats": 100}).item_ids


def test_procedures_and_appointments_follow_their_conditions() -> None:
    with_talks = select(vector("v13"), {"s": True})
    assert [each.id for each in with_talks.part("licence").appointments] == ["talk_west"]
    assert select(vector("v13"), {"s": False}).part("licence").appointments == ()


def test_everything_is_the_service_at_its_largest() -> None:
    selection = everything(RESTAURANT)
    assert [part.key for part in selection.parts] == [i.id for i in RESTAURANT.workflow.items]
    assert selection.materials == RESTAURANT.workflow.materials
    assert [part.key for part in everything(vector("t7")).parts] == ["permit/1"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"area": ""}, "请回答这个问题"),
        ({"area": "八十"}, "请填写整数，如 80"),
        ({"area": "0"}, "应在 1 到 20000平方米之间"),
        ({"area": "80", "cooking": "maybe"}, "请选择“是”或“否”"),
    ],
)
def test_wrong_answers_are_told_beside_the_question(typed: dict[str, str], message: str) -> None:
    _, errors = read_answers(RESTAURANT, typed)
    assert message in [each.message for each in errors]


def test_right_answers_are_typed_and_others_left_out() -> None:
    typed = {"area": " 80 ", "cooking": "true", "gathering": "false", "signboard": "false"}
    answers, errors = read_answers(
        RESTAURANT, {**typed, "want_tobacco": "false", "fire_pledge": "true"}
    )
    assert errors == []
    assert answers == {**SMALL, "area": 80, "cooking": True, "want_tobacco": False}


def test_a_choice_is_one_of_its_options() -> None:
    definition = vector("any")
    rest = {"a": "false", "n": "3", **{f"want_i{n}": "true" for n in range(1, 5)}}
    assert read_answers(definition, {**rest, "c": "x"})[0]["c"] == "x"
    wrong = read_answers(definition, {**rest, "c": "q"})[1]
    assert [each.message for each in wrong] == ["请从列出的选项中选择"]
