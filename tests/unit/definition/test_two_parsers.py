"""libyaml only makes reading faster: with it and without it, everything is read the same."""

import re
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onevisit.checkout import CHECKOUT
from onevisit.definition import source
from onevisit.definition.problem import DefinitionError
from onevisit.definition.source import read
from unit.definition.test_source import HOSTILE, MISTAKES

FILES = [
    each
    for folder in ("workflows", "forms", "tests/proof/files")
    for each in sorted((CHECKOUT / folder).rglob("*.yaml"))
]
WITH_LIBYAML = vars(source)["CParser"] is not None
without_libyaml = mock.patch.object(source, "CParser", None)


def outcome(text: str | bytes) -> str:
    """All that reading tells: every value with its type, order and place, or every problem."""
    try:
        found = read(text, "x.yaml")
    except DefinitionError as error:
        return "\n".join(
            f"{each!r} {each.message()} {each.message('en')}" for each in error.problems
        )
    return f"{found.data!r}\n{found.positions!r}\n{found.keys!r}\n{found.written!r}"


def check_same(text: str | bytes) -> None:
    quick = outcome(text)
    with without_libyaml:
        assert outcome(text) == quick


def test_every_file_that_comes_along_is_read_the_same() -> None:
    assert WITH_LIBYAML, "libyaml comes with the packages"
    assert len(FILES) > 30
    for path in FILES:
        check_same(path.read_text(encoding="utf-8"))
        check_same(path.read_bytes())


def test_nearly_every_file_of_a_service_is_read_once() -> None:
    files = [each for each in FILES if each.parent.name != "scenarios"]  # they leave values out

    def read_once(path: Path) -> bool:
        try:
            read(path.read_text(encoding="utf-8"), path.name)
        except AssertionError:
            return False
        return True

    with mock.patch.object(source, "YAML", side_effect=AssertionError("read again")):
        assert sum(map(read_once, files)) > len(files) * 0.9


@pytest.mark.parametrize("text", [each[0] for each in (*HOSTILE, *MISTAKES)])
def test_what_is_refused_is_refused_in_the_same_words(text: str | bytes) -> None:
    check_same(text)


@pytest.mark.parametrize(
    "text",
    [
        "标题: 店\n甲: {乙: [丙, 😀, 丁], 戊: '己'}\n庚:\n  - 辛: 壬 # 注\n",  # by characters
        "a: 一\n  二\n\n  三\nb: |\n  四\n   五\n\nc: >-\n  六\n  七\nd: 八",
        "a: no\nb: on\nc: 012\nd: 0o14\ne: 1_000\nf: 1:30\ng: 2026-01-31\nh: .inf",
        "a:\nb: 1",  # what is left out
        "a: {b: , c: }\nd: [x, ]",
        "?",
        "a: |\nb: >+\n",
        "---",
        "a: [08:35, x]",
        "a: http://example.cn/#a?b=c",
        "a: {b: http://example.cn}",
        'a: ["b":1]',
        'a: ["b" :1]',
        'a: ["b"\n :1]',
        "a: {[b]:1}",
        "a: {b:1}",
        "a: |-#\n  b",
        "a: |2#\n  b",
        "a: |-\n \n  b",
        "a: >\n \n  b",
        "a: |-\n \n  \u00a0",
        "|\n# a",
        ">\n...\n",
        "a: 1\n...\n...",
        "a: 1\n...\n# b",
        "a:\t1",
        "a: b\t# c",
        "a:\u00a01\n\u3000b: 2",
        "a: b\u2028c\nd: e\u0085f",
        "a: \ufeffb",
        "a\ufeffb: c",
        "\n\ufeff- a",
        "\ufeffa: 1",
        "%YAML 1.1\n---\na: no",
        "%YAML 2.0\n---\na: 1",
        "%TAG ! tag:x,2000:\n---\na: !b 1",
        "a: b\nc",
        "- a\n- b: c\n  d",
        "plain",
        "- 1\n- {a: 2}",
    ],
)
def test_where_parsers_may_differ_they_are_told_apart(text: str) -> None:
    check_same(text)


