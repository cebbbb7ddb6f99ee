"""Values are made small before they are sealed, and come out as they went in."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onevisit.documents import sample_snapshot
from onevisit.store import packed
from onevisit.store.kept import KeptJson, KeptText
from onevisit.store.packed import DICTIONARIES, PACKED, pack, unpack
from onevisit.store.secret import KeysFault
from onevisit.store.session import engine_for
from only_for_tests import KEYRING


@given(st.text(max_size=2000))
def test_every_text_comes_out_as_it_went_in(text: str) -> None:
    plain = text.encode()
    assert unpack(pack(plain)) == plain
    assert len(pack(plain)) <= len(plain)


def test_a_notice_is_packed_to_a_quarter() -> None:
    notice = KeptJson("documents.snapshot").written(sample_snapshot("approval", "演示许可证"))
    assert len(pack(notice)) < len(notice) / 4


def test_what_was_sealed_before_there_was_packing_is_read() -> None:
    dialect = engine_for("sqlite://", KEYRING).dialect
    text = "承办人意见：" + "同意。" * 40
    old = KEYRING.seal(text.encode(), "approvals.opinion")
    new = KeptText("approvals.opinion").process_bind_param(text, dialect)
    assert new is not None
    assert len(new) < len(old)
    kind = KeptText("approvals.opinion")
    assert kind.process_result_value(old, dialect) == text
    assert kind.process_result_value(new, dialect) == text


def test_what_a_later_version_packed_says_so() -> None:
    dialect = engine_for("sqlite://", KEYRING).dialect
    later = KEYRING.seal(PACKED + b"\xfe...", "approvals.opinion")
    with pytest.raises(KeysFault, match="更新的版本"):
        KeptText("approvals.opinion").process_result_value(later, dialect)


def test_no_dictionary_is_ever_changed() -> None:
    """What was packed with one can be read only with that very one: write another instead."""
    folder = Path(packed.__file__).parent
    found = {
        n: hashlib.sha256((folder / each).read_bytes()).hexdigest()
        for n, each in DICTIONARIES.items()
    }
    assert found == {1: "e30c390502bb7d09e742d6311ea7f928ba39b27d494cbfb864d6163fd9da5907"}
