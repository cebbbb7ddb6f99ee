"""Numbers shown whole on purpose: which ones somebody's page hides, and showing those they choose,
for a reason that is written down and that the citizen reads (个人信息保护法第五十一条)."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from onevisit.access import (
    check_can_hand_out,
    check_can_see_case,
    check_can_supervise,
    check_can_take_in,
    visible_sections,
)
from onevisit.cases import seen
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import form_of
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.pickup import recipient_of
from onevisit.cases.rating import is_bad
from onevisit.cases.views.office import opened_approval
from onevisit.definition.form import FieldError, Section
from onevisit.documents.format import answer_text, mask_id, mask_phone, masked
from onevisit.store.citizen_tables import Rating
from onevisit.store.tables import Account, Case

REASONS = {
    "card": "当面核对证件",
    "call": "联系申请人",
    "compare": "与材料原件、登记信息比对",
    "fill": "填写面单、付款等凭据",
    "other": "其他",
}
OTHER = "other"
LEAST, MOST = 4, 100
"""Characters of a reason that somebody types."""


@dataclass(frozen=True)
class Number:
    """One number that a page hides."""

    id: str
    title: str
    masked: str
    whole: str


@dataclass(frozen=True)
class Hidden:
    """All numbers that one page hides from whoever may open it."""

    case_id: uuid.UUID
    title: str
    department: str | None
    numbers: tuple[Number, ...]


Find = Callable[[Context, uuid.UUID], Hidden]


def at_desk(ctx: Context, case_id: uuid.UUID) -> Hidden:
    """What the desk's page of a case hides; NotFound, Forbidden as that page."""
    dossier = load(ctx, case_id)
    case = dossier.case
    check_can_take_in(ctx.actor)
    check_can_see_case(ctx.actor, case.applicant_id, case.agent_id)
    if case.number is None:
        raise NotFound("这个办件")
    numbers = [*_of_people(dossier), *_of_form(dossier, form_of(dossier).sections)]
    return Hidden(case_id, case.number, None, tuple(numbers))


def in_office(ctx: Context, approval_id: uuid.UUID) -> Hidden:
    """What an officer's page of an item hides: only of what the item needs."""
    dossier, row, _ = opened_approval(ctx, approval_id)
    fields = visible_sections(dossier.definition.form, {row.item_id})
    numbers = [*_of_account("applicant", "申请人", dossier.applicant), *_of_form(dossier, fields)]
    return Hidden(row.case_id, dossier.case.number or "", row.department, tuple(numbers))


def at_window(ctx: Context, case_id: uuid.UUID) -> Hidden:
    """What the issuing window's page of a case hides: of who may collect, and of the parcel."""
    dossier = load(ctx, case_id)
    check_can_hand_out(ctx.actor)
    if dossier.case.decided_at is None:
        raise NotFound("这个办件")
    phone = recipient_of(dossier).phone if dossier.case.recipient else ""
    parcel = [Number("recipient", "收件人电话", mask_phone(phone), phone)] if phone else []
    return Hidden(case_id, dossier.case.number or "", None, (*_of_people(dossier), *parcel))


def of_rating(ctx: Context, rating_id: uuid.UUID) -> Hidden:
    """The telephone of whoever gave a bad rating, for who speaks to them."""
    check_can_supervise(ctx.actor)
    row = ctx.session.get(Rating, rating_id)
    if row is None or not is_bad(row.grade):
        raise NotFound("这条差评")
    case, who = ctx.session.get_one(Case, row.case_id), ctx.session.get_one(Account, row.rated_by)
    ctx.seen.opened(case.id, case.applicant_id, case.agent_id)
    phone = who.phone or ""
    numbers = (Number("phone", "评价人电话", mask_phone(phone), phone),) if phone else ()
    return Hidden(case.id, case.number or "", None, numbers)


def reveal(
    ctx: Context, hidden: Hidden, chosen: Collection[str], reason: str, words: str
) -> tuple[Number, ...]:
    """The chosen numbers, to be shown whole once; Invalid unless some are chosen and there is a
    reason. What is shown is noted, so that the edge writes it down before it is sent."""
    shown = tuple(each for each in hidden.numbers if each.id in chosen)
    errors = []
    if not shown:
        errors.append(FieldError("number", "请至少选择一个号码"))
    if reason not in REASONS:
        errors.append(FieldError("reason", "请选择为什么要看完整号码"))
    if reason == OTHER and not LEAST <= len(words) <= MOST:
        errors.append(FieldError("words", f"请写明原因，{LEAST} 到 {MOST} 个字"))
    if errors:
        raise Invalid(errors)
    why = words if reason == OTHER else REASONS[reason]
    what = f"完整号码：{'、'.join(each.title for each in shown)}"
    ctx.seen.shown(hidden.case_id, seen.NUMBER, what, department=hidden.department, reason=why)
    return shown


def _of_people(dossier: Dossier) -> list[Number]:
    found = _of_account("applicant", "申请人", dossier.applicant)
    return found + (_of_account("agent", "代办人", dossier.agent) if dossier.agent else [])


def _of_account(kind: str, title: str, account: Account) -> list[Number]:
    number, phone = account.id_number or "", account.phone or ""
    found = [
        Number(f"{kind}_id", f"{title}证件号码", mask_id(number), number),
        Number(f"{kind}_phone", f"{title}联系电话", mask_phone(phone), phone),
    ]
    return [each for each in found if each.whole]


def _of_form(dossier: Dossier, sections: Sequence[Section]) -> list[Number]:
    """The fields of these pages with a masked number in them."""
    data = dossier.case.form
    found = []
    for field in (each for section in sections for each in section.fields):
        value = data.get(field.id)
        hidden = masked(field.schema, value)
        if hidden != value:
            texts = [answer_text(field.schema, each) for each in (hidden, value)]
            found.append(Number(f"field.{field.id}", field.title, *texts))
    return found
