"""Background work as an operator sees it, by page and by command, and having it tried again."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError
from sqlmodel import select
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from functional.city import APPLICANT_ID, ORIGIN, City
from onevisit.cases.outbox import claims, sending
from onevisit.cases.outbox.claims import DISPATCHES, DOCUMENTS
from onevisit.cases.outbox.sending import NotSent, Outgoing
from onevisit.cases.outbox.telling import tell
from onevisit.cli.main import app
from onevisit.jobs.mail import Mail
from onevisit.jobs.sms import Sms
from onevisit.jobs.ways_out import ways_out
from onevisit.settings import Settings
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Document
from onevisit.store.work_tables import Dispatch

SECRETS = ("演示申请人甲", APPLICANT_ID, "19900000001", "jia@example.test")


def refuse(outgoing: Outgoing) -> str:
    """A way out for which this address is wrong, and that says whose it is."""
    raise NotSent(f"SMTP 550 no such user {outgoing.address}", permanent=True)


@pytest.fixture
def troubled(city: City) -> City:
    """A city in which a mail was refused, an SMS waits and a document is being made."""
    case_id = city.submitted()
    with city.acting("applicant") as ctx:
        account = ctx.session.get_one(Account, ctx.actor.id)
        account.phone, account.email = "19900000001", "jia@example.test"
        ctx.session.flush()
        tell(ctx, "test", [ctx.actor.id], "收件回执", f"办件号{case_id}", case_id=case_id)
    now = datetime.now(UTC)
    with writing(city.engine) as session:
        sms = session.exec(select(Dispatch).where(Dispatch.channel == "sms")).one()
        sms.next_at = now + timedelta(hours=1)
    transaction = partial(writing, city.engine)
    assert sending.send_next(transaction, {"email": refuse}, lambda: now, "node-a")
    with writing(city.engine) as session:
        assert claims.claim_next(session, DOCUMENTS, now, "node-b")
    return city


@pytest.fixture
def command(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """`onevisit` on the city's own data."""
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)
    yield CliRunner()


def run(command: CliRunner, *words: str) -> Result:
    return command.invoke(app, ["jobs", *words])


def states(city: City) -> dict[str, str]:
    """How the dispatches stand, by channel."""
    with reading(city.engine) as session:
        return {row.channel: row.state for row in session.exec(select(Dispatch))}


def test_the_page_shows_what_failed_waits_and_runs_and_about_nobody(troubled: City) -> None:
    page = troubled.client("operator").get("/jobs").text
    for part in ("SMTP 550", "电子邮件：收件回执", "短信：收件回执", "node-b", "失败的全部重试"):
        assert part in page, part
    for secret in (*SECRETS, "办件号"):
        assert secret not in page, secret
    only = troubled.client("operator").get("/jobs?tab=failed").text
    assert "电子邮件：收件回执" in only
    assert "短信：收件回执" not in only
    assert troubled.client("operator").get("/jobs?tab=nonsense").status_code == 200
    assert 'href="/jobs"' in page  # in the navigation


def test_one_is_tried_again_by_its_button(troubled: City) -> None:
    operator = troubled.client("operator")
    page = operator.get("/jobs?tab=failed").text
    [row_id] = re.findall(r'name="id" value="([^"]+)"', page)
    assert "已重新安排 1 项" in operator.post("/jobs", data={"id": row_id}).text
    assert states(troubled) == {"email": "waiting", "sms": "waiting"}
    assert "没有失败的任务" in operator.get("/jobs?tab=failed").text


def test_all_that_failed_are_tried_again_at_once(troubled: City) -> None:
    operator = troubled.client("operator")
    assert "已重新安排 1 项" in operator.post("/jobs").text
    assert "没有可以重试的任务" in operator.post("/jobs").text
    assert "没有可以重试的任务" in operator.post("/jobs", data={"id": str(uuid4())}).text
    assert operator.post("/jobs", data={"id": "nonsense"}).status_code == 422


def test_an_operator_without_work_sees_that_there_is_none(city: City) -> None:
    page = city.client("operator").get("/jobs").text
    assert "没有未完成的任务" in page
    assert "失败的全部重试" not in page


def test_the_command_prints_the_same_and_tells_by_its_exit_code(
    troubled: City, command: CliRunner
) -> None:
    shown = run(command)
    assert shown.exit_code == 1, shown.output
    assert "通知发送：等待 1，正在办 0，失败 1" in shown.output
    assert "文书：等待 1，正在办 1，失败 0" in shown.output
    assert "SMTP 550 no such user …" in shown.output
    assert not [secret for secret in SECRETS if secret in shown.output]
    found = json.loads(run(command, "--failed", "--json").output)
    [row] = found["rows"]
    assert (row["kind"], row["state"], row["attempts"]) == ("dispatch", "failed", 1)
    again = run(command, "--retry", row["id"])
    assert again.exit_code == 0, again.output
    assert states(troubled)["email"] == "waiting"


def test_the_command_tries_all_again_or_says_that_there_is_nothing(
    troubled: City, command: CliRunner
) -> None:
    assert run(command, "--retry-all").exit_code == 0
    assert states(troubled)["email"] == "waiting"
    assert run(command, "--retry-all").exit_code == 0
    for unknown in ("nonsense", str(uuid4())):
        assert run(command, "--retry", unknown).exit_code == 2


def test_ready_means_that_background_work_goes_on(city: City) -> None:
    stranger = TestClient(city.app, base_url=ORIGIN)
    city.app.state.last_look = lambda: 0.44
    assert stranger.get("/readyz").json() == {"status": "ready", "last_look_seconds": 0.4}
    city.app.state.last_look = lambda: 61.0
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["because"] == "background work stands still"
    city.app.state.last_look = lambda: None  # it is stopping
    assert stranger.get("/readyz").status_code == 200


def test_the_ways_out_are_those_that_are_set_up(tmp_path: Path) -> None:
    assert ways_out(Settings(data=tmp_path)) == {}
    whole = Settings(
        data=tmp_path,
        smtp_url=SecretStr("smtps://u:p@mail.example.test"),
        mail_from="noreply@centre.example.test",
        sms_url="https://sms.example.test/send",
        sms_key=SecretStr("shared"),
        public_url="https://centre.example.test/",
    )
    ways = ways_out(whole)
    assert isinstance(ways["email"], Mail)
    assert isinstance(ways["sms"], Sms)
    assert ways["email"].site == "https://centre.example.test"


def test_half_a_way_out_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="ONEVISIT_MAIL_FROM"):
        Settings(data=tmp_path, smtp_url=SecretStr("smtp://mail.example.test"))
    with pytest.raises(ValidationError, match="ONEVISIT_SMS_KEY"):
        Settings(data=tmp_path, sms_url="https://sms.example.test/send")


def test_the_figures_count_documents_and_dispatches_by_their_state(troubled: City) -> None:
    with reading(troubled.engine) as session:
        assert {row.state for row in session.exec(select(Document))} == {"pending"}
    found = re.findall(r'ov-figure">([^<]+)</td>', troubled.client("operator").get("/jobs").text)
    assert found[:5] == ["1", "1", "0", "0", "—"]
    assert found[5:10] == ["1", "0", "1", "0", "0"]
    assert DISPATCHES.name == "dispatch"
