"""The certificates of all nine services: one page with usual values, title on one line, nothing
over the code and the seal."""

import re
import subprocess
from pathlib import Path

import pytest

from onevisit.catalog.certificate_samples import certificate_variants
from onevisit.catalog.folder import load_folder
from onevisit.documents import render

ROOT = Path(__file__).parents[3]
SERVICES = [each.definition for each in load_folder(ROOT).services]
MM = 25.4 / 72


def boxes(pdf: bytes) -> list[tuple[str, float, float, float, float]]:
    """Words of the first page with left, top, right and bottom in millimetres."""
    told = subprocess.run(
        ["pdftotext", "-bbox", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    pattern = r'xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*)</word>'
    return [
        (word, *(float(edge) * MM for edge in edges))  # type: ignore[misc]  # four edges
        for *edges, word in re.findall(pattern, told)
    ]


@pytest.mark.parametrize("definition", SERVICES, ids=lambda each: each.workflow.id)
def test_with_its_own_fields_it_is_one_page_and_leaves_the_foot_to_code_and_seal(
    definition,
) -> None:  # type: ignore[no-untyped-def]
    seen = set()
    for item in definition.workflow.items:
        if item.result is None or (item.result.template, len(item.result.fields)) in seen:
            continue
        seen.add((item.result.template, len(item.result.fields)))
        variants = {each.title: each.snapshot for each in certificate_variants(definition, item)}
        pdf = render(item.result.template, variants["全部栏目"], ROOT / "templates")
        assert pages(pdf) == 1, item.result.title
        [title] = [each for each in boxes(pdf) if each[0] == item.result.title]
        height = 210 if item.result.template == "certificates/standard" else 297
        width = 507 - height
        assert abs((title[1] + title[3]) / 2 - width / 2) < 4
        longest = render(item.result.template, variants["栏目内容最长"], ROOT / "templates")
        foot = [
            word
            for word, left, top, right, _ in boxes(longest)
            if top > height - 62 and right < width / 2 and left > 20
        ]
        code = variants["全部栏目"]["check_code"]
        assert set(foot) <= {"核验码", code}, foot


def pages(pdf: bytes) -> int:
    """How many pages there are."""
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout
    return int(re.search(rb"Pages:\s+(\d+)", told)[1])  # type: ignore[index]  # it always says so
