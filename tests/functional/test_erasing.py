"""What was kept for long enough is deleted, and the ledger can still be checked afterwards."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from functional.city import APPLICANT_ID, PASSWORD, City
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY
from onevisit.cases.privacy import erase, sweep
from onevisit.cli import erasing
from onevisit.store import read_seals
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.read_tables import Erasure, Read
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Approval, Case, Document, Handout, Upload
from onevisit.store.work_tables import Dispatch, Message

LATER = timedelta(days=366 * 101)
"""No rule keeps anything for longer than a hundred years."""


def context(city: City, session: Session, later: timedelta = LATER) -> Context:
    files = FileStore(city.settings.files)
    return Context(session, city.catalog, files, NOBODY, datetime.now(UTC) + later)


def collected(city: City) -> UUID:
    """A case that is closed, with its results in the applicant's hands."""
    case_id = city.ready()
    revision = str(city.case(case_id).revision)
    owner = city.client("applicant")
    assert owner.post(f"/my/{case_id}/collect", data={"revision": revision}).status_code == 200
    return case_id


def due(city: City, later: timedelta = LATER) -> list[erase.Due]:
    with reading(city.engine) as session:
        return erase.due(context(city, session, later))[0]


def test_a_case_whose_time_is_over_loses_what_is_personal_and_keeps_its_ledger(
    city: City,
) -> None:
    case_id = collected(city)
    with reading(city.engine) as session:
        uploads = session.exec(select(Upload).where(Upload.case_id == case_id)).all()
        papers = session.exec(select(Document).where(Document.case_id == case_id)).all()
    files = FileStore(city.settings.files)
    lying = [files.stored(each.storage_key) for each in uploads]
    lying += [files.stored(each.pdf_key) for each in papers if each.pdf_key]
    assert lying
    assert all(each.exists() for each in lying)
    assert due(city, timedelta(days=365)) == [], "not yet"
    [found] = due(city)
    assert found.id == case_id
    with writing(city.engine) as session:
        assert erase.erase(context(city, session), found) is None
    with reading(city.engine) as session:
        case = session.get_one(Case, case_id)
        assert "演示" not in str(case.form)
        assert case.form["seats"] == 24, "what is nobody's stays"
        left = [
            *session.exec(select(Approval.opinion).where(Approval.case_id == case_id)),
            *session.exec(select(Upload.filename).where(Upload.case_id == case_id)),
            *session.exec(select(Document.snapshot).where(Document.case_id == case_id)),
            *session.exec(select(Handout.collector).where(Handout.case_id == case_id)),
            *session.exec(select(Message.body).where(Message.case_id == case_id)),
        ]
        assert APPLICANT_ID not in str(left)
        assert "演示" not in str(left)
        assert verify_ledger(session, case_id) == []
    assert not any(each.exists() for each in lying)
    assert due(city) == [], "once"
    page = city.client("applicant").get(f"/my/{case_id}").text
    assert "已按保存期限清除" in page
    paper = city.client("applicant").get(f"/documents/{papers[0].id}")
    assert paper.status_code == 404


def test_who_changes_what_an_erasure_has_kept_is_found(city: City) -> None:
    case_id = collected(city)
    [found] = due(city)
    with writing(city.engine) as session:
        erase.erase(context(city, session), found)
    with writing(city.engine) as session:
        row = session.get_one(Erasure, case_id)
        row.vouched = row.vouched | {"case": row.vouched["case"] | {"form": "0" * 64}}
    with reading(city.engine) as session:
        assert verify_ledger(session, case_id) != []


def test_a_case_that_somebody_has_tampered_with_is_not_erased(city: City) -> None:
    case_id = collected(city)
    [found] = due(city)
    with writing(city.engine) as session:
        case = session.get_one(Case, case_id)
        case.form = case.form | {"operator_name": "改过的名字"}
    with writing(city.engine) as session:
        because = erase.erase(context(city, session), found)
    assert because is not None
    assert "先查明" in because
    assert city.case(case_id).form["operator_name"] == "改过的名字"


def test_a_closed_account_goes_with_its_last_case(city: City) -> None:
    collected(city)
    data = {"password": PASSWORD, "agreed": "yes"}
    assert city.client("applicant").post("/my/data/close", data=data).status_code == 200
    [found] = due(city)
    with writing(city.engine) as session:
        assert erase.erase(context(city, session), found) is None
    with reading(city.engine) as session:
        row = session.get_one(Account, city.case(found.id).applicant_id)
    assert (row.name, row.id_number, row.phone) == ("已注销", None, None)


def test_a_running_case_is_never_due(city: City) -> None:
    city.accepted()
    assert due(city) == []


def test_the_sweep_deletes_old_messages_and_reads_and_can_tell(city: City) -> None:
    case_id = city.submitted()
    city.client("clerk").get(f"/desk/{case_id}")
    look = partial(writing, city.engine)
    files, soon = FileStore(city.settings.files), datetime.now(UTC) + timedelta(minutes=2)
    assert sweep.seal_reads(look, city.catalog, files, soon) == 1
    assert sweep.run_expired(look, city.catalog, files, soon) == 0
    with writing(city.engine) as session:
        for row in session.exec(select(Dispatch)):
            row.state = "sent"
    assert sweep.run_expired(look, city.catalog, files, soon + LATER) > 0
    with reading(city.engine) as session:
        assert session.exec(select(Message)).first() is None
        assert session.exec(select(Read)).first() is None
        assert list(read_seals.problems(session)) == [], "the block stays and says so"


@pytest.mark.parametrize("do", [False, True])
def test_the_command_lists_and_deletes(
    city: City, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, do: bool
) -> None:
    case_id = collected(city)
    number = city.case(case_id).number
    monkeypatch.setattr(erasing, "Settings", lambda: city.settings)
    assert erasing.erase(do=do, now=datetime.now(UTC) + LATER) == 0
    told = capsys.readouterr().out
    assert str(number) in told
    assert ("已清除" in told) is do
    with reading(city.engine) as session:
        erased = session.exec(select(Erasure.case_id).where(col(Erasure.case_id) == case_id))
        assert (erased.first() is not None) is do
