"""Prints a kind of service life as a page: its drawings, and every move and act in tables."""

import sys
from collections.abc import Iterator
from pathlib import Path

from onevisit.cases.wording import TITLES
from onevisit.catalog.folder import read_texts
from onevisit.cli.reports import UNREADABLE, print_problems
from onevisit.definition.lifecycle import Act, ApprovalRegion, Lifecycle, Region, Transition
from onevisit.definition.parse import parse
from onevisit.definition.problem import DefinitionError, Problem, nearest_name
from onevisit.engine.lifecycle_drawing import draw_region
from onevisit.web.portals import ROLE_TITLES

FOLDER = Path("workflows/lifecycles")
BY = ROLE_TITLES | {
    "automatic": "自动", "timer": "到期自动", "step": "本环节岗位", "chair": "听证主持人",
}  # fmt: skip
CLOCKS = {
    None: "",
    "pauses_both": "法定、承诺时限暂停",
    "pauses_promise": "承诺时限暂停",
    "runs": "恢复计时",
    "extends": "法定时限延长",
}
AFTER = {
    "correction_notice": "一次告知的期限",
    "correction_reply": "补正期限",
    "notice": "公示期",
    "window": "报名期",
    "deferral": "容缺后补期限",
    "validity": "有效期",
}
PLACES = {
    "$first": "第一个环节", "$step": "各环节", "$later": "后续环节", "$next": "下一环节",
    "$last": "最后环节", "$notice": "公示",
}  # fmt: skip
PAPERS = TITLES | {
    "approval": "准予决定书", "rejection": "不予决定书", "certificate": "证照",
}  # fmt: skip


def print_lifecycle(root: Path, lifecycle_id: str) -> int:
    """Prints the page of a lifecycle file; 2 when it is not there or cannot be read."""
    files, _ = read_texts(root)
    path = str(FOLDER / f"{lifecycle_id}.yaml")
    if path not in files:
        known = [Path(each).stem for each in files if Path(each).parent == FOLDER]
        near = nearest_name(lifecycle_id, known)
        print_problems([Problem(path, 1, 1, "unknown_name", lifecycle_id, "生命周期", near)], files)
        return UNREADABLE
    try:
        lifecycle, _ = parse(files[path], path, Lifecycle)
    except DefinitionError as error:
        print_problems(error.problems, files)
        return UNREADABLE
    sys.stdout.write("\n".join(_page(lifecycle)) + "\n")
    return 0


def _page(lifecycle: Lifecycle) -> Iterator[str]:
    yield f"# 办件生命周期：{lifecycle.title}（{lifecycle.id}）"
    yield ""
    file = f"{FOLDER / lifecycle.id}.yaml"
    yield f"由 `onevisit lifecycle {lifecycle.id}` 从 `{file}` 画出；改了文件要重新生成。"
    regions = [("整件", lifecycle.case), ("每个事项", lifecycle.approval)]
    if lifecycle.certificate is not None:
        regions.append(("发出的证照", lifecycle.certificate))
    for title, region in regions:
        yield from ("", f"## {title}", "", "```mermaid", draw_region(region).rstrip(), "```", "")
        yield from _table("改变状态的动作", region, region.transitions)
        yield from _table("不改变状态的动作", region, region.acts)


def _table(
    title: str, region: Region, moves: tuple[Transition, ...] | tuple[Act, ...]
) -> Iterator[str]:
    if not moves:
        return
    yield from (
        f"### {title}",
        "",
        "| 动作 | 从 | 到 | 由谁 | 文书 | 时限 |",
        "|---|---|---|---|---|---|",
    )
    for each in moves:
        sources = "、".join(_state(region, name) for name in each.from_)
        target = _state(region, each.to) if isinstance(each, Transition) else "（不变）"
        papers = "、".join(PAPERS[kind] for kind in each.documents)
        timed = CLOCKS[each.clock] if isinstance(each, Act) else AFTER.get(each.after or "", "")
        cells = (f"{each.title} `{each.event}`", sources, target, BY[each.by], papers, timed)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _state(region: Region, name: str) -> str:
    if name in region.states:
        return region.states[name].title
    steps = region.steps if isinstance(region, ApprovalRegion) else {}
    return steps[name].title if name in steps else PLACES[name]
