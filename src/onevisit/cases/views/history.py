"""The history of a case in words, from its ledger: for the applicant and for those who work."""

from collections.abc import Sequence

from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.afterwards.issued import ISSUE
from onevisit.cases.context import Context
from onevisit.cases.dossier import NOTED, OF_A_CERTIFICATE, Dossier
from onevisit.cases.standing_in import signature
from onevisit.cases.views.parts import Event
from onevisit.engine import CASE, Part
from onevisit.store.tables import Account, LedgerEntry

Entries = Sequence[tuple[LedgerEntry, str | None]]
INSIDE = ("ask_extension", "refuse_extension")
"""What an office asks of its own head: the applicant is told when it is granted."""


def entries(ctx: Context, dossier: Dossier, region: str | None = None) -> Entries:
    """Ledger entries with the name of who acted, newest first; of one region or of all."""
    statement = (
        select(LedgerEntry, Account.name)
        .join(Account, col(Account.id) == col(LedgerEntry.actor_id), isouter=True)
        .where(LedgerEntry.case_id == dossier.case.id)
        .order_by(col(LedgerEntry.at).desc(), col(LedgerEntry.id).desc())
    )
    if region is not None:
        statement = statement.where(LedgerEntry.region == region)
    return ctx.session.exec(statement).all()


def public_history(dossier: Dossier, found: Entries) -> tuple[Event, ...]:
    """For the applicant: what happened and which department did it, not which person.

    Steps that a department takes back inside, and notes on material, are its own affair.
    """
    events = []
    had = {part.key: dossier.department(part).id for part in dossier.selection.parts}
    for entry, _ in found:
        key = None if entry.region == CASE else _part(dossier, entry).key
        if key is not None and entry.act == "transfer":
            had[key] = entry.detail["source"]  # and whatever was done before
        if entry.act in (*NOTED, *INSIDE, ISSUE) or _is_step_back(dossier, entry):
            continue
        directory, own = dossier.definition.directory, entry.actor_role == "applicant"
        who = directory.department(had[key]).title if key is not None and not own else None
        events.append(Event(entry.at, _title(dossier, entry), who, _public_note(entry)))
    return tuple(events)


def staff_history(dossier: Dossier, found: Entries) -> tuple[Event, ...]:
    """For those who work: every act with the person and what they wrote."""
    return tuple(
        Event(
            entry.at, _title(dossier, entry), signature(name or "自动", entry.detail), _note(entry)
        )
        for entry, name in found
    )


def _title(dossier: Dossier, entry: LedgerEntry) -> str:
    if entry.region == CASE:
        return dossier.move_title(CASE, entry.act)
    if entry.region.startswith(OF_A_CERTIFICATE):
        title = dossier.move_title(entry.region, entry.act)
        return f"{wording.item_title(_part(dossier, entry))}：{title}"
    part = _part(dossier, entry)
    step = dossier.definition.lifecycle.approval.steps.get(entry.from_state or "")
    target = dossier.chart.tables[entry.region].states.get(entry.to_state or "")
    going_on = step is not None and target is not None and not target.final
    moved = entry.from_state != entry.to_state
    if step is not None and going_on and moved and not _is_step_back(dossier, entry):
        return f"{wording.item_title(part)}：{step.done}"
    title = dossier.move_title(entry.region, entry.act)
    return f"{wording.item_title(part)}：{title}"


def _part(dossier: Dossier, entry: LedgerEntry) -> Part:
    """The item whose approval, or whose certificate, an entry is about."""
    return dossier.selection.part(entry.region.removeprefix(OF_A_CERTIFICATE))


def _is_step_back(dossier: Dossier, entry: LedgerEntry) -> bool:
    """Whether the entry moves its approval back to an earlier state."""
    if entry.region not in dossier.approvals:
        return False
    order = list(dossier.chart.tables[entry.region].states)
    if entry.from_state not in order or entry.to_state not in order:
        return False
    return order.index(entry.to_state) < order.index(entry.from_state)


def _note(entry: LedgerEntry) -> str | None:
    written = [entry.detail.get(key) for key in ("text", "opinion", "reasons", "file")]
    if "acts_for" in entry.detail:
        written.insert(0, "代办人代申请人办理")
    return "；".join(each for each in written if each) or None


def _public_note(entry: LedgerEntry) -> str | None:
    text, reasons = (str(entry.detail.get(key) or "") for key in ("text", "reasons"))
    if "changes" in entry.detail:  # what was put right, and why
        return f"{text}。理由：{reasons}"
    return text or reasons or None
