"""`onevisit ledger` as an operator runs it, and checkpoints that are made by themselves."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from functional.city import City
from onevisit.cases.checkpoints import RolledBack
from onevisit.cli import checkpointing
from onevisit.cli.main import app
from onevisit.jobs import Sweeper
from onevisit.store.checkpoint_tables import Checkpoint
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(city: City, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`onevisit ledger WORDS` on the city's own data: how it ended and what it said."""
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)

    def ledger(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["ledger", *words])
        return done.exit_code, done.output

    return ledger


def test_what_was_changed_is_told_with_the_exit_code_of_a_fault(city: City, run: Run) -> None:
    case = city.case(city.submitted())
    assert case.number is not None
    assert "检查点 1" in run("checkpoint")[1]
    assert run("checkpoint") == (0, "没有新的留痕。\n")
    assert run("verify") == (0, "✓ 核对了 1 件办件、1 个检查点，没有发现改动。\n")
    assert run("verify", "--case", case.number)[0] == 0
    with writing(city.engine) as session:
        session.connection().execute(text("UPDATE cases SET state = 'concluded'"))
    code, said = run("verify", "--json")
    told = json.loads(said)
    assert code == 1 and not told["whole"]
    assert told["findings"][0]["label"] == case.number
    code, said = run("verify", "--case", case.number)
    assert code == 1 and "记录状态为 concluded" in said
    assert run("verify", "--since", "2020-01-01")[0] == 1


def test_what_cannot_be_found_out_is_not_called_whole(city: City, run: Run) -> None:
    assert run("verify", "--case", "990000-20261121-000012-3")[0] == 2
    assert run("verify", "--since", "昨天")[0] == 2
    city.submitted()
    assert run("key")[0] == 0
    (city.settings.data / "checkpoint.key").write_text("not a key")
    for words in (("verify",), ("checkpoint",), ("key",)):
        code, said = run(*words)
        assert code == 2 and "不能读取" in said, words


def test_the_sweep_makes_them_and_rests_when_that_is_refused(city: City, run: Run) -> None:
    city.kept = None  # one database all the way, not copies of what other tests made
    city.submitted()
    make = checkpointing.due(city.settings, city.engine)
    assert make is not None
    printing = city.app.state.site.printing
    files = FileStore(city.settings.files)
    sweeper = Sweeper(city.engine, files, printing, checkpoint=make)
    now = datetime.now(UTC)
    sweeper.sweep(now)
    with reading(city.engine) as session:
        assert [each.number for each in session.exec(select(Checkpoint))] == [1]
    assert run("verify")[0] == 0
    with writing(city.engine) as session:
        for table in ("checkpoint_leaves", "checkpoints"):
            session.connection().execute(text(f"DELETE FROM {table}"))
    city.filled()
    city.approve(city.accepted(), "licence")
    with pytest.raises(RolledBack):
        sweeper.sweep(now + timedelta(days=1))
    sweeper.sweep(now + timedelta(days=1))  # not at once again, and nothing else is held up
    code, said = run("checkpoint")
    assert code == 1 and "--lost" in said
    assert run("checkpoint", "--lost", "演示：换回了昨天的备份")[0] == 0


def test_none_are_made_by_themselves_where_that_is_switched_off(city: City) -> None:
    settings = city.settings.model_copy(update={"checkpoint_minutes": 0})
    assert checkpointing.due(settings, city.engine) is None
