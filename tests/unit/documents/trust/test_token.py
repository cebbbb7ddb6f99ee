"""Seals whose keys were made inside a device and never leave it: SoftHSM, by the same interface."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pkcs11
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
from pkcs11.util.rsa import encode_rsa_public_key

from onevisit.documents import BadSeal, Seals, Token
from onevisit.documents.trust import codes, token
from onevisit.documents.trust.examine import examine
from unit.documents.trust import authority
from unit.documents.trust.authority import OFFICE, OTHER_OFFICE, OTHER_USCC, USCC

Made = Callable[[Seals], bytes]
DRIVERS = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
)
LABEL, PIN = "onevisit-tests", "246810"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SoftHSM with a fresh token of its own."""
    found = next((path for path in DRIVERS if path.exists()), None)
    if found is None:
        pytest.fail("SoftHSM is missing: scripts/bootstrap --with-tests", pytrace=False)
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    (home / "softhsm2.conf").write_text(f"directories.tokendir = {home / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(home / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--pin", PIN]
    subprocess.run([*command, "--so-pin", "13579"], check=True, capture_output=True)
    yield str(found)
    del os.environ["SOFTHSM2_CONF"]


@pytest.fixture(scope="module")
def device(driver: str, tmp_path_factory: pytest.TempPathFactory) -> Seals:
    """Two departments whose keys the device made, one of each kind, certified by the city."""
    folder, root = tmp_path_factory.mktemp("token"), authority.root()
    (folder / "root.pem").write_bytes(root.pem)
    with pkcs11.lib(driver).get_token(token_label=LABEL).open(rw=True, user_pin=PIN) as session:
        curve = encode_named_curve_parameters("secp256r1")
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: curve}, local=True
        )
        pair, _ = parameters.generate_keypair(label=USCC, store=True)
        der = {(USCC, OFFICE): encode_ec_public_key(pair)}
        pair, _ = session.generate_keypair(pkcs11.KeyType.RSA, 2048, label=OTHER_USCC, store=True)
        der[OTHER_USCC, OTHER_OFFICE] = encode_rsa_public_key(pair)
    for (uscc, title), public in der.items():
        key = serialization.load_der_public_key(_whole(public))
        assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        issued = authority.certified(authority.name(title, uscc), key, root)
        pem = issued.public_bytes(serialization.Encoding.PEM)
        (folder / f"{uscc}.pem").write_bytes(pem)
    return Seals(folder, token=Token(driver, LABEL, PIN))


def _whole(public: bytes) -> bytes:
    """PKCS#1's bare RSA key as a SubjectPublicKeyInfo; the EC one is that already."""
    try:
        serialization.load_der_public_key(public)
    except ValueError:
        from asn1crypto import keys

        bare = keys.RSAPublicKey.load(public)
        whole: bytes = keys.PublicKeyInfo.wrap(bare, "rsa").dump()
        return whole
    return public


def test_the_device_seals_a_paper(device: Seals, made: Made) -> None:
    found = examine(made(device), device.roots())
    assert (found.verdict, found.sealed_by) == ("genuine", OFFICE)
    assert not list(device.folder.glob("*.key")), "no key outside"


@pytest.mark.parametrize(("uscc", "title"), [(USCC, OFFICE), (OTHER_USCC, OTHER_OFFICE)])
def test_the_device_signs_codes_with_either_kind_of_key(
    device: Seals, uscc: str, title: str
) -> None:
    from unit.documents.trust.conftest import certificate

    seal = device.seal(uscc, title)
    said = codes.statement_of(certificate(authority={"title": title, "uscc": uscc}))
    code = codes.read(codes.address_of(said, "https://x.example/verify", seal))
    assert code.statement == said and codes.is_signed_by(code, seal.certificate)


def test_many_ask_the_device_at_once(device: Seals, made: Made) -> None:
    with ThreadPoolExecutor(8) as pool:
        papers = list(pool.map(made, [device] * 24))
    verdicts = {examine(pdf, device.roots()).verdict for pdf in papers}
    assert verdicts == {"genuine"}


THRICE = """
import sys
from pathlib import Path
from onevisit.documents import BadSeal, Seals, Token
folder, driver, label, pin, uscc = sys.argv[1:]
for _ in range(3):
    try:
        Seals(Path(folder), token=Token(driver, label, pin)).seal(uscc, "").sign(b"anything")
    except BadSeal as error:
        print(error)
"""


def _told(folder: Path, token: Token) -> str:
    with pytest.raises(BadSeal) as caught:
        Seals(folder, token=token).seal(USCC, OFFICE).sign(b"anything")
    return str(caught.value)


def test_a_wrong_pin_is_said_and_not_tried_again_lest_the_device_lock_itself(
    device: Seals, driver: str
) -> None:
    # in a process of its own: a device knows which program has signed in already
    words = [str(device.folder), driver, LABEL, "000000", USCC]
    done = subprocess.run([sys.executable, "-c", THRICE, *words], capture_output=True, check=True)
    told = done.stdout.decode().splitlines()
    assert len(told) == 3 and len(set(told)) == 1
    assert f"密码设备“{LABEL}”的 PIN 不正确；为免锁定，不再尝试" in told[0]


def test_a_missing_device_or_driver_is_said(
    device: Seals, driver: str, made: Made, tmp_path: Path
) -> None:
    missing, not_one = tmp_path / "missing.so", tmp_path / "no-driver.so"
    not_one.write_text("no library")
    found = [
        _told(device.folder, Token(driver, "elsewhere", PIN)),
        _told(device.folder, Token(str(missing), LABEL, PIN)),
        _told(device.folder, Token(str(not_one), LABEL, PIN)),
    ]
    assert "密码设备“elsewhere”不能签章" in found[0]
    assert all(f"密码设备“{LABEL}”不能签章" in said for said in found[1:])
    assert str(missing) in found[1] and str(not_one) in found[2]
    assert examine(made(device), device.roots()).verdict == "genuine", "the right one still signs"


def test_a_device_that_was_away_signs_again(device: Seals, made: Made) -> None:
    assert device.token is not None
    made(device)
    token._sessions[device.token].close()  # as when somebody pulls it out
    with pytest.raises(BadSeal, match="密码设备"):
        made(device)
    assert examine(made(device), device.roots()).verdict == "genuine"


def test_a_key_that_the_device_does_not_have_is_said(
    device: Seals, driver: str, made: Made, folder: Path
) -> None:
    root = authority.root()
    (folder / "root.pem").write_bytes(root.pem)
    (folder / f"{USCC}.pem").write_bytes(authority.seal(root).pem)
    other = Seals(folder, token=Token(driver, LABEL, PIN))
    with pytest.raises(BadSeal, match="不是一对"):
        made(other)
    (folder / "11990000MB2222222B.pem").write_bytes(
        authority.seal(root, uscc="11990000MB2222222B").pem
    )
    with pytest.raises(BadSeal, match="密码设备"):
        other.seal("11990000MB2222222B", OFFICE).sign(b"anything")


def test_the_pin_is_not_shown(device: Seals) -> None:
    assert PIN not in repr(device)


def test_chains_of_a_device_are_listed(device: Seals) -> None:
    listed = {chain[0].subject.native["organization_identifier"] for chain in device.chains()}
    assert listed == {USCC, OTHER_USCC}
    assert all(isinstance(chain[0], asn1_x509.Certificate) for chain in device.chains())
