"""The clerk's checklist between page and verbs: what was stored, typed, and is to be recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from onevisit.cases.check import FieldFinding, Finding
from onevisit.cases.views.intake import DeskCase
from onevisit.cases.views.parts import MaterialRow
from onevisit.definition.form import FieldError

STATUSES = {
    "received": "已收",
    "verified": "共享核验",
    "missing": "缺少",
    "unfit": "不符合",
    "deferred": "容缺后补",
}
WITH_NOTE = frozenset({"missing", "unfit", "deferred"})
ELSEWHERE = frozenset({"shared", "prior"})
"""Sources that another register or an earlier item answers for."""


@dataclass(frozen=True)
class Line:
    """One row: of a material with its status, of an answer with "wrong" when it is ticked."""

    status: str = ""
    note: str = ""
    how: str = ""


@dataclass(frozen=True)
class Sheet:
    """The whole checklist as it stands on the page."""

    materials: Mapping[str, Line] = field(default_factory=dict)
    fields: Mapping[str, Line] = field(default_factory=dict)
    ground: str = ""
    reasons: str = ""
    belongs_to: str = ""

    def material(self, material_id: str) -> Line:
        """The row of one material; an empty one when nothing was marked."""
        return self.materials.get(material_id, Line())

    def field(self, field_id: str) -> Line:
        """The row of one answer."""
        return self.fields.get(field_id, Line())

    def findings(self) -> list[Finding]:
        """What the clerk found of each material that is marked."""
        return [
            Finding(name, line.status, *_words(line))  # type: ignore[arg-type]  # checked by `typed`
            for name, line in self.materials.items()
            if line.status
        ]

    def field_findings(self) -> list[FieldFinding]:
        """The answers that have to be corrected."""
        return [
            FieldFinding(name, line.note, line.how)
            for name, line in self.fields.items()
            if line.status
        ]

    def contradictions(self) -> list[FieldError]:
        """Answers ticked as wrong on a case that is about to be accepted."""
        message = "已勾选需要更正的内容，不能直接受理：请取消勾选，或改用一次性告知补正"
        return [
            FieldError(f"field.{name}", message) for name, at in self.fields.items() if at.status
        ]


def _words(line: Line) -> tuple[str, str]:
    return (line.note, line.how) if line.status in WITH_NOTE else ("", "")


def choices(row: MaterialRow) -> tuple[tuple[str, str], ...]:
    """The statuses that fit a material: shared data is verified, only the deferrable deferred."""
    fitting = {
        "received": row.source not in ELSEWHERE or row.uploadable,
        "verified": row.source in ELSEWHERE,
        "missing": True,
        "unfit": True,
        "deferred": row.need == "deferrable",
    }
    return tuple((status, title) for status, title in STATUSES.items() if fitting[status])


def stored(view: DeskCase) -> Sheet:
    """The checklist as it was last saved."""
    return of_rows(view.materials)


def of_rows(rows: Iterable[MaterialRow]) -> Sheet:
    """The checklist as these rows say it."""
    return Sheet({row.id: Line(row.status or "", row.note or "", row.how or "") for row in rows})


def typed(pairs: Iterable[tuple[str, str]]) -> Sheet:
    """The checklist as it came from the page; names are material.<id>.status and the like."""
    rows: dict[str, dict[str, dict[str, str]]] = {"material": {}, "field": {}}
    plain: dict[str, str] = {}
    for name, text in pairs:
        kind, _, rest = name.partition(".")
        identity, _, part = rest.partition(".")
        if kind in rows and part in ("status", "note", "how"):
            rows[kind].setdefault(identity, {})[part] = text.strip()
        elif name in ("ground", "reasons", "belongs_to"):
            plain[name] = text.strip()
    for line in rows["material"].values():
        if line.get("status") not in STATUSES:
            line.pop("status", None)
    lines = {kind: {name: Line(**line) for name, line in of.items()} for kind, of in rows.items()}
    return Sheet(lines["material"], lines["field"], **plain)


def pairs(sheet: Sheet) -> list[tuple[str, str]]:
    """The checklist as a page sends it, to be carried along by a page that does not show it."""
    found = []
    for kind, lines in (("material", sheet.materials), ("field", sheet.fields)):
        for name, line in lines.items():
            parts = (("status", line.status), ("note", line.note), ("how", line.how))
            found += [(f"{kind}.{name}.{part}", text) for part, text in parts if text]
    return found


def filled(sheet: Sheet, view: DeskCase) -> Sheet:
    """The rest marked as it seems: files that are here received, shared data verified."""
    lines = dict(sheet.materials)
    for row in view.materials:
        line = sheet.material(row.id)
        seems = _seems(row)
        if not line.status and seems:
            lines[row.id] = replace(line, status=seems)
    return replace(sheet, materials=lines)


def filled_at_counter(sheet: Sheet, rows: Iterable[MaterialRow]) -> Sheet:
    """As `filled`, when the person stands here: what they must bring and did not is missing."""
    lines = dict(sheet.materials)
    for row in rows:
        seems = _seems(row) or ("missing" if row.need != "optional" else "")
        if not sheet.material(row.id).status and seems:
            lines[row.id] = replace(sheet.material(row.id), status=seems)
    return replace(sheet, materials=lines)


def _seems(row: MaterialRow) -> str:
    if row.source in ELSEWHERE:
        return "verified"
    return "received" if row.uploads or row.source in ("form", "pledge") else ""
