"""How the definition's English keys read on a page; tests hold every list complete."""

from onevisit.cases import wording
from onevisit.definition.values import Limit
from onevisit.definition.workflow import Fee, Material

AUDIENCES = {"person": "个人办事", "enterprise": "企业办事"}
LIFE_EVENTS = {
    "birth": "出生",
    "school": "上学",
    "work": "就业",
    "marriage": "婚姻",
    "home": "住房",
    "health": "就医",
    "support": "救助扶残",
    "retirement": "退休",
    "death": "身后",
    "start": "开办",
    "operate": "经营",
    "build": "建设",
    "hire": "用工",
    "change": "变更",
    "close": "注销",
}
"""In the order of a life, then of a business."""
CHANNELS = {
    "online": "网上办",
    "window": "窗口办",
    "post": "邮寄办",
    "kiosk": "自助终端办",
    "home": "上门帮办",
}
PICKUPS = {
    "download": "网上下载电子证照",
    "window": "到综合窗口领取",
    "post": "邮寄送达",
    "kiosk": "自助终端打印",
}
ROUTES = {"approval": "审批", "filing": "备案", "pledge": "告知承诺"}
SOURCES = {
    "applicant": "由您提交",
    "shared": "数据共享，不用您交",
    "form": "由您填的表自动生成",
    "prior": "由前一事项的结果代替，不用您交",
    "pledge": "由您的书面承诺代替",
}
NEEDS = {"required": "必交", "optional": "选交", "deferrable": "可后补（容缺）"}
MOMENTS = {"submission": "提交时", "acceptance": "受理前", "collection": "领取时"}
SPECIALS = wording.SPECIALS
CATEGORIES = {
    "01": "行政许可",
    "02": "行政处罚",
    "03": "行政强制",
    "04": "行政征收",
    "05": "行政给付",
    "06": "行政检查",
    "07": "行政确认",
    "08": "行政奖励",
    "09": "行政裁决",
    "10": "其他行政权力",
    "20": "公共服务",
}
"""事项类型代码；21 to 29 extend 公共服务."""


def category(code: str) -> str:
    """The kind of item in words; codes from 21 on are kinds of public service."""
    return CATEGORIES.get(code, CATEGORIES["20"])


def days(limit: Limit | None) -> str:
    """A time limit in words: 当场, 5 个工作日, 30 日（自然日）."""
    if limit is None:
        return "—"
    if limit.days == 0:
        return "当场"
    return f"{limit.days} 个工作日" if limit.unit == "working" else f"{limit.days} 日（自然日）"


def fee(value: Fee | None) -> str:
    """What an item costs: free of charge unless a law says otherwise (许可法第五十八条)."""
    return "不收费" if value is None else f"{value.yuan} 元（{value.basis}）"


def material_note(material: Material) -> str:
    """What somebody who fetches this material has to know, in one line."""
    notes = []
    if material.standard:
        notes.append(material.standard)
    if material.alternatives:
        notes.append(f"也可以用{'、'.join(material.alternatives)}代替")
    if material.issuer:
        notes.append(f"由{material.issuer}出具")
    if material.original:
        moments = "或".join(MOMENTS[moment] for moment in material.original)
        notes.append(f"{moments}出示原件")
    if material.copies > 1:
        notes.append(f"一式 {material.copies} 份")
    if material.defer:
        notes.append(f"可先受理，{material.defer.days} 个工作日内补交")
    return "；".join(notes)
