"""The calendars and the rules of places as they are in force today, whichever version a case runs
on: holidays are announced every year, and move the last days of what is open then."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath

from sqlalchemy import select as rows_of
from sqlmodel import Session, select

from onevisit.definition.parse import parse
from onevisit.definition.place import Calendar, Jurisdiction
from onevisit.definition.problem import DefinitionError
from onevisit.definition.service import Definition
from onevisit.store.plain import ask, columns
from onevisit.store.work_tables import Rule

CALENDAR, JURISDICTION = "calendar", "jurisdiction"
FOLDERS = {"workflows/calendars": CALENDAR, "workflows/jurisdictions": JURISDICTION}
READ = "rules in force"
"""Where a session remembers which rules it has read: the same ones to its end."""
_RULES = columns(Rule)
HASHES = rows_of(_RULES.kind, _RULES.id, _RULES.hash).order_by(_RULES.kind, _RULES.id)
Value = Calendar | Jurisdiction
Hashes = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class InForce:
    """The rules of one moment; equal `key`, equal rules."""

    key: tuple[str, ...] = ()
    values: Mapping[tuple[str, str], Value] = field(default_factory=dict, compare=False)

    def laid_over(self, definition: Definition) -> Definition:
        """The definition with today's rules of its place and today's calendar."""
        place = self.values.get((JURISDICTION, definition.jurisdiction.id))
        place = place if isinstance(place, Jurisdiction) else definition.jurisdiction
        calendar = self.values.get((CALENDAR, place.calendar))
        calendar = calendar if isinstance(calendar, Calendar) else definition.calendar
        if (place, calendar) == (definition.jurisdiction, definition.calendar):
            return definition
        return replace(definition, jurisdiction=place, calendar=calendar)


def keep(session: Session, texts: Mapping[str, str], now: datetime) -> list[Rule]:
    """Stores what changed of the rules in a service folder, by path → text; those rows.

    What cannot be read, or is not called like its file, leaves what is in force untouched.
    """
    changed = []
    for path, text in texts.items():
        found = _readable(path, text)
        if found is None:
            continue
        kind, value = found
        row = session.get(Rule, (kind, value.id)) or Rule(
            kind=kind, id=value.id, content="", hash="", published_at=now
        )
        digest = sha256(text.encode()).hexdigest()
        if row.hash != digest:
            row.content, row.hash, row.published_at = text, digest, now
            row.applied_at = row.reached = None
            session.add(row)
            changed.append(row)
    session.flush()
    session.info.pop(READ, None)
    return changed


def hashes(session: Session) -> Hashes:
    """Which rules are in force, by kind and id; read once a session."""
    if READ not in session.info:
        rows = ask(session, HASHES)
        session.info[READ] = {(kind, name): found for kind, name, found in rows}
    found: Hashes = session.info[READ]
    return found


def read(session: Session) -> InForce:
    """The rules that are in force, parsed."""
    known = hashes(session)
    values = {}
    for row in session.exec(select(Rule)):
        value = _parsed(row.kind, row.content, row.id)
        if value is not None and known.get((row.kind, row.id)) == row.hash:
            values[row.kind, row.id] = value
    return InForce(tuple(known.values()), values)


def _readable(path: str, text: str) -> tuple[str, Value] | None:
    place = PurePosixPath(path)
    if str(place.parent) not in FOLDERS:
        return None
    kind = FOLDERS[str(place.parent)]
    value = _parsed(kind, text, path)
    return (kind, value) if value is not None and value.id == place.stem else None


def _parsed(kind: str, text: str, path: str) -> Value | None:
    """The rule in this text; None when it cannot be read, or no longer since the language has
    become stricter: what the versions pin then holds."""
    try:
        if kind == CALENDAR:
            return parse(text, path, Calendar)[0]
        return parse(text, path, Jurisdiction)[0]
    except DefinitionError:
        return None
