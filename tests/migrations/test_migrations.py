"""Migrations and models build the same database, on both kinds, with data in it."""

import threading
from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine, inspect
from sqlmodel import select

from onevisit.store.migrate import is_current, upgrade
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import METADATA, Account, Case, WorkflowVersion
from only_for_tests import KEYRING

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def _differences(url: str) -> list[object]:
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
    engine.dispose()
    return list(differences)


def _checks(url: str) -> dict[str, set[str | None]]:
    engine = create_engine(url)
    inspector = inspect(engine)
    found = {
        table: {check["name"] for check in inspector.get_check_constraints(table)}
        for table in METADATA.tables
    }
    engine.dispose()
    return found


def test_migrations_build_what_the_models_say(database_url: str) -> None:
    upgrade(database_url, KEYRING)
    assert _differences(database_url) == []


def test_a_difference_would_be_seen(database_url: str) -> None:
    upgrade(database_url, KEYRING)
    engine = engine_for(database_url, KEYRING)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("ALTER TABLE accounts DROP COLUMN phone")
    engine.dispose()
    assert _differences(database_url) != []


def test_checks_are_those_of_the_models(database_url: str) -> None:
    upgrade(database_url, KEYRING)
    expected = {
        name: {
            constraint.name
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint)
        }
        for name, table in METADATA.tables.items()
    }
    assert _checks(database_url) == expected
    assert any(expected.values())


def test_an_empty_database_is_not_current_and_an_upgraded_one_is(database_url: str) -> None:
    engine = engine_for(database_url, KEYRING)
    assert not is_current(engine)
    upgrade(database_url, KEYRING)
    assert is_current(engine)
    engine.dispose()


def test_upgrading_again_keeps_the_data(database_url: str) -> None:
    upgrade(database_url, KEYRING)
    engine = engine_for(database_url, KEYRING)
    with writing(engine) as session:
        account = Account(username="demo", name="演示申请人甲", password_hash="x")
        version = WorkflowVersion(
            hash="f" * 64, workflow_id="demo", version="1", title="演示", content={"a": "b"},
            published_at=NOW, current=True,
        )  # fmt: skip
        session.add_all([account, version])
        session.flush()
        session.add(
            Case(
                workflow_id="demo",
                version_hash=version.hash,
                state="draft",
                channel="online",
                applicant_id=account.id,
                created_at=NOW,
                answers={"面积": 120},
                form={"名": "甲"},
            )
        )
    upgrade(database_url, KEYRING)
    assert _differences(database_url) == []
    with reading(engine) as session:
        case = session.exec(select(Case)).one()
        assert case.created_at == NOW
        assert case.form == {"名": "甲"}
    engine.dispose()


def test_upgrading_from_the_first_tables_keeps_the_data(database_url: str) -> None:
    upgrade(database_url, revision="0001")
    engine = engine_for(database_url, KEYRING)
    assert not is_current(engine)
    account, version, case = "a" * 32, "f" * 64, "c" * 32
    with engine.connect() as connection, connection.begin():
        account_columns = "id, username, name, password_hash, disabled"
        version_columns = "hash, workflow_id, version, title, content, published_at, current"
        case_columns = (
            "id, workflow_id, version_hash, state, applicant_id, channel, answers, form,"
            " created_at, revision, ledger_seq, ledger_hash"
        )
        at = "'2026-11-21 02:00:00'"
        case_values = (
            f"'{case}', 'd', '{version}', 'draft', '{account}', 'online', '{{}}',"
            f" '{{\"a\": 1}}', {at}, 1, 0, '{'0' * 64}'"
        )
        version_values = f"'{version}', 'd', '1', '演示', '{{}}', {at}, true"
        for table, columns, values in (
            ("accounts", account_columns, f"'{account}', 'demo', '演示申请人甲', 'x', false"),
            ("workflow_versions", version_columns, version_values),
            (
                "cases",
                case_columns,
                case_values,
            ),
        ):
            statement = f"INSERT INTO {table} ({columns}) VALUES ({values})"
            connection.exec_driver_sql(statement)
    upgrade(database_url, KEYRING)
    assert _differences(database_url) == []
    with reading(engine) as session:
        kept = session.exec(select(Case)).one()
        assert (kept.form, kept.timer_due) == ({"a": 1}, None)
    engine.dispose()


def test_two_upgrades_at_once_take_turns(database_url: str) -> None:
    barrier = threading.Barrier(2)
    failures: list[BaseException] = []

    def run() -> None:
        barrier.wait()
        try:
            upgrade(database_url, KEYRING)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert _differences(database_url) == []
