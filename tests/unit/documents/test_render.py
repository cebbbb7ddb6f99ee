"""Every shipped document: its words are in the PDF, always the same, and it stands abuse."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from pypdf import PdfReader
from structlog.testing import capture_logs

from onevisit.documents import MissingValue, check_template, render

NOTICES = [
    "receipt",
    "acceptance",
    "deferral",
    "mending",
    "revocation",
    "correction",
    "decline",
    "approval",
    "rejection",
    "delivery",
]
CERTIFICATES = ["certificates/standard", "certificates/portrait", "certificates/slip"]
DOCUMENTS = [f"notices/{name}" for name in NOTICES] + CERTIFICATES

WORDS = {
    "notices/receipt": [
        "示例市演示〔2026〕000012号",
        "990000-20261121-000012-7",
        "199****0000",
        "990***********0017",
        "演示备案事项",
        "承诺5个工作日，2026年11月30日前",
        "容缺后补",
        "逾期不告知的，自收到申请材料之日起即为受理",
    ],
    "notices/acceptance": [
        "决定于2026年11月21日10:00予以受理",
        "视为各办理部门同时受理",
        "与受理同时启动",
        "承诺于2026年12月3日前办结",
        "演示人员健康证明",
        "其中最早的应于2026年11月28日前补交",
    ],
    "notices/correction": [
        "以上共2项，是需要补正的全部内容",
        "没有标明各功能区的面积",
        "请于2026年11月28日前",
        "视为撤回申请",
    ],
    "notices/deferral": ["已经先行受理", "演示情形", "第三十二条"],
    "notices/mending": ["可以当场更正的错误", "演示检验"],
    "notices/revocation": ["现决定撤销受理", "演示检验", "行政复议"],
    "notices/decline": ["不予受理", "理由", "行政复议", "行政诉讼"],
    "notices/approval": ["准予行政许可。", "第三十八条", "2031年11月20日", "管理制度符合要求。"],
    "notices/rejection": ["不予行政许可", "场所的布局不符合要求。", "行政复议", "行政诉讼"],
    "notices/delivery": [
        "将下列文书、证照（共2件）送达受送达人",
        "份数无误",
        "示例市演示许〔2026〕000012号",
        "演示代办人乙",
        "委托代理人",
        "收件人签名",
    ],
    "certificates/portrait": ["演示证明", "示例市演示甲商店", "至2031年11月20日", "特发此件"],
    "certificates/slip": [
        "演示备案回执",
        "示例市演示甲商店",
        "990000-20261121-000012-7",
        "第三十二条",
    ],
    "certificates/standard": [
        "演示经营许可证",
        "示例市演示甲商店",
        "许可内容",
        "2026年11月21日至2031年11月20日",
    ],
}


def pages(pdf: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


@pytest.mark.parametrize("template", DOCUMENTS)
def test_its_words_are_on_paper(sample, templates, text_of, template):
    snapshot = sample(template)
    text = text_of(render(template, snapshot, templates))
    for words in [snapshot["title"], *WORDS[template]]:
        assert words in text
    for date in ("2026年11月21日", "演示"):  # date of issue and the seal's own mark
        assert date in text
    assert "None" not in text


def test_acceptance_by_law_says_from_which_day_and_claims_no_check(sample, templates, text_of):
    snapshot = sample("notices/acceptance") | {"deemed_from": "2026-11-16"}
    text = text_of(render("notices/acceptance", snapshot, templates))
    assert "自2026年11月16日起视为受理" in text
    assert "时限自收到申请材料次日起算" in text
    assert "齐全" not in text
    assert "容缺" not in text


@pytest.mark.parametrize("template", DOCUMENTS)
def test_fonts_are_embedded_and_subset(sample, templates, template):
    reader = PdfReader(BytesIO(render(template, sample(template), templates)))
    fonts = {}
    for page in reader.pages:
        fonts |= {name: font.get_object() for name, font in page["/Resources"]["/Font"].items()}
    assert fonts
    for font in fonts.values():
        assert font["/BaseFont"][7] == "+"  # ABCDEF+Name is a subset
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    assert any("Serif" in font["/BaseFont"] for font in fonts.values())


@pytest.mark.parametrize("template", DOCUMENTS)
def test_pages_are_a4(sample, templates, template):
    sizes = {
        tuple(round(float(side) / 72 * 25.4) for side in page.mediabox[2:])
        for page in PdfReader(BytesIO(render(template, sample(template), templates))).pages
    }
    assert sizes == {(297, 210) if template == "certificates/standard" else (210, 297)}


def test_the_file_says_who_issued_it_and_when(sample, templates):
    reader = PdfReader(BytesIO(render("notices/receipt", sample("notices/receipt"), templates)))
    assert reader.metadata.title == "收件回执"
    assert reader.metadata.author == "示例市第一演示局"
    assert reader.metadata.creation_date.isoformat() == "2026-11-21T10:00:00+08:00"
    assert reader.metadata.modification_date == reader.metadata.creation_date
    assert reader.trailer["/ID"][0]
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


RENDER_ELSEWHERE = """
import hashlib, json, pathlib, sys
from onevisit import documents
snapshots = json.load(sys.stdin)
for template, snapshot in snapshots.items():
    pdf = documents.render(template, snapshot, pathlib.Path(sys.argv[1]))
    print(hashlib.sha256(pdf).hexdigest())
