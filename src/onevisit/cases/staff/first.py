"""Opens an administrator's account from the command line: the first one, or when all are lost."""

from datetime import datetime

from sqlmodel import Session

from onevisit.access import PostValue
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.errors import Invalid
from onevisit.cases.staff import password as passwords
from onevisit.cases.staff.appoint import Person, check_person
from onevisit.store.admin_tables import AccountChange
from onevisit.store.tables import Account


def open_admin(session: Session, person: Person, now: datetime) -> str:
    """An account with the post of administrator without a last day, on record as opened from the
    command line; its first password. Raises Invalid."""
    errors = check_person(session, person)
    if errors:
        raise Invalid(errors)
    account = Account(username=person.username, name=person.name, password_hash=hash_password(""))
    first = passwords.first_password(account, now)
    open_account(session, account, [PostValue("admin")])
    post = {"role": "admin", "department": None, "first_day": None, "last_day": None}
    after = {"username": person.username, "name": person.name, "posts": [post]}
    session.add(AccountChange(account_id=account.id, act="open", at=now, after=after))
    session.flush()
    return first
