"""What somebody typed to find a case in a list that only grows: looked up, never searched through.

A number whole, of the case or of one of its papers, or the beginning of a name; each by an index.
"""

import uuid

from sqlalchemy import ColumnElement, CompoundSelect, union_all
from sqlalchemy import Select as RowSelect
from sqlalchemy import select as rows_of
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from onevisit.cases.views.numbers_typed import case_number, paper_numbers
from onevisit.store.beginning import begins_with, by_letters
from onevisit.store.tables import Account, Case, Document

NAMES = 200
"""Accounts whose cases are looked at; a beginning that more people share is too short."""
Ids = RowSelect[uuid.UUID]
_ANY = aliased(Case)
"""Cases as they are looked up, whatever list is asked for them."""


def found_by(session: Session, text: str) -> ColumnElement[bool]:
    """Whether a case has this number, or is of somebody whose name begins like this."""
    return col(Case.id).in_(_all_of(*_numbered(text), _of_somebody(session, text)))


def numbered(text: str) -> ColumnElement[bool]:
    """The case with this number, or the one for which a paper with this number was written."""
    return col(Case.id).in_(_all_of(*_numbered(text)))


def by_document(text: str) -> Ids:
    """The cases of papers with this number."""
    return rows_of(col(Document.case_id)).where(col(Document.number).in_(paper_numbers(text)))


def _numbered(text: str) -> tuple[Ids, ...]:
    number = case_number(text)
    own = (rows_of(col(_ANY.id)).where(col(_ANY.number) == number),) if number else ()
    return (*own, by_document(text))


def _of_somebody(session: Session, text: str) -> Ids:
    """Handed in by or for people whose name begins like this."""
    name = col(Account.name)
    people = rows_of(col(Account.id)).where(begins_with(session, name, text))
    first = people.order_by(by_letters(session, name)).limit(NAMES)
    return rows_of(col(_ANY.id)).where(col(_ANY.applicant_id).in_(first))


def _all_of(*found: Ids) -> CompoundSelect[uuid.UUID]:
    """What any of them finds, each by its own index: for conditions joined by "or" PostgreSQL would
    go through all cases."""
    return union_all(*found)
