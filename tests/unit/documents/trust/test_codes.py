"""The code on paper: says what was signed, or nothing; nobody can make it say anything else."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from onevisit.documents import BadCode, Seals
from onevisit.documents.trust import codes, trust_list
from onevisit.documents.trust.trust_list import TrustList
from unit.documents.trust import authority
from unit.documents.trust.authority import ADDRESS, OFFICE, OTHER_OFFICE, OTHER_USCC, USCC
from unit.documents.trust.conftest import certificate

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def said() -> codes.Statement:
    """What the sample certificate's code says."""
    return codes.statement_of(certificate())


@pytest.fixture(scope="module")
def listed(seals: Seals) -> TrustList:
    """The list with both departments."""
    seals.seal(USCC, OFFICE)
    seals.seal(OTHER_USCC, OTHER_OFFICE)
    return trust_list.of_seals(seals, (), NOW)


@pytest.fixture(scope="module")
def text(seals: Seals, said: codes.Statement) -> str:
    """The code's text."""
    return codes.address_of(said, ADDRESS, seals.seal(USCC, OFFICE))


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, st.dates(), st.none() | st.dates())
def test_whatever_is_said_is_read(
    seals: Seals, listed: TrustList, title: str, holder: str, issued: date, until: date | None
) -> None:
    said = codes.Statement("N-1", "7K3M9TXA", "certificate", title, holder, USCC, issued, until)
    code = codes.read(codes.address_of(said, ADDRESS, seals.seal(USCC, OFFICE)))
    assert code.statement == said
    assert codes.is_signed_by(code, seals.seal(USCC, OFFICE).certificate)


def test_no_character_can_be_another(text: str, said: codes.Statement, listed: TrustList) -> None:
    assert listed.signer_of(codes.read(text)) == OFFICE
    chance, start = random.Random(7), text.index("?p=") + 3
    for place in range(start, len(text)):
        other = chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".replace(text[place], ""))
        try:
            code = codes.read(text[:place] + other + text[place + 1 :])
        except BadCode:
            continue
        assert listed.signer_of(code) is None or code.statement == said, place
    assert codes.read(text.lower()).statement == said, "small letters are the same code"
    assert codes.read(text.partition("?p=")[2]).statement == said


@given(st.text() | st.binary(max_size=300).map(lambda each: "?p=" + each.hex().upper()))
@settings(max_examples=300, deadline=None)
def test_garbage_is_a_bad_code_and_nothing_else(garbage: str) -> None:
    with pytest.raises(BadCode):
        codes.read(garbage)


@pytest.mark.parametrize(
    "garbage",
    ["", "?", "http://[", "x:?p=", "?p==", "A" * 5000, "?p=AE", "?p=" + "AEAQ" * 99, "\ud800"],
)
def test_what_is_no_code_says_so_in_chinese(garbage: str) -> None:
    with pytest.raises(BadCode, match="二维码"):
        codes.read(garbage)


def test_a_department_signs_for_itself_alone(
    seals: Seals, said: codes.Statement, listed: TrustList
) -> None:
    own = replace(said, uscc=OTHER_USCC)
    other = seals.seal(OTHER_USCC, OTHER_OFFICE)
    assert listed.signer_of(codes.read(codes.address_of(own, ADDRESS, other))) == OTHER_OFFICE
    assert listed.signer_of(codes.read(codes.address_of(said, ADDRESS, other))) is None


def test_a_key_that_is_not_listed_is_nobodys(
    said: codes.Statement, listed: TrustList, tmp_path: Path
) -> None:
    forged = Seals(tmp_path / "forged").seal(USCC, OFFICE)
    code = codes.read(codes.address_of(said, ADDRESS, forged))
    assert codes.is_signed_by(code, forged.certificate) and listed.signer_of(code) is None


def test_a_certificate_is_good_for_its_time_alone(folder: Path, said: codes.Statement) -> None:
    root = authority.root()
    mine = authority.seal(root)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / f"{USCC}.pem").write_bytes(mine.pem)
    (folder / f"{USCC}.key").write_bytes(mine.key_pem())
    own = Seals(folder)
    listed = trust_list.of_seals(own, (), NOW)
    for issued, signer in ((said.issued, OFFICE), (date(2040, 1, 1), None)):
        dated = replace(said, issued=issued)
        code = codes.read(codes.address_of(dated, ADDRESS, own.seal(USCC, OFFICE)))
        assert listed.signer_of(code) == signer


def test_the_longest_code_can_still_be_scanned(seals: Seals, said: codes.Statement) -> None:
    long = replace(said, title="示" * 40, holder="示" * 50)
    text = codes.address_of(long, ADDRESS, seals.seal(USCC, OFFICE))
    before, _, packed = text.partition("?p=")
    made = segno.make([before + "?p=", packed], error="m", boost_error=False, micro=False)
    assert int(made.version) <= 22
    assert codes.drawing(text).startswith(b"\x89PNG")


def test_without_a_seal_only_the_address_is_there(said: codes.Statement) -> None:
    assert codes.address_of(said, ADDRESS, None) == ADDRESS
