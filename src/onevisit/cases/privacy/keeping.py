"""How long each kind of record is kept, as the rules of the place say, in words and in moments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from onevisit.cases.context import Context
from onevisit.definition.place import Jurisdiction, Keeping

TITLES = {
    "case": "有结果的办件（申请表、材料、文书）",
    "attempt": "没有结果的办件（撤回、失效、不予受理、不予许可）",
    "message": "消息",
    "ticket": "叫号",
    "read": "工作人员查阅的记录",
}
DRAFT = "没有提交的草稿"


@dataclass(frozen=True)
class Rule:
    """One kind of record and for how long it is kept."""

    title: str
    time: str
    basis: str


def rules(ctx: Context) -> tuple[Rule, ...]:
    """Every rule of the places of the published services, without repeating any."""
    found: dict[Rule, None] = {}
    for place in places(ctx):
        if place.drafts is not None:
            found[Rule(DRAFT, f"最后保存后 {place.drafts.days} 日", place.drafts.basis)] = None
        for each in place.keeping:
            found[Rule(TITLES[each.what], f"结束后 {each.years} 年", each.basis)] = None
    return tuple(found)


def places(ctx: Context) -> tuple[Jurisdiction, ...]:
    """The places of the published services, each once."""
    found = [each.definition.jurisdiction for each in ctx.catalog.list(ctx.session)]
    return tuple({place.id: place for place in found}.values())


def longest(ctx: Context) -> Mapping[str, Keeping]:
    """For what belongs to no case: of each kind the rule that keeps it longest."""
    found: dict[str, Keeping] = {}
    for place in places(ctx):
        for each in place.keeping:
            if each.what not in found or found[each.what].years < each.years:
                found[each.what] = each
    return found


def years_before(now: datetime, years: int) -> datetime:
    """The same moment so many years earlier; the 29th of February becomes the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)
