"""What one look at the pages has shown of cases, gathered while it looks, so that the edge can
write it down before anything is sent (个人信息保护法第四十四条、第五十一条)."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from onevisit.definition.form import Section
from onevisit.definition.workflow import Material
from onevisit.store.tables import Case

WHOLE_CASE = "办件概况：申请人、事项、进度和经过"
PAGE, FILE, PAPER, HIT, ROW, NUMBER, DATA = (
    "page", "file", "paper", "hit", "row", "number", "data",
)  # fmt: skip
"""What was looked at: a page about one case, a file, a paper, one line of a search or of a
spreadsheet, whole numbers, data handed to a department's system."""


@dataclass(frozen=True)
class Seen:
    """One thing of one case that was shown. `what` says in words which data (never the data);
    `side` is whoever looks at it as their own: they leave no trace. `department` is the one whose
    item it was shown for, `thing` the file or paper."""

    case_id: uuid.UUID
    subject_id: uuid.UUID
    side: frozenset[uuid.UUID]
    kind: str
    what: str
    department: str | None = None
    thing: uuid.UUID | None = None
    reason: str | None = None


class Looks:
    """Everything that one look has shown so far, each thing once."""

    def __init__(self) -> None:
        self._found: dict[tuple[uuid.UUID, str, uuid.UUID | None], Seen] = {}

    def __iter__(self) -> Iterator[Seen]:
        return iter(self._found.values())

    def opened(
        self, case_id: uuid.UUID, applicant_id: uuid.UUID, agent_id: uuid.UUID | None
    ) -> None:
        """A case was loaded to be looked at: unless a view says more exactly what it shows, the
        page about it."""
        side = frozenset(each for each in (applicant_id, agent_id) if each)
        self._add(Seen(case_id, applicant_id, side, PAGE, WHOLE_CASE), again=False)

    def shown(
        self,
        case_id: uuid.UUID,
        kind: str,
        what: str,
        *,
        department: str | None = None,
        thing: uuid.UUID | None = None,
        reason: str | None = None,
    ) -> None:
        """What exactly is shown of a case that was loaded."""
        loaded = self._found[case_id, PAGE, None]
        if kind != PAGE and loaded.what == WHOLE_CASE:  # loaded for this alone
            del self._found[case_id, PAGE, None]
        said = replace(
            loaded, kind=kind, what=what, department=department, thing=thing, reason=reason
        )
        self._add(said)

    def listed(self, kind: str, what: str, case: Case, department: str | None = None) -> None:
        """One line of a list that names the applicant, or what else is shown of a case that was not
        loaded whole."""
        side = frozenset(each for each in (case.applicant_id, case.agent_id) if each)
        self._add(Seen(case.id, case.applicant_id, side, kind, what, department), again=False)

    def _add(self, seen: Seen, *, again: bool = True) -> None:
        key = (seen.case_id, seen.kind, seen.thing)
        if again or key not in self._found:
            self._found[key] = seen

    def forget(self) -> None:
        """What was shown so far has been written down before."""
        self._found.clear()


def in_words(sections: Sequence[Section], materials: Sequence[Material]) -> str:
    """What a page shows of these pages of the form and these materials, for people to read."""
    said = ["申请人信息"]
    if sections:
        said.append(f"申请表的{'、'.join(each.title for each in sections)}")
    if materials:
        said.append(f"材料清单（{'、'.join(each.title for each in materials)}）")
    return "；".join(said)
