"""What the applicant's side reads when a document about their case is there, in plain sentences.

The sentences hold the number of the case and the name of the service, no other personal data, so
that they may go out by e-mail and SMS; what is decided on which item is told in the inbox alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.outbox.telling import Telling, tell_side
from onevisit.documents.format import cn_date
from onevisit.store.tables import Document

INTERNAL = frozenset({"supervision"})
"""Kinds of document that one office writes to another."""
OWN = frozenset({"application"})
"""What the applicant's side has just handed in itself; the receipt tells them."""
READY = "结果已经办好，可以领取"
PICKUPS = {
    "download": "请登录后在办件页面一次下载全部结果。",
    "window": "请带上身份证件，到出件窗口一次领取全部结果。",
    "post": "全部结果将一次邮寄给您，请留意查收。",
    "kiosk": "请带上身份证件，到自助终端一次领取全部结果。",
}
CODE = "自助取件码{code}，凭它和身份证件可以在自助终端领取，请不要告诉别人。"
POSTED = "您申请的{case}的全部结果已经寄出，承运单位和运单号请登录后在办件页面查看。"
TRACKED = "您申请的{case}的全部结果已经由{carrier}寄出，运单号{number}，请留意查收。"
SENTENCES = {
    "receipt": "我们已经收到您申请的{case}，正在核对材料。回执可以在办件页面下载。",
    "acceptance": "您申请的{case}已经受理，有关部门同时开始办理{promise}。",
    "correction": "您申请的{case}还需要补正，请在{due}前一次补齐；要补什么，写在告知书里。",
    "decline": "您申请的{case}不予受理，理由和您接下来可以怎么办，都写在决定书里。",
    "approval": "您申请的{case}有一个事项作出了决定，请登录后查看。",
    "rejection": "您申请的{case}有一个事项作出了决定，请登录后查看。",
    "delivery": "您申请的{case}的结果已经领取。如果不是您或者您委托的人领取的，请马上联系我们。",
}
OTHERWISE = "您申请的{case}有一份新的文书：《{title}》，请登录后查看。"
DECIDED = "您申请的{case}，“{item}”已经作出决定：{result}"


def documents(ctx: Context, dossier: Dossier, written: Sequence[Document]) -> None:
    """Tell the applicant's side of the documents that a turn has just written: once for each, and
    once for all certificates together."""
    ready = [each for each in written if each.kind == "certificate"]
    others = [each for each in written if each.kind not in {"certificate", *INTERNAL, *OWN}]
    tellings = [_telling(dossier, document) for document in (*others, *ready[:1])]
    if dossier.case.pickup_code is not None and written and not ready:
        tellings.append(_code(dossier, dossier.case.pickup_code, _named(written[0])))
    tell_side(ctx, dossier, tellings)


def _telling(dossier: Dossier, document: Document) -> Telling:
    outside = _outside(dossier, document)
    return Telling(
        key=f"document/{document.id}",
        title=READY if document.kind == "certificate" else document.title,
        body=_decided(document) or _tracked(document) or outside,
        kind=document.kind,
        link=f"/my/{dossier.case.id}",
        case_id=dossier.case.id,
        outside=outside,
    )


def _code(dossier: Dossier, code: str, named: str) -> Telling:
    """Where no certificate tells that the results are ready, the code is told by itself."""
    text = f"您申请的{named}已经办好。{CODE.format(code=code)}"
    return Telling(
        key=f"kiosk/{dossier.case.id}/code",
        title=READY,
        body=text,
        link=f"/my/{dossier.case.id}",
        case_id=dossier.case.id,
        outside=text,
    )


def _outside(dossier: Dossier, document: Document) -> str:
    """The sentence that may leave the house."""
    due = document.snapshot["due"]
    named = _named(document)
    if document.kind == "certificate":
        code = dossier.case.pickup_code
        how = PICKUPS.get(dossier.case.pickup or "", "")
        return f"您申请的{named}已经办好。{how}{CODE.format(code=code) if code else ''}"
    if _parcel(document) is not None:
        return POSTED.format(case=named)
    promised = dossier.case.promise_due
    return SENTENCES.get(document.kind, OTHERWISE).format(
        case=named,
        title=document.title,
        promise=f"，承诺{cn_date(promised)}前办结" if promised else "",
        due=cn_date(date.fromisoformat(due)) if due else "规定的日期",
    )


def _parcel(document: Document) -> Mapping[str, Any] | None:
    """Who received the results and how, where a carrier brings them."""
    collector: Mapping[str, Any] | None = document.snapshot["collector"]
    return collector if collector is not None and collector.get("tracking_number") else None


def _tracked(document: Document) -> str | None:
    """Where a parcel can be followed; for the inbox, which only its owner reads."""
    parcel = _parcel(document)
    if parcel is None:
        return None
    carrier, number = parcel["carrier"], parcel["tracking_number"]
    return TRACKED.format(case=_named(document), carrier=carrier, number=number)


def _decided(document: Document) -> str | None:
    """What was decided on which item; None for a document that decides nothing."""
    decision = document.snapshot["decision"]
    if decision is None:
        return None
    return DECIDED.format(case=_named(document), item=decision["item"], result=decision["result"])


def _named(document: Document) -> str:
    """The case by its service and number. Titles of services bring their own quotation marks."""
    case = document.snapshot["case"]
    return f"{case['service']}（办件号{case['number']}）"
