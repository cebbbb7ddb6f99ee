"""Appointments at which the applicant appears before the departments: called, held or missed.

Appointments that the proof counts as one visit (a joint group, engine/presence.py) are one here.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.leading import grants
from onevisit.cases.meetings import appointments
from onevisit.cases.meetings.appointments import Call, Visit
from onevisit.cases.outbox.telling import applicant_side, tell
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_datetime
from onevisit.engine.presence import duties
from onevisit.store.turn_tables import Appointment

CALL, RECORD = "call_meeting", "record_meeting"
OUTCOMES: dict[str, str] = {
    "held": "已到场办理",
    "missed": "申请人未到场",
    "waived": "不必到场，取消约定",
}
MISSES = 2
"""Who did not appear is called once more."""


@dataclass(frozen=True)
class Purpose:
    """Which appointment is called; `asked` says how and when the applicant asked for it, where
    only they may."""

    key: str
    asked: str = ""


@dataclass(frozen=True)
class Result:
    """How an appointment went; `outcome` as the page sent it."""

    outcome: str
    note: str


def call(ctx: Context, approval_id: uuid.UUID, purpose: Purpose, order: Call, revision: int) -> str:
    """Call the applicant, once for all items that share the appointment; what to bring is
    `order.note`.

    Returns a sentence; raises Invalid (paths key, asked, day, hour, place), NotPossible, Stale.
    """
    turn, region = appointments.acting(ctx, approval_id, CALL, revision)
    visit = _chosen(turn, region, CALL, purpose.key)
    if visit.by_applicant and not purpose.asked.strip():
        text = "这项到场由申请人决定是否需要，请写明申请人何时、怎样提出"
        raise Invalid([FieldError("asked", text)])
    _check_open(turn, region, visit)
    row = appointments.call(turn, region, CALL, visit, order)
    particulars = _particulars(turn.dossier, visit, row, purpose.asked.strip(), order.moved.strip())
    turn.write_documents({"appointment": particulars})
    turn.save()
    return f"已约定{cn_datetime(row.at)}到场（{visit.title}），通知书已送申请人。"


def record(ctx: Context, approval_id: uuid.UUID, key: str, result: Result, revision: int) -> str:
    """Write down that the applicant came, or did not, or need not come any more.

    Nothing but waiving is recorded before the moment; only what the service lets a department
    waive can be waived. Raises Invalid (paths key, outcome, note), NotPossible, Stale.
    """
    turn, region = appointments.acting(ctx, approval_id, RECORD, revision)
    visit = _chosen(turn, region, RECORD, key)
    row = appointments.called(appointments.rows(ctx, turn.dossier, visit))
    if row is None:
        raise turn.dossier.hindered(region, RECORD, "没有等待记录的到场约定，请先约定")
    _check_result(visit, result)
    if result.outcome != "waived":
        appointments.passed_by(turn, region, RECORD, row)
    row.state = result.outcome
    row.note = result.note.strip() or row.note
    said = OUTCOMES[row.state]
    text = "：".join(each for each in (said, result.note.strip()) if each)
    act = turn.act(RECORD, region, text=f"{row.title}，{text}", joint=visit.key)
    appointments.keep(turn, act.by, row)
    if row.state != "held":
        _tell_applicant(ctx, turn.dossier, row)
    turn.save()
    return f"已记录：{row.title}，{said}。"


def visits_of(dossier: Dossier, region: str) -> tuple[Visit, ...]:
    """The appointments in review of an approval: those that the proof counts, joint ones once,
    and those that the applicant may ask for."""
    return (*_imposed(dossier, region), *_asked_for(dossier, region))


def why_not(visit: Visit, found: Sequence[Appointment]) -> str:
    """Why the applicant is not called (again): they came, need not come, or stayed away too often;
    "" when they may be."""
    states = [row.state for row in found]
    if "held" in states:
        return f"申请人已经到场办理过“{visit.title}”，不能再要求到场"
    if "waived" in states:
        return f"“{visit.title}”已经免于到场，不能再要求到场"
    if states.count("missed") >= MISSES:
        return f"申请人两次没有按约到场办理“{visit.title}”，不再约定；可以说明理由不予许可"
    return ""


def check_met(ctx: Context, dossier: Dossier, region: str, event: str) -> None:
    """A guard: an appointment that cannot be waived has to be held before the item is approved."""
    if not grants(dossier, region, event):
        return
    for visit in _imposed(dossier, region):
        found = appointments.rows(ctx, dossier, visit)
        if not visit.waivable and not any(row.state == "held" for row in found):
            because = f"申请人还没有到场办理“{visit.title}”，到场并记录后才能准予"
            raise dossier.hindered(region, event, because)


def _imposed(dossier: Dossier, region: str) -> Iterator[Visit]:
    for each in duties(dossier.definition, dossier.selection).meetings:
        if each.held == "review" and region in each.parts:
            regions = dict.fromkeys(key for key in each.parts if appointments.is_open(dossier, key))
            yield Visit("meeting", each.key, each.title, tuple(regions), each.waivable)


def _asked_for(dossier: Dossier, region: str) -> Iterator[Visit]:
    for each in dossier.selection.part(region).appointments:
        if each.by == "applicant" and each.held == "review":
            key = f"{region}/{each.id}"
            yield Visit("meeting", key, each.title, (region,), waivable=True, by_applicant=True)


def _chosen(turn: Turn, region: str, event: str, key: str) -> Visit:
    visits = visits_of(turn.dossier, region)
    if not visits:
        raise turn.dossier.hindered(region, event, "这个事项不用申请人到场")
    found = next((visit for visit in visits if visit.key == key), None)
    if found is None:
        raise Invalid([FieldError("key", "请选择到场办理什么")])
    return found


def _check_open(turn: Turn, region: str, visit: Visit) -> None:
    """NotPossible when there is nothing left to appear for."""
    because = why_not(visit, appointments.rows(turn.ctx, turn.dossier, visit))
    if because:
        raise turn.dossier.hindered(region, CALL, because)


def _check_result(visit: Visit, result: Result) -> None:
    errors = []
    if result.outcome not in OUTCOMES:
        errors.append(FieldError("outcome", "请选择到场情况"))
    elif result.outcome == "waived" and not visit.waivable:
        errors.append(FieldError("outcome", f"“{visit.title}”依规定必须到场，不能免去"))
    elif result.outcome != "held" and not result.note.strip():
        errors.append(FieldError("note", "请写明情况，申请人会看到"))
    if errors:
        raise Invalid(errors)


def _tell_applicant(ctx: Context, dossier: Dossier, row: Appointment) -> None:
    """No document is due for this, but the applicant has to know it."""
    again = "会再约一次时间，请留意通知。" if row.state == "missed" else "您不用再为此到场。"
    body = f"约定{cn_datetime(row.at)}的“{row.title}”：{row.note}。{again}"
    title = "没有按约到场" if row.state == "missed" else "不用到场了"
    tell(
        ctx,
        f"appointment/{row.id}/{row.state}",
        applicant_side(dossier),
        title,
        body,
        kind="appointment",
        link=f"/my/{dossier.case.id}",
        case_id=dossier.case.id,
    )


def _particulars(
    dossier: Dossier, visit: Visit, row: Appointment, asked: str, moved: str
) -> Particulars:
    """The notice to the applicant: when, where, what for and what to bring."""
    served: Sequence[tuple[str, str]] = appointments.titles(dossier, row.regions)
    facts = [
        ("到场时间", cn_datetime(row.at)),
        ("到场地点", row.place),
        ("办理内容", visit.title),
        ("涉及部门和事项", "；".join(f"{department}：{item}" for department, item in served)),
        ("请携带", row.note or "本人身份证件"),
    ]
    paragraphs = ["到场不另外收费；不能按时到场的，请尽快与我们联系改期"]
    if len(served) > 1:
        paragraphs.insert(0, "以上事项合并为一次到场，不用分别到各部门去")
    if asked:
        paragraphs.insert(0, f"申请人提出到场办理的要求：{asked}")
    if moved:
        paragraphs.insert(0, f"原约定的时间改为上述时间，原因：{moved}；以本通知书为准")
    parts = [dossier.selection.part(key) for key in row.regions]
    own = (
        each.basis
        for part in parts
        for each in part.appointments
        if each.basis and each.title == visit.title
    )
    basis = tuple(dict.fromkeys(own)) or tuple(
        dict.fromkeys(each for part in parts for each in part.item.basis)
    )
    return Particulars(letter=Letter(facts, paragraphs), basis=basis)
