"""The Chinese words of official documents that follow from codes; nothing here knows a service."""

from datetime import date

from stdnum.cn import uscc

from onevisit.definition.place import CappedDays
from onevisit.definition.values import Limit
from onevisit.definition.workflow import Item
from onevisit.engine import Part

PERMIT = "01"
"""行政许可 in the category codes of GB/T 39046."""

CHANNELS = {
    "online": "网上申请",
    "window": "窗口申请",
    "post": "邮寄申请",
    "kiosk": "自助终端申请",
    "home": "上门办理",
}
PICKUPS = {
    "download": "网上下载",
    "window": "窗口领取",
    "post": "邮寄送达",
    "kiosk": "自助终端领取",
}
ROUTES = {"approval": "审批", "filing": "备案", "pledge": "告知承诺"}
SOURCES = {
    "applicant": "申请人提交",
    "shared": "数据共享",
    "form": "由申请表生成",
    "prior": "前序事项结果",
    "pledge": "告知承诺",
}
NEEDS = {"required": "必须提交", "optional": "选交", "deferrable": "可容缺后补"}
CHECKED = {
    "received": "已收",
    "verified": "已核验",
    "missing": "缺少",
    "unfit": "不符合要求",
    "deferred": "容缺后补",
}
UNCHECKED = "未核对"
"""Of material that nobody had looked at when the case was accepted by law."""
RESULTS = {"approval": "决定书", "rejection": "决定书（不予）", "certificate": "证照"}
PAPER_STATES = {
    "made": ("已制好", "done"),
    "pending": ("正在制作", "waiting"),
    "failed": ("制作失败", "overdue"),
}
"""Whether a paper can be handed out: its word and its tone."""
RELATIONS = {
    "self": "本人",
    "registered": "委托代理人",
    "agent": "委托代理人",
    "addressee": "申请人指定的收件人",
}
TITLES = {
    "receipt": "收件回执",
    "acceptance": "受理通知书",
    "correction": "一次性补正告知书",
    "decline": "不予受理决定书",
    "delivery": "送达回证",
    "mending": "当场更正记录",
    "deferral": "容缺受理告知书",
    "revocation": "撤销受理决定书",
    "special": "特别程序告知书",
    "suspension": "中止办理告知书",
    "extension": "延长办理期限告知书",
    "transfer": "移送办理通知书",
    "hearing_right": "听证权利告知书",
    "hearing_notice": "听证通知书",
    "hearing_record": "听证笔录",
    "inspection": "现场核查通知书",
    "appointment": "到场办理通知书",
    "delay": "超期理由告知书",
    "supervision": "督办单",
    "pledge_check": "告知承诺核查结果告知书",
    "mending_order": "限期整改通知书",
    "certificate_revocation": "撤销决定书",
    "certificate_cancellation": "注销决定书",
    "renewal": "延续有效期决定书",
    "reopening": "重新办理通知书",
    "application": "申请表",
}
SPECIALS = {
    "hearing": "听证",
    "tender": "招标",
    "auction": "拍卖",
    "inspection": "检验",
    "test": "检测",
    "quarantine": "检疫",
    "appraisal": "鉴定",
    "experts": "专家评审",
}
"""The closed list of 许可法第四十五条."""
PLEDGE_CHECKS = {
    "due": "待核查",
    "kept": "承诺属实",
    "broken": "限期整改中",
    "mended": "整改到位",
    "failed": "已撤销",
}
CORRECTION_CONSEQUENCE = "逾期未补正的，视为撤回申请；撤回后仍可以重新申请。"
DEFERRAL_CONSEQUENCES = {
    "revoke": "逾期未补交的，撤销受理。",
    "reject": "逾期未补交的，不予许可。",
}


def days(limit: Limit | CappedDays) -> str:
    """5个工作日, 30日 (natural days), or 当场 for none."""
    if limit.days == 0:
        return "当场"
    natural = isinstance(limit, Limit) and limit.unit == "natural"
    return f"{limit.days}日" if natural else f"{limit.days}个工作日"


def identity_type(number: str) -> str:
    """What kind of number it is: a company's or a person's."""
    return "统一社会信用代码" if uscc.is_valid(number) else "居民身份证"


def item_title(part: Part) -> str:
    """The item's title, with its place in the list when there is one approval per element."""
    return part.item.title if part.element is None else f"{part.item.title}（第{part.element}项）"


def decision_title(item: Item, route: str, *, granted: bool) -> str:
    """The title of the document that tells a decision."""
    if route == "filing":
        return "备案通知书" if granted else "不予备案通知书"
    if item.category == PERMIT:
        return "准予行政许可决定书" if granted else "不予行政许可决定书"
    return "办理结果通知书" if granted else "不予办理通知书"


def decision_result(item: Item, route: str, *, granted: bool) -> str:
    """The sentence that decides."""
    if route == "filing":
        return "予以备案。" if granted else "不予备案。"
    if item.category == PERMIT:
        pledged = "（告知承诺）" if route == "pledge" else ""
        return f"准予行政许可{pledged}。" if granted else "不予行政许可。"
    return "予以办理，核验通过。" if granted else "不予办理。"


def years_later(start: date, years: int) -> date:
    """The last day of a validity of so many years that begins on `start`."""
    try:
        end = start.replace(year=start.year + years)
    except ValueError:  # 29 February
        end = start.replace(year=start.year + years, month=3, day=1)
    return date.fromordinal(end.toordinal() - 1)
