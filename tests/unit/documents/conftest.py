"""The shipped templates and, for each, the sample case it is tried on."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from onevisit.documents import sample_snapshot

TITLES = {
    "notices/receipt": "收件回执",
    "notices/acceptance": "受理通知书",
    "notices/deferral": "容缺受理告知书",
    "notices/mending": "当场更正记录",
    "notices/revocation": "撤销受理决定书",
    "notices/correction": "一次性补正告知书",
    "notices/decline": "不予受理决定书",
    "notices/approval": "准予行政许可决定书",
    "notices/rejection": "不予行政许可决定书",
    "notices/delivery": "送达回证",
    "certificates/standard": "演示经营许可证",
    "certificates/portrait": "演示证明",
    "certificates/slip": "演示备案回执",
}


@pytest.fixture
def templates() -> Path:
    """The templates that are shipped."""
    return Path(__file__).parents[3] / "templates"


@pytest.fixture
def sample() -> Callable[[str], dict[str, Any]]:
    """A fresh snapshot for the named template; a test may change it as it likes."""

    def of(template: str) -> dict[str, Any]:
        folder, _, kind = template.partition("/")
        kind = "certificate" if folder == "certificates" else kind
        return sample_snapshot(kind, TITLES[template])

    return of


@pytest.fixture
def text_of() -> Callable[[bytes], str]:
    """All text of a PDF without line breaks and spaces, as Chinese is read."""

    def text(pdf: bytes) -> str:
        pages = PdfReader(BytesIO(pdf)).pages
        return "".join("".join(page.extract_text().split()) for page in pages)

    return text
