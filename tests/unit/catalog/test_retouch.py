"""Single values of a YAML text are changed, and everything else stays as somebody wrote it."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onevisit.catalog import retouch
from onevisit.definition.problem import DefinitionError
from onevisit.definition.source import read

ROOT = Path(__file__).parents[3]
TEXT = """# 开头的注释
title: 甲  # 行尾的注释
quoted: "09:00"
flow: {days: 20, basis: 依据}
block:
  days: 5
list:
  - {id: a, n: 1}
  - {id: b, n: 2,
     more: [x]}
# 结尾的注释
after: 1
"""


def test_one_value_changes_and_nothing_else() -> None:
    for path, value, old, new in (
        (("title",), "乙", "甲", "乙"),
        (("quoted",), "17:30", '"09:00"', '"17:30"'),
        (("flow", "days"), 8, "days: 20", "days: 8"),
        (("block", "days"), True, "days: 5", "days: true"),
        (("list", 1, "n"), None, "n: 2", "n: null"),
        (("flow", "new"), "丙", "依据}", "依据, new: 丙}"),
        (("block", "new"), 7, "  days: 5", "  days: 5\n  new: 7"),
    ):
        assert retouch.changed(TEXT, {path: value}) == TEXT.replace(old, new, 1), path


def test_several_values_at_once() -> None:
    found = retouch.changed(TEXT, {("title",): "乙", ("after",): 2, ("list", 0, "n"): 9})
    assert read(found, "").data == read(TEXT, "").data | {
        "title": "乙",
        "after": 2,
        "list": [{"id": "a", "n": 9}, {"id": "b", "n": 2, "more": ["x"]}],
    }  # fmt: skip


def test_one_more_of_a_list_stands_at_its_end() -> None:
    found = retouch.appended(TEXT, ("list",), {"id": "c", "title": "丁: 戊"})
    assert found == TEXT.replace("[x]}\n", '[x]}\n  - {id: c, title: "丁: 戊"}\n')


def test_what_is_not_there_cannot_be_changed() -> None:
    for path in (("none", "x"), ("list", 7, "n"), ("flow",), ("title", "x")):
        with pytest.raises(KeyError):
            retouch.changed(TEXT, {path: 1})
    for path in (("flow",), ("list", 1, "more")):
        with pytest.raises(KeyError):
            retouch.appended(TEXT, path, {"id": "x"})


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.text(":#-,{}[]?&*!|>'\"% \n0ab", max_size=8))
@example("0:")
def test_any_text_means_itself_or_is_refused(text: str) -> None:
    """Whatever somebody types into a field is that text in the file, and never a structure."""
    places = (("flow", "basis"), ("title",), ("list", 0, "id"))
    found = retouch.changed(TEXT, dict.fromkeys(places, text))
    try:
        data = read(found, "").data
    except DefinitionError as error:  # characters that no file may have
        assert {each.code for each in error.problems} <= {"character"}
        return
    was = read(TEXT, "").data
    assert data == was | {
        "title": text,
        "flow": {"days": 20, "basis": text},
        "list": [{"id": text, "n": 1}, was["list"][1]],
    }


def test_the_real_files_are_changed_in_one_line() -> None:
    for name, path, value in (
        ("directory", ("departments", 3, "title"), "示例市新名局"),
        ("jurisdictions/demo_city", ("hours", "close"), "18:00"),
    ):
        before = (ROOT / f"workflows/{name}.yaml").read_text()
        after = retouch.changed(before, {path: value})
        lines = [
            n
            for n, pair in enumerate(zip(before.splitlines(), after.splitlines(), strict=True))
            if pair[0] != pair[1]
        ]
        assert len(lines) == 1, name
