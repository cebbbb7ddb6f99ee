"""Names of files in an archive: readable, and safe whatever somebody typed."""

import pytest

from onevisit.cases.archive.names import LONGEST, safe_name, suffix_of


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("营业执照 副本", "01-营业执照_副本.pdf"),
        ("../../etc/passwd", "01-etc_passwd.pdf"),
        ("a\\b:c*?d", "01-a_b_c_d.pdf"),
        ("换行\n和\u202e反向\u200b", "01-换行_和反向.pdf"),
        ("...", "01.pdf"),
        ("CON", "01-CON.pdf"),
        ("e\u0301", "01-\u00e9.pdf"),
    ],
)
def test_a_typed_name_is_made_safe(typed: str, name: str) -> None:
    assert safe_name("01", typed, suffix=".pdf") == name


def test_a_long_name_keeps_its_ending_and_whole_characters() -> None:
    name = safe_name("01", "证" * 300, suffix=".pdf")
    assert name.endswith("证.pdf")
    assert LONGEST - 3 < len(name.encode()) <= LONGEST


def test_the_ending_follows_the_content() -> None:
    assert suffix_of("照片.exe", "image/png") == ".png"
    assert suffix_of("图纸.dwg", "application/x-dwg") == ".dwg"
    assert suffix_of("无名", "application/x-dwg") == ".bin"
