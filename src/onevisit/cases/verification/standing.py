"""What has become of a paper: the status that a stranger is told, with its word and its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from onevisit.catalog.published import Published
from onevisit.documents.format import BEIJING
from onevisit.engine import CERTIFICATE
from onevisit.store.tables import LedgerEntry
from onevisit.store.turn_tables import Certificate

Code = Literal["valid", "expired", "revoked", "cancelled", "replaced", "issued", "withdrawn"]
ENDED: dict[str, Code] = {"expired": "expired", "revoked": "revoked", "cancelled": "cancelled"}
"""The final states of the shipped lifecycle; any other final state is told as `revoked`."""
VALID, REPLACED, ISSUED, WITHDRAWN = "有效", "已被替换", "已出具", "已被撤销"
BY_LAW = "有效（依法视为准予延续）"
OVER = "已过有效期"


@dataclass(frozen=True)
class Issuer:
    """Who issued a paper; `uscc` is the 统一社会信用代码."""

    title: str
    uscc: str


@dataclass(frozen=True)
class Status:
    """What a paper is worth today: `word` for people, `since` when it came to be so (None from the
    beginning), `by` the number of the document that ended it."""

    code: Code
    word: str
    since: date | None = None
    by: str | None = None

    @property
    def holds(self) -> bool:
        """Whether one may rely on the paper."""
        return self.code in ("valid", "issued")


@dataclass(frozen=True)
class Standing:
    """Everything a stranger may see. Certificates have `holder` (a person's name masked) and their
    term; `replaced_by` is the number of the paper in force; `remark` a sentence worth knowing."""

    kind: str
    title: str
    number: str
    issuer: Issuer
    issued_on: date
    status: Status
    holder: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    replaced_by: str | None = None
    remark: str | None = None


def of_certificate(
    published: Published, row: Certificate, chain: Sequence[LedgerEntry], today: date
) -> Status:
    """How the right stands that a certificate shows, whatever paper shows it; `chain` is its own.

    Its last day counts from midnight, before the sweep has looked: then it has expired, or (asked
    for renewal in time and not decided) is renewed by law (许可法第五十条第二款).
    """
    chart = published.certificate
    assert chart is not None, "certificates are only made where their life is described"
    state = chart.state(CERTIFICATE, row.state)
    if state.final:
        code: Code = ENDED.get(row.state, "revoked")
        ended = [entry for entry in chain if entry.to_state == row.state != entry.from_state]
        by = ended[-1].detail.get("documents", [None])[0] if ended else None
        since = row.valid_until if code == "expired" else day_of(ended[-1].at) if ended else None
        return Status(code, state.title, since, by)
    if row.valid_until is None or row.valid_until >= today:
        return Status("valid", VALID)
    moves = chart.tables[CERTIFICATE].moves[row.state]
    following = [chart.state(CERTIFICATE, each.target) for each in moves if each.after]
    if following and not following[0].final:
        return Status("valid", BY_LAW, row.valid_until)
    return Status("expired", following[0].title if following else OVER, row.valid_until)


def of_paper(printed: dict[str, Any], today: date) -> Status:
    """How a certificate stands that nobody keeps a register of: by what it says itself."""
    until = printed["valid_until"]
    if until is not None and date.fromisoformat(until) < today:
        return Status("expired", OVER, date.fromisoformat(until))
    return Status("valid", VALID)


def day_of(moment: datetime) -> date:
    """The local day."""
    return moment.astimezone(BEIJING).date()
