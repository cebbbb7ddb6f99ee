"""Says of every item what it waits for today, what it truly waits for, and why."""

from collections.abc import Iterator, Mapping

from onevisit.definition.serial import SerialItem
from onevisit.definition.serial_file import Serial
from onevisit.engine.conversion.changes import Change, places
from onevisit.engine.conversion.true_needs import Needs


def kept_order(serial: Serial, needs: Mapping[str, Needs]) -> Iterator[Change]:
    """One sentence for each item: the order that stays and the order that goes."""
    titles = {item.id: item.title for item in serial.process.items}
    before: list[str] = []
    for item in serial.process.items:
        found = needs[item.id]
        sentences = [*_today(len(before)), *_kept(found, titles), *_reversed(found, before, titles)]
        free = [titles[each] for each in before if each not in {*found.needs, *found.implied}]
        if found.needs and free:
            sentences.append(f"不必等{_listed(free)}：不用它们的任何结果")
        elif free:
            sentences.append("不用前面任何事项的结果，一受理就开始")
        at = places(serial, (use.at for use in found.uses))
        if sentences:
            yield Change("needs", item.id, "；".join(sentences), at)
        before.append(item.id)


def item_changes(serial: Serial) -> Iterator[Change]:
    """What else becomes of items: inspections together, results together."""
    items = serial.process.items
    inspected = [each for each in items if each.inspection is not None]
    if len({each.department for each in inspected}) > 1:
        for item in inspected:
            text = f"联合勘验：{_listed([each.title for each in inspected])}一次上门"
            yield Change("item", item.id, text, ())
    for place, item in enumerate(items):
        if len(item.produces) > 1:
            text = f"{len(item.produces)} 样结果合在一起发放"
            at = places(serial, [("items", place, "produces")])
            yield Change("item", item.id, text, at)
        if _over_limit(item):
            text = f"今天用 {item.days} 个工作日，超过法定时限，草案按法定时限承诺"
            yield Change("item", item.id, text, places(serial, [("items", place, "days")]))


def _over_limit(item: SerialItem) -> bool:
    return item.limit.unit == "working" and item.days > item.limit.days


def _today(waited: int) -> list[str]:
    return [f"今天要等前面 {waited} 个事项办完"] if waited else []


def _kept(needs: Needs, titles: Mapping[str, str]) -> Iterator[str]:
    """The waiting that stays, by the things that make it true."""
    moment = "决定前" if needs.needs_for == "decision" else "启动前"
    for maker in needs.needs:
        yield f"{moment}要有“{titles[maker]}”的结果：{_things(needs, maker)}"
    for maker in needs.implied:
        kept = _listed([titles[each] for each in needs.needs])
        yield f"也用“{titles[maker]}”的{_things(needs, maker)}，等{kept}时已经等到，不另写"
    if needs.needs and needs.needs_for == "decision":
        yield "只查看结果里的信息，不收原件，所以先预审、等结果到了再决定"


def _reversed(needs: Needs, before: list[str], titles: Mapping[str, str]) -> Iterator[str]:
    """What today's order has the wrong way round."""
    later = [titles[each] for each in (*needs.needs, *needs.implied) if each not in before]
    if later:
        yield f"今天排在{_listed(later)}之前，却要用它的结果，次序已改正"


def _things(needs: Needs, maker: str) -> str:
    return "、".join(dict.fromkeys(f"“{use.thing}”" for use in needs.uses if use.maker == maker))


def _listed(titles: list[str]) -> str:
    return "、".join(f"“{each}”" for each in titles)
