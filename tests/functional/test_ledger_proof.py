"""A proof that entries were in the ledger by a date: written from the database, checked with the
file and a public key alone, and confirmed by an independent authority where one is asked."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from functional.city import City
from onevisit.cases.checkpoints import make as checkpoints
from onevisit.cases.checkpoints.keys import pem_of
from onevisit.cli import checkpointing
from onevisit.cli.main import app
from onevisit.documents import BadSeal
from onevisit.documents.trust import stamps
from unit.documents.trust import authority
from unit.documents.trust.authority import Held
from unit.documents.trust.clockmaker import NOW, Clockmaker, answering

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def root() -> Held:
    """Whom one has to trust for times."""
    return authority.root("示例时间戳根证书")


@pytest.fixture(scope="module")
def tsa(root: Held) -> Iterator[Clockmaker]:
    """A time-stamping authority that answers over HTTP."""
    with answering(root) as maker:
        yield maker


@pytest.fixture
def run(city: City, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`onevisit ledger WORDS` on the city's own data: how it ended and what it said."""
    city.kept = None
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)

    def ledger(*words: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["ledger", *map(str, words)])
        return done.exit_code, done.output

    return ledger


def elsewhere(city: City, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """The public key alone, on a machine that has nothing else of the city."""
    (public,) = (city.settings.data / "checkpoints").glob("*.pub")
    folder.mkdir()
    kept = folder / "city.pub"
    kept.write_bytes(public.read_bytes())
    monkeypatch.setenv("ONEVISIT_DATA", str(folder / "nothing"))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    return kept


def test_what_was_written_is_proven_with_the_file_and_the_key_alone(
    city: City, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = city.accepted()
    number = city.case(case_id).number
    assert number is not None
    assert run("proof", number)[0] == 2, "no checkpoint covers it yet"
    run("checkpoint")
    city.approve(case_id, "licence")
    run("checkpoint")
    whole, entry = tmp_path / "whole.json", tmp_path / "entry.json"
    assert run("proof", number, "--out", whole)[0] == 0
    assert run("proof", case_id, "--chain", "licence", "--seq", 2, "--out", entry)[0] == 0
    assert run("proof", number, "--out", whole)[0] == 2, "no file is written over"
    assert run("proof", "990000-20261121-000012-3")[0] == 2
    assert run("proof", number, "--chain", "case", "--seq", 900)[0] == 2
    key = elsewhere(city, monkeypatch, tmp_path / "court")
    code, told = run("proof", "--check", whole, "--key", key)
    assert code == 0, told
    assert number in told and "“case”链" in told and "“licence”链" in told
    assert "在检查点 1 里" in told and "在检查点 2 里" in told
    code, told = run("proof", "--check", entry, "--key", key)
    assert code == 0 and "“licence”链第 2 条的内容就是当时写下的" in told
    for altered in spoilt(json.loads(entry.read_text())):
        bad = tmp_path / "bad.json"
        bad.write_text(json.dumps(altered))
        code, told = run("proof", "--check", bad, "--key", key)
        assert code == 1 and "不成立" in told, altered
    assert run("proof", "--check", entry)[0] == 2, "without a key nobody is believed"
    (tmp_path / "other.pub").write_bytes(other_key())
    assert run("proof", "--check", entry, "--key", tmp_path / "other.pub")[0] == 1


def spoilt(proof: dict[str, Any]) -> Iterator[Any]:
    """What somebody might make of a proof."""
    text = json.dumps(proof)

    def changed(change: Callable[[Any], object]) -> Any:
        found = json.loads(text)
        change(found)
        return found

    yield changed(lambda it: it["entries"][0]["detail"].update(opinion="别的意见"))
    yield changed(lambda it: it["entries"][0].update(act="reject"))
    yield changed(lambda it: it["entries"].pop())
    yield changed(lambda it: it["leaves"][0]["leaf"].__setitem__(5, "0" * 64))
    yield changed(lambda it: it["leaves"][0]["leaf"].__setitem__(2, "别的办件"))
    yield changed(lambda it: it["leaves"][0].update(index=it["leaves"][0]["index"] + 1))
    yield changed(lambda it: it["leaves"][0]["path"].append("00" * 32))
    yield changed(lambda it: it["leaves"].clear())
    yield changed(lambda it: it["checkpoints"].clear())
    body = proof["checkpoints"][0]["body"]
    yield changed(lambda it: it["checkpoints"][0].update(body=body.replace("202", "201", 1)))
    yield changed(lambda it: it.update(format="another"))
    yield changed(lambda it: it.pop("stamps"))
    yield [1]
    yield "proof"


def other_key() -> bytes:
    return pem_of(Ed25519PrivateKey.generate().public_key())


def test_an_independent_authority_confirms_the_time(
    city: City,
    run: Run,
    tsa: Clockmaker,
    root: Held,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = city.case(city.submitted()).number
    run("checkpoint")
    monkeypatch.setenv("ONEVISIT_CHECKPOINT_TSA_URL", tsa.url)
    tsa.status = 500
    city.submitted()
    code, said = run("checkpoint")
    assert code == 2 and "时间戳服务" in said, "it is made all the same, and the operator hears"
    tsa.status = 200
    settings = city.settings.model_copy(update={"checkpoint_tsa_url": tsa.url})
    due = checkpointing.due(settings, city.engine)
    assert due is not None
    asked = tsa.asked
    now = datetime.now(UTC)
    assert due(now) == 0, "none is due, but the last one lacks its stamp"
    due(now)
    assert tsa.asked == asked + 1, "one stamp is enough"
    out, roots = tmp_path / "proof.json", tmp_path / "tsa.pem"
    assert run("proof", number, "--out", out)[0] == 0
    roots.write_bytes(root.pem)
    key = elsewhere(city, monkeypatch, tmp_path / "court")
    code, told = run("proof", "--check", out, "--key", key, "--tsa", roots)
    assert code == 0, told
    assert "示例市演示时间戳" in told and "2026年11月21日" in told
    assert "由检查点 2 连接" in told and "没有核对" not in told
    assert "没有核对这家机构的证书" in run("proof", "--check", out, "--key", key)[1]
    proof = json.loads(out.read_text())
    foreign = base64.b64encode(stamps.stamp(tsa.url, b"something else")).decode()
    for token in (foreign, "bm90IGEgc3RhbXA=", "?"):
        proof["stamps"][0]["token"] = token
        out.write_text(json.dumps(proof))
        assert run("proof", "--check", out, "--key", key)[0] == 1, token
    assert checkpoints.Maker.stamp is None, "off by default"


def test_a_stamp_is_of_what_was_stamped(tsa: Clockmaker, root: Held) -> None:
    token = stamps.stamp(tsa.url, b"a text")
    found = stamps.read(token, b"a text", [])
    assert (found.at, found.authority, found.trusted) == (NOW, "示例市演示时间戳", False)
    for wrong in (b"another text", b""):
        with pytest.raises(BadSeal):
            stamps.read(token, wrong, [])
    with pytest.raises(BadSeal):
        stamps.read(token[:-40], b"a text", [])
