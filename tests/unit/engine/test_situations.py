"""Situations by groups: what is independent is not multiplied, what is entangled is told."""

import pytest

from onevisit import engine
from onevisit.engine.groups import TooManySituations
from onevisit.engine.proof.measures import Games
from onevisit.engine.proof.prove import prove
from onevisit.engine.situations import MANY, situations
from proof.mutated import Files, parsed


def optional_items(files: Files, count: int = 13, **more: object) -> None:
    """That many more items, each of which the applicant may want or not."""
    base = {**files.item("emission"), "optional": True, **more}
    del base["when"]
    for number in range(count):
        result = {"title": f"回执{number}"}
        files.workflow["items"].append(
            {**base, "id": f"more_{number}", "title": f"另办{number}", "result": result}
        )


def test_independent_choices_are_not_gone_through_one_by_one() -> None:
    definition = parsed(optional_items)
    found = situations(definition)
    assert found.count > MANY
    listed = list(found)
    assert len(listed) < 100
    widest = max(listed, key=lambda each: len(each.selection.parts))
    assert len(widest.selection.parts) == len(definition.workflow.items)
    report = prove(definition)
    assert report.figures is not None
    assert report.figures.rows == ()
    assert report.figures.situations == found.count


def test_material_under_a_condition_that_always_holds_is_always_asked() -> None:
    def change(files: Files) -> None:
        files.add_material(id="always", title="总要的", when="true")

    for each in situations(parsed(change)):
        assert "always" in [material.id for material in each.selection.asked]


def test_answers_that_cannot_be_told_apart_one_by_one_are_refused() -> None:
    names = [f"q{n}" for n in range(16)]

    def change(files: Files) -> None:
        files.workflow["situations"] += [
            {"id": name, "ask": f"{name}？", "type": "boolean"} for name in names
        ]
        for number, name in enumerate(names):
            files.add_material(id=f"paper_{number}", title=f"第 {number} 份", when=name)
            if number:
                files.add_material(
                    id=f"pair_{number}", title=f"又第 {number} 份", when=f"{name} && {names[0]}"
                )

    with pytest.raises(TooManySituations) as caught:
        situations(parsed(change))
    assert set(names) <= set(caught.value.names)
    report = prove(parsed(change))
    assert report.figures is None
    assert "请拆开条件" in report.obligations[0].message_zh
    assert not report.proven


def test_orders_of_carrying_too_many_to_play_are_refused() -> None:
    def change(files: Files) -> None:
        optional_items(files)
        prior = {"source": "prior", "origin": "licence", "carried": True}
        files.add_material(id="carry", title="领来的", **prior)

    games = Games(situations(parsed(change)))
    with pytest.raises(TooManySituations):
        list(games.played())


def test_every_situation_is_what_its_answers_select() -> None:
    definition = parsed()
    for each in situations(definition):
        assert engine.select(definition, each.answers) == each.selection


def test_material_of_an_item_that_is_always_there_needs_its_own_condition_only() -> None:
    def change(files: Files) -> None:
        files.add_material(id="always", title="总要的", when="true", items=["licence"])
        files.add_material(id="never", title="不要的", when="false", items=["licence"])

    definition = parsed(change)
    for each in situations(definition):
        assert each.selection == engine.select(definition, each.answers)
        asked = [material.id for material in each.selection.asked]
        assert ("always" in asked, "never" in asked) == (True, False)
