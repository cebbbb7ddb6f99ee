"""Handing out: all results at once, to the right person, with a receipt that says so.

The counter and the download are here, the post and the kiosk beside; each of them ends in
`conclude`, so that a case is handed out once, whatever way is quickest.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, select

from onevisit.access import check_can_edit, check_can_hand_out
from onevisit.cases import wording
from onevisit.cases.collector import Collector, collector_faults, compact, letter_of, name_of
from onevisit.cases.context import Context
from onevisit.cases.deadlines.deemed import deemed_from
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.paper import latest_checks
from onevisit.cases.pickup import DOWNLOAD, WINDOW, counter_ways, downloadable
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.plain import ask, columns, write_new
from onevisit.store.tables import Case, Document, Handout
from onevisit.store.turn_tables import Certificate

EVENT, COLLECT = "hand_out", "collect"
CERTIFICATE = "certificate"
RESULTS = ("approval", "rejection", CERTIFICATE)
"""The kinds of document that a bundle consists of, in the order in which it lists them."""
TAKEN_BACK = ("revoked", "cancelled")
"""States of a certificate that is not handed out any more."""
MADE = "made"
_PAPERS, _LIVES = columns(Document), columns(Certificate)
ISSUED = select(_LIVES.region, _LIVES.document_id, _LIVES.state).where(
    _LIVES.case_id == bindparam("case")
)
WRITTEN = select(
    *(_PAPERS[name] for name in ("id", "kind", "region", "title", "number", "state", "created_at"))
).where(_PAPERS.case_id == bindparam("case"), _PAPERS.kind.in_(bindparam("kinds", expanding=True)))


class NotMade(Invalid):
    """结果还没有制好。

    `papers` are the ids of the results that have no paper yet; they may be made at once.
    """

    def __init__(self, rows: "Sequence[Result]") -> None:
        names = "、".join(f"《{row.title}》" for row in rows)
        text = f"{names}还没有制好，现在不能交付；填写的内容都在，请稍后再试，或者请运维人员查看"
        super().__init__([FieldError("papers", text)])
        self.papers = tuple(row.id for row in rows)


@dataclass(frozen=True)
class Taken:
    """What is recorded of a handing out, whatever way it went."""

    method: str
    name: str
    id_number: str
    relation: str
    authorisation: str | None = None
    phone: str | None = None
    address: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


def hand_out(
    ctx: Context, case_id: uuid.UUID, collector: Collector, method: str, revision: int
) -> Case:
    """Hand the whole bundle out over the counter and conclude the case (许可法第四十四条: within
    ten working days). Invalid when the collector is not entitled, NotMade while a paper is missing.
    """
    turn = begin(ctx, case_id, revision)
    errors = collector_faults(ctx, turn.dossier, collector)
    if method != WINDOW or method not in counter_ways(turn.dossier):
        errors.append(FieldError("method", "请选择这个一件事允许的出件方式"))
    if errors:
        raise Invalid(errors)
    name, number = name_of(turn.dossier, collector), compact(collector.id_number)
    taken = Taken(method, name, number, collector.relation, letter_of(collector))
    return conclude(ctx, turn, taken)


def begin(ctx: Context, case_id: uuid.UUID, revision: int, **told: str) -> Turn:
    """The turn of a window that hands a case out, on the page as it is now; `told` goes into the
    ledger (`text` is read in the history)."""
    dossier = load(ctx, case_id, lock=True)
    check_can_hand_out(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if dossier.case.number is None:  # a draft is its applicant's alone
        raise NotFound("这个办件")
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(EVENT, **told)
    return turn


def collect(ctx: Context, case_id: uuid.UUID, revision: int) -> Case:
    """The applicant downloads everything themselves, which concludes the case."""
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(COLLECT)
    if not downloadable(dossier):
        raise Invalid([FieldError("method", "这些结果不能下载领取，请到出件窗口领取或者选择邮寄")])
    return conclude(ctx, turn, in_person(dossier, ctx.actor.id, DOWNLOAD))


def in_person(dossier: Dossier, account_id: uuid.UUID, method: str) -> Taken:
    """What is recorded when the applicant, or the agent who applied for them, takes all."""
    if account_id == dossier.case.agent_id and dossier.agent is not None:
        agent = dossier.agent
        return Taken(method, agent.name, agent.id_number or "", "registered")
    return Taken(method, dossier.applicant.name, dossier.applicant.id_number or "", "self")


def originals(ctx: Context, dossier: Dossier) -> tuple[str, ...]:
    """Originals to be seen when the results are collected: those meant for that moment, and those
    that nobody has seen because the case was accepted by law."""
    seen = latest_checks(ctx, dossier) if deemed_from(dossier) is not None else None
    return tuple(
        each.title
        for each in dossier.selection.materials
        if "collection" in each.original
        or (seen is not None and each.original and each.id not in seen)
    )


class Result(NamedTuple):
    """A document of the bundle; `state` of its paper."""

    id: uuid.UUID
    kind: str
    region: str | None
    title: str
    number: str
    state: str


def results_of(ctx: Context, dossier: Dossier) -> list[Result]:
    """The bundle: all decisions of the case and its certificates, each on the paper in force, but
    for those revoked or cancelled meanwhile; a later decision (a renewal) is told by itself."""
    issued = ask(ctx.session, ISSUED, case=dossier.case.id)
    kept = {row.region for row in issued}
    in_force = {row.document_id for row in issued if row.state not in TAKEN_BACK}
    last = dossier.case.decided_at or ctx.now
    found = ask(ctx.session, WRITTEN, case=dossier.case.id, kinds=RESULTS)
    rows = [
        row
        for row, created_at in ((Result(*said), at) for *said, at in found)
        if row.id in in_force
        or (row.region not in kept if row.kind == CERTIFICATE else created_at <= last)
    ]
    order = {part.key: place for place, part in enumerate(dossier.selection.parts)}
    return sorted(rows, key=lambda row: (RESULTS.index(row.kind), order[row.region or CASE]))


def conclude(ctx: Context, turn: Turn, taken: Taken) -> Case:
    """The bundle, the receipt, the record of who took it, and the end of the case.

    Raises NotMade: nobody is given, or sent, a paper that is not there.
    """
    dossier = turn.dossier
    papers = results_of(ctx, dossier)
    missing = [row for row in papers if row.state != MADE]
    if missing:
        raise NotMade(missing)
    items = {part.key: wording.item_title(part) for part in dossier.selection.parts}
    bundle = [
        {"title": row.title, "item": items[row.region or CASE], "number": row.number}
        for row in papers
    ]
    handout = Handout(
        case_id=dossier.case.id,
        method=taken.method,
        collector={key: getattr(taken, key) for key in RECORDED},
        handed_by=ctx.actor.id,
        handed_at=ctx.now,
        bundle=bundle,
        carrier=taken.carrier,
        tracking_number=taken.tracking_number,
    )
    write_new(ctx.session, [handout])
    turn.vouch(lambda: evidence.of_handout(handout))
    turn.set(CASE, pickup_code=None)
    turn.write_documents({"delivery": Particulars(bundle=bundle, collector=_shown(taken))})
    turn.save()
    return dossier.case


RECORDED = ("name", "id_number", "relation", "authorisation", "phone", "address")
"""What the record of a handing out says of whoever took it."""


def _shown(taken: Taken) -> dict[str, str | None]:
    """The same for the receipt, in words."""
    return {
        "name": taken.name,
        "id_number": taken.id_number,
        "relation": wording.RELATIONS[taken.relation],
        "method": wording.PICKUPS[taken.method],
        "authorisation": taken.authorisation,
        "phone": taken.phone,
        "address": taken.address,
        "carrier": taken.carrier,
        "tracking_number": taken.tracking_number,
    }
