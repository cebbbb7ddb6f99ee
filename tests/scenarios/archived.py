"""Cases that came to an end, and their archives, for the tests of those."""

import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from onevisit.cases import Collector, Context, accept, correct, hand_out, material
from onevisit.cases.archive import Paper, Sources, collect, verify, write
from onevisit.cases.deadlines.look import NOBODY
from onevisit.cases.outbox import documents
from onevisit.documents import Printing
from onevisit.store.session import reading, writing
from scenarios.stage import APPLICANT_ID, PDF, ROOT, Stage, findings

TEMPLATES = ROOT / "templates"
FOR = "示例市演示区人民法院"


def plain(template: str, snapshot: Mapping[str, Any]) -> bytes:
    """A paper of no looks, made at once."""
    return PDF + f"% {template} {verify.digest(snapshot)}\n".encode()


def papers(stage: Stage, case_id: uuid.UUID, printing: Printing = plain) -> dict[uuid.UUID, Paper]:
    """Every paper of a case, made now where it was not."""
    make = partial(documents.make, partial(writing, stage.engine), stage.files, printing)
    return {each.id: stage.files.stored(make(each.id)) for each in stage.documents(case_id)}


def concluded(stage: Stage, printing: Printing = plain) -> uuid.UUID:
    """A case that was corrected, with a file replaced, then granted and handed out."""
    case_id = stage.submitted()
    with stage.acting("clerk") as ctx:
        wrong = findings(floor_plan="unfit")
        correct.request(ctx, case_id, wrong, [], stage.case(case_id).revision)
    with stage.acting("applicant") as ctx:
        odd = material.attach(ctx, case_id, "floor_plan", "../误传 <b>?.pdf", [PDF + b"x"])
        material.remove(ctx, odd.id)
        material.attach(ctx, case_id, "floor_plan", "平面图（补正）.pdf", [PDF + b"y"])
    with stage.acting("applicant") as ctx:
        correct.supplement(ctx, case_id, stage.case(case_id).revision)
    with stage.acting("clerk") as ctx:
        accept.accept(ctx, case_id, findings(), stage.case(case_id).revision)
    for region in ("licence", "food", "signboard", "tobacco"):
        stage.approve(case_id, region)
    papers(stage, case_id, printing)
    with stage.acting("window") as ctx:
        who = Collector("演示申请人甲", APPLICANT_ID)
        hand_out.hand_out(ctx, case_id, who, "window", stage.case(case_id).revision)
    return case_id


def archive(
    stage: Stage,
    case_id: uuid.UUID,
    out: Path,
    printing: Printing = plain,
    *,
    zipped: bool = False,
    roots: bytes = b"",
) -> Path:
    """The archive of a case below `out`."""
    with reading(stage.engine, one_moment=True) as session:
        ctx = Context(session, stage.catalog, stage.files, NOBODY, stage.now)
        record = collect(ctx, str(case_id))
    made = papers(stage, case_id, printing)
    sources = Sources(stage.files, TEMPLATES, roots)
    return write(record, made, sources, FOR, out, zipped=zipped)


def run(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The verifier as a stranger runs it: nothing installed, nothing set."""
    command = [sys.executable, "-I", "-S", str(program), *words]
    return subprocess.run(
        command, env={}, cwd="/", capture_output=True, text=True, encoding="utf-8", check=False
    )


def copied(folder: Path, to: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(folder, to / folder.name))


def listed_anew(folder: Path) -> None:
    """What somebody does who changes a file and knows of the index: every hash and its seal."""
    index = json.loads((folder / verify.INDEX).read_bytes())
    del index["seal"]
    for path in list(index["files"]):
        if not (folder / path).exists():
            del index["files"][path]
    for file in folder.rglob("*"):
        path = file.relative_to(folder).as_posix()
        if file.is_file() and path != verify.INDEX:
            sha256, size = verify.file_hash(file.open("rb"))
            entry = index["files"].setdefault(path, {"what": "添上的文件"})
            entry.update(sha256=sha256, size=size)
    index["seal"] = verify.digest(index)
    put(folder / verify.INDEX, index)


def put(path: Path, value: Any) -> None:
    """Write a JSON file just as an archive does."""
    path.write_bytes(verify.written(value))


def entries(folder: Path) -> list[dict[str, Any]]:
    """The ledger of an archive."""
    return [json.loads(each) for each in (folder / verify.LEDGER).read_bytes().splitlines()]


def put_entries(folder: Path, ledger: list[dict[str, Any]]) -> None:
    """Write the ledger just as an archive does."""
    (folder / verify.LEDGER).write_bytes(b"".join(verify.line(each) for each in ledger))


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return path.stat().st_mode & 0o777
