"""No blank ever reaches paper: what is null, empty or absent stops the document by its name."""

import re

import pytest

from onevisit.documents import BrokenTemplate, MissingValue, UnknownTemplate, check_template
from onevisit.documents.fill import fill

DATA = {
    "title": "标题",
    "due": None,
    "note": "  ",
    "applicant": {"name": "演示申请人甲", "agent": None, "phone": ""},
    "rows": [{"title": "一"}, {"title": ""}],
    "empty": [],
    "count": 3,
    "zero": 0,
    "paid": True,
    "items": [{"items": "自己的键"}],
}


@pytest.fixture
def fill_text(tmp_path):
    """Fill a template given as text."""

    def filled(text: str, data=DATA) -> str:
        (tmp_path / "notices").mkdir(exist_ok=True)
        (tmp_path / "notices/trial.html").write_text(text, encoding="utf-8")
        return fill("notices/trial", data, tmp_path)

    return filled


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{ due }}", "due"),
        ("{{ note }}", "note"),
        ("{{ due | cn_date }}", "due"),
        ("{{ applicant.phone | mask_phone }}", "applicant.phone"),
        ("{{ applicant.agent.name }}", "applicant.agent"),
        ("{{ applicant['agent']['name'] }}", "applicant.agent"),
        ("{{ applicant.agent.title }}", "applicant.agent"),  # str has a method of that name
        ("{{ applicant.adress }}", "applicant.adress"),
        ("{{ applicant.adress.street }}", "applicant.adress"),
        ("{{ applicant.birth | cn_date }}", "applicant.birth"),
        ("{{ absent }}", "absent"),
        ("{% if absent %}x{% endif %}", "absent"),
        ("{% for row in rows %}{{ row.title }}{% endfor %}", "rows[2].title"),
        ("{% for row in empty | required %}{{ row }}{% endfor %}", "empty"),
        ("{% for row in absent %}{{ row }}{% endfor %}", "absent"),
        ("{{ '前' ~ due ~ '后' }}", "due"),
        ("{{ '前' + due }}", "due"),
        ("{{ due + '后' }}", "due"),
        ("{{ '%s' | format(due) }}", "due"),
        ("{{ '{}'.format(due) }}", "due"),
        ("{{ rows | map(attribute='title') | join('、') }}", "rows[2].title"),
        ("{{ due | required }}", "due"),
        ("{{ note | trim }}", "{{ … }}"),
        ("{{ '甲' if zero }}", "inline if-expression"),
    ],
)
def test_a_missing_value_is_named(fill_text, text, name):
    with pytest.raises(MissingValue, match=re.escape(name)) as caught:
        fill_text(text)
    assert caught.value.template == "notices/trial"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% if due %}有{% else %}无{% endif %}", "无"),
        ("{{ '无' if due is none else '有' }}", "无"),
        ("{{ note or '—' }}", "—"),
        ("{{ due | default('—', true) }}", "—"),
        ("{{ empty | length }}{{ zero }}{{ count }}", "003"),
        ("{{ paid }}", "是"),
        ("{{ items[0].items }}", "自己的键"),
    ],
)
def test_a_template_may_ask_first(fill_text, text, expected):
    assert fill_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ applicant._where }}",
        "{{ rows.append(1) }}",
        "{{ applicant.update({'name': '乙'}) }}",
        "{{ title.format.__globals__ }}",
        "{{ ''.__class__ }}",
        "{{ '{0.__class__}'.format(title) }}",
        "{{ range(10000000) | length }}",
        "{{ applicant }}",
        "{{ rows }}",
        "{{ 1 / zero }}",
        "{{ title | cn_date }}",
    ],
)
def test_a_template_that_reaches_out_or_fails_is_refused_with_its_line(fill_text, text):
    with pytest.raises(BrokenTemplate) as caught:
        fill_text(f"第一行\n{text}")
    assert caught.value.line == 2
    assert caught.value.template == "notices/trial"


def test_a_syntax_error_names_file_and_line(fill_text):
    with pytest.raises(BrokenTemplate, match="第3行") as caught:
        fill_text("一\n二\n{% if %}")
    assert caught.value.line == 3


def test_what_applicants_type_stays_text(fill_text):
    typed = "<script>alert(1)</script>{{ 7*7 }}{% raw %}&\"'"
    filled = fill_text("<p title='{{ title }}'>{{ title }}</p>", {"title": typed})
    assert "<script>" not in filled
    assert "&lt;script&gt;" in filled
    assert "{{ 7*7 }}" in filled
    assert "49" not in filled
    assert filled.count("'") == 2


def test_an_edited_template_is_used_at_once(fill_text):
    assert fill_text("旧") == "旧"
    assert fill_text("新的内容") == "新的内容"


@pytest.mark.parametrize(
    "name",
    [
        "notices/absent",
        "receipt",
        "notices/_notice",
        "notices/notice.css",
        "../templates/notices/receipt",
        "notices/../notices/receipt",
        "/etc/passwd",
        "notices//receipt",
        "notices/receipt.html",
        "notices\\receipt",
        "notices/receipt\x00",
        "notices/receipt\n",
        "",
    ],
)
def test_only_documents_below_the_folder_can_be_named(sample, templates, name):
    with pytest.raises(UnknownTemplate) as caught:
        check_template(name, sample("notices/receipt"), templates)
    assert caught.value.template == name


def test_a_part_that_does_not_exist_is_named(fill_text):
    with pytest.raises(UnknownTemplate, match="notices/_gone"):
        fill_text("{% include 'notices/_gone.html' %}")


def test_a_missing_value_is_told_with_the_line_that_asks_for_it(fill_text, tmp_path):
    with pytest.raises(MissingValue) as caught:
        fill_text("一\n{{ due }}")
    assert (caught.value.place, caught.value.line) == ("notices/trial", 2)
    (tmp_path / "notices/_part.html").write_text("\n\n{{ applicant.phone }}")
    with pytest.raises(MissingValue) as caught:
        fill_text("{% include 'notices/_part.html' %}")
    assert (caught.value.place, caught.value.line) == ("notices/_part", 3)
    assert caught.value.template == "notices/trial"
