"""The stand-alone verifier and the application's own check say the same of the same case."""

import ast
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onevisit.cases.archive import verify
from onevisit.cases.archive.contents import moment
from onevisit.store import ledger
from scenarios.archived import archive, concluded, entries
from scenarios.stage import Stage
from scenarios.test_tampering import CHANGES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
ENTRIES = st.fixed_dictionaries(
    {
        "case_id": st.uuids(),
        "region": st.text(),
        "seq": st.integers(1),
        "at": st.datetimes(timezones=st.just(UTC)),
        "actor_id": st.none() | st.uuids(),
        "actor_role": st.text(),
        "act": st.text(),
        "from_state": st.none() | st.text(),
        "to_state": st.none() | st.text(),
        "version_hash": st.text(),
        "detail": st.dictionaries(st.text(), JSON),
        "prev_hash": st.text(),
    }
)


@given(JSON)
def test_any_value_has_the_same_digest_also_when_it_went_through_a_file(value: object) -> None:
    assert verify.digest(value) == ledger.digest(value)
    assert verify.digest(json.loads(verify.written(value))) == ledger.digest(value)


@given(ENTRIES)
def test_any_entry_has_the_same_seal_also_when_it_went_through_a_file(
    entry: dict[str, object],
) -> None:
    at, actor = entry["at"], entry["actor_id"]
    assert isinstance(at, datetime)
    told = {
        **entry, "case_id": str(entry["case_id"]), "at": moment(at),
        "actor_id": str(actor) if actor else None,
    }  # fmt: skip
    assert verify.seal(json.loads(verify.line(told))) == ledger.seal(entry)


def test_the_chains_are_those_of_the_store(stage: Stage, tmp_path: Path) -> None:
    case_id = concluded(stage)
    told = entries(archive(stage, case_id, tmp_path))
    regions = {each["region"] for each in told}
    assert regions >= {"case", "food", "certificate/food"}
    for region in regions:
        rows = stage.ledger(case_id, region)
        found = [each for each in told if each["region"] == region]
        assert [each["hash"] for each in found] == [row.hash for row in rows]
        assert [verify.seal(each) for each in found] == [row.hash for row in rows]


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_application_finds_the_verifier_finds(
    stage: Stage, tmp_path: Path, change: str
) -> None:
    """Chain by chain and entry by entry, for whatever was changed behind the application's back."""
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    with stage.engine.connect() as connection, connection.begin():
        assert connection.execute(CHANGES[change]).rowcount
    own = {(each.region, each.seq) for each in stage.problems(case_id)}
    faults = verify.examined(archive(stage, case_id, tmp_path)).faults
    found = {
        (each.region, each.seq) for each in faults
        if not each.file.startswith(("material/", "index.json"))
    }  # fmt: skip
    assert own
    assert found == own


def test_a_case_that_was_spoilt_before_is_told_in_words(stage: Stage, tmp_path: Path) -> None:
    case_id = stage.accepted()
    with stage.engine.connect() as connection, connection.begin():
        connection.execute(CHANGES["a finding"])
    page = (archive(stage, case_id, tmp_path) / "index.html").read_text("utf-8")
    assert "系统里的记录与留痕已有 1 处不符" in page
    assert "整件：“checks/1”的内容与留痕不符" in page


def test_it_needs_only_what_python_3_9_has() -> None:
    tree = ast.parse(Path(verify.__file__).read_text("utf-8"), feature_version=(3, 9))
    used = {
        each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
    }
    used |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in used} <= sys.stdlib_module_names
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Match)]
