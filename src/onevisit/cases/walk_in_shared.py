"""At the counter, what shared sources know stands in the form already: left as it is, the person
has confirmed it; changed, they dispute it and their version counts (浙江规定第七条)."""

from collections.abc import Mapping
from typing import Any

from onevisit.cases import shared_data
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.shared_data import FIELD
from onevisit.store.citizen_tables import SharedFact

WHY = "窗口当面核对时，申请人说明与登记的不同"


def filled(ctx: Context, dossier: Dossier, form: Mapping[str, Any]) -> dict[str, Any]:
    """The form with what sources know that were not asked before; what was shown is settled."""
    shown = shared_data.facts_of(ctx, dossier.case.id)
    shared_data.fetch(ctx, dossier)
    known = shared_data.asked_facts(dossier, shared_data.facts_of(ctx, dossier.case.id))
    data = dict(form)
    for (kind, name), row in known.items():
        if kind != FIELD:
            continue
        if (kind, name) in shown:
            _settle(ctx, row, data.get(name))
        elif data.get(name) in (None, "", []):
            data[name] = row.value
    ctx.session.flush()
    return data


def _settle(ctx: Context, row: SharedFact, said: Any) -> None:
    if said in (None, "", []):
        return  # nothing was said of it; the form asks for it
    disputed = said != row.value
    row.state = "disputed" if disputed else "confirmed"
    row.said, row.why = (said, WHY) if disputed else (None, None)
    row.decided_by, row.decided_at = ctx.actor.id, ctx.now
