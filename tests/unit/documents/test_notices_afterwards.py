"""The notices that follow a decision: each says what it is about, its facts, basis and remedies."""

import pytest

from onevisit.documents import render, sample_snapshot

WORDS = {
    "pledge_check": ("告知承诺核查结果告知书", "现将决定之后的核查结果告知如下"),
    "mending_order": ("限期整改通知书", "未达到许可条件，责令限期整改"),
    "certificate_revocation": ("撤销决定书", "现决定撤销"),
    "certificate_cancellation": ("注销决定书", "现决定注销"),
    "certificate_request": ("证照申请收件回执", "申请已经收到"),
    "certificate_request_refusal": ("不予办理决定书", "经核实，决定如下"),
    "renewal": ("延续有效期决定书", "申请延续有效期"),
    "renewal_receipt": ("延续申请收件回执", "申请已经收到"),
    "renewal_refusal": ("不予延续决定书", "申请延续有效期"),
    "reopening": ("重新办理通知书", "经复议或者诉讼被撤销，现重新办理"),
}


@pytest.mark.parametrize("template", WORDS)
def test_its_words_are_on_paper(templates, text_of, template):
    title, words = WORDS[template]
    text = text_of(render(f"notices/{template}", sample_snapshot(template, title), templates))
    told = (
        "演示情形",
        "因演示事项需要演示检验",
        "第三十二条",
        "行政复议",
        "990000-20261121-000012-7",
    )
    for each in (title, words, *told):
        assert each in text
    assert "None" not in text
