"""What the tests of the pages' parts share."""

import re
from pathlib import Path

import pytest

ICONS = Path(__file__).resolve().parents[3] / "templates/web/components/icon.html"


@pytest.fixture
def icon_names() -> set[str]:
    """The names of all shapes that templates can draw."""
    return set(re.findall(r'^  "(\w+)": ', ICONS.read_text(encoding="utf-8"), re.MULTILINE))
