"""What people see of a case that lies in an archive file, and the commands that bring it there."""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlmodel import select

from functional.city import PASSWORD, City
from functional.test_erasing import collected
from onevisit.cases.moved_out import ready
from onevisit.cli import archiving
from onevisit.documents.format import BEIJING
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Document


@pytest.fixture
def archived(
    city: City,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> tuple[UUID, Path]:
    """A case that was moved out, long before it really might, and the file that it lies in."""
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)
    case_id = collected(city)
    with writing(city.engine) as session:
        who = session.exec(select(Account).where(Account.username == "applicant")).one()
        who.phone = "19900000000"
    tomorrow = f"{datetime.now(BEIJING) + timedelta(days=1):%Y-%m-%d}"
    to = tmp_path / "away"
    assert archiving.move_out(tomorrow, None, to, dry=False) == archiving.FINE
    assert list(to.glob("*.ovarchive")) == [], "it was closed just now"
    with monkeypatch.context() as patch:
        patch.setattr(ready, "held", lambda *_: None)
        assert archiving.move_out(tomorrow, None, to, dry=False) == archiving.FINE
    assert "已移出 1 件" in capsys.readouterr().out
    (path,) = to.glob("*.ovarchive")
    return case_id, path


def test_an_archived_case_is_found_and_says_so(
    city: City, archived: tuple[UUID, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    case_id, path = archived
    number = city.case(case_id).number or ""
    assert archiving.find(number) == archiving.FINE
    assert path.name in capsys.readouterr().out
    owner = city.client("applicant")
    assert "已归档" in owner.get("/my").text
    page = owner.get(f"/my/{case_id}")
    assert page.status_code == 200
    assert number in page.text
    assert "已归档" in page.text
    assert "证照不受影响" in page.text
    assert owner.get(f"/my/{case_id}/rate").status_code == 410
    assert city.client("applicant2").get(f"/my/{case_id}").status_code == 403
    clerk = city.client("clerk").get(f"/desk/{case_id}")
    assert clerk.status_code == 410
    assert "已归档" in clerk.text
    tracked = owner.post("/progress", data={"number": number, "tail": "0000"})
    assert tracked.status_code == 200
    assert "已经归档" in tracked.text
    with reading(city.engine) as session:
        papers = session.exec(select(Document.id).where(Document.case_id == case_id)).all()
    assert {owner.get(f"/documents/{each}").status_code for each in papers} == {410}
    assert owner.get("/my/data/uses").status_code == 200
    answer = owner.post("/my/data/download", data={"password": PASSWORD})
    with ZipFile(io.BytesIO(answer.content)) as copy:
        [case] = json.loads(copy.read("data.json"))["cases"]
    assert "已归档" in case["state"]


def test_the_commands_bring_it_back(
    city: City, archived: tuple[UUID, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    case_id, path = archived
    number = city.case(case_id).number or ""
    assert archiving.check([path]) == archiving.FINE
    assert archiving.bring_back([path], "990000-20000101-000001-0") == archiving.UNABLE
    assert archiving.bring_back([path], number) == archiving.FINE
    assert "已调回 1 件" in capsys.readouterr().out
    page = city.client("applicant").get(f"/my/{case_id}").text
    assert "已归档" not in page
    assert archiving.find(number) == archiving.UNABLE
    assert "没有归档" in capsys.readouterr().err
    path.write_bytes(path.read_bytes()[:-100])
    assert archiving.check([path]) == archiving.NOT_ALL
    assert "不是完整的归档文件" in capsys.readouterr().err
