"""Times that an independent authority confirms: over HTTP, as RFC 3161 has it."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from asn1crypto import tsp, x509
from cryptography.hazmat.primitives.serialization import Encoding

from onevisit.documents import BadSeal, Seals
from onevisit.documents.trust import stamping, trust_list
from onevisit.documents.trust.examine import examine
from unit.documents.trust import authority
from unit.documents.trust.authority import Held
from unit.documents.trust.clockmaker import NOW, Clockmaker, answering

Made = Callable[[Seals], bytes]


@pytest.fixture(scope="module")
def tsa_root() -> Held:
    """Whom one has to trust for times."""
    return authority.root("示例时间戳根证书")


@pytest.fixture
def tsa(tsa_root: Held) -> Iterator[Clockmaker]:
    """The authority, answering."""
    with answering(tsa_root) as maker:
        yield maker


def test_the_stamped_time_is_told_to_whoever_trusts_the_authority(
    seals: Seals, tsa: Clockmaker, tsa_root: Held, made: Made, roots: list[x509.Certificate]
) -> None:
    pdf = made(Seals(seals.folder, timestamps=tsa.url))
    assert tsa.asked
    stamps = [x509.Certificate.load(tsa_root.certificate.public_bytes(Encoding.DER))]
    found = examine(pdf, roots, stamps)
    assert (found.verdict, found.stamped_at) == ("genuine", NOW)
    untrusted = examine(pdf, roots)
    assert (untrusted.verdict, untrusted.stamped_at) == ("genuine", None)
    assert examine(pdf, [], stamps).verdict == "foreign", "for the time, and for nothing else"


def test_the_roots_of_stamps_lie_beside_the_root_and_are_published(
    folder: Seals, tsa_root: Held
) -> None:
    seals = Seals(folder)  # type: ignore[arg-type]  # the fixture is the path
    (seals.folder / "tsa.pem").write_bytes(tsa_root.pem)
    listed = trust_list.of_seals(seals, (), NOW)
    assert [each.subject.native["common_name"] for each in listed.stamps] == ["示例时间戳根证书"]
    assert all(chain[0] not in listed.stamps for chain in listed.chains)
    without = trust_list.TrustList(listed.made_at, listed.roots, listed.chains, listed.revoked)
    assert listed.fingerprint != without.fingerprint


def test_the_stamp_is_part_of_what_cannot_be_changed(
    seals: Seals, tsa: Clockmaker, made: Made, roots: list[x509.Certificate]
) -> None:
    pdf = made(Seals(seals.folder, timestamps=tsa.url))
    place = pdf.index(b"20261121100007Z".hex().upper().encode())
    digit = place + 29 - 2  # the units of seconds, the lower half of the byte
    later = pdf[:digit] + b"9" + pdf[digit + 1 :]
    assert later != pdf and examine(later, roots).verdict == "changed"


SPOILT: dict[str, Callable[[Clockmaker], None]] = {
    "garbage": lambda tsa: setattr(tsa, "spoil", lambda _: b"garbage"),
    "nothing": lambda tsa: setattr(tsa, "spoil", lambda _: b""),
    "cut short": lambda tsa: setattr(tsa, "spoil", lambda answer: answer[:-30]),
    "a flipped bit": lambda tsa: setattr(
        tsa, "spoil", lambda answer: answer[:-5] + bytes([answer[-5] ^ 1]) + answer[-4:]
    ),
    "more than anybody reads": lambda tsa: setattr(
        tsa, "spoil", lambda answer: answer + bytes(stamping.LARGEST)
    ),
    "an error": lambda tsa: setattr(tsa, "status", 500),
    "another nonce": lambda tsa: setattr(tsa, "change", _with("nonce", 7)),
    "another digest": lambda tsa: setattr(
        tsa,
        "change",
        _with(
            "message_imprint",
            {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\x01" * 32},
        ),
    ),
}


def _with(name: str, value: object) -> Callable[[tsp.TimeStampReq], tsp.TimeStampReq]:
    def changed(asked: tsp.TimeStampReq) -> tsp.TimeStampReq:
        asked[name] = value
        return asked

    return changed


@pytest.mark.parametrize("how", SPOILT)
def test_an_unusable_stamp_is_no_paper(seals: Seals, tsa: Clockmaker, made: Made, how: str) -> None:
    SPOILT[how](tsa)
    with pytest.raises(BadSeal) as caught:
        made(Seals(seals.folder, timestamps=tsa.url))
    assert "时间戳" in str(caught.value) and tsa.url in str(caught.value)


def test_an_authority_that_is_away_is_no_paper(seals: Seals, made: Made) -> None:
    for url in ("http://127.0.0.1:9/", "http://nowhere.invalid/", "no address"):
        with pytest.raises(BadSeal, match="时间戳服务"):
            made(Seals(seals.folder, timestamps=url))


def test_a_slow_authority_is_not_waited_for(
    seals: Seals, tsa: Clockmaker, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def late(answer: bytes) -> bytes:
        over.wait(20)
        return answer

    tsa.spoil = late
    made_one = stamping.Stamper.__init__
    monkeypatch.setattr(
        stamping.Stamper, "__init__", lambda self, url: made_one(self, url, timeout=0.3)
    )
    began = time.monotonic()
    with pytest.raises(BadSeal, match="时间戳服务"):
        made(Seals(seals.folder, timestamps=tsa.url))
    over.set()
    assert time.monotonic() - began < 15
