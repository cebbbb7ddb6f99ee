"""Which keys the values of a database were sealed with, and a proof of each: a wrong or missing
key is found when the server starts, not by the first person who asks for their case."""

from datetime import datetime

from sqlalchemy import Engine, LargeBinary
from sqlmodel import Field, Session, select

from onevisit.store.columns import UtcDateTime
from onevisit.store.secret import Keyring, KeysFault
from onevisit.store.session import reading, writing
from onevisit.store.tables import Row

PLACE = "kept_keys.proof"
PROOF = b"onevisit"


class KeptKey(Row, table=True):
    """A key that seals values of this database, without the key itself: `proof` is a known text
    sealed with it, `search_proof` the keyed hash of that text."""

    __tablename__ = "kept_keys"
    id: str = Field(primary_key=True, max_length=8)
    made_at: datetime = Field(sa_type=UtcDateTime)
    proof: bytes = Field(sa_type=LargeBinary)
    search_proof: str = Field(max_length=64)


def check_keys(engine: Engine, keyring: Keyring) -> None:
    """Raises KeysFault unless the keyring opens whatever this database holds; notes the writing
    key where it is new."""
    with reading(engine) as session:
        known = {row.id: row for row in session.exec(select(KeptKey))}
    for row in known.values():
        _check(row, keyring)
    if keyring.ring.writing not in known:
        with writing(engine) as session:
            note_key(session, keyring)


def note_key(session: Session, keyring: Keyring) -> None:
    """Write down that the writing key seals from now on."""
    key = keyring.ring.writer
    if session.get(KeptKey, key.id) is None:
        session.add(
            KeptKey(
                id=key.id,
                made_at=key.made,
                proof=key.seal(PROOF, PLACE.encode()),
                search_proof=keyring.digest(PROOF.decode()),
            )
        )
        session.flush()


def note_search(session: Session, keyring: Keyring) -> None:
    """Write down that everything is found by the search key alone from now on."""
    for row in session.exec(select(KeptKey)):
        row.search_proof = keyring.digest(PROOF.decode())
        session.add(row)
    session.flush()


def _check(row: KeptKey, keyring: Keyring) -> None:
    if all(key.id != row.id for key in keyring.ring.keys):
        raise KeysFault(
            f"这个数据库的内容是用密钥 {row.id} 加密的，现在的密钥文件里没有它。"
            "请把原来的密钥文件放回原处（data 目录下的 keys.json，或者 ONEVISIT_KEYS_FILE）再启动；"
            "没有它，加密的内容谁也打不开。"
        )
    keyring.open(row.proof, PLACE)
    known = (keyring.digest(PROOF.decode()), keyring.other_digest(PROOF.decode()))
    if row.search_proof not in known:
        raise KeysFault(
            "密钥文件里的检索密钥不是这个数据库的；请放回原来的密钥文件，不要把两个拼在一起"
        )
