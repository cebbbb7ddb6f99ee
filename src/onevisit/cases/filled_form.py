"""The application form as it was handed in: what the paper of it says, frozen with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from onevisit.cases import wording
from onevisit.cases.dossier import Dossier
from onevisit.cases.shared_data import FactView
from onevisit.definition.form import Field
from onevisit.documents.format import answer_text, cn_date
from onevisit.engine import Part

Json = dict[str, Any]

KIND = "application"
DECLARATION = (
    "以上填写的内容和提交的材料真实、合法、有效，复印件与原件一致。"
    "申请人对申请材料实质内容的真实性负责（《中华人民共和国行政许可法》第三十一条）。"
)
PLEDGE = (
    "申请人已经知晓办理的条件、承诺的内容和不实承诺的后果；承诺已经符合规定的条件；"
    "愿意承担不实承诺的法律责任；以上承诺是申请人的真实意思表示。"
)


def filled_form(dossier: Dossier, reopens: str | None, disputed: Sequence[FactView] = ()) -> Json:
    """The form of a case in words, only what its items need, blanks included.

    `reopens`: the number of the earlier case from which the form was taken over, if it was.
    `disputed`: what the applicant says is otherwise than a shared source has it (浙江规定第七条).
    """
    form = dossier.definition.form.for_items(dossier.selection.item_ids)
    data = dossier.case.form
    return {
        "title": form.title,
        "sections": [
            {"title": section.title, "rows": [answer_row(each, data) for each in section.fields]}
            for section in form.sections
        ]
        + _disputes(disputed),
        "pledges": _pledges(dossier),
        "pledge": PLEDGE,
        "declaration": DECLARATION,
        "pickup": wording.PICKUPS.get(dossier.case.pickup or ""),
        "reopens": reopens,
    }


def _disputes(disputed: Sequence[FactView]) -> list[Json]:
    """A page of its own for what is disputed; none where nothing is."""
    rows = [
        _row_of(
            each.title,
            value=f"{each.said}（{each.source}登记为“{each.text}”，"
            f"截至{cn_date(each.as_of)}；理由：{each.why}）",
        )
        for each in disputed
    ]
    return [{"title": "对共享数据的异议（以申请人提供的为准）", "rows": rows}] if rows else []


def answer_row(field: Field, data: Mapping[str, Any]) -> Json:
    """One question: an answer in words, or a small table where it asks for a list of records."""
    value = data.get(field.id)
    columns = field.schema.get("items", {}).get("properties", {})
    if not columns or not isinstance(value, list) or not value:
        return _row_of(field.title, value=_text(field.schema, value))
    return _row_of(
        field.title,
        columns=[schema.get("title", name) for name, schema in columns.items()],
        entries=[
            [_text(schema, each.get(name)) for name, schema in columns.items()] for each in value
        ],
    )


def _row_of(
    label: str,
    value: str | None = None,
    columns: list[str] | None = None,
    entries: list[list[str]] | None = None,
) -> Json:
    return {"label": label, "value": value, "columns": columns or [], "entries": entries or []}


def _text(schema: Mapping[str, Any], value: Any) -> str:
    return "未填写" if value in (None, "", []) else answer_text(schema, value)


def _pledges(dossier: Dossier) -> list[Json]:
    """What was pledged instead of proven: material, and whole items (浙江规定第十四条)."""
    found = [
        {"title": each.title, "text": each.standard or ""}
        for each in dossier.selection.materials
        if each.source == "pledge"
    ]
    return found + [_pledged(part) for part in dossier.selection.parts if _by_pledge(part)]


def _by_pledge(part: Part) -> bool:
    return part.route.kind == "pledge"


def _pledged(part: Part) -> Json:
    title = wording.item_title(part)
    return {"title": f"{title}（告知承诺）", "text": "以告知承诺方式办理，决定之后接受核查"}
