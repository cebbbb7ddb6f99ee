"""Whom a light tells what, and the supervision order (督办单) that goes to the department."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from onevisit.cases import paper, wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.paper import Order
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.definition.place import Department
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store.tables import Approval, Document

SENTENCES = {
    "yellow": "承诺时限最后一天为{due}，已接近用完",
    "red": "承诺时限最后一天为{due}，已经超过",
    "supervision": "法定时限最后一天为{due}，已经超过",
    "delivery": "送达期限最后一天为{due}，已经超过",
}
TITLES = {
    "yellow": "办件将到承诺时限",
    "red": "办件已超承诺时限",
    "supervision": "办件已超法定时限，发出督办单",
    "delivery": "办件结果超期未送达",
}
ASKED = {
    "yellow": "请在期限内办结；不能按时办结的，及时说明理由。",
    "red": "请尽快办结，并把超期的理由告知申请人（行政许可法第四十二条）。",
    "supervision": "请立即办结，并按督办单的要求说明理由。",
    "delivery": "请尽快送达（行政许可法第四十四条）。",
}
LAW = "行政许可法第四十二条"


@dataclass(frozen=True)
class Told:
    """Some accounts and the page that they are sent to."""

    accounts: tuple[uuid.UUID, ...]
    link: str


def sentence(kind: str, due: date) -> str:
    """What a light says, for the ledger and for pages."""
    return SENTENCES[kind].format(due=cn_date(due))


def announce(ctx: Context, dossier: Dossier, region: str, kind: str, due: date) -> None:
    """Tell whoever has to act on a light, each once: yellow the present step's posts, red also
    the department's head, supervision also the supervisors; late delivery the window and them."""
    case = dossier.case
    item = "" if region == CASE else wording.item_title(dossier.selection.part(region))
    what = f"“{item or dossier.definition.workflow.title}”"
    body = f"办件{case.number}{what}：{sentence(kind, due)}。{ASKED[kind]}"
    for told in _told(ctx, dossier, region, kind):
        tell(
            ctx,
            f"alert/{case.id}/{region}/{kind}/{due.isoformat()}",
            told.accounts,
            TITLES[kind],
            body,
            kind="alert",
            link=told.link,
            case_id=case.id,
        )


def _told(ctx: Context, dossier: Dossier, region: str, kind: str) -> Iterator[Told]:
    case = dossier.case
    watchers = Told(tuple(holders(ctx, "supervisor")), f"/watch/{case.id}/clock")
    if kind == "delivery":
        yield Told(tuple(holders(ctx, "window")), f"/window/{case.id}")
        yield watchers
        return
    if region == CASE:
        yield Told(tuple(holders(ctx, "clerk")), f"/desk/{case.id}")
    if kind != "yellow" or region != CASE:
        for row in _open(dossier, region):
            yield Told(tuple(_officers(ctx, row, region, kind)), f"/office/{row.id}")
    if kind == "supervision":
        yield watchers


def _open(dossier: Dossier, region: str) -> Iterable[Approval]:
    """The approval itself, or all that the whole case still waits for."""
    rows = dossier.approvals.values()
    return [row for row in rows if row.decided_at is None and region in (CASE, row.region)]


def _officers(ctx: Context, row: Approval, region: str, kind: str) -> Iterator[uuid.UUID]:
    """The posts of the present step, and from red on the head; of a whole case the heads alone."""
    if region != CASE:
        yield from holders(ctx, row.awaits or "handler", row.department)
    if kind != "yellow":
        yield from holders(ctx, "head", row.department)


def order(ctx: Context, dossier: Dossier, region: str, due: date) -> list[Document]:
    """Write the supervision order: to the item's department, or for a whole case to its lead.

    It is a paper between offices: the applicant is told the reasons of the delay by the
    department itself (许可法第四十二条).
    """
    addressee = _department(dossier, region)
    rules = dossier.definition.jurisdiction.supervision
    item = "" if region == CASE else wording.item_title(dossier.selection.part(region))
    facts = [
        ("督办对象", addressee.title),
        ("督办事项", item or dossier.definition.workflow.title),
        ("法定届满", cn_date(due)),
        ("承诺届满", cn_date(dossier.row(region).promise_due or due)),
    ]
    asked = (
        f"截至{cn_date(ctx.today)}尚未办结，请立即办理，书面说明超期的原因，并把理由告知申请人；"
        "无正当理由的，依法追究责任"
    )
    letter = Letter(facts=facts, paragraphs=(asked,))
    basis = (LAW, *((rules.basis,) if rules is not None else ()))
    issuer = rules.authority if rules is not None else None
    wanted = Order("supervision", region, 0, Particulars(letter=letter, basis=basis))
    if issuer in {each.id for each in dossier.definition.directory.departments}:
        wanted = replace(wanted, authority=issuer)
    return [document for _, document in paper.write(ctx, dossier, [wanted])]


def _department(dossier: Dossier, region: str) -> Department:
    """Whose delay it is."""
    definition = dossier.definition
    lead = definition.workflow.authority
    return definition.directory.department(
        lead if region == CASE else dossier.approvals[region].department
    )
