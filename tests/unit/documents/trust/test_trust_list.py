"""The list that a stranger takes along: read back as published, or refused in plain words."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onevisit.documents import BadSeal, Seals
from onevisit.documents.trust import trust_list
from onevisit.documents.trust.trust_list import TrustList
from unit.documents.trust.authority import ADDRESS, OFFICE, OTHER_OFFICE, OTHER_USCC, USCC

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.fixture
def listed(seals: Seals) -> TrustList:
    """A list of two departments on which two papers no longer hold."""
    seals.seal(USCC, OFFICE)
    seals.seal(OTHER_USCC, OTHER_OFFICE)
    return trust_list.of_seals(seals, ["甲〔2026〕1号", "甲〔2026〕2号"], NOW, ADDRESS)


def test_a_list_is_read_as_it_was_published(listed: TrustList) -> None:
    again = trust_list.read(json.dumps(listed.as_json()))
    assert again.as_json() == listed.as_json()
    assert (again.made_at, again.address) == (NOW, ADDRESS)
    assert again.fingerprint == listed.fingerprint and len(again.chains) == 2
    assert again.no_longer_holds("甲〔2026〕1号") and not again.no_longer_holds("甲〔2026〕3号")


def test_it_names_no_paper(listed: TrustList) -> None:
    assert "甲" not in json.dumps(listed.as_json(), ensure_ascii=False)


def test_an_older_list_without_stamps_is_read(listed: TrustList) -> None:
    plain = listed.as_json()
    del plain["stamps"], plain["address"]
    assert trust_list.read(json.dumps(plain)).address == ""


def test_the_fingerprint_is_of_whom_one_trusts(
    seals: Seals, listed: TrustList, tmp_path: Path
) -> None:
    later = trust_list.of_seals(seals, [], datetime(2030, 1, 1, tzinfo=UTC))
    assert later.fingerprint == listed.fingerprint, "not of the day, nor of what was revoked"
    other = Seals(tmp_path / "other").roots()
    assert replace(listed, roots=tuple(other)).fingerprint != listed.fingerprint
    assert len(listed.fingerprint.split()) == 8


SPOILT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another format": lambda plain: plain | {"format": "onevisit-trust/2"},
    "no roots": lambda plain: {name: plain[name] for name in plain if name != "roots"},
    "roots that are none": lambda plain: plain | {"roots": ["garbage"]},
    "roots of another kind": lambda plain: plain | {"roots": 7},
    "a day that is none": lambda plain: plain | {"made_at": "yesterday"},
    "seals that are none": lambda plain: plain | {"seals": [[{}]]},
    "a list": lambda plain: [plain],
    "null": lambda _: None,
    "text": lambda _: "onevisit-trust/1",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_list_is_refused(listed: TrustList, how: str) -> None:
    with pytest.raises(BadSeal):
        trust_list.read(json.dumps(SPOILT[how](listed.as_json())))


@pytest.mark.parametrize("text", ["", "{", "garbage", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(BadSeal, match="信任列表"):
        trust_list.read(text)
