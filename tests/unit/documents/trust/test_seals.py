"""Seals as an operator puts them into the folder: what works, and what is said when it does not."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from onevisit.documents import BadSeal, NoSeal, Seals
from onevisit.documents.trust.examine import examine
from unit.documents.trust import authority
from unit.documents.trust.authority import OFFICE, OTHER_OFFICE, OTHER_USCC, USCC, Held

Made = Callable[[Seals], bytes]
PASSWORD = "只用于测试的密码"


def put(folder: Path, root: Held, **files: bytes) -> Seals:
    """A folder with a root and these files; pem, key and p12 stand for the department's."""
    (folder / "root.pem").write_bytes(root.pem)
    for suffix, content in files.items():
        (folder / f"{USCC}.{suffix}").write_bytes(content)
    return Seals(folder)


def refused(seals: Seals, uscc: str = USCC, title: str = OFFICE) -> str:
    with pytest.raises(BadSeal) as caught:
        seals.seal(uscc, title)
    return str(caught.value)


def _issued(folder: Path) -> tuple[bytes, bytes]:
    seals = Seals(folder)
    return seals.roots()[0].dump(), seals.seal(USCC, OFFICE).certificate.dump()


def test_many_at_once_found_one_authority_and_one_seal(tmp_path: Path) -> None:
    folder = tmp_path / "by-threads"
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(_issued, [folder] * 64))
    assert len(found) == 1
    folder = tmp_path / "by-processes"
    with multiprocessing.get_context("fork").Pool(6) as processes:
        apart = set(processes.map(_issued, [folder] * 24, chunksize=1))
    assert len(apart) == 1 and apart != found
    names = {path.name for path in folder.iterdir()}
    assert names == {"root.pem", "root.key", f"{USCC}.pem", f"{USCC}.key"}, "nothing is left over"


def test_keys_are_for_the_service_alone(tmp_path: Path) -> None:
    seals = Seals(tmp_path / "seals")
    seals.seal(USCC, OFFICE)
    assert S_IMODE(seals.folder.stat().st_mode) == 0o700
    modes = {S_IMODE(path.stat().st_mode) for path in seals.folder.iterdir()}
    assert modes == {0o600}


def test_the_demo_authority_says_that_it_is_one(seals: Seals) -> None:
    [root] = seals.roots()
    assert "仅供试用，无法律效力" in root.subject.native["common_name"]


@pytest.mark.parametrize("kind", authority.KEYS)
def test_every_kind_of_key_in_every_kind_of_file_seals(kind: str, folder: Path, made: Made) -> None:
    root = authority.root()
    below = authority.between(root)
    mine = authority.seal(below, kind)
    plain = put(folder, root, pem=mine.pem + below.pem, key=mine.key_pem())
    pdf = made(plain)
    found = examine(pdf, plain.roots())
    assert (found.verdict, found.sealed_by, found.uscc) == ("genuine", OFFICE, USCC)
    assert made(plain) == pdf, "byte for byte"
    secret = PASSWORD.encode()
    (folder / f"{USCC}.key").write_bytes(mine.key_pem(secret))
    assert made(Seals(folder, PASSWORD)) == pdf, "an encrypted key is the same key"
    for suffix in ("pem", "key"):
        (folder / f"{USCC}.{suffix}").unlink()
    (folder / f"{USCC}.p12").write_bytes(mine.p12(secret, below))
    assert made(Seals(folder, PASSWORD)) == pdf, "and so it is in a container with its chain"
    assert len(Seals(folder, PASSWORD).chains()[0]) == 2


def test_a_root_of_the_city_invents_no_seal(folder: Path) -> None:
    root = authority.root()
    seals = put(folder, root)
    for beside in (b"", root.key_pem(), root.key_pem(b"secret"), b"garbage"):
        if beside:
            (folder / "root.key").write_bytes(beside)
        with pytest.raises(NoSeal) as caught:
            seals.seal(USCC, OFFICE)
        said = str(caught.value)
        assert OFFICE in said and f"{USCC}.pem" in said and str(folder) in said
    assert {path.name for path in folder.iterdir()} == {"root.pem", "root.key"}
    assert seals.roots()[0].dump() == x509.load_pem_x509_certificate(root.pem).public_bytes(
        Encoding.DER
    )


