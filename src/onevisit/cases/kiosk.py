"""The kiosk (自助取件): an identity card and the pick-up code open a bundle, with nobody beside it.

A wrong code is no error to be raised: it has to be counted, and the count has to be committed.
"""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, or_, select

from onevisit.access import check_can_self_serve
from onevisit.cases import wording
from onevisit.cases.collector import compact
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.hand_out import EVENT, conclude, in_person, originals
from onevisit.cases.outbox.telling import applicant_side, tell
from onevisit.cases.pickup import KIOSK, TRIES
from onevisit.cases.turn import Turn
from onevisit.engine import CASE
from onevisit.store.kept import sought
from onevisit.store.tables import Account, Case

WRONG = (
    "证件号码或者取件码不对，请核对短信、消息里的取件码后再试。"
    f"连续输错{TRIES}次后，请带身份证件到出件窗口领取。"
)
LOCKED = "取件码输错次数太多，已经停用。请带身份证件到出件窗口领取，结果都还在。"
ORIGINALS = "这个办件领取时要查验原件，请带上原件到出件窗口领取。"


@dataclass(frozen=True)
class Opened:
    """The case that a card and a code open, or why (in a sentence) they open none."""

    case: Case | None
    refused: str = ""


def enter(ctx: Context, id_number: str, code: str) -> Opened:
    """What an identity number and a code open; every wrong code is counted for every bundle that
    it might have been meant for, and told to its applicant when it was one too many."""
    check_can_self_serve(ctx.actor)
    waiting = _waiting(ctx, compact(id_number))
    typed = "".join(code.split()).encode()
    right = [
        each for each in waiting if hmac.compare_digest((each.pickup_code or "").encode(), typed)
    ]
    if not right:
        for case in waiting:
            _count(ctx, case)
        return Opened(None, WRONG)
    case = right[0]
    if case.pickup_tries >= TRIES:
        return Opened(None, LOCKED)
    if originals(ctx, load(ctx, case.id)):
        return Opened(None, ORIGINALS)
    return Opened(case)


def pick_up(ctx: Context, id_number: str, code: str, revision: int) -> Opened:
    """Take the whole bundle away, which concludes the case; the code is checked once more.

    Raises Stale, NotPossible when it is taken elsewhere meanwhile, and NotMade.
    """
    opened = enter(ctx, id_number, code)
    if opened.case is None:
        return opened
    dossier = load(ctx, opened.case.id, lock=True)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(EVENT, text=wording.PICKUPS[KIOSK])
    conclude(ctx, turn, in_person(dossier, _whose(ctx, opened.case, compact(id_number)), KIOSK))
    return Opened(dossier.case)


def _waiting(ctx: Context, id_number: str) -> Sequence[Case]:
    """The bundles that this person may take from a kiosk, locked so that tries are counted one
    after the other."""
    people = select(Account.id).where(
        Account.id_number_hash == sought(id_number), col(Account.disabled).is_(False)
    )
    statement = (
        select(Case)
        .where(Case.awaits == "window", col(Case.pickup_code).is_not(None))
        .where(or_(col(Case.applicant_id).in_(people), col(Case.agent_id).in_(people)))
        .order_by(col(Case.id))
        .execution_options(populate_existing=True)
        .with_for_update(key_share=True)
    )
    return ctx.session.exec(statement).all() if id_number else ()


def _whose(ctx: Context, case: Case, id_number: str) -> uuid.UUID:
    """Whose card it is: the applicant's, else the agent's."""
    account = ctx.session.get_one(Account, case.applicant_id)
    if compact(account.id_number or "") == id_number or case.agent_id is None:
        return case.applicant_id
    return case.agent_id


def _count(ctx: Context, case: Case) -> None:
    """One wrong code more; the last of them closes the kiosk for this case and is told."""
    if case.pickup_tries >= TRIES:
        return
    case.pickup_tries += 1
    ctx.session.add(case)
    if case.pickup_tries == TRIES:
        dossier = load(ctx, case.id)
        tell(
            ctx,
            f"kiosk/{case.id}/closed",
            applicant_side(dossier),
            f"取件码已停用：{case.number}",
            f"有人在自助终端连续{TRIES}次输错这个办件的取件码，取件码已经停用，结果都还在。"
            "请带身份证件到出件窗口领取。如果不是您本人操作的，请马上联系我们。",
            link=f"/my/{case.id}",
            case_id=case.id,
        )
