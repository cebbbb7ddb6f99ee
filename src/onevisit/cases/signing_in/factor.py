"""The second factor: one-time codes of an authenticator app (TOTP, RFC 6238) that count once each,
and recovery codes for whoever has lost the telephone (OWASP ASVS 5.0, 6.5)."""

import hmac
import re
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from onevisit.cases.staff.password import LETTERS
from onevisit.store.sign_in_tables import RecoveryCode, SecondFactor

CODES = 10
"""Recovery codes of one account."""
GROUPS, GROUP = 3, 4
"""Letters of a recovery code, 59 bits: dear to guess behind argon2id and short enough to type."""
APP, RECOVERY = "app", "recovery"


def has(session: Session, account_id: UUID) -> bool:
    """Whether a second factor is asked of this account."""
    row = session.get(SecondFactor, account_id)
    return row is not None and row.secret is not None


def offer(session: Session, account_id: UUID) -> None:
    """A fresh secret to be put into an app; it counts when a code of it has been given."""
    row = _locked(session, account_id) or SecondFactor(account_id=account_id)
    row.offered = pyotp.random_base32()
    session.add(row)
    session.flush()


def offered(session: Session, account_id: UUID) -> str | None:
    """The secret that waits for its first code, base32; None when none does."""
    row = session.get(SecondFactor, account_id)
    return row.offered if row else None


def address(secret: str, username: str, issuer: str) -> str:
    """What the QR code says: the otpauth:// address that authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def confirm(session: Session, account_id: UUID, code: str, now: datetime) -> list[str]:
    """The offered secret counts from now on, instead of one before it, if this is a code of it;
    the recovery codes to be shown this once. Empty when the code is wrong."""
    row = _locked(session, account_id)
    if row is None or row.offered is None:
        return []
    step = _step(row.offered, plain(code), now, 0)
    if step is None:
        return []
    row.secret, row.offered, row.last_step, row.confirmed_at = row.offered, None, step, now
    session.add(row)
    return renew_codes(session, account_id)


def check(session: Session, account_id: UUID, typed: str, now: datetime) -> str | None:
    """APP or RECOVERY for what was typed if it is a code that counts; with this it is used up."""
    row = _locked(session, account_id)
    if row is None or row.secret is None:
        return None
    code = plain(typed)
    step = _step(row.secret, code, now, row.last_step)
    if step is not None:
        row.last_step = step
        session.add(row)
        session.flush()
        return APP
    return RECOVERY if _use(session, row, code, now) else None


def renew_codes(session: Session, account_id: UUID) -> list[str]:
    """Ten new recovery codes instead of all before; only their hashes are kept."""
    row = session.get_one(SecondFactor, account_id)
    session.connection().execute(
        delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id)
    )
    row.salt = secrets.token_hex(16)
    made = [_random_code() for _ in range(CODES)]
    session.add(row)
    session.add_all(
        RecoveryCode(account_id=account_id, hash=_hash(plain(each), row.salt)) for each in made
    )
    session.flush()
    return made


def codes_left(session: Session, account_id: UUID) -> int:
    """How many recovery codes have not been used."""
    statement = select(func.count()).where(
        RecoveryCode.account_id == account_id, col(RecoveryCode.used_at).is_(None)
    )
    return session.exec(statement).one()


def remove(session: Session, account_id: UUID) -> bool:
    """Nothing is asked beside the password any more; False when nothing was."""
    known = has(session, account_id)
    for table in (RecoveryCode, SecondFactor):
        session.connection().execute(delete(table).where(col(table.account_id) == account_id))
    session.expire_all()
    return known


def plain(typed: str) -> str:
    """A code without the blanks and lines that people type between its groups."""
    return re.sub(r"[\s-]", "", typed).lower()[:64]


def _step(secret: str, code: str, now: datetime, last: int) -> int | None:
    """The time step (30 s) whose code this is: the present one or its neighbours, since clocks of
    telephones differ, and later than the `last` one that was used."""
    if not re.fullmatch("[0-9]{6}", code):
        return None
    app = pyotp.TOTP(secret)
    present = app.timecode(now)
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(app.generate_otp(step), code) and step > last:
            return step
    return None


def _use(session: Session, row: SecondFactor, code: str, now: datetime) -> bool:
    """Use up the recovery code, if it is one that was not used before."""
    if len(code) != GROUPS * GROUP:
        return False
    hashed = _hash(code, row.salt)
    statement = select(RecoveryCode).where(
        RecoveryCode.account_id == row.account_id,
        RecoveryCode.hash == hashed,
        col(RecoveryCode.used_at).is_(None),
    )
    found = session.exec(statement.with_for_update()).first()
    if found is None:
        return False
    found.used_at = now
    session.add(found)
    session.flush()
    return True


def _random_code() -> str:
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def _hash(code: str, salt: str) -> str:
    """argon2id with the least cost that OWASP's Password Storage Cheat Sheet names (19 MiB, 2
    passes, 1 lane); one salt for the ten codes of an account, so that one is found at one look."""
    made = hash_secret_raw(code.encode(), bytes.fromhex(salt), 2, 19_456, 1, 32, Type.ID)
    return made.hex()


def _locked(session: Session, account_id: UUID) -> SecondFactor | None:
    return session.get(SecondFactor, account_id, with_for_update=True, populate_existing=True)
