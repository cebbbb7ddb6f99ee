"""What is typed to find a case is looked up, past no other case, on either database."""

import pytest
from sqlalchemy import select

from functional.plans import listening, sqlite_plans
from onevisit.cases.views.typed import found_by, numbered
from onevisit.store.session import reading
from onevisit.store.tables import METADATA
from scenarios.stage import Stage

CASES = METADATA.tables["cases"].c.id


@pytest.mark.parametrize("text", ["990000-20261109-000001-5", "演示"])
def test_each_way_goes_by_its_own_index(stage: Stage, text: str) -> None:
    with reading(stage.engine) as session, listening(stage.engine) as heard:
        for wanted in (found_by(session, text), numbered(text)):
            session.connection().execute(select(CASES).where(wanted)).all()
    plans = _plans(stage, heard.statements)
    assert "SCAN cases" not in plans and "Seq Scan on cases" not in plans, plans
    assert "SubPlan" not in plans, "PostgreSQL would go through all cases and ask of each"
    assert "ix_accounts_name" in plans, plans
    sorts = ("TEMP B-TREE FOR ORDER", "Sort Key: accounts")
    assert not any(each in plans for each in sorts), "all who are called so, for two hundred"


def _plans(stage: Stage, statements: list[tuple[str, object]]) -> str:
    if stage.engine.dialect.name == "sqlite":
        return "\n".join(sqlite_plans(stage.engine, statements))
    with stage.engine.connect() as connection:
        for setting in ("enable_seqscan", "enable_bitmapscan"):  # as if there were many rows
            connection.exec_driver_sql(f"SET {setting} = off")
        rows = [
            str(row[0])
            for statement, values in statements
            for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)  # type: ignore[arg-type]  # as the driver got them
        ]
        connection.rollback()
    return "\n".join(rows)
