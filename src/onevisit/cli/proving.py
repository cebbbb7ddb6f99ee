"""`onevisit ledger proof`: a file that proves to a stranger what was in the ledger by a date, and
checking one with nothing but the file and a public key."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from asn1crypto import pem, x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from onevisit.cases.checkpoints import BadKey, proof
from onevisit.cases.checkpoints.keys import key_id
from onevisit.cli.checkpointing import keys_of
from onevisit.documents import BadSeal
from onevisit.documents.format import cn_datetime
from onevisit.documents.trust import stamps
from onevisit.settings import Settings
from onevisit.store.session import engine_for, reading

HOLDS, FALSE, UNABLE = 0, 1, 2
LARGEST = 64 * 1024 * 1024


def write(case: str, chain: str, seq: int | None, out: Path | None) -> int:
    """Writes the proof to a file or prints it; 2 when there is nothing to prove."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        with reading(engine, one_moment=True) as session:
            made = proof.make(session, proof.Wanted(case, chain, seq))
    except proof.NoProof as error:
        return _say(str(error), UNABLE)
    finally:
        engine.dispose()
    if out is None:
        sys.stdout.write(proof.text_of(made))
        return HOLDS
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(proof.text_of(made))
    except OSError as error:
        return _say(f"不能写到 {out}：{error.strerror}", UNABLE)
    sys.stdout.write(f"已写到 {out}。核验：onevisit ledger proof --check {out} --key 公钥.pub\n")
    return HOLDS


def check(file: Path, key: Path | None, tsa: Path | None) -> int:
    """Says what a file proves; 1 when it does not hold, 2 when it cannot be read. Asks neither the
    database nor the network."""
    try:
        trusted = _trusted(key)
        roots = _certificates(tsa) if tsa else []
        if file.stat().st_size > LARGEST:
            return _say(f"{file} 太大，不是留痕证明", UNABLE)
        text = file.read_text("utf-8")
    except (OSError, BadKey, ValueError) as error:
        return _say(f"不能读取：{error}", UNABLE)
    try:
        told = proof.check(json.loads(text), trusted, lambda token, of: _stamped(token, of, roots))
    except (ValueError, RecursionError) as error:
        return _say(f"✗ 不成立：{_printable(str(error))}", FALSE)
    sys.stdout.write("".join(f"✓ {_printable(each)}\n" for each in told))
    return HOLDS


def _stamped(token: bytes, of: bytes, roots: list[x509.Certificate]) -> str:
    try:
        found = stamps.read(token, of, roots)
    except BadSeal as error:
        raise ValueError(str(error)) from error
    known = "" if found.trusted else "（没有核对这家机构的证书，请用 --tsa 给出它的根证书）"
    return f"时间戳机构“{found.authority}”确认，在{cn_datetime(found.at)}（UTC）以前就有{known}"


def _trusted(key: Path | None) -> Mapping[str, Ed25519PublicKey]:
    """The public key that was given, else those of this installation."""
    if key is None:
        found = keys_of(Settings().prepared()).trusted()
        if not found:
            raise BadKey("这里没有检查点的密钥，请用 --key 给出公钥文件")
        return found
    public = serialization.load_pem_public_key(key.read_bytes())
    if not isinstance(public, Ed25519PublicKey):
        raise BadKey(f"{key} 应当是 Ed25519 公钥")
    return {key_id(public): public}


def _certificates(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file."""
    found = pem.unarmor(path.read_bytes(), multiple=True)
    return [x509.Certificate.load(der) for _, _, der in found]


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code
