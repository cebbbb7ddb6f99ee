"""Certificate identifiers agree with the standard's published examples and catch every slip."""

import pytest
from stdnum.iso7064 import mod_37_36

from onevisit.documents import (
    BadCertificateNumber,
    certificate_number,
    check_certificate_number,
)
from onevisit.documents.certificate import next_certificate_number

# Examples from published data standards for electronic certificates, with their check characters.
PUBLISHED = [
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
]
AUTHORITY = ISSUER = "11990000MB0000000W"


def by_hand(text: str) -> str:
    """ISO 7064 MOD 37,36 as the standard spells it out, independent of the library."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    remainder = 36
    for character in text:
        remainder = (remainder + alphabet.index(character)) % 36 or 36
        remainder = remainder * 2 % 37
    return alphabet[(37 - remainder) % 36]


def test_the_library_agrees_with_iso_7064():
    assert mod_37_36.calc_check_digit("A12425GABC1234002") == "M" == by_hand("A12425GABC1234002")


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_identifiers_pass(number):
    check_certificate_number(number)
    *_, kind, issuer, serial, version, _check = number.split(".")
    assert certificate_number(kind[:18], int(kind[18:]), issuer, serial, int(version)) == number


def test_a_number_is_built_from_its_parts():
    number = certificate_number(AUTHORITY, 7, ISSUER, "2026000012", 3)
    body = "1.2.156.3005.2.11990000MB0000000W007.11990000MB0000000W.2026000012.003."
    assert number == body + by_hand("11990000MB0000000W00711990000MB0000000W2026000012003")
    check_certificate_number(number)


def test_every_single_wrong_character_is_caught():
    number = PUBLISHED[0]
    for place in range(len("1.2.156.3005.2."), len(number)):
        if number[place] == ".":
            continue
        wrong = "1" if number[place] != "1" else "2"
        with pytest.raises(BadCertificateNumber):
            check_certificate_number(number[:place] + wrong + number[place + 1 :])


def test_swapped_neighbours_are_caught():
    number = certificate_number(AUTHORITY, 1, ISSUER, "1234567890")
    for place in range(9):
        swapped = number.replace(
            "1234567890",
            "1234567890"[:place]
            + "1234567890"[place + 1]
            + "1234567890"[place]
            + "1234567890"[place + 2 :],
        )
        with pytest.raises(BadCertificateNumber, match="校验位"):
            check_certificate_number(swapped)


@pytest.mark.parametrize(
    ("authority", "kind", "issuer", "serial", "version"),
    [
        ("11990000MB000000", 1, ISSUER, "1", 1),  # too short
        ("11990000MI0000000W", 1, ISSUER, "1", 1),  # I is not in the alphabet
        (AUTHORITY, 0, ISSUER, "1", 1),
        (AUTHORITY, 1000, ISSUER, "1", 1),
        (AUTHORITY, 1, ISSUER, "", 1),
        (AUTHORITY, 1, ISSUER, "1.2", 1),
        (AUTHORITY, 1, ISSUER, "字", 1),
        (AUTHORITY, 1, ISSUER, "a", 1),
        (AUTHORITY, 1, ISSUER, "1", 0),
    ],
)
def test_parts_that_do_not_fit_are_refused(authority, kind, issuer, serial, version):
    with pytest.raises(BadCertificateNumber):
        certificate_number(authority, kind, issuer, serial, version)


@pytest.mark.parametrize(
    "text", ["", "食品经营许可证", PUBLISHED[0].lower(), PUBLISHED[0] + "\n", " " + PUBLISHED[0]]
)
def test_what_is_no_identifier_is_refused(text):
    with pytest.raises(BadCertificateNumber, match="不是电子证照标识"):
        check_certificate_number(text)


def test_issued_again_it_keeps_its_serial_and_counts_its_version_up():
    second, first, _ = PUBLISHED  # the same certificate, version 002 and 001
    assert next_certificate_number(first) == second
    check_certificate_number(next_certificate_number(second))


@pytest.mark.parametrize("number", ["", "示例市综准〔2026〕000012号", "1.2.156.3005.2.TEST"])
def test_what_is_no_identifier_has_no_next_version(number):
    with pytest.raises(BadCertificateNumber):
        next_certificate_number(number)


def test_after_version_999_there_is_none():
    last = certificate_number(AUTHORITY, 11, ISSUER, "2026000001", 999)
    with pytest.raises(BadCertificateNumber, match="1000"):
        next_certificate_number(last)
