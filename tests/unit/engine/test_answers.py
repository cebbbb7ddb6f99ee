"""How answers are cut to the values that make a difference."""

import pytest

from onevisit.engine.answers import Variable, variables
from onevisit.engine.situations import Situations, situations
from proof.mutated import Files, parsed


def found(change: object) -> dict[str, Variable]:
    return variables(parsed(change))  # type: ignore[arg-type]


def values(variable: Variable) -> list[object]:
    return [each.value for each in variable.choices]


def test_a_number_is_cut_at_the_constants_of_its_conditions() -> None:
    area = found(lambda files: None)["area"]
    assert [each.text.split("：")[1] for each in area.choices] == [
        "1—50平方米",
        "51—300平方米",
        "301—500平方米",
        "501平方米以上",
    ]
    assert values(area) == [50, 300, 500, 501]


def test_one_number_may_be_a_value_of_its_own() -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["when"] = "area == 77"

    texts = [each.text for each in found(change)["area"].choices]
    assert "经营场所使用面积有多大：77平方米" in texts


def test_a_number_nobody_looks_at_is_one_value_without_words() -> None:
    def change(files: Files) -> None:
        files.workflow["situations"].append(
            {"id": "seats", "ask": "几个座位？", "type": "integer", "min": 1, "max": 9}
        )

    assert [each.text for each in found(change)["seats"].choices] == [""]


def test_choices_are_their_options() -> None:
    def change(files: Files) -> None:
        options = [{"id": "x", "title": "甲"}, {"id": "z", "title": "乙"}]
        files.workflow["situations"].append(
            {"id": "form", "ask": "哪种？", "type": "choice", "options": options}
        )
        files.item("hygiene")["when"] = "form == 'x'"

    assert [each.text for each in found(change)["form"].choices] == ["哪种：甲", "哪种：乙"]


@pytest.mark.parametrize(
    ("condition", "name", "expected"),
    [
        ("form.seats > 100", "form.seats", [100, 101]),
        ("form.main_form == 'canteen'", "form.main_form", ["restaurant", "canteen", "retailer"]),
        ("form.sign_text == '甲'", "form.sign_text", ["甲", "（其他）"]),
    ],
)
def test_form_fields_count_where_conditions_mention_them(
    condition: str, name: str, expected: list[object]
) -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["when"] = condition

    assert values(found(change)[name]) == expected
    assert name not in found(lambda files: None)


def test_a_yes_or_no_field_is_both() -> None:
    def change(files: Files) -> None:
        files.add_field("chain", title="是否连锁", type="boolean")
        files.item("hygiene")["when"] = "form.chain"

    assert values(found(change)["form.chain"]) == [False, True]


def listed(change: object) -> Situations:
    return situations(parsed(change))  # type: ignore[arg-type]


def test_a_field_that_repeats_an_answer_is_that_answer() -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["when"] = "form.area > 500 && gathering"

    assert listed(change).count == listed(lambda files: None).count


def test_numbers_may_be_compared_with_each_other() -> None:
    def change(files: Files) -> None:
        files.workflow["situations"].append(
            {"id": "rooms", "ask": "几间？", "type": "integer", "min": 1, "max": 600}
        )
        files.item("hygiene")["when"] = "area > rooms && rooms > 3"

    chosen = {"hygiene" in each.selection.item_ids for each in listed(change)}
    assert chosen == {True, False}


def test_many_answers_in_one_condition_are_not_merged_but_still_right() -> None:
    names = [f"q{n}" for n in range(9)]

    def change(files: Files) -> None:
        files.workflow["situations"] += [
            {"id": name, "ask": f"{name}？", "type": "boolean"} for name in names
        ]
        files.item("hygiene")["when"] = "area > 500 && (" + " || ".join(names) + ")"

    found = listed(change)
    assert {"hygiene" in each.selection.item_ids for each in found} == {True, False}


def test_a_choice_beside_a_number_is_tried_with_all_it_is_compared_with() -> None:
    def change(files: Files) -> None:
        options = [{"id": "x", "title": "甲"}, {"id": "z", "title": "乙"}]
        files.workflow["situations"].append(
            {"id": "form", "ask": "哪种？", "type": "choice", "options": options}
        )
        files.item("hygiene")["when"] = "form == 'x' && area > 77"

    assert 77 in values(found(change)["area"])
