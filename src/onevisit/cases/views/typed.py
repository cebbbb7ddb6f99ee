"""What somebody typed to find a case in a list that only grows: looked up, never searched through.

A number whole, of the case or of one of its papers, or the beginning of a name; each by an index.
"""

import uuid

from sqlalchemy import ColumnElement
from sqlalchemy import Select as RowSelect
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, or_

from onevisit.cases.views.numbers_typed import case_number, paper_numbers
from onevisit.store.beginning import begins_with
from onevisit.store.tables import Account, Case, Document

NAMES = 200
"""Accounts whose cases are looked at; a beginning that more people share is too short."""


def found_by(session: Session, text: str) -> ColumnElement[bool]:
    """Whether a case has this number, or is of somebody whose name begins like this."""
    return or_(numbered(text), of_somebody(session, text))


def numbered(text: str) -> ColumnElement[bool]:
    """The case with this number, or the one for which a paper with this number was written."""
    found = col(Case.id).in_(by_document(text))
    number = case_number(text)
    return or_(col(Case.number) == number, found) if number else found


def by_document(text: str) -> RowSelect[uuid.UUID]:
    """The cases of papers with this number."""
    return rows_of(col(Document.case_id)).where(col(Document.number).in_(paper_numbers(text)))


def of_somebody(session: Session, text: str) -> ColumnElement[bool]:
    """Handed in by or for people whose name begins like this."""
    people = rows_of(col(Account.id)).where(begins_with(session, col(Account.name), text))
    return col(Case.applicant_id).in_(people.order_by(col(Account.name)).limit(NAMES))