"""


def test_two_processes_make_the_same_bytes_in_whatever_order(sample, templates):
    snapshots = {template: sample(template) for template in DOCUMENTS}

    def elsewhere(order: list[str], seed: str, zone: str) -> dict[str, str]:
        done = subprocess.run(
            [sys.executable, "-c", RENDER_ELSEWHERE, str(templates)],
            input=json.dumps({template: snapshots[template] for template in order}),
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(zip(order, done.stdout.split(), strict=True))

    one = elsewhere(DOCUMENTS, "1", "Asia/Shanghai")
    other = elsewhere(DOCUMENTS[::-1], "2", "America/New_York")
    assert one == other
    assert len(set(one.values())) == len(DOCUMENTS)


def test_threads_make_the_same_bytes(sample, templates):
    jobs = [template for template in DOCUMENTS for _ in range(2)]
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda name: render(name, sample(name), templates), jobs))
    for first, second in zip(made[::2], made[1::2], strict=True):
        assert first == second


def test_another_snapshot_has_another_identifier(sample, templates):
    def identifier(number: str) -> bytes:
        snapshot = sample("notices/receipt") | {"number": number}
        pdf = render("notices/receipt", snapshot, templates)
        return PdfReader(BytesIO(pdf)).trailer["/ID"][0].original_bytes

    assert identifier("示例〔2026〕1号") != identifier("示例〔2026〕2号")


REQUIRED = [
    ("notices/receipt", "items"),
    ("notices/receipt", "contact.phone"),
    ("notices/receipt", "number"),
    ("notices/receipt", "issued_at"),
    ("notices/receipt", "authority.title"),
    ("notices/receipt", "title"),
    ("notices/acceptance", "case.accepted_at"),
    ("notices/acceptance", "due"),  # the sample owes a deferred material
    ("notices/acceptance", "basis"),
    ("notices/correction", "missing"),
    ("notices/correction", "due"),
    ("notices/correction", "consequence"),
    ("notices/decline", "decision.reasons"),
    ("notices/decline", "decision.remedies"),
    ("notices/approval", "decision.result"),
    ("notices/rejection", "decision"),
    ("notices/rejection", "decision.reasons"),
    ("notices/rejection", "decision.remedies"),
    ("notices/delivery", "collector"),
    ("notices/delivery", "collector.id_number"),  # at a window somebody looked at it
    ("notices/delivery", "bundle"),
    ("certificates/standard", "certificate"),
    ("certificates/standard", "certificate.number"),
    ("certificates/standard", "certificate.valid_from"),
]


@pytest.mark.parametrize(("template", "name"), REQUIRED)
@pytest.mark.parametrize("how", ["absent", "null", "empty"])
def test_what_a_document_needs_is_an_error_by_name(sample, templates, template, name, how):
    snapshot = sample(template)
    *path, last = name.split(".")
    record = snapshot
    for key in path:
        record = record[key]
    if how == "absent":
        del record[last]
    else:
        record[last] = None if how == "null" else type(record[last])()
    with pytest.raises(MissingValue) as caught:
        check_template(template, snapshot, templates)
    assert caught.value.name.split(".")[: len(path) + 1] == name.split(".")
    assert caught.value.template == template
    assert name in str(caught.value)


OPTIONAL = [
    ("notices/receipt", ["due", "applicant.agent", "case.accepted_at"]),
    ("notices/acceptance", ["case.promise_due", "case.legal_due", "certificate", "decision"]),
    ("notices/approval", ["certificate", "decision.reasons", "decision.remedies"]),
    ("notices/rejection", ["certificate", "decision.opinion", "case.accepted_at"]),
    ("certificates/standard", ["certificate.valid_until", "decision", "collector"]),
]


@pytest.mark.parametrize(("template", "names"), OPTIONAL)
def test_what_is_optional_may_be_null(sample, templates, template, names):
    snapshot = sample(template)
    for name in names:
        *path, last = name.split(".")
        record = snapshot
        for key in path:
            record = record[key]
        record[last] = None
    check_template(template, snapshot, templates)


def test_the_agent_is_named_and_masked(sample, templates, text_of):
    text = text_of(render("notices/receipt", sample("notices/receipt"), templates))
    assert "演示代办人乙" in text
    assert "990***********0022" in text
    assert "990000198807150022" not in text


def test_a_decision_without_its_own_basis_rests_on_that_of_the_service(sample, templates, text_of):
    snapshot = sample("notices/rejection")
    snapshot["decision"]["basis"] = []
    assert "第三十二条" in text_of(render("notices/rejection", snapshot, templates))
    snapshot["basis"] = []
    with pytest.raises(MissingValue, match="basis"):
        render("notices/rejection", snapshot, templates)


def test_who_downloads_needs_no_identity_number(sample, templates, text_of):
    snapshot = sample("notices/delivery")
    snapshot["collector"] |= {"method": "网上下载", "id_number": ""}
    snapshot["applicant"]["id_number"] = ""
    assert "未登记" in text_of(render("notices/delivery", snapshot, templates))


def test_an_applicant_without_a_telephone_is_said_to_have_none(sample, templates, text_of):
    snapshot = sample("notices/receipt")
    snapshot["applicant"]["phone"] = ""
    text = text_of(render("notices/receipt", snapshot, templates))
    assert "未登记" in text and "*记" not in text


def test_a_company_is_not_addressed_like_a_person(sample, templates, text_of):
    snapshot = sample("notices/receipt")
    snapshot["applicant"] |= {"name": "示例市演示有限公司", "id_type": "统一社会信用代码"}
    assert "你单位于2026年11月21日" in text_of(render("notices/receipt", snapshot, templates))


def test_collection_other_than_at_the_window_needs_no_signature(sample, templates, text_of):
    snapshot = sample("notices/delivery")
    snapshot["collector"]["method"] = "邮寄"
    text = text_of(render("notices/delivery", snapshot, templates))
    assert "收件人签名" not in text
    assert "送达方式为邮寄" in text


def test_hostile_text_is_printed_as_typed(sample, templates):
    snapshot = sample("notices/receipt")
    snapshot["applicant"]["name"] = "<script>alert(1)</script>{{7*7}}"
    snapshot["materials"][0]["note"] = "</table><h1>{% include '/etc/passwd' %}&nbsp;"
    text = "".join(pages(render("notices/receipt", snapshot, templates)))
    assert "<script>alert(1)</script>{{7*7}}" in text
    assert "</table><h1>{%include'/etc/passwd'%}&nbsp;" in text
    assert "49" not in text.replace("49mm", "")


def test_forty_materials_run_over_pages_under_repeated_headings(sample, templates):
    snapshot = sample("notices/receipt")
    snapshot["materials"] = [
        {
            "title": f"演示材料第{n}号：场所布局与操作流程说明及附件清单",
            "source": "申请人自备",
            "status": "已收",
            "note": "原件与复印件核对一致" if n % 3 else "",
        }
        for n in range(1, 41)
    ]
    made = pages(render("notices/receipt", snapshot, templates))
    assert len(made) >= 4
    whole = "".join(made)
    for n in range(1, 41):
        assert whole.count(f"演示材料第{n}号：") == 1
    with_rows = [page for page in made if "演示材料第" in page]
    assert len(with_rows) >= 3
    assert all("材料来源情况说明" in page for page in with_rows)
    assert "示例市第一演示局2026年11月21日" in made[-1].replace("演示用章", "")
    assert "受理后" in made[-1]  # no page with a seal and nothing else
    for number, page in enumerate(made[1:], 2):
        assert f"—{number}—" in page
    assert "—1—" not in made[0]  # letter format: none on the first page


def right_edges(pdf: bytes) -> list[float]:
    """About where each line of body text ends, in points: a full em a Chinese character."""
    edges = []

    def note(text, cm, tm, _font, size):
        points = size * 0.75
        ems = [0.985 if ord(c) > 0x2E80 else 0.7 if c.isupper() else 0.5 for c in text.strip()]
        width = points * sum(ems)
        if points > 15:
            edges.append(tm[4] * cm[0] + tm[5] * cm[2] + cm[4] + width)

    for page in PdfReader(BytesIO(pdf)).pages:
        page.extract_text(visitor_text=note)
    return edges


def test_very_long_values_stay_inside_the_page(sample, templates):
    snapshot = sample("notices/rejection")
    unbroken = "A" * 300
    snapshot["applicant"]["name"] = "某" * 120
    snapshot["decision"]["reasons"] = unbroken + "理由很长，" * 400
    snapshot["authority"]["title"] = "示例市示范区综合行政执法与政务服务数据管理局联合办公室"
    pdf = render("notices/rejection", snapshot, templates)
    assert max(right_edges(pdf)) < (210 - 26) / 25.4 * 72 + 1
    assert "".join(pages(pdf)).count("很") == 400


@pytest.mark.parametrize("template", CERTIFICATES)
def test_a_certificate_takes_whatever_fields_a_service_declares(
    sample, templates, text_of, template
):
    snapshot = sample(template)
    snapshot["title"] = "公众聚集场所投入使用、营业前消防安全检查意见书"
    snapshot["certificate"] |= {
        "title": snapshot["title"],
        "fields": [
            {"label": f"演示栏目{n}", "value": f"演示内容{n}" + "，详见所附清单" * (n % 4)}
            for n in range(1, 31)
        ],
        "valid_until": None,
    }
    pdf = render(template, snapshot, templates)
    text = text_of(pdf)
    assert all(f"演示栏目{n}" in text for n in range(1, 31))
    assert ("起长期有效" in text) == (template == "certificates/standard")
    assert "演示用章" in pages(pdf)[0]


def test_a_line_holds_28_characters_and_a_page_22_lines(sample, templates):
    """GB/T 9704-2012, 5.2.4: 22 lines a page, 28 characters a line."""
    snapshot = sample("notices/rejection")
    snapshot["decision"]["reasons"] = "字" * (28 * 60)
    made = PdfReader(BytesIO(render("notices/rejection", snapshot, templates)))
    lines = [line for line in made.pages[1].extract_text().splitlines() if set(line) == {"字"}]
    assert len(lines) == 22
    assert {len(line) for line in lines} == {28}


def test_a_character_without_a_font_is_reported(sample, templates):
    snapshot = sample("notices/receipt")
    snapshot["applicant"]["name"] = "演示\U00031350"
    with capture_logs() as logs:
        render("notices/receipt", snapshot, templates)
    assert [entry["characters"] for entry in logs] == ["\U00031350 U+31350"]
    with capture_logs() as logs:
        render("notices/receipt", sample("notices/receipt"), templates)
    assert logs == []
