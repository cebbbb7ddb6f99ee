"""Whatever somebody changes behind the application's back, the ledger finds it."""

from collections.abc import Mapping

import pytest
from sqlalchemy import Executable, text, update
from sqlmodel import col

from onevisit.store.tables import Approval, Case, Document
from scenarios.stage import Stage

PLAIN = {
    "a state": "UPDATE approvals SET state = 'approved' WHERE region = 'food'",
    "the state of the case": "UPDATE cases SET state = 'concluded'",
    "who decided": "UPDATE approvals SET decided_by = NULL WHERE region = 'licence'",
    "a due date": "UPDATE approvals SET promise_due = '2027-01-01' WHERE region = 'food'",
    "the number": "UPDATE cases SET number = '990000-20261123-000009-1'",
    "a finding": "UPDATE checks SET status = 'verified' WHERE material_id = 'floor_plan'",
    "a file": "UPDATE uploads SET sha256 = 'x' WHERE material_id = 'floor_plan'",
    "a file taken out": "UPDATE uploads SET removed_at = uploaded_at WHERE size > 0",
    "a document's number": "UPDATE documents SET number = '伪造' WHERE kind = 'acceptance'",
    "a document taken away": "DELETE FROM documents WHERE kind = 'acceptance'",
    "an entry": "UPDATE ledger_entries SET actor_role = 'decider' WHERE act = 'accept'",
    "an entry taken away": "DELETE FROM ledger_entries WHERE region = 'licence' AND seq = 2",
    "the last entry taken away": "DELETE FROM ledger_entries WHERE region = 'licence' AND seq = 3",
    "a head": "UPDATE approvals SET ledger_seq = 9 WHERE region = 'food'",
    "when it happened": "UPDATE ledger_entries SET at = '2026-01-01 00:00:00' WHERE act = 'accept'",
}
CHANGES: Mapping[str, Executable] = {
    **{name: text(statement) for name, statement in PLAIN.items()},
    # by somebody who has the keys as well, since these are sealed
    "an opinion": update(Approval)
    .where(col(Approval.region) == "licence")
    .values(opinion="有条件同意"),
    "the form": update(Case).values(form={"area": 1}),
    "what a document says": update(Document)
    .where(col(Document.kind) == "acceptance")
    .values(snapshot={}),
}

PAST_THE_KEYS: Mapping[str, Executable] = {
    f"{name}, without a key": text(statement)
    for name, statement in {
        "an opinion": "UPDATE approvals SET opinion = '有条件同意' WHERE region = 'licence'",
        "the form": "UPDATE cases SET form = '{\"area\": 1}'",
        "what a document says": "UPDATE documents SET snapshot = '{}' WHERE kind = 'acceptance'",
    }.items()
}
FOUND = {**CHANGES, **PAST_THE_KEYS}


@pytest.mark.parametrize("change", FOUND)
def test_it_is_found(stage: Stage, change: str) -> None:
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    assert stage.problems(case_id) == []
    with stage.engine.connect() as connection, connection.begin():
        changed = connection.execute(FOUND[change]).rowcount
    assert changed >= 1
    assert stage.problems(case_id) != []


def test_a_document_slipped_in_is_found(stage: Stage) -> None:
    case_id = stage.accepted()
    with stage.engine.connect() as connection, connection.begin():
        columns = "case_id, kind, title, template, snapshot, created_at, state, attempts"
        connection.execute(
            text(
                f"INSERT INTO documents (id, number, {columns}) "
                f"SELECT '{'0' * 32}', '伪造', {columns} FROM documents WHERE kind = 'receipt'"
            )
        )
    assert [problem.text for problem in stage.problems(case_id)] == [
        "“document/00000000-0000-0000-0000-000000000000”没有留痕"
    ]


def test_a_rewritten_chain_is_found_by_what_binds_it(stage: Stage) -> None:
    case_id = stage.accepted()
    for region in ("licence", "food", "signboard", "tobacco"):
        stage.approve(case_id, region)
    with stage.engine.connect() as connection, connection.begin():
        connection.execute(text("DELETE FROM ledger_entries WHERE region = 'food'"))
        head = f"ledger_seq = 0, ledger_hash = '{'0' * 64}'"
        connection.execute(text(f"UPDATE approvals SET {head} WHERE region = 'food'"))
    problems = stage.problems(case_id)
    assert any("绑定" in problem.text for problem in problems)
