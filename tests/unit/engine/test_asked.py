"""What is not asked twice although it looks so, and what nobody needs."""

from proof.mutated import Change, Files, report


def said(change: Change) -> list[str]:
    found = report(change).obligations
    return [
        each.message_zh for each in found if each.id == "asked_once" and each.status == "refuted"
    ]


def test_the_same_paper_in_different_situations_is_asked_once() -> None:
    def change(files: Files) -> None:
        files.add_material(id="small", title="承诺书", when="area <= 50")
        files.add_material(id="large", title="承诺书（原件）", when="area > 50")

    assert said(change) == []


def test_the_same_paper_in_one_situation_is_asked_twice() -> None:
    def change(files: Files) -> None:
        files.add_material(id="small", title="承诺书", when="area <= 50")
        files.add_material(id="any", title="《承诺书》复印件", when="cooking")

    assert said(change) == ["材料“《承诺书》复印件”要交两次：“small”和“any”，请合并为一份共用"]


def test_fields_of_items_that_exclude_each_other_may_have_one_title() -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["when"] = "!cooking && area > 500"
        files.add_field("one", title="楼层", **{"x-for": ["hygiene"]})
        files.add_field("other", title="楼层", **{"x-for": ["emission"]})

    assert said(change) == []


def test_a_field_for_an_item_that_is_never_chosen_serves_nobody() -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["when"] = "area > 30000"
        files.add_field("floor", title="楼层", **{"x-for": ["hygiene"]})

    assert said(change) == ["字段“楼层”没有哪个事项用得到"]
