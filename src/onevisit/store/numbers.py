"""Numbers that people read out on the telephone: case numbers and document numbers.

A case number is `<region>-<day>-<serial>-<check>`, e.g. `990000-20261121-000012-3`: the
six-digit region of the jurisdiction (GB/T 2260), the local day of submission, the serial of that
day, and a check digit over all digits before it, ISO/IEC 7064 MOD 11,10. So numbers sort by
region and time as plain text, and one mistyped digit is noticed before any look-up.

A document number (文号) is `<jurisdiction>综<kind>〔<year>〕<serial>号`, counted per kind and year.
Since such numbers can be guessed, every document also has a check code that is drawn at random.
"""

import secrets
from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_10

from onevisit.store.tables import METADATA

SEQUENCES = METADATA.tables["sequences"]

KIND_MARKS = {
    "receipt": "收",
    "acceptance": "受",
    "correction": "补",
    "decline": "不受",
    "approval": "准",
    "rejection": "不准",
    "certificate": "证",
    "delivery": "达",
    "mending": "更",
    "deferral": "容",
    "revocation": "撤受",
    "special": "特",
    "suspension": "中",
    "extension": "延",
    "transfer": "移",
    "hearing_right": "听告",
    "hearing_notice": "听通",
    "hearing_record": "听笔",
    "inspection": "勘",
    "appointment": "到",
    "delay": "超",
    "supervision": "督",
    "pledge_check": "核",
    "mending_order": "改",
    "certificate_revocation": "撤",
    "certificate_cancellation": "销",
    "renewal": "续",
    "reopening": "重",
    "application": "申",
}


DRAWN = {
    kind: insert(SEQUENCES)
    .on_conflict_do_update(index_elements=["name"], set_={"next": SEQUENCES.c.next + 1})
    .returning(SEQUENCES.c.next)
    for kind, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
"""How a number is drawn, by the kind of database."""
CODE_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing is misread from paper."""
CODE_LENGTH = 8


def check_code() -> str:
    """A fresh check code of a document: 40 random bits as eight characters."""
    drawn = secrets.randbits(5 * CODE_LENGTH)
    return "".join(CODE_CHARACTERS[drawn >> 5 * place & 31] for place in range(CODE_LENGTH))


def draw(session: Session, name: str) -> int:
    """The next number of the sequence `name`, from 1; its row stays locked until the commit.

    A rolled-back transaction gives its number back, so a sequence has no gaps.
    """
    connection = session.connection()
    first = {"name": name, "next": 2}
    following: int = connection.execute(DRAWN[connection.dialect.name], first).scalar_one()
    return following - 1


def case_number(session: Session, region: str, day: date) -> str:
    """Draw the next case number of `region` (six digits) on the local `day`."""
    serial = draw(session, f"case/{region}/{day:%Y%m%d}")
    digits = f"{region}{day:%Y%m%d}{serial:06d}"
    check = mod_11_10.calc_check_digit(digits)
    return f"{region}-{day:%Y%m%d}-{serial:06d}-{check}"


def case_number_holds(number: str) -> bool:
    """Whether the check digit of a case number, typed with or without dashes, is right."""
    digits = number.strip().replace("-", "")
    try:
        mod_11_10.validate(digits)
    except ValidationError:
        return False
    return len(digits) == 21


def document_sequence(jurisdiction_id: str, kind: str, year: int) -> str:
    """The name of the sequence that documents of this kind draw from.

    Whoever draws from several in one transaction draws in the order of these names, so that two
    transactions never wait for each other.
    """
    return f"document/{jurisdiction_id}/{year}/{kind}"


def document_number(session: Session, jurisdiction: tuple[str, str], kind: str, year: int) -> str:
    """Draw a document number for a `jurisdiction` (id, title), e.g. 示例市综收〔2026〕000012号."""
    jurisdiction_id, title = jurisdiction
    serial = draw(session, document_sequence(jurisdiction_id, kind, year))
    return f"{title}综{KIND_MARKS[kind]}〔{year}〕{serial:06d}号"
