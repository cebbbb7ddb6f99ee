"""What a thief of the disk or of a dump reads after a whole case: nobody's numbers."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import select

from conftest import _program
from onevisit.cases import Collector, decide, hand_out
from onevisit.cases.authorise import offer
from onevisit.cases.shared_import import import_records
from onevisit.cases.views.tracked import tracked
from onevisit.store.kept import sought
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account
from scenarios.stage import AGENT_ID, APPLICANT_ID, FORM, WORKFLOW, Stage

CARD = "6222990000000000018"
PHONE = "19900000000"
PLACE = "演示路八号"
LETTER = "委字第九九号"
SECRETS = (
    APPLICANT_ID,
    AGENT_ID,
    CARD,
    PHONE,
    str(FORM["uscc"]),
    PLACE,
    LETTER,
    "process_layout.pdf",
)


def test_no_number_of_anybody_is_in_the_files_of_the_database(
    stage: Stage, database_url: str, tmp_path: Path
) -> None:
    case_id = _from_draft_to_collected(stage)
    assert stage.problems(case_id) == []
    raw = b"".join(_as_stolen(stage, database_url))
    assert str(case_id).encode() in raw or case_id.hex.encode() in raw  # it is the right database
    found = [each for each in SECRETS if _traces(each, raw)]
    assert found == []
    with reading(stage.engine) as session:
        same = select(Account).where(Account.id_number_hash == sought(APPLICANT_ID))
        assert session.exec(same).one().username == "applicant"
    with stage.looking("stranger") as ctx:
        assert tracked(ctx, stage.case(case_id).number or "", PHONE[-4:]) is not None
        assert tracked(ctx, stage.case(case_id).number or "", "0001") is None


def _from_draft_to_collected(stage: Stage) -> uuid.UUID:
    """A case in which every kind of number is used on the way."""
    with writing(stage.engine) as session:
        source = next(iter(stage.catalog.current(WORKFLOW).definition.directory.sources))
        lines = [f"holder,as_of,{next(iter(source.fields))}", f"{APPLICANT_ID},2026-11-01,{CARD}"]
        import_records(session, source, lines, stage.now)
    with stage.acting("applicant") as ctx:
        offer(ctx, AGENT_ID, "演示代办人", (), ctx.today)
    case_id = stage.accepted()
    for region in ("licence", "food", "signboard"):
        stage.approve(case_id, region)
    stage.bring(case_id, "tobacco")
    row = stage.approvals(case_id)["tobacco"]
    with stage.acting("tobacco.decider") as ctx:
        opinion = f"退款到 {CARD}，联系 {PHONE}。"
        decide.act(ctx, row.id, "reject", opinion, f"与{APPLICANT_ID}登记的不符。", row.revision)
    stage.printed(case_id)
    with stage.acting("window") as ctx:
        collector = Collector("演示代办人", AGENT_ID, "agent", LETTER)
        hand_out.hand_out(ctx, case_id, collector, "window", stage.case(case_id).revision)
    assert stage.case(case_id).concluded_at is not None
    return case_id


def _as_stolen(stage: Stage, database_url: str) -> Iterator[bytes]:
    """The bytes of the files, or of a dump."""
    if stage.engine.dialect.name == "sqlite":
        file = Path(database_url.removeprefix("sqlite:///"))
        yield file.read_bytes()
        yield file.with_name(f"{file.name}-wal").read_bytes()
        return
    url = stage.engine.url
    host, user = str(url.query["host"]), str(url.username)
    words = [_program("pg_dump"), "-h", host, "-U", user, str(url.database)]
    yield subprocess.run(words, check=True, capture_output=True).stdout


def _traces(secret: str, raw: bytes) -> bool:
    """As it is, as JSON may write it, or as a dump writes bytes."""
    escaped = secret.encode("unicode_escape")
    return any(each in raw for each in (secret.encode(), escaped, secret.encode().hex().encode()))