def test_seals_without_their_root_found_no_demo_authority(folder: Path) -> None:
    mine = authority.seal(authority.root())
    (folder / f"{USCC}.pem").write_bytes(mine.pem)
    (folder / f"{USCC}.key").write_bytes(mine.key_pem())
    seals = Seals(folder)
    assert "却没有 root.pem" in refused(seals)
    with pytest.raises(BadSeal, match=r"却没有 root\.pem"):
        seals.roots()
    assert not (folder / "root.pem").exists()


def test_the_key_of_another_certificate_is_refused(folder: Path) -> None:
    root = authority.root()
    mine, other = authority.seal(root), authority.seal(root)
    seals = put(folder, root, pem=mine.pem, key=other.key_pem())
    assert "不是一对" in refused(seals)


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_is_said(folder: Path, password: str) -> None:
    root = authority.root()
    mine = authority.seal(root)
    put(folder, root, pem=mine.pem, key=mine.key_pem(b"right"))
    assert "请核对密码" in refused(Seals(folder, password))
    (folder / f"{USCC}.p12").write_bytes(mine.p12(b"right"))
    assert f"{USCC}.p12 不能读取，请核对密码" in refused(Seals(folder, password))


def test_a_password_for_a_key_that_has_none_is_said(folder: Path) -> None:
    root = authority.root()
    mine = authority.seal(root)
    put(folder, root, pem=mine.pem, key=mine.key_pem())
    assert "请核对密码" in refused(Seals(folder, "password"))


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"\x00\xff" * 500, b"-----BEGIN CERTIFICATE"])
@pytest.mark.parametrize("suffix", ["pem", "key", "p12"])
def test_garbage_is_named_by_its_file(folder: Path, suffix: str, garbage: bytes) -> None:
    root = authority.root()
    mine = authority.seal(root)
    seals = put(folder, root, **({"pem": mine.pem, "key": mine.key_pem()} | {suffix: garbage}))
    assert f"{USCC}.{suffix}" in refused(seals)


@pytest.mark.parametrize("garbage", [b"", b"garbage"])
def test_a_broken_root_is_named(folder: Path, garbage: bytes) -> None:
    seals = Seals(folder)
    (folder / "root.pem").write_bytes(garbage)
    with pytest.raises(BadSeal, match=r"root\.pem 不能使用"):
        seals.roots()


def test_a_kind_of_key_that_nobody_could_check_is_refused(folder: Path) -> None:
    root = authority.root()
    mine = authority.seal(root)
    strange = ed25519.Ed25519PrivateKey.generate()
    pem = strange.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert "应当是 ECDSA 或者 RSA" in refused(put(folder, root, pem=mine.pem, key=pem))


def test_a_certificate_of_another_department_is_refused(folder: Path) -> None:
    root = authority.root()
    other = authority.seal(root, uscc=OTHER_USCC, title=OTHER_OFFICE)
    said = refused(put(folder, root, pem=other.pem, key=other.key_pem()))
    assert "机构标识" in said and USCC in said and OTHER_USCC in said


def test_a_certificate_that_may_not_sign_is_refused(folder: Path) -> None:
    root = authority.root()
    key = authority.KEYS["p256"]()
    named = authority.name(OFFICE, USCC)
    only = authority.certified(named, key.public_key(), root, uses=("key_agreement",))
    mine = Held(only, key)
    assert "不是用来签名的" in refused(put(folder, root, pem=mine.pem, key=mine.key_pem()))


def test_what_everybody_would_doubt_is_not_made(folder: Path, made: Made) -> None:
    """A certificate that has run out or leads nowhere is found before the paper goes out."""
    root, stranger = authority.root(), authority.root()
    below, key = authority.between(root), authority.KEYS["p256"]()
    period = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    named = authority.name(OFFICE, USCC)
    old = Held(authority.certified(named, key.public_key(), root, period=period), key)
    lost, foreign = authority.seal(below), authority.seal(stranger)
    for number, held in enumerate((old, lost, foreign)):
        place = folder / str(number)
        place.mkdir()
        with pytest.raises(BadSeal) as caught:
            made(put(place, root, pem=held.pem, key=held.key_pem()))
        said = str(caught.value)
        assert "不可信" in said and "2026年11月21日" in said and "root.pem" in said
    place = folder / "whole"
    place.mkdir()
    whole = put(place, root, pem=lost.pem + below.pem, key=lost.key_pem())
    assert examine(made(whole), whole.roots()).verdict == "genuine"


def test_the_password_is_not_shown(folder: Path) -> None:
    assert "secret" not in repr(Seals(folder, "secret"))
