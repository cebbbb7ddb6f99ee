"""The code on every paper, as printed and copied in grey, says just what was signed."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from onevisit.documents import Press, Seals, sample_snapshot
from onevisit.documents.trust import codes

TEMPLATES = Path(__file__).parents[3] / "templates"
ALL = sorted(
    f"{folder}/{path.stem}"
    for folder in ("notices", "certificates")
    for path in (TEMPLATES / folder).glob("[!_]*.html")
)
ADDRESS = "https://verify.example.gov.cn/verify"


@pytest.fixture(scope="module")
def press(tmp_path_factory) -> Press:
    return Press(TEMPLATES, Seals(tmp_path_factory.mktemp("seals")), ADDRESS)


def sample(template: str) -> dict[str, Any]:
    folder, _, name = template.partition("/")
    return sample_snapshot("certificate" if folder == "certificates" else name, "演示文书")


def read(pdf: bytes, dpi: int, folder: Path) -> list[str]:
    """The QR codes on all pages, as a copier in grey and then a reader see them that looks at the
    whole page and then, where it finds none, aims at its parts."""
    subprocess.run(
        ["pdftoppm", "-gray", "-r", str(dpi), "-", str(folder / f"{dpi}")], input=pdf, check=True
    )
    found = []
    for path in sorted(folder.glob(f"{dpi}-*.pgm")):
        with Image.open(path) as page:
            found += on(page) or [text for part in parts(page) for text in on(part)]
    return sorted(set(found))


def on(page: Image.Image) -> list[str]:
    read = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    return [each.text for each in read]


def parts(page: Image.Image) -> Iterator[Image.Image]:
    """Quarters that overlap, so that any code is whole in one of them."""
    width, height = page.size
    for left in (0, width // 2, width // 4):
        for top in (0, height // 2, height // 3):
            yield page.crop((left, top, left + width // 2, top + height // 2))


def written(press: Press, snapshot: dict[str, Any]) -> str:
    """What the code of a paper has to say."""
    authority = snapshot["authority"]
    seal = press.seals.seal(authority["uscc"], authority["title"])
    return codes.address_of(codes.statement_of(snapshot), ADDRESS, seal)


@pytest.mark.parametrize("template", ALL)
def test_the_code_can_be_read_off_the_printed_page(press, template, tmp_path):
    snapshot = sample(template)
    pdf, text = press.make(template, snapshot), written(press, snapshot)
    for dpi in (150, 300):  # 150: less than two dots for a module of the notices' codes
        assert read(pdf, dpi, tmp_path) == [text]
    code = codes.read(text)
    assert code.statement == codes.statement_of(snapshot)
    authority = snapshot["authority"]
    seal = press.seals.seal(authority["uscc"], authority["title"])
    assert codes.is_signed_by(code, seal.certificate)
    snapshot["check_code"] = "00000000"
    assert written(press, snapshot) != text


@pytest.mark.parametrize("template", ["certificates/standard", "notices/approval"])
def test_long_names_can_still_be_read(press, template, tmp_path):
    snapshot = sample(template)
    snapshot["title"] = "公众聚集场所投入使用、营业前消防安全检查意见书（告知承诺）"
    name = "示例市示范区演示路街道第一演示社区股份经济合作联合社综合服务有限责任公司"
    snapshot["applicant"] |= {"name": name, "id_type": "统一社会信用代码"}
    snapshot["certificate"] |= {"title": snapshot["title"], "holder": name}
    pdf = press.make(template, snapshot)
    for dpi in (150, 300):
        assert read(pdf, dpi, tmp_path) == [written(press, snapshot)]