PLAIN = ["a", "b", "中文", "甲乙", "no", "007", "1.5", "08:35", "😀"]
WORDS = [
    *PLAIN, *"#-?:|>%@`.~", "0o7", "-1", "null", "a#b", "|-", ">+2", "...", "---", "<<", "x:y",
    "http://x.cn/a#b", "'q'", '"q"', '"\\u4e2d\\n"', "'it''s'", "a b", "# c", "", "*a", "&a",
    "!b", "a, b", "a: b", "- b", "''", '""', '"a\n   b"', "\t", "\u3000",
]  # fmt: skip
MARKS = st.sampled_from([*" \n:-?[]{},#|>\"'\\&*!%@`.\t", "\n\n", "\n  ", ": ", "\n- ", "\n...\n"])


def flow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    between = st.sampled_from([", ", ", ", ",", " ,", ",\n     "])
    pair = st.tuples(inner, st.sampled_from([": ", ": ", ":", " : "]), inner).map("".join)

    def joined(part: st.SearchStrategy[str], form: str) -> st.SearchStrategy[str]:
        parts = st.lists(part, max_size=3)
        return st.tuples(between, parts).map(lambda found: form.format(found[0].join(found[1])))

    return joined(inner, "[{}]") | joined(pair, "{{{}}}") | joined(pair, "[{}]")


def block(word: st.SearchStrategy[str], deep: int = 3) -> st.SearchStrategy[str]:
    """Block mappings and lists whose values are words, flow collections, texts over several
    lines, or further blocks."""
    head = st.sampled_from(["", "", " # 注", " "])
    lines = st.lists(word, min_size=1, max_size=3)
    joint = st.sampled_from(["\n  ", "\n\n  ", "\n   "])
    plain = st.tuples(joint, lines).map(lambda found: " " + found[0].join(found[1]))
    mark = st.sampled_from(["|", ">", "|-", ">+", "|2", ">1-"])
    text = st.tuples(mark, head, joint, lines).map(
        lambda found: f" {found[0]}{found[1]}\n  {found[2].join(found[3])}"
    )
    value = st.tuples(word | st.recursive(word, flow, max_leaves=4), head).map(
        lambda found: f" {found[0]}{found[1]}"
    )
    value |= plain | text
    if deep:
        nested = block(word, deep - 1).map(lambda found: found.replace("\n", "\n  "))
        value |= st.tuples(head, nested).map(lambda found: f"{found[0]}\n  {found[1]}")
    keys = st.lists(st.sampled_from(["a", "乙", '"c"', "d e", "f"]), min_size=1, max_size=3)
    names = keys.flatmap(lambda ks: st.tuples(*(value.map(f"{key}:{{}}".format) for key in ks)))
    items = st.lists(value.map("-{}".format), min_size=1, max_size=3)
    return st.tuples(st.sampled_from(["\n", "\n", "\n\n", "\n# 注\n"]), names | items).map(
        lambda found: found[0].join(found[1])
    )


@st.composite
def slips(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """Texts with up to three places where something was inserted, lost or replaced."""
    text = draw(texts)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(MARKS | st.just("")) + text[place + draw(st.integers(0, 2)) :]
    return text


LINES = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]


@st.composite
def passages(draw: st.DrawFn) -> str:
    """A few lines of a file that comes along, set at the left margin."""
    start = draw(st.integers(0, len(LINES) - 1))
    found = LINES[start : start + draw(st.integers(1, 8))]
    margin = min((re.match(" *", line).end() for line in found if line.strip()), default=0)  # type: ignore[union-attr]  # always matches
    return "\n".join(line[margin:] for line in found)


@settings(max_examples=400, deadline=None)
@given(slips(block(st.sampled_from(WORDS))))
def test_whatever_anybody_may_write_is_read_the_same(text: str) -> None:
    check_same(text)


@settings(max_examples=200, deadline=None)
@given(block(st.sampled_from(PLAIN)))
def test_what_is_well_written_is_read_the_same(text: str) -> None:
    check_same(text)


@settings(max_examples=200, deadline=None)
@given(slips(passages()))
def test_slips_in_real_files_are_told_the_same(text: str) -> None:
    check_same(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | MARKS, max_size=12).map("".join))
def test_any_heap_of_marks_is_read_the_same(text: str) -> None:
    check_same(text)
