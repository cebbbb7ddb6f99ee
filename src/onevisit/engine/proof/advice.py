"""Puts plays of the game of visits into the service's words: the path, and how to come least."""

from collections.abc import Iterable, Iterator, Sequence

from onevisit.engine.chart import CASE
from onevisit.engine.presence import Duties, Meeting
from onevisit.engine.proof.acts import AT_COUNTER, Act
from onevisit.engine.proof.game import Edge

Play = Sequence[Edge[Act]]
_HOW = {
    "online": "在网上",
    "window": "到窗口",
    "post": "邮寄",
    "kiosk": "在自助终端",
    "home": "由工作人员上门",
    "download": "下载",
    "mixed": "以下载、邮寄等方式",
}
_STEPS = {
    "submit": "申请人{how}{what}",
    "answer": "申请人{how}{what}",
    "show": "申请人到窗口出示“{what}”原件",
    "carry": "申请人到窗口领取“{what}”并递交给下一个部门",
    "meet": "申请人到场参加“{what}”",
    "collect": "申请人{how}领取{what}",
    "wait": "",
}
_DECIDED = "各部门办理并作出决定"


def told(duties: Duties, counted: Iterable[Meeting], acts: Play) -> tuple[str, ...]:
    """A play as steps in words; every step that costs a visit says which one it is."""
    steps: list[str] = []
    visit = 0
    named = _named(duties)
    for edge in with_meetings(counted, acts):
        text = _step(edge.label, named)
        if edge.cost:
            visit += 1
            text += f"：第 {visit} 次到场"
        elif edge.label.way == AT_COUNTER:
            text += "（同一次到场）"
        if text and text not in steps[-1:]:
            steps.append(text)
    return tuple(steps)


def advice_for(
    duties: Duties, counted: Sequence[Meeting], free: Play, counter: Play
) -> tuple[str, ...]:
    """How to come as seldom as possible, then the same for somebody who never goes online."""
    lines = list(_lines(with_meetings(counted, free)))
    for each in duties.inspections:
        joint = "联合" if len(each.titles) > 1 else ""
        lines.append(
            f"{'、'.join(each.titles)}要{joint}上门勘验 1 次，届时请有人在场；上门不算跑动。"
        )
    other = tuple(_lines(with_meetings(counted, counter)))
    if other and other != tuple(lines[: len(other)]):
        visits = sum(edge.cost for edge in counter) + len(counted)
        often = f"最多跑 {visits} 次" if visits else "一次也不用跑"
        lines.append(f"不上网也能办（{often}）：" + "".join(other))
    return tuple(lines)


def _lines(acts: Iterable[Edge[Act]]) -> Iterator[str]:
    """The applicant's own acts as advice."""
    for edge in acts:
        act = edge.label
        if act.kind in ("submit", "answer"):
            tail = "" if edge.cost else "，不用到场"
            yield f"{_HOW[act.way]}{act.what}{tail}{_bringing(act)}。"
        elif act.kind == "show":
            when = "另到窗口一次" if edge.cost else "到窗口时"
            yield f"{when}，出示“{act.what}”原件。"
        elif act.kind == "carry":
            yield f"到窗口领取“{act.what}”，当场递交给下一个部门。"
        elif act.kind == "meet":
            yield f"按通知到场参加“{act.what}”。"
        elif act.kind == "collect":
            yield _collecting(act, edge.cost)


def _collecting(act: Act, cost: int) -> str:
    if act.way == AT_COUNTER:
        when = "等全部办好" if cost else "不用离开"
        return f"{when}，到窗口一次领齐{act.what}{_bringing(act)}。"
    chosen = {"download": "下载", "post": "邮寄", "kiosk": "自助终端领取"}.get(act.way)
    return f"{act.what}选择{chosen or '下载或邮寄'}，不用到场。"


def _step(act: Act, named: frozenset[str]) -> str:
    if act.move is not None and act.kind == "move":
        return act.what if act.move.region in (CASE, *named) else _DECIDED
    text = _STEPS[act.kind].format(how=_HOW.get(act.way, ""), what=act.what)
    return f"{text}（出示{_originals(act)}）" if act.bring else text


def _bringing(act: Act) -> str:
    return f"，带上{_originals(act)}当场核验" if act.bring else ""


def _originals(act: Act) -> str:
    return "、".join(f"“{title}”" for title in act.bring) + "原件"


def _named(duties: Duties) -> frozenset[str]:
    """Approvals that are told by name: those a duty hangs on."""
    keys = {key for each in duties.carries for key in (*each.origins, *each.targets)}
    return frozenset(keys | {key for each in duties.meetings for key in each.parts})


def with_meetings(counted: Iterable[Meeting], acts: Play) -> list[Edge[Act]]:
    """The play with the appointments that are only counted put in when review begins."""
    place = next(
        (
            number
            for number, edge in enumerate(acts)
            if edge.label.move is not None
            and (edge.label.move.region != CASE or edge.label.kind == "collect")
        ),
        len(acts),
    )
    added = [Edge(1, 0, Act("meet", each.title, AT_COUNTER)) for each in counted]
    return [*acts[:place], *added, *acts[place:]] if acts else []
