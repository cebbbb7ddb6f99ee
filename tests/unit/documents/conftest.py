"""One plainly fictional case from which every kind of document in these tests is made."""

from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

TEMPLATES = Path(__file__).parents[3] / "templates"

REMEDIES = [
    "如不服本决定，可以自收到本决定书之日起60日内，向示例市人民政府申请行政复议。",
    "也可以自收到本决定书之日起6个月内，依法向示例市人民法院提起行政诉讼。",
]

ITEMS = [
    ("食品经营许可（新办）", "示例市市场监督管理局", "许可", "5个工作日", "20个工作日"),
    ("设置大型户外广告及招牌", "示例市综合行政执法局", "备案", "3个工作日", "20个工作日"),
    (
        "公众聚集场所投入使用、营业前消防安全检查",
        "示例市消防救援支队",
        "告知承诺",
        "当场",
        "10个工作日",
    ),
    ("烟草专卖零售许可", "示例市烟草专卖局", "许可", "8个工作日", "20个工作日"),
]

MATERIALS = [
    ("开办餐饮店申请表", "在线填写", "已收", ""),
    ("营业执照", "数据共享", "共享核验", "来自示例市市场监督管理局"),
    ("法定代表人身份证", "数据共享", "共享核验", ""),
    ("场所平面图", "申请人自备", "已收", "食品、消防、招牌三个事项共用一份"),
    ("主要设备设施、布局与操作流程说明", "申请人自备", "已收", ""),
    ("食品安全规章制度", "申请人自备", "告知承诺", ""),
    ("从业人员健康证明", "申请人自备", "容缺后补", "可在领证前补交"),
]

CERTIFICATE = {
    "title": "食品经营许可证",
    "number": "1.2.156.3005.2.11990000MB0000000W001.11990000MB0000000W.2026000012.001.0",
    "holder": "示例市演示甲餐饮店",
    "fields": [
        {"label": "统一社会信用代码", "value": "92990000MA00000000"},
        {"label": "法定代表人（负责人）", "value": "演示申请人甲"},
        {"label": "住所", "value": "示例市示范区演示路1号"},
        {"label": "经营场所", "value": "示例市示范区演示路1号一层101室"},
        {"label": "主体业态", "value": "餐饮服务经营者（小型餐馆）"},
        {"label": "经营项目", "value": "热食类食品制售，冷食类食品制售，自制饮品制售"},
    ],
    "valid_from": "2026-11-21",
    "valid_until": "2031-11-20",
}


def _item(number: int, row: tuple[str, str, str, str, str]) -> dict[str, Any]:
    title, department, route, promise, legal = row
    return {
        "id": f"item{number}",
        "title": title,
        "department": department,
        "route": route,
        "promise": promise,
        "legal": legal,
        "promise_due": "2026-11-30",
        "legal_due": "2026-12-21",
        "starts": "与受理同时启动",
        "state": "待受理",
    }


def _snapshot() -> dict[str, Any]:
    return {
        "kind": "receipt",
        "title": "收件回执",
        "number": "示例市综收〔2026〕000012号",
        "issued_at": "2026-11-21T10:00:00+08:00",
        "authority": {"title": "示例市市场监督管理局", "uscc": "11990000MB0000000W"},
        "region": "示例市",
        "case": {
            "number": "990000-20261121-000012-7",
            "service": "开办餐饮店“一件事”",
            "submitted_at": "2026-11-21T09:12:00+08:00",
            "accepted_at": "2026-11-21T10:00:00+08:00",
            "channel": "网上申请",
            "promise_due": "2026-12-03",
            "legal_due": "2027-01-22",
        },
        "applicant": {
            "name": "演示申请人甲",
            "id_type": "居民身份证",
            "id_number": "99000019900101001X",
            "phone": "19900000000",
            "agent": None,
        },
        "items": [_item(number, row) for number, row in enumerate(ITEMS, 1)],
        "materials": [
            dict(zip(("title", "source", "status", "note"), row, strict=True)) for row in MATERIALS
        ],
        "missing": [
            {
                "title": "场所平面图",
                "problem": "没有标明操作间与就餐区的面积",
                "how": "在图上标注各功能区的面积后重新上传",
            },
            {
                "title": "食品安全管理人员证明",
                "problem": "未提交",
                "how": "上传食品安全管理人员的任命文件或者培训考核证明",
            },
        ],
        "due": "2026-11-28",
        "consequence": "逾期未补正的，视为撤回申请；撤回后仍可以重新申请。",
        "decision": {
            "item": "食品经营许可（新办）",
            "result": "准予行政许可。",
            "reasons": "经营场所的布局、设备设施和管理制度符合食品安全要求。",
            "opinion": None,
            "basis": ["《中华人民共和国行政许可法》第三十八条第一款"],
            "remedies": REMEDIES,
        },
        "certificate": deepcopy(CERTIFICATE),
        "bundle": [
            {"title": "准予行政许可决定书", "number": "示例市市监许〔2026〕000012号"},
            {"title": "食品经营许可证", "number": CERTIFICATE["number"]},
            {"title": "户外招牌设置备案通知书", "number": "示例市城管备〔2026〕000007号"},
        ],
        "collector": {
            "name": "演示代办人乙",
            "id_number": "990000198807150023",
            "relation": "委托代理人",
            "method": "窗口领取",
        },
        "contact": {"place": "示例市政务服务中心综合窗口", "phone": "0990-0000000"},
        "basis": ["《中华人民共和国行政许可法》第三十二条"],
    }


TITLES = {
    "notices/receipt": "收件回执",
    "notices/acceptance": "受理通知书",
    "notices/correction": "一次性补正告知书",
    "notices/decline": "不予受理决定书",
    "notices/approval": "准予行政许可决定书",
    "notices/rejection": "不予行政许可决定书",
    "notices/delivery": "送达回证",
    "certificates/standard": "食品经营许可证",
}


@pytest.fixture
def templates() -> Path:
    """The templates that are shipped."""
    return TEMPLATES


@pytest.fixture
def sample() -> Callable[[str], dict[str, Any]]:
    """A fresh snapshot for the named template; a test may change it as it likes."""

    def of(template: str) -> dict[str, Any]:
        snapshot = _snapshot()
        snapshot["kind"] = template.rpartition("/")[2]
        snapshot["title"] = TITLES[template]
        if snapshot["kind"] in ("decline", "rejection"):
            snapshot["decision"] |= {
                "result": f"不予{'受理' if snapshot['kind'] == 'decline' else '行政许可'}。",
                "reasons": "经营场所与有毒、有害场所的距离不符合规定。",
            }
        return snapshot

    return of


@pytest.fixture
def text_of() -> Callable[[bytes], str]:
    """All text of a PDF without line breaks and spaces, as Chinese is read."""

    def text(pdf: bytes) -> str:
        pages = PdfReader(BytesIO(pdf)).pages
        return "".join("".join(page.extract_text().split()) for page in pages)

    return text
