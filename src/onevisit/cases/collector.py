"""Who may take results away: the applicant, the agent who applied for them, or whoever brings a
letter of authority."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.store.tables import Account

Relation = Literal["self", "registered", "agent"]


@dataclass(frozen=True)
class Collector:
    """Who collects: the applicant (self), the agent who applied for them (registered), or somebody
    else with a letter of authority: `authorisation` is its number, `authorised_on` its day.

    The name of somebody who is known may be left out: their number tells who they are.
    """

    name: str
    id_number: str
    relation: Relation = "self"
    authorisation: str = ""
    authorised_on: date | None = None


def name_of(dossier: Dossier, collector: Collector) -> str:
    """The name for the record: as it is registered, where the person is."""
    known = _known(dossier, collector)
    return known.name if known is not None else collector.name.strip()


def collector_faults(ctx: Context, dossier: Dossier, collector: Collector) -> list[FieldError]:
    """Why this person may not take the results away; in the order of the page."""
    if collector.relation == "agent":
        return _stranger_faults(ctx, collector)
    known = _known(dossier, collector)
    if known is None:
        return [FieldError("relation", "这个办件没有登记代办人，请选择“其他代办人”")]
    name, number = collector.name.strip(), compact(known.id_number or "")
    title = "申请人" if collector.relation == "self" else "登记的代办人"
    errors = []
    if not number or compact(collector.id_number) != number:
        text = f"证件号码与{title}登记的不一致，不能出件"
        errors.append(FieldError("collector.id_number", text))
    if name and name != known.name:
        text = f"姓名与{title}不一致；其他人来领请选择“其他代办人”"
        errors.append(FieldError("collector.name", text))
    return errors


def letter_of(collector: Collector) -> str | None:
    """The letter of authority in words; only somebody who was not known before brings one."""
    if collector.relation != "agent":
        return None
    day = f"{cn_date(collector.authorised_on)}签署" if collector.authorised_on else ""
    return "，".join(filter(None, (collector.authorisation.strip(), day)))


def compact(number: str) -> str:
    """An identity number as it is kept: no blanks, the check character in upper case."""
    return "".join(number.split()).upper()


def _known(dossier: Dossier, collector: Collector) -> Account | None:
    """The account of whoever collects; None for somebody with a letter of authority."""
    people = {"self": dossier.applicant, "registered": dossier.agent, "agent": None}
    return people[collector.relation]


def _stranger_faults(ctx: Context, collector: Collector) -> list[FieldError]:
    errors = []
    if not _is_identity_number(compact(collector.id_number)):
        errors.append(FieldError("collector.id_number", "代办人的身份证号码不正确，请核对证件"))
    if not collector.name.strip():
        errors.append(FieldError("collector.name", "请填写代办人姓名"))
    if not collector.authorisation.strip() and collector.authorised_on is None:
        text = "请填写授权委托书的编号或者签署日期"
        errors.append(FieldError("collector.authorisation", text))
    if collector.authorised_on is not None and collector.authorised_on > ctx.today:
        text = "授权委托书的签署日期还没有到，请核对"
        errors.append(FieldError("collector.authorised_on", text))
    return errors


def _is_identity_number(number: str) -> bool:
    """18 characters with a real date of birth and the right check character (GB 11643).

    The place code is not looked up: places are renamed, their old codes stay on people's cards.
    """
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(number) == number[-1])
