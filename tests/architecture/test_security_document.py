"""docs/security.md says of every requirement how it is met, and names only what there is."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/security.md"
LEVELS = dict(
    line.split()
    for line in (Path(__file__).parent / "asvs_5_0.txt").read_text(encoding="utf-8").splitlines()
)
"""Requirements of OWASP ASVS 5.0 at level 1 and 2, with their level."""
VERDICTS = {"符合", "部署", "不适用", "未达到"}


@dataclass(frozen=True)
class Line:
    """One requirement as the document answers it."""

    number: str
    verdict: str
    how: str
    tests: str


def lines() -> list[Line]:
    """The tables of the document."""
    rows = re.findall(
        r"^\| (\d+\.\d+\.\d+) \| (\S+) \| (.*?) \| (.*?) ?\|$",
        DOCUMENT.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return [Line(*row) for row in rows]


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """The names of all test functions and of all files of tests."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("*.py"):
        found.add(path.stem)
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE))
    return found


def test_every_requirement_is_answered_once_and_in_order() -> None:
    numbers = [line.number for line in lines()]
    assert numbers == list(LEVELS)
    assert {line.verdict for line in lines()} <= VERDICTS


def test_what_is_said_to_be_met_says_how() -> None:
    for line in lines():
        assert len(line.how) > 2, line.number
        assert "TODO" not in line.how + line.tests, line.number


def test_every_test_that_is_named_exists(tests: set[str]) -> None:
    named = {name for line in lines() for name in re.findall(r"`(test_\w+)`", line.tests)}
    assert named and named <= tests, named - tests


def test_every_file_that_is_named_exists() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    files = set(re.findall(r"`([a-z_/]+/[a-z_*]+\.py)`", text))
    missing = {
        each
        for each in files
        if not (ROOT / "src/onevisit" / each).exists() and not (ROOT / each).exists()
    }
    assert files and not missing, missing
    for link in re.findall(r"\]\(([a-z_/.-]+\.md)\)", text):
        assert (DOCUMENT.parent / link).exists(), link
