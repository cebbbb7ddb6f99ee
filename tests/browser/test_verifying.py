"""A stranger verifies papers in a real browser: by code, by number, by dropping the file."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect
from sqlmodel import col, select

from browser.conftest import Person
from browser.test_collecting import looked_at
from functional import city as cities
from functional.city import City
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.drive import running
from onevisit.documents import Press, Seals
from onevisit.store.session import reading
from onevisit.store.tables import Document

SHOTS = os.environ.get("ONEVISIT_SHOTS")
"""A folder for screenshots, to be looked at."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city with one case whose certificates are made."""
    home = tmp_path_factory.mktemp("verifying")
    city = cities.prepare(home).copied(home / "own")
    city.ready()
    return city


@pytest.fixture(scope="module")
def certificate(city: City) -> Document:
    """One of its certificates."""
    with reading(city.engine) as session:
        statement = select(Document).where(Document.kind == "certificate")
        row = session.exec(statement.order_by(col(Document.id))).first()
        assert row is not None
        session.expunge(row)
    return row


@pytest.fixture(scope="module")
def paper(city: City, certificate: Document, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the applicant downloaded and handed on."""
    path = tmp_path_factory.mktemp("paper") / "证照.pdf"
    answer = city.client("applicant").get(f"/documents/{certificate.id}")
    path.write_bytes(answer.content)
    return path


@pytest.fixture
def stranger(chromium: Browser, city: City) -> Iterator[Person]:
    """Somebody without an account."""
    with running(Demo(city.settings, ())) as address:
        someone = Person(chromium, address, Path(SHOTS) if SHOTS else None)
        yield someone
        someone.context.close()


def test_a_paper_is_verified_by_number_code_and_file(
    stranger: Person, certificate: Document, paper: Path
) -> None:
    page = stranger.page
    page.goto("/services")
    page.get_by_role("link", name="文书核验").click()
    looked_at(stranger, "verify-start")
    page.get_by_label("编号", exact=True).fill(certificate.number)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_contain_text("请填写核验码")
    expect(page.get_by_label("编号", exact=True)).to_have_value(certificate.number)
    page.get_by_label("核验码").fill(certificate.snapshot["check_code"].lower())
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", name="本中心的登记")).to_be_visible()
    page.get_by_label("核对姓名或者名称").fill("另一个名字")
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("status")).to_contain_text("不一致")
    looked_at(stranger, "verify-number")
    page.get_by_label("PDF 文件").set_input_files(paper)
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.get_by_text("签章有效，盖章以后没有改动")).to_be_visible()
    expect(page.get_by_text("逐字节一致")).to_be_visible()
    looked_at(stranger, "verify-file")
    page.goto("/verify" + scanned(paper).partition("/verify")[2])
    expect(page.get_by_text("二维码是真的")).to_be_visible()
    looked_at(stranger, "verify-code")


def test_forgeries_are_told_in_plain_words(
    stranger: Person, city: City, certificate: Document, paper: Path, tmp_path: Path
) -> None:
    pdf = paper.read_bytes()
    place = pdf.index(b"stream") + 200
    changed, forged = tmp_path / "改过.pdf", tmp_path / "伪造.pdf"
    changed.write_bytes(pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :])
    press = Press(city.settings.templates, Seals(tmp_path / "seals"))
    with ThreadPoolExecutor() as aside:  # signing has an event loop of its own, as this browser has
        made = aside.submit(press.make, certificate.template, certificate.snapshot)
        forged.write_bytes(made.result())
    for file, words, name in (
        (changed, "盖章以后被改动过，不能作为凭证", "verify-changed"),
        (forged, "不是可信机构盖的章，不能作为凭证", "verify-forged"),
    ):
        stranger.page.goto("/verify")
        stranger.page.get_by_label("PDF 文件").set_input_files(file)
        stranger.page.get_by_role("button", name="核验", exact=True).click()
        expect(stranger.page.get_by_text(words)).to_be_visible()
        looked_at(stranger, name)


def scanned(paper: Path) -> str:
    """What a telephone reads off the printed page."""
    command = ["pdftoppm", "-r", "150", "-gray", "-png", "-singlefile", paper.name, "page"]
    subprocess.run(command, cwd=paper.parent, check=True)
    [code] = zxingcpp.read_barcodes(Image.open(paper.parent / "page.png"))
    return str(code.text)
