"""A read service: its values look themselves up, its questions and conditions are complete."""

import dataclasses
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from onevisit.definition import dialect, workflow
from onevisit.definition.parse import _EXPECTED, _RULES
from onevisit.definition.place import Directory
from onevisit.definition.service import want
from onevisit.definition.written import written_conditions
from unit.definition import small

DEFINITION = small.definition()
ROOM = Path(workflow.__file__).parent


def test_lookups() -> None:
    service = DEFINITION.workflow
    assert service.item("food").title == "食品登记"
    assert service.question("area").max == 99
    assert service.material("photo").items == ("place",)
    assert DEFINITION.directory.department("market").short == "市监"
    for look_up in (service.item, service.question, service.material):
        with pytest.raises(KeyError):
            look_up("nope")
    with pytest.raises(KeyError):
        DEFINITION.directory.department("nope")


def test_an_optional_item_asks_by_itself() -> None:
    question = DEFINITION.questions[-1]
    assert question.id == want("lamp") == "want_lamp"
    assert question.ask == "是否同时办理“装灯”？"
    assert DEFINITION.conditions.holds("want_lamp", {"want_lamp": True})


def test_conditions_know_answers_and_fields() -> None:
    assert DEFINITION.conditions.variables == {
        "area": "integer", "night": "boolean", "kind": "string", "want_lamp": "boolean",
        "form.name": "string", "form.card": "string", "form.size": "integer",
    }  # fmt: skip
    assert DEFINITION.conditions.choices == {"kind": ["fruit", "snacks"]}


def test_options_of_a_form_field_are_known_to_conditions() -> None:
    files = {
        **small.FILES,
        small.FORM: small.FILES[small.FORM].replace(
            "title: 姓名, minLength: 2", "title: 姓名, oneOf: [{const: a, title: 甲}]"
        ),
    }
    assert small.definition(files).conditions.choices["form.name"] == ["a"]


def test_all_conditions_are_found_with_their_places() -> None:
    assert [(at[0], at[-1], text) for at, text in written_conditions(DEFINITION.source)] == [
        ("situations", "when", "area > 10"),
        ("materials", "when", "night"),
        ("items", "when", "kind == 'snacks'"),
        ("items", "when", "area <= 5"),
    ]


def test_values_are_frozen_and_closed() -> None:
    with pytest.raises(ValidationError):
        DEFINITION.workflow.title = "x"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFINITION.form.title = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Directory.model_validate({"departments": [], "more": 1})


def test_equal_texts_make_equal_definitions() -> None:
    assert small.definition() == DEFINITION


def test_every_rule_that_a_value_can_break_has_words_and_none_is_idle() -> None:
    raised = {
        code
        for module in ROOM.glob("*.py")
        for code in re.findall(r'raise ValueError\("(\w+)"\)', module.read_text())
    }
    assert set(_RULES) == raised
    assert all(words.en and words.en != words for words in (*_RULES.values(), *_EXPECTED.values()))


def test_every_keyword_of_the_dialect_belongs_to_a_type() -> None:
    known = {field.alias or name for name, field in dialect.Question.model_fields.items()}
    always = {"title", "type", "description", "examples", "x-for", "x-from", "x-shared",
              "x-holder", "x-sensitivity"}  # fmt: skip
    assert known - always == dialect._TYPED_KEYS
