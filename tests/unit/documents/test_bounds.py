"""Whatever somebody writes into a template: it ends soon, takes little, and reaches nothing."""

import tracemalloc
from pathlib import Path

import pytest

from onevisit.documents import BrokenTemplate, DocumentError, UnknownTemplate
from onevisit.documents.fill import fill

DATA = {
    "title": "演示标题",
    "rows": [{"title": "一"}, {"title": "二"}],
    "applicant": {"name": "演示申请人甲"},
}
CALLS = (
    "{% macro m() %}{{ caller() }}{% endmacro %}{% for i in range(2000) %}"
    "{% for j in range(2000) %}{% call m() %}a{% endcall %}{% endfor %}{% endfor %}"
)
DOUBLE = "{% set ns = namespace(x='ab') %}{% for i in range(60) %}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A templates folder with a page of the site and things around it that must stay unread."""
    inside = tmp_path / "templates"
    for place in ("notices", "web", "certificates"):
        (inside / place).mkdir(parents=True)
    (inside / "web/base.html").write_text("页面")
    (inside / "notices/note.txt").write_text("记录")
    (tmp_path / "secret.html").write_text("秘密")
    (inside / "notices/link.html").symlink_to(tmp_path / "secret.html")
    return inside


def tried(folder: Path, text: str) -> str:
    (folder / "notices/trial.html").write_text(text, encoding="utf-8")
    return fill("notices/trial", DATA, folder)


LARGE = [
    "{{ 'a' * 10**9 }}",
    "{{ 10**9 * 'a' }}",
    "{{ [1] * 10**9 }}",
    "{% set x = 'a' * 190000 %}{{ x + x }}",
    "{% set x = 'a' * 190000 %}{{ x ~ x }}",
    "{{ 9**9**9**9 }}",
    "{{ 10**10**10 }}",
    DOUBLE + "{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    DOUBLE + "{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
    DOUBLE + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x ~ '' }}",
    DOUBLE + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | string }}",
    DOUBLE + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | join }}",
    DOUBLE + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ '%s' % [ns.x] }}",
    DOUBLE + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ '{}'.format(ns.x) }}",
    DOUBLE + "{% set ns.x = 9 * 9 ** 20 %}{% set ns.x = ns.x * ns.x * ns.x * ns.x %}{% endfor %}",
    DOUBLE + "{% set x %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = x %}{% endfor %}",
    DOUBLE + "{% set ns.x = ns.x | replace('a', ns.x) %}{% endfor %}",
    "{{ 'a' | replace('', 'b' * 190000) | replace('b', 'c' * 190000) }}",
    "{{ range(2000) | join('b' * 190000) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{}}'.format(1, 1000000000) }}",
    "{{ 1.5 | round(10**9) }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ 'a'.center(1000000000) }}",
    "{{ 'a'.join(range(2000)) }}",
    "{{ 'a' | indent(1000000000) }}",
    "{{ [1] | batch(1000000000, 'x') | list }}",
    "{{ [1] | slice(1000000000) | list }}",
    "{{ range(10**9) }}",
    "{% for i in range(10**9) %}{% endfor %}",
    "x" * 100_001,
]
LONG = [
    "{% for i in range(2000) %}{% for j in range(2000) %}{% endfor %}{% endfor %}",
    "{% for i in range(2000) %}{% for j in range(2000) %}演示{{ title }}{% endfor %}{% endfor %}",
    "{% for i in range(2000) %}" + "演" * 90_000 + "{% endfor %}",
    "{% macro f() %}{% for i in range(2000) %}{{ f() }}{% endfor %}{% endmacro %}{{ f() }}",
    "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(80) }}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}",
    "{% include 'notices/trial.html' %}",
    "{% extends 'notices/trial.html' %}",
    "{% import 'notices/trial.html' as x %}",
    "{% for i in range(60) recursive %}{{ loop(range(60)) }}{% endfor %}",
    CALLS,
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
]
OUTSIDE = [
    "{% include 'web/base.html' %}",
    "{% extends 'web/base.html' %}",
    "{% import '../secret.html' as x %}",
    "{% include 'notices/../../secret.html' %}",
    "{% include '/etc/passwd' %}",
    "{% include 'notices/note.txt' %}",
    "{% include 'notices/link.html' %}",
    "{% include ['web/base.html', '../secret.html'] %}",
    "{% include title %}",
    "{% extends title ~ '.html' %}",
    "{% include 'notices/' ~ 'trial.html' ignore missing %}",
]
REACHING = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ title['__class__'] }}",
    "{{ title | attr('__class__') }}",
    "{{ (title | upper).__init__ }}",
    "{{ range.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__class__ }}",
    "{{ loop }}",
    "{% for i in rows %}{{ loop.__class__ }}{% endfor %}",
    "{% for i in rows %}{{ loop._iterable }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__call__.__globals__ }}",
    "{{ '{0.__class__.__mro__}'.format(title) }}",
    "{{ '{x.__class__}'.format_map({'x': title}) }}",
    "{{ ('{0.__class__}' | string).format(title) }}",
    "{{ rows.append(1) }}",
    "{{ rows.__class__ }}",
    "{{ rows | map(attribute='__class__') | list | first }}",
    "{{ rows | map('attr', '__class__') | list }}",
    "{{ applicant.__init__.__globals__ }}",
    "{{ applicant.clear() }}",
    "{{ dict }}",
    "{{ cycler('a') }}",
    "{{ environment }}",
    "{{ lipsum(n=1000000) }}",
    "{{ rows | sort(attribute='__class__.__name__') }}",
    "{{ title | safe }}",
    "{% autoescape false %}{{ title }}{% endautoescape %}",
    "{% do rows.append(1) %}",
    "{% debug %}",
    "{% set joined_ = 1 %}{{ [title] | joined_ | pprint }}",
]


