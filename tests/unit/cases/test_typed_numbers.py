"""What people type from paper is understood: full-width, lower case, spaces, look-alikes."""

import pytest

from onevisit.cases.verification import typed
from onevisit.documents import certificate_number, check_certificate_number

NOTICE = "示例市综准〔2026〕000012号"


@pytest.mark.parametrize(
    "given",
    [
        NOTICE,
        " 示例市综准 〔2026〕 000012 号 ",
        "示例市综准[2026]000012号",
        "示例市综准（２０２６）０００012号",
        "示例市综准【2026】12号",
        "示例市综准(2026)第12号",
        "示例市综准〔2026〕12",
        "示例市综准﹝2026﹞000012号",
        "\u200b示例市综准〔2026〕000012号\ufeff",
    ],
)
def test_a_notice_number_however_it_is_typed(given: str) -> None:
    assert typed.numbers(given) == (NOTICE,)


ISSUER = "11990000MB0000000W"
NUMBER = certificate_number(ISSUER, 1, ISSUER, "2026000010")


@pytest.mark.parametrize(
    "given",
    [
        NUMBER,
        NUMBER.lower(),
        NUMBER.replace(".", "．"),
        NUMBER.replace(".", " . "),
        NUMBER.replace(".", "。"),
        "".join(chr(ord(each) + 0xFEE0) for each in NUMBER),
        NUMBER[:-1].replace("0", "O") + NUMBER[-1],
        NUMBER[:-1].replace("1", "l").replace("0", "o") + NUMBER[-1],
    ],
)
def test_an_identifier_however_it_is_typed(given: str) -> None:
    assert NUMBER in typed.numbers(given)


def test_a_check_character_is_mistaken_both_ways_and_only_one_checks() -> None:
    seen = set()
    for serial in range(200):
        number = certificate_number(ISSUER, 1, ISSUER, f"2026{serial:06d}")
        check = number[-1]
        if check not in "O0I1":
            continue
        seen.add(check)
        mistaken = {"O": "0", "0": "O", "I": "1", "1": "I"}[check]
        found = typed.numbers(number[:-1] + mistaken)
        assert number in found
        assert [each for each in found if _checks(each)] == [number]
    assert seen == set("O0I1")


def _checks(number: str) -> bool:
    try:
        check_certificate_number(number)
    except ValueError:
        return False
    except Exception as error:
        assert type(error).__name__ == "BadCertificateNumber"
        return False
    return True


@pytest.mark.parametrize("given", ["", "  ", "\u3000"])
def test_nothing_is_no_number(given: str) -> None:
    assert typed.numbers(given) == ()


@pytest.mark.parametrize("given", ["随便写的", "DROP TABLE documents", "1.2.3", "〔2026〕", "%"])
def test_anything_else_is_looked_for_as_it_is(given: str) -> None:
    (found,) = typed.numbers(given)
    assert found


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("7K3M9TXA", "7K3M9TXA"),
        ("7k3m9txa", "7K3M9TXA"),
        (" 7K3M-9TXA ", "7K3M9TXA"),
        ("７Ｋ３Ｍ９ＴＸＡ", "7K3M9TXA"),
        ("OoIiLl00", "00111100"),
    ],
)
def test_a_code_however_it_is_typed(given: str, code: str) -> None:
    assert typed.code(given) == code


def test_names_are_compared_without_spaces_and_dots() -> None:
    assert typed.name("买买提 · 艾力") == typed.name("买买提•艾力") == typed.name("买买提艾力")
    assert typed.name("张三") != typed.name("张三三")
