"""`onevisit verify` as a stranger runs it: with a file or a code, a list, and perhaps a network."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onevisit.cli.main import app
from onevisit.documents import Press, Seals, sample_snapshot
from onevisit.documents.trust import codes, trust_list
from unit.documents.trust.authority import OFFICE, TEMPLATES, USCC

COMMAND = [sys.executable, "-c", "from onevisit.cli.main import main; main()", "verify"]
Answers = dict[str, tuple[int, bytes]]


@pytest.fixture(scope="module")
def register() -> Iterator[tuple[str, Answers]]:
    """The authority's register, which answers what a test puts there."""
    answers: Answers = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers["next"]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/verify", answers
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def home(register: tuple[str, Answers], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stranger got: files, a code, a list; and a forger's."""
    folder, address = tmp_path_factory.mktemp("stranger"), register[0]
    seals = Seals(folder / "seals")
    snapshot = sample_snapshot("certificate", "演示经营许可证")
    press = Press(TEMPLATES, seals, address)
    pdf = press.make("certificates/standard", snapshot)
    (folder / "paper.pdf").write_bytes(pdf)
    (folder / "unsigned.pdf").write_bytes(
        Press(TEMPLATES, None, address).make("certificates/standard", snapshot)
    )
    moved = pdf.replace(b"/MediaBox", b"/CropBoxx", 1)
    assert moved != pdf
    (folder / "changed.pdf").write_bytes(moved)
    (folder / "photo.pdf").write_bytes(b"\xff\xd8\xff\xe0")
    forged = Press(TEMPLATES, Seals(folder / "forged"), address)
    (folder / "forged.pdf").write_bytes(forged.make("certificates/standard", snapshot))
    said = codes.statement_of(snapshot)
    (folder / "code").write_text(codes.address_of(said, address, seals.seal(USCC, OFFICE)))
    now = datetime(2026, 11, 21, tzinfo=UTC)
    for name, revoked in (("trust", ()), ("later", (said.number,))):
        listed = trust_list.of_seals(seals, revoked, now, address)
        (folder / f"{name}.json").write_text(json.dumps(listed.as_json()))
    return folder


def run(home: Path, *words: str, trust: str = "trust.json") -> tuple[int, str]:
    """Exit code, and what was said."""
    with chdir(home):
        done = CliRunner().invoke(app, ["verify", "--trust", trust, *words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def test_as_a_process_of_its_own(home: Path) -> None:
    command = [*COMMAND, "--trust", "trust.json"]
    for name, code in (("paper.pdf", 0), ("changed.pdf", 1)):
        done = subprocess.run(
            [*command, name, "--offline"], cwd=home, capture_output=True, check=False
        )
        assert done.returncode == code and b"Traceback" not in done.stderr
        assert ("✓" if code == 0 else "✗") in done.stdout.decode()


@pytest.mark.parametrize(
    ("file", "code", "word"),
    [
        ("paper.pdf", 0, "✓ 签章有效，盖章以后没有改动"),
        ("changed.pdf", 1, "✗ 盖章以后被改动过"),
        ("forged.pdf", 1, "✗ 不是可信机构盖的章"),
        ("unsigned.pdf", 1, "✗ 没有电子签章"),
        ("photo.pdf", 1, "✗ 不是可以核验的文书文件"),
        ("missing.pdf", 2, "missing.pdf"),
    ],
)
def test_a_file_without_a_network(home: Path, file: str, code: int, word: str) -> None:
    left, said = run(home, file, "--offline")
    assert left == code and word in said
    assert ("没有联网查询" in said) == (code == 0)


@pytest.mark.parametrize(
    ("status", "body", "code", "word"),
    [
        (200, {"status": {"code": "valid", "word": "有效"}}, 0, "✓ 有效"),
        (200, {"status": {"code": "revoked", "word": "已撤销"}}, 1, "✗ 已撤销"),
        (404, {"detail": "没有"}, 1, "✗ 出具机关没有查到这份文书的登记"),
        (500, {}, 0, "? 没有联网查询"),
        (200, {"status": "garbage"}, 0, "? 没有联网查询"),
        (200, [1], 0, "? 没有联网查询"),
    ],
)
def test_the_register_is_asked(
    home: Path, register: tuple[str, Answers], status: int, body: object, code: int, word: str
) -> None:
    register[1]["next"] = status, json.dumps(body).encode()
    left, said = run(home, "paper.pdf")
    assert left == code and word in said


def test_a_list_that_knows_better_needs_no_network(home: Path) -> None:
    left, said = run(home, "paper.pdf", "--offline", trust="later.json")
    assert left == 1 and "已不再有效（信任列表 2026年11月21日" in said


def test_a_code_and_whom_it_may_not_have_asked(home: Path, register: tuple[str, Answers]) -> None:
    text = (home / "code").read_text()
    left, said = run(home, "--code", text, "--offline")
    assert left == 0 and "✓ 二维码是真的" in said and "请与纸面逐项核对" in said
    register[1]["next"] = (
        200,
        json.dumps({"status": {"code": "revoked", "word": "已撤销"}}).encode(),
    )
    elsewhere = "http://127.0.0.1:9/verify?" + text.partition("?")[2]
    left, said = run(home, "--code", elsewhere)
    assert left == 1 and "✗ 已撤销" in said, "the list's address is asked, not the code's"
    left, said = run(home, "--code", text[:-9], "--offline")
    assert left in (1, 2) and "二维码" in said


def test_json_is_for_programs(home: Path) -> None:
    left, said = run(home, "paper.pdf", "--offline", "--json")
    told = json.loads(said)
    assert left == 0 and told["genuine"] and told["uscc"] == USCC and told["holds"] is None


@pytest.mark.parametrize("broken", ["", "{}", "[]", "garbage", '{"format": "onevisit-trust/1"}'])
def test_a_broken_list_is_said(home: Path, broken: str) -> None:
    (home / "broken.json").write_text(broken)
    left, said = run(home, "paper.pdf", "--offline", trust="broken.json")
    assert left == 2 and "信任列表" in said
