"""Whose case a line of a list is: by the family name alone, so that a queue left open tells nobody
who applied for what; in full for whoever looked for somebody, and that is written down
(docs/decisions/0021)."""

from onevisit.cases.context import Context
from onevisit.cases.seen import HIT
from onevisit.documents.format import mask_name
from onevisit.store.tables import Case


def named(ctx: Context, case: Case, name: str, search: str, department: str | None = None) -> str:
    """The name of a case's applicant (or holder) as a list shows it, which `search` narrowed."""
    if not search.strip():
        return mask_name(name)
    what = "检索结果：姓名、办件编号、办理状态"
    ctx.seen.listed(HIT, what, case, department)
    return name
