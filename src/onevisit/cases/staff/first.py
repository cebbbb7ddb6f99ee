"""From the command line: opens an administrator's account, the first one or when all are lost, and
shuts somebody out when there is no time to look for an administrator."""

from datetime import datetime

from sqlmodel import Session, select

from onevisit.access import PostValue
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.signing_in import sessions
from onevisit.cases.staff import owner
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


def shut_out(session: Session, username: str, now: datetime) -> int:
    """Disable an account, on record as done from the command line; how many sessions ended.
    NotFound. The last administrator too: another one is opened in the same way."""
    statement = select(Account).where(Account.username == username).with_for_update()
    account = session.exec(statement).one_or_none()
    if account is None:
        raise NotFound(f"用户名为 {username} 的账号")
    if not account.disabled:
        account.disabled = True
        account.revision += 1
        before, after = {"disabled": False}, {"disabled": True}
        change = AccountChange(
            account_id=account.id, act="disable", at=now, before=before, after=after
        )
        session.add_all((account, change))
        session.flush()
        owner.tell(session, change, "系统运维人员")
    return sessions.end_all(session, account.id, now, "disabled")
