"""Changing what holds for a whole place in the browser: the departments, a calendar, the rules of a
jurisdiction. What each service becomes is proven before anything is saved."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from onevisit.catalog import authored, rules
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder, Refusal, load, read_texts
from onevisit.catalog.promises import with_promises_proven
from onevisit.catalog.published import Published, workflow_path
from onevisit.definition.bundle import DIRECTORY
from onevisit.definition.parse import parse
from onevisit.definition.place import Calendar, Directory, Jurisdiction
from onevisit.definition.problem import DefinitionError
from onevisit.store.admin_tables import PlaceChange
from onevisit.store.tables import Account

CALENDARS, JURISDICTIONS = "workflows/calendars", "workflows/jurisdictions"
Place = Directory | Calendar | Jurisdiction


@dataclass(frozen=True)
class Proposal:
    """A file as it would be: the services that it makes another version of, and those whose
    present version it would break; `against` are the hashes of the versions it was tried on."""

    path: str
    before: str
    after: str
    services: tuple[Published, ...]
    refused: tuple[Refusal, ...]
    against: tuple[str, ...]


class Overtaken(Exception):
    """同时有别的改动刚刚生效，请再检查一次。"""


def paths(texts: Mapping[str, str], folder: str) -> list[str]:
    """The files directly in a folder of the service folder."""
    return sorted(path for path in texts if str(Path(path).parent) == folder)


def kind_of(path: str) -> type[Place]:
    """What the file at this path holds."""
    if path == DIRECTORY:
        return Directory
    return Calendar if str(Path(path).parent) == CALENDARS else Jurisdiction


def value_of(path: str, text: str) -> Place:
    """The departments, the calendar or the rules in a text; DefinitionError with all its faults,
    also when it is not called like its file."""
    value, source = parse(text, path, kind_of(path))
    if not isinstance(value, Directory) and value.id != Path(path).stem:
        raise DefinitionError([source.wrong_value(("id",), Path(path).stem)])
    return value


def propose(catalog: Catalog, session: Session, root: Path, path: str, after: str) -> Proposal:
    """What `after` in the place of the file would do. Every service that reads the file is proven
    anew on it, held to its present version (只减不增).

    Raises DefinitionError when the text itself is wrong, KeyError when there is no such file.
    """
    before = catalog.texts(session, root)[0][path]
    value_of(path, after)
    current = {each.hash: each for each in catalog.list(session) if path in each.content}
    services: list[Published] = []
    refused: list[Refusal] = []
    for each in current.values():
        texts = {**each.content, path: after}
        name = workflow_path(each.definition.workflow.id)
        try:
            services.append(load(name, texts))
        except DefinitionError as error:
            refused.append(Refusal(name, error.problems, texts))
    proven = with_promises_proven(Folder(tuple(services), tuple(refused)), current)
    new = tuple(each for each in proven.services if each.hash not in current)
    return Proposal(path, before, after, new, proven.refused, tuple(sorted(current)))


def put_in_force(  # noqa: PLR0917 -- a change of a file, each part once
    catalog: Catalog,
    session: Session,
    root: Path,
    proposal: Proposal,
    now: datetime,
    by: uuid.UUID,
    what: str,
    basis: str,
) -> None:
    """Makes the proposal hold: for new cases by new versions of the services, for open ones too as
    far as calendars and rules go (ADR 0012). The former text is kept. Does not commit.

    Overtaken when the file or one of the services has changed since it was proven.
    """
    texts, path = catalog.texts(session, root)[0], proposal.path
    current = sorted(each.hash for each in catalog.list(session) if path in each.content)
    if texts.get(path) != proposal.before or tuple(current) != proposal.against:
        raise Overtaken(Overtaken.__doc__)
    authored.keep(session, path, proposal.after, read_texts(root)[0].get(path), now, by)
    rules.keep(session, {path: proposal.after}, now)
    for service in proposal.services:
        catalog.put_in_force(session, service, now, by, "draft", basis)
    session.add(
        PlaceChange(
            path=path, what=what, basis=basis, before=proposal.before, after=proposal.after,
            at=now, actor_id=by,
        )
    )  # fmt: skip
    session.flush()


@dataclass(frozen=True)
class Told:
    """One change of a file, with the name of who made it."""

    change: PlaceChange
    who: str


def history(session: Session, path: str, most: int = 20) -> list[Told]:
    """The changes of a file in the browser, the newest first."""
    statement = (
        select(PlaceChange, Account.name)
        .join(Account, col(Account.id) == col(PlaceChange.actor_id))
        .where(PlaceChange.path == path)
        .order_by(col(PlaceChange.id).desc())
        .limit(most)
    )
    return [Told(change, name) for change, name in session.exec(statement)]
