"""Makes the papers of all items one list: each asked once, and only of whoever cannot do without.

What an earlier item makes comes from there, what a shared source holds from there, application
forms become the one form; the rest is brought by the applicant, once for all items.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from onevisit.definition.serial import SerialMaterial, name_of
from onevisit.definition.serial_file import Serial
from onevisit.engine.conversion.changes import Change, Entry, Ids, places
from onevisit.engine.conversion.same_things import Group, Things
from onevisit.engine.conversion.true_needs import Use, always_with

ONE_FORM = "申请表（一表）"
BEFORE = "（以前办理的）"


@dataclass(frozen=True)
class _Otherwise:
    """What is done where an item is not handled: who holds what it made, and when that is."""

    held: Mapping[str, str]
    conditions: Mapping[str, str]


def merged_materials(
    serial: Serial, things: Things, uses: Iterable[Use], conditions: Mapping[str, str]
) -> tuple[Entry, ...]:
    """The materials of the draft. `conditions` says by item id when that item is handled, where it
    is not always."""
    ids = Ids()
    writers = {"form": _form, "shared": _shared, "applicant": _brought}
    groups = [each for each in things.materials if each.origin.kind != "prior"]
    groups.sort(key=lambda each: each.origin.kind != "form")
    entries = [writers[each.origin.kind](serial, each, ids) for each in groups]
    results: dict[tuple[str, str], list[Use]] = {}
    for use in uses:
        results.setdefault((use.maker, use.result), []).append(use)
    for some in results.values():
        entries += _prior(serial, ids, some, _Otherwise(things.held, conditions))
    return tuple(entries)


def _form(serial: Serial, group: Group, ids: Ids) -> Entry:
    several = len({name_of(each) for each in _titles(group)}) > 1
    name = ids.take(_given(group) or "application")
    text = f"{_listed(_titles(group))}由一张表单生成，不再分别填写"
    written: dict[str, object] = {
        "id": name,
        "title": ONE_FORM if several else group.title,
        "source": "form",
        "items": list(group.users),
    }
    return Entry(name, written, _change(serial, name, text, group))


def _shared(serial: Serial, group: Group, ids: Ids) -> Entry:
    origin = group.origin.name
    name = ids.take(_given(group) or origin.split(".")[1])
    papers = _papers(group)
    register = next(
        each.title for each in serial.directory.sources if each.id == origin.split(".")[0]
    )
    text = f"“{group.title}”由“{register}”提供"
    text += f"，不再向申请人收取（今天收 {len(papers)} 份）" if papers else "，办理时直接查询"
    if any(each.original for each in papers):
        text += "，也不再核对原件"
    written = {
        "id": name,
        "title": group.title,
        "source": "shared",
        "origin": origin,
        "items": list(group.users),
        **_described(papers),
    }
    return Entry(name, written, _change(serial, name, text, group))


def _brought(serial: Serial, group: Group, ids: Ids) -> Entry:
    papers = _papers(group)
    name = ids.take(_given(group) or "material_1")
    written: dict[str, object] = {
        "id": name,
        "title": group.title,
        "source": "applicant",
        "items": list(group.users),
        **_described(papers),
    }
    if any(each.original for each in papers):
        written["original"] = ["submission", "collection"]
    copies = max(each.copies for each in papers)
    if copies > 1:
        written["copies"] = copies
    if len(papers) < 2:
        return Entry(name, written)
    text = f"{_listed(_titles(group))}今天收 {len(papers)} 份，合为一份，各事项共用"
    return Entry(name, written, _change(serial, name, text, group))


def _prior(serial: Serial, ids: Ids, uses: list[Use], other: _Otherwise) -> Iterator[Entry]:
    """The result of an item goes straight to those that work with it. Where that item is not
    always handled, what was got before takes its place in the other cases."""
    process, maker = serial.process, serial.process.item(uses[0].maker)
    users = [each for each in process.items if each.id in {use.user for use in uses}]
    alone = [each.id for each in users if not always_with(each, maker)]
    name, result = ids.take(f"{maker.id}_result"), uses[0].result
    written: dict[str, object] = {
        "id": name,
        "title": result,
        "source": "prior",
        "origin": maker.id,
        "items": [each.id for each in users],
    }
    if alone:
        written["when"] = other.conditions[maker.id]
    text = f"“{result}”是“{maker.title}”的结果，由部门之间直接传递，申请人不再递交"
    at = places(serial, (use.at for use in uses))
    yield Entry(name, written, Change("material", name, text, at))
    if alone:
        held = other.held.get(name_of(result))
        name = ids.take(f"{maker.id}_before")
        written = _from_before(name, result, held, alone, f"!{other.conditions[maker.id]}")
        text = f"不办“{maker.title}”的，要有以前办理的“{result}”"
        text += "，由共享数据提供" if held else ""
        yield Entry(name, written, Change("material", name, text, at))


def _from_before(
    name: str, result: str, held: str | None, items: list[str], when: str
) -> dict[str, object]:
    origin = {"source": "shared", "origin": held} if held else {"source": "applicant"}
    title = result[:180] + BEFORE
    return {"id": name, "title": title, **origin, "items": items, "when": when}


# ---- words ---------------------------------------------------------------------------------


def _papers(group: Group) -> list[SerialMaterial]:
    """The papers that are handed in today."""
    return [each.what for each in group.mentions if isinstance(each.what, SerialMaterial)]


def _given(group: Group) -> str | None:
    return next((each.id for each in _papers(group) if each.id is not None), None)


def _titles(group: Group) -> list[str]:
    return list(dict.fromkeys(each.title for each in group.mentions))


def _listed(titles: list[str]) -> str:
    return "、".join(f"“{each}”" for each in titles)


def _described(papers: list[SerialMaterial]) -> dict[str, object]:
    """Who issues it and what it must show, from all items together."""
    said = {
        "issuer": [each.issuer for each in papers],
        "standard": [each.standard for each in papers],
        "basis": [each.basis for each in papers],
    }
    joined = {key: "；".join(dict.fromkeys(filter(None, some))) for key, some in said.items()}
    return {key: text for key, text in joined.items() if text}


def _change(serial: Serial, about: str, text: str, group: Group) -> Change:
    return Change("material", about, text, places(serial, (each.at for each in group.mentions)))
