"""A plainly fictional case on which a template is tried before anybody's real data meets it."""

from typing import Any

from onevisit.documents.certificate import certificate_number

Json = dict[str, Any]
Rows = tuple[tuple[str, ...], ...]

_ITEMS = (
    ("演示许可事项（新办）", "示例市第一演示局", "审批", "5个工作日", "20个工作日"),
    ("演示备案事项", "示例市第二演示管理局", "备案", "3个工作日", "20个工作日"),
    ("演示事项三、名称较长以便看出换行是否妥当", "示例市演示支队", "告知承诺", "当场", "10日"),
)
_MATERIALS = (
    ("演示申请表", "由申请表生成", "已生成", ""),
    ("演示营业证件", "数据共享", "已核验", "来自示例市演示证照库"),
    ("演示场所平面图", "申请人提交", "已收", "三个事项共用一份"),
    ("演示管理制度", "告知承诺", "告知承诺", ""),
    ("演示人员健康证明", "申请人提交", "容缺后补", "可以在领证前补交"),
)
_MISSING = (
    ("演示场所平面图", "没有标明各功能区的面积", "在图上标注面积后重新上传"),
    ("演示人员证明", "未提交", "上传任命文件或者培训考核证明"),
)
_FIELDS = (
    ("统一社会信用代码", "92990000MA00000005"),
    ("负责人", "演示申请人甲"),
    ("地址", "示例市示范区演示路1号一层101室"),
    ("许可内容", "演示项目一，演示项目二，演示项目三，具体以所附清单为准"),
)
_ANSWERS = (
    ("字号名称", "示例市演示甲商店"),
    ("地址", "示例市示范区演示路1号一层101室"),
    ("面积", "86平方米"),
    ("备注", "未填写"),
)
_COLUMNS = ("姓名", "岗位", "健康证明编号")
_PEOPLE = (("演示人员丙", "厨师", "演示000001"), ("演示人员丁", "服务员", "演示000002"))
_AUTHORITY = "11990000MB0000000J"
_NUMBER = certificate_number(_AUTHORITY, 1, _AUTHORITY, "2026000012")
_BASIS = ["《中华人民共和国行政许可法》第三十二条"]


def sample_snapshot(kind: str, title: str) -> Json:
    """A whole snapshot with every optional value filled, JSON values only.

    kind: receipt, acceptance, …, certificate; title: what stands over the document. Each call
    gives a fresh copy, so that a preview may leave out what it wants to see left out.
    """
    return {
        "kind": kind,
        "title": title,
        "number": "示例市演示〔2026〕000012号",
        "check_code": "7K3M9TXA",
        "issued_at": "2026-11-21T10:00:00+08:00",
        "authority": {"title": "示例市第一演示局", "uscc": _AUTHORITY},
        "region": "示例市",
        "case": _case(),
        "applicant": _applicant(),
        "items": [_item(number, row) for number, row in enumerate(_ITEMS, 1)],
        "materials": [_named(("title", "source", "status", "note"), row) for row in _MATERIALS],
        "missing": [_named(("title", "problem", "how"), row) for row in _MISSING],
        "due": "2026-11-28",
        "consequence": "逾期未补正的，视为撤回申请；撤回后仍可以重新申请。",
        "decision": _decision(granted=kind not in ("decline", "rejection")),
        "certificate": _certificate(title if kind == "certificate" else "演示许可证"),
        "bundle": [
            {
                "title": "准予行政许可决定书",
                "item": _ITEMS[0][0],
                "number": "示例市演示许〔2026〕000012号",
            },
            {"title": "演示许可证", "item": _ITEMS[0][0], "number": _NUMBER},
        ],
        "collector": {
            "name": "演示代办人乙",
            "id_number": "990000198807150022",
            "relation": "委托代理人",
            "method": "窗口领取",
            "authorisation": "委托书演示第1号，2026年11月20日签署",
            "phone": "19900000000",
            "address": "示例市示范区演示路1号一层101室",
            "carrier": "演示快递",
            "tracking_number": "YS20261121000012",
        },
        "letter": {
            "facts": [
                {"label": "演示情形", "value": "演示检验"},
                {"label": "起止日期", "value": "2026年11月23日至2026年12月4日"},
            ],
            "paragraphs": ["因演示事项需要演示检验，现将所需时间书面告知。"],
            "remedies": ["如不服本决定，可以自收到本决定书之日起六十日内依法申请行政复议；"],
        },
        "deemed_from": None,
        "form": _form(),
        "contact": {"place": "示例市政务服务中心综合窗口", "phone": "0990-0000000"},
        "basis": list(_BASIS),
    }


def _named(keys: tuple[str, ...], row: tuple[str, ...]) -> Json:
    return dict(zip(keys, row, strict=True))


def _case() -> Json:
    return {
        "number": "990000-20261121-000012-7",
        "service": "演示“一件事”",
        "submitted_at": "2026-11-21T09:12:00+08:00",
        "accepted_at": "2026-11-21T10:00:00+08:00",
        "channel": "网上申请",
        "promise_due": "2026-12-03",
        "legal_due": "2027-01-22",
    }


def _applicant() -> Json:
    return {
        "name": "演示申请人甲",
        "id_type": "居民身份证",
        "id_number": "990000199001010017",
        "phone": "19900000000",
        "agent": {"name": "演示代办人乙", "id_number": "990000198807150022"},
    }


def _item(number: int, row: tuple[str, ...]) -> Json:
    return _named(("title", "department", "route", "promise", "legal"), row) | {
        "id": f"item{number}",
        "promise_due": "2026-11-30",
        "legal_due": "2026-12-21",
        "starts": "与受理同时启动",
        "state": "办理中",
    }


def _form() -> Json:
    return {
        "title": "演示申请表",
        "sections": [
            {"title": "演示场所", "rows": [_asked(label, value) for label, value in _ANSWERS]},
            {"title": "演示人员", "rows": [_asked("从业人员", None, _COLUMNS, _PEOPLE)]},
        ],
        "pledges": [{"title": "演示管理制度", "text": "已经建立并执行演示管理制度"}],
        "pledge": "承诺已经符合规定的条件，愿意承担不实承诺的法律责任。",
        "declaration": "以上填写的内容和提交的材料真实、合法、有效。",
        "pickup": "窗口领取",
        "reopens": "990000-20261101-000003-4",
    }


def _asked(
    label: str, value: str | None, columns: tuple[str, ...] = (), entries: Rows = ()
) -> Json:
    rows = [list(each) for each in entries]
    return {"label": label, "value": value, "columns": list(columns), "entries": rows}


def _decision(*, granted: bool) -> Json:
    return {
        "item": _ITEMS[0][0],
        "result": "准予行政许可。" if granted else "不予行政许可。",
        "reasons": "场所的布局、设备和管理制度符合要求" if granted else "场所的布局不符合要求",
        "opinion": None if granted else "具备条件后可以重新提出申请",
        "basis": ["《中华人民共和国行政许可法》第三十八条"],
        "remedies": [
            "如不服本决定，可以自收到本决定书之日起六十日内依法申请行政复议；",
            "也可以自收到本决定书之日起六个月内依法向人民法院提起行政诉讼。",
        ],
    }


def _certificate(title: str) -> Json:
    return {
        "title": title,
        "number": _NUMBER,
        "holder": "示例市演示甲商店",
        "holder_shown": "示例市演示甲商店",
        "fields": [_named(("label", "value"), row) for row in _FIELDS],
        "valid_from": "2026-11-21",
        "valid_until": "2031-11-20",
    }