@pytest.mark.parametrize("text", LARGE + LONG + OUTSIDE + REACHING, ids=lambda text: text[:60])
def test_what_asks_for_too_much_or_reaches_out_is_cut_off_with_a_reason(
    folder: Path, text: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        tried(folder, text)
    assert any("一" <= each <= "鿿" for each in caught.value.args[0].split("：")[-1])


@pytest.mark.parametrize("text", LARGE, ids=lambda text: text[:60])
def test_what_is_cut_off_has_taken_little(folder: Path, text: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(DocumentError):
            tried(folder, text)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", LARGE, ids=lambda text: text[:60])
def test_too_much_is_told_with_the_line(folder: Path, text: str) -> None:
    with pytest.raises(BrokenTemplate) as caught:
        tried(folder, "\n\n" + text)
    assert caught.value.template == "notices/trial"
    assert caught.value.line == (3 if len(text) < 1000 else 1)


@pytest.mark.parametrize("text", OUTSIDE[:8])
def test_other_files_do_not_exist_for_a_document(folder: Path, text: str) -> None:
    with pytest.raises((UnknownTemplate, BrokenTemplate), match=r"没有文书模板|只能写明"):
        tried(folder, text)


def test_a_part_that_asks_for_too_much_is_named_itself(folder: Path) -> None:
    (folder / "notices/_part.html").write_text("一\n{{ 'a' * 10**9 }}")
    with pytest.raises(BrokenTemplate, match="第2行") as caught:
        tried(folder, "{% include 'notices/_part.html' %}")
    assert caught.value.template == "notices/_part"


def test_what_documents_need_is_within_bounds(folder: Path) -> None:
    text = (
        "{% macro row(each, n) %}{{ n }}{{ each.title }}{% endmacro %}"
        "{% for i in range(500) %}{% for each in rows %}{{ row(each, loop.index) }}{% endfor %}"
        "{% endfor %}{{ '第' ~ 3 ~ '项' }}{{ '%02d' | format(7) }}{{ '{:>3}'.format(8) }}"
        "{{ rows | map(attribute='title') | join('、') }}{{ title | replace('标', '主') }}"
        "{{ 2 ** 10 }}{{ 7 % 4 }}{{ '-' * 3 }}{{ 2.567 | round(1) }}{{ 5 | string }}"
        "{{ title.startswith('演示') }}{% set ns = namespace(n=0) %}{{ ns.n }}"
    )
    filled = tried(folder, text)
    assert filled.endswith("第3项07  8一、二演示主题10243---2.65是0")
    assert filled.count("1一2二") == 500


def test_drafts_stand_before_files(folder: Path) -> None:
    (folder / "notices/_part.html").write_text("旧")
    (folder / "notices/trial.html").write_text("{% include 'notices/_part.html' %}{{ title }}")
    assert fill("notices/trial", DATA, folder) == "旧演示标题"
    drafts = {"notices/_part.html": "新"}
    assert fill("notices/trial", DATA, folder, drafts) == "新演示标题"
    assert fill("notices/new", DATA, folder, {"notices/new.html": "{{ title }}"}) == "演示标题"
    assert fill("notices/trial", DATA, folder) == "旧演示标题"


def test_text_that_is_no_text_is_no_template(folder: Path) -> None:
    (folder / "notices/trial.html").write_bytes(b"\xff\xfe")
    with pytest.raises(UnknownTemplate):
        fill("notices/trial", DATA, folder)
