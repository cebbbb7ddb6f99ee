"""What is arranged with people: inspections, appearances and hearings, in sentences for pages."""

from collections.abc import Iterator
from typing import Literal

from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.meetings import appointments, hearing
from onevisit.documents.format import cn_date, cn_datetime
from onevisit.engine import CASE
from onevisit.store.turn_tables import Appointment, Hearing

Tone = Literal["active", "attention", "paused", "done", "refused"]
Said = tuple[str, str, str, Tone]
"""(region, title, text, tone) of one line."""


def arranged(ctx: Context, dossier: Dossier, region: str) -> Iterator[Said]:
    """Everything arranged for one approval, or (region `case`) for the case, joint ones once."""
    yield from _appointments(ctx, dossier, region)
    statement = select(Hearing).where(Hearing.case_id == dossier.case.id)
    for row in ctx.session.exec(statement.order_by(col(Hearing.id))):
        if region in (CASE, row.region) and appointments.is_open(dossier, row.region):
            yield from _hearing(ctx, row)


def _appointments(ctx: Context, dossier: Dossier, region: str) -> Iterator[Said]:
    statement = select(Appointment).where(
        Appointment.case_id == dossier.case.id, Appointment.state == "called"
    )
    for row in ctx.session.exec(statement.order_by(col(Appointment.at))):
        served = [key for key in row.regions if appointments.is_open(dossier, key)]
        if served and region in (CASE, *served):
            who = "、".join(appointments.departments(dossier, served))
            ready = f"；请准备：{row.note}" if row.note else ""
            where = f"{cn_datetime(row.at)}，{row.place}"
            if row.kind == "inspection":
                text = f"{where}；{who}到场核查，请届时有人在场{ready}"
            else:
                text = f"{where}；办理“{row.title}”（{who}）{ready}"
            title = row.title if row.kind == "inspection" else "约定到场"
            yield region, title, text, "attention"


def _hearing(ctx: Context, row: Hearing) -> Iterator[Said]:
    now = hearing.stage(row, ctx.today)
    if now == "open":
        given_up = "申请人已放弃，利害关系人" if row.waived_at else ""
        text = f"{given_up}可以在{cn_date(row.ask_by)}前要求听证；涉及：{row.interests}"
        yield row.region, "可以要求听证", text, "attention"
    elif now == "asked" and row.hold_by is not None:
        late = "，已经超过期限" if ctx.today > row.hold_by else ""
        text = f"{row.asked_by or '申请人'}要求听证，应当在{cn_date(row.hold_by)}前举行{late}"
        yield row.region, "等待听证", text, "attention"
    elif now == "called" and row.held_at is not None:
        chair = appointments.name_of(ctx, row.chair_id)
        text = f"{cn_datetime(row.held_at)}，{row.place}；主持人：{chair}；不收取任何费用"
        yield row.region, "听证", text, "attention"
    elif now == "held":
        yield row.region, "已听证", "听证已经举行，将根据听证笔录作出决定", "done"
    else:
        why = "已放弃听证" if now == "waived" else f"{cn_date(row.ask_by)}前没有人要求听证"
        yield row.region, "不再听证", why, "done"
