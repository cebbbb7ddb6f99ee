"""People are found by how their name begins, by an index, the same on both databases."""

from sqlalchemy import text
from sqlmodel import col, select

from databases import migrate
from onevisit.store.beginning import begins_with
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account
from only_for_tests import KEYRING

NAMES = (
    "演示甲",
    "演示甲乙",
    "演示_乙",
    "演示%丙",
    "演",
    "示例演示甲",
    "Ann",
    "ann",
    "演示\U0002a6d6",
)


def test_a_beginning_is_taken_letter_by_letter(database_url: str) -> None:
    migrate(database_url)
    engine = engine_for(database_url, KEYRING)
    with writing(engine) as session:
        for number, name in enumerate(NAMES):
            session.add(Account(username=str(number), name=name, password_hash="-"))
    expected = {
        "演示": {"演示甲", "演示甲乙", "演示_乙", "演示%丙", "演示\U0002a6d6"},
        "演示甲": {"演示甲", "演示甲乙"},
        "演示_": {"演示_乙"},
        "演示%": {"演示%丙"},
        "A": {"Ann"},
        "丁": set(),
    }
    with reading(engine) as session:
        found = {
            beginning: set(
                session.exec(
                    select(Account.name).where(begins_with(session, col(Account.name), beginning))
                ).all()
            )
            for beginning in expected
        }
    engine.dispose()
    assert found == expected


def test_the_index_on_names_is_used(database_url: str) -> None:
    migrate(database_url)
    engine = engine_for(database_url, KEYRING)
    with reading(engine) as session:
        wanted = select(Account.id).where(begins_with(session, col(Account.name), "演示"))
        sql = str(wanted.compile(engine, compile_kwargs={"literal_binds": True}))
        if engine.dialect.name == "postgresql":
            session.connection().execute(text("SET LOCAL enable_seqscan = off"))
            plan = session.connection().exec_driver_sql("EXPLAIN " + sql.replace("%", "%%")).all()
        else:
            plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + sql).all()
    engine.dispose()
    assert "ix_accounts_name" in str(plan)
    assert "SCAN accounts" not in str(plan)
