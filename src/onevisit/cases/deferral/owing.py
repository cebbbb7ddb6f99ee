"""Deferred material (容缺): what a case owes after acceptance, by when, and what follows if not.

The rows are written at acceptance (浙江规定第四条、第十一条). An item that uses owed material may
be reviewed meanwhile, and refused, but not granted before the material is received.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.leading import grants
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.workflow import Material
from onevisit.documents.format import cn_date
from onevisit.engine.clocks import add_working_days
from onevisit.store import evidence
from onevisit.store.tables import Check
from onevisit.store.turn_tables import Owed

DOCUMENT = "deferral"
OPEN = ("owed", "brought")
BASIS = "浙江省保障“最多跑一次”改革规定第十一条"
"""Where a service file gives its deferral no basis of its own."""


def owe(ctx: Context, dossier: Dossier, rows: Mapping[str, Check]) -> list[Owed]:
    """A row for every material that acceptance deferred, each with its own last day."""
    calendar = dossier.definition.calendar
    owed = []
    for material in dossier.selection.materials:
        check = rows.get(material.id)
        if check is None or check.status != "deferred":
            continue
        assert material.defer is not None, "only the deferrable is deferred"
        row = Owed(
            case_id=dossier.case.id,
            material_id=material.id,
            due=add_working_days(calendar, ctx.today, material.defer.days),
            on_timeout=material.defer.on_timeout,
            basis=material.defer.basis or BASIS,
        )
        ctx.session.add(row)
        owed.append(row)
    return owed


def notice(dossier: Dossier, owed: Sequence[Owed]) -> Particulars:
    """What the notice says: each material, by when, and what follows otherwise (第十一条)."""
    titles = titles_of(dossier)
    facts = [
        (titles[row.material_id], f"{cn_date(row.due)}前补交；{consequence(row)}") for row in owed
    ]
    paragraphs = (
        "补交以前，有关事项照常审查、照常计算办理时限，但不作出准予决定。",
        "补交可以登录后在办件页面上传，也可以交到窗口；期限以内交来的，窗口核对得晚也不算逾期。",
    )
    basis = tuple(dict.fromkeys(row.basis for row in owed))
    return Particulars(due=earliest(owed), letter=Letter(facts, paragraphs), basis=basis)


def earliest(owed: Sequence[Owed]) -> date | None:
    """The first of the last days."""
    return min((row.due for row in owed), default=None)


def titles_of(dossier: Dossier) -> dict[str, str]:
    """The titles of the case's materials."""
    return {each.id: each.title for each in dossier.selection.materials}


def consequence(row: Owed) -> str:
    """What follows when it is not brought in time, as a sentence."""
    return wording.DEFERRAL_CONSEQUENCES[row.on_timeout]


def rows_of(ctx: Context, dossier: Dossier) -> list[Owed]:
    """Everything that the case owes or owed, in the order of the service."""
    order = {each.id: place for place, each in enumerate(dossier.selection.materials)}
    statement = select(Owed).where(Owed.case_id == dossier.case.id).order_by(col(Owed.id))
    found = ctx.session.exec(statement.execution_options(populate_existing=True))
    return sorted(found, key=lambda row: order.get(row.material_id, len(order)))


def open_rows(ctx: Context, dossier: Dossier) -> list[Owed]:
    """What the case still owes while it is being handled."""
    if not dossier.state().regions:
        return []
    return [row for row in rows_of(ctx, dossier) if row.state in OPEN]


def material_of(dossier: Dossier, row: Owed) -> Material:
    """The material that is owed."""
    return next(each for each in dossier.selection.materials if each.id == row.material_id)


def used_by(dossier: Dossier, row: Owed) -> list[str]:
    """The regions whose items use the material."""
    wanted = material_of(dossier, row).items
    return [part.key for part in dossier.selection.parts if part.item.id in wanted]


def owed_to(dossier: Dossier, rows: Iterable[Owed], region: str) -> list[Owed]:
    """What of it this one approval uses."""
    return [row for row in rows if region in used_by(dossier, row)]


def check_settled(ctx: Context, dossier: Dossier, region: str, event: str) -> None:
    """NotPossible to grant an approval whose item uses material that is still owed."""
    if not grants(dossier, region, event):
        return
    owed = owed_to(dossier, open_rows(ctx, dossier), region)
    if owed:
        titles = titles_of(dossier)
        listed = "、".join(
            f"“{titles[row.material_id]}”（应于{cn_date(row.due)}前补交）" for row in owed
        )
        because = f"容缺材料{listed}还没有收齐；可以先审查，收到并核对后再决定"
        raise dossier.hindered(region, event, because)


def vouch(turn: Turn, rows: Iterable[Owed]) -> None:
    """Let the turn's first entry vouch for these rows as they are when it is saved."""
    for row in rows:
        turn.vouch(lambda row=row: evidence.of_row(row))  # type: ignore[misc]  # the default binds the row
