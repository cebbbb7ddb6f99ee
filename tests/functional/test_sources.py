"""`onevisit sources import`, as an operator runs it."""

from pathlib import Path

import pytest
from sqlmodel import select

from functional.city import APPLICANT_ID, ROOT, City
from onevisit.cli.sources import DONE, REFUSED, import_demo, import_file
from onevisit.store.citizen_tables import SharedRecord
from onevisit.store.session import reading, writing

HEAD = "holder,as_of,household_address\n"
LINE = f"{APPLICANT_ID},2026-11-01,示例市演示区演示路一号\n"


@pytest.fixture
def operated(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    """The command finds this city's database."""
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)
    return city


def records(city: City) -> list[SharedRecord]:
    with reading(city.engine) as session:
        return list(session.exec(select(SharedRecord)).all())


def test_a_list_is_taken_over(
    operated: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "名单.csv"
    file.write_text("\ufeff" + HEAD + LINE, encoding="utf-8")
    assert import_file("population", file, ROOT) == DONE
    assert "新增 1 条" in capsys.readouterr().out
    (row,) = records(operated)
    assert (row.holder, row.person, row.data["household_address"]) == (
        APPLICANT_ID, APPLICANT_ID, "示例市演示区演示路一号",
    )  # fmt: skip


def test_what_is_wrong_is_said_and_nothing_taken_over(
    operated: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "名单.csv"
    file.write_text(HEAD + LINE + LINE, encoding="utf-8")
    assert import_file("population", file, ROOT) == REFUSED
    assert "第 3 行" in capsys.readouterr().err
    assert import_file("populace", file, ROOT) == REFUSED
    assert "现有：" in capsys.readouterr().err
    file.write_bytes("姓名".encode("gb18030"))
    assert import_file("population", file, ROOT) == REFUSED
    assert "UTF-8" in capsys.readouterr().err
    assert records(operated) == []


def test_the_demonstration_has_records_of_its_applicant(city: City) -> None:
    definition = city.catalog.current("retire").definition
    for _ in range(2):
        with writing(city.engine) as session:
            import_demo(session, [definition])
    sources = {row.source for row in records(city)}
    assert sources == {"population", "social_insurance", "housing_fund_accounts"}
