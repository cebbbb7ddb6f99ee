"""Who stands at the counter: found by the number of their card, or registered with an account.

Nobody can sign in to such an account by password until its owner proves who they are.
"""

import secrets

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from onevisit.access import PostValue, check_can_take_in
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.pickup import PHONE
from onevisit.definition.faults import FORMATS
from onevisit.definition.form import FieldError
from onevisit.store.kept import keyed, sought
from onevisit.store.tables import Account, Post

LONGEST_NAME = 100
USERNAME = "counter-"
"""How the user names of accounts begin that were opened at the counter."""


def id_fault(id_number: str) -> str | None:
    """What is wrong with the number of a card or of a company, by its check digit (GB 11643,
    GB 32100); None when nothing is."""
    if not id_number:
        return "请刷身份证，或者输入证件号码"
    if FORMATS.conforms(id_number, "cn-id") or FORMATS.conforms(id_number, "uscc"):
        return None
    return "号码不对：18 位居民身份证号码或者统一社会信用代码，最后一位是校验位，请核对后重新输入"


def applicant_of(ctx: Context, id_number: str) -> Account | None:
    """The account of the applicant with this number; None when there is none."""
    check_can_take_in(ctx.actor)
    statement = (
        select(Account)
        .join(Post, col(Post.account_id) == col(Account.id))
        .where(Account.id_number_hash == sought(id_number), Post.role == "applicant")
        .where(col(Account.disabled).is_(False))
        .order_by(col(Account.id))
    )
    return ctx.session.exec(statement).first()


def person_faults(name: str, phone: str) -> list[FieldError]:
    """What is wrong with what a new applicant says of themselves, paths `name` and `phone`."""
    errors = []
    if not 1 < len(name) <= LONGEST_NAME:
        errors.append(FieldError("name", "请填写申请人姓名，与身份证件一致"))
    if not PHONE.fullmatch(phone.replace(" ", "")):
        errors.append(FieldError("phone", "请填写11位手机号码，或者带区号的固定电话"))
    return errors


def enrol(ctx: Context, id_number: str, name: str, phone: str) -> Account:
    """The applicant's account, opened when there is none; nobody can sign in to it by password
    until its owner proves who they are. Invalid, paths `name` and `phone`.

    Its user name follows from the number by a keyed hash, so that two clerks at once open one
    account and nobody reads the number from the name.
    """
    found = applicant_of(ctx, id_number)
    if found is not None:
        return found
    errors = person_faults(name, phone)
    if errors:
        raise Invalid(errors)
    account = Account(
        username=USERNAME + keyed(ctx.session, id_number)[:32],
        name=name,
        password_hash=hash_password(secrets.token_urlsafe(32)),
        id_number=id_number,
        phone=phone.replace(" ", ""),
    )
    try:
        with ctx.session.begin_nested():
            return open_account(ctx.session, account, [PostValue("applicant")])
    except IntegrityError:  # another window was faster by a moment
        opened_there = applicant_of(ctx, id_number)
        if opened_there is None:
            raise
        return opened_there
