"""Rehearsals: what a scenario expects and what the engine does, each difference at its place."""

import json
import re
from pathlib import Path

import pytest

from onevisit.definition.bundle import parse_definition
from onevisit.definition.problem import DefinitionError
from onevisit.definition.scenario_file import parse_scenarios
from onevisit.definition.service import Definition
from onevisit.engine.rehearsal.application import application, downloadable
from onevisit.engine.rehearsal.dry_run import DryRun, foresee
from onevisit.engine.rehearsal.rehearse import Mismatch, rehearse
from onevisit.engine.selection import select
from unit.definition import small
from unit.definition.test_schemas import mutations

ROOT = Path(__file__).parents[3]
FILES = {
    **small.FILES,
    small.LIFECYCLE: (ROOT / "workflows/lifecycles/standard.yaml").read_text("utf-8"),
}
BASE = "{area: 8, kind: snacks}"


def service(*edits: tuple[str, str], path: str = small.WORKFLOW) -> Definition:
    """The small service on the standard lifecycle, with passages of it replaced."""
    text = FILES[path]
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return small.definition({**FILES, path: text})


SERVICE = service()


def played(definition: Definition, body: str, answers: str = BASE) -> list[Mismatch]:
    """What differs in one scenario."""
    text = f"workflow: stall\nscenarios:\n  - title: 一个\n    answers: {answers}\n{body}"
    file, source = parse_scenarios(text, "s.yaml", definition)
    scenario = file.scenarios[0]
    world = DryRun(definition, application(definition, scenario))
    found = rehearse(definition, scenario, ("scenarios", 0), world)
    assert all(each.problem(source).line > 3 for each in found)
    return list(found)


def messages(definition: Definition, body: str, answers: str = BASE) -> list[str]:
    """The differences in words."""
    return [str(each.message) for each in played(definition, body, answers)]


def steps(*written: str) -> str:
    """The body of a scenario with these steps."""
    return "    steps:\n" + "".join(f"      - {each}\n" for each in written)


# ---- a case from beginning to end ------------------------------------------------------------


def test_a_whole_case_passes() -> None:
    body = """\
    expect:
      items: [food, place]
      routes: {place: approval}
      materials: []
      days: 7
      visits: 0
    steps:
      - {case: draft, made: {}}
      - submit
      - {case: submitted, items: waiting, made: [receipt, application]}
      - accept:
        items: {place: handle, food: waiting}
        impossible: [approve food, forward food, prepare food]
      - forward: place
        items: {place: decide}
      - send_back: place
        items: {place: handle}
      - prepare: place
        items: {place: decide}
      - prepare: place
      - approve: place
        items: {food: handle}
        made: approval
      - approve food
      - collect
    ends:
      case: concluded
      items: approved
      documents:
        {receipt: 1, application: 1, acceptance: 1, approval: 2, certificate: 1, delivery: 1}
"""
    assert messages(SERVICE, body) == []


def test_the_path_of_a_difference_is_that_of_its_expectation() -> None:
    found = played(SERVICE, "    expect: {days: 9}\n    ends: concluded\n")
    assert [each.at for each in found] == [
        ("scenarios", 0, "expect", "days"),
        ("scenarios", 0, "ends", "case"),
    ]
    assert [(each.expected, each.found) for each in found] == [
        ("9", "7"), ("concluded（已办结）", "draft（填报中）"),
    ]  # fmt: skip
    assert found[0].message.en == "the working days promised: expected 9, found 7"
    assert found[1].message.en == "the state of the case: expected concluded, found draft"


# ---- what the applicant is told before -------------------------------------------------------


def test_what_is_foreseen_is_compared() -> None:
    body = "    expect: {items: [food, lamp], routes: {place: filing, lamp: filing}, "
    body += "materials: photo, visits: 1}\n"
    assert messages(SERVICE, body) == [
        "要办的事项应为 food、lamp，实际是 place、food（多了 place，少了 lamp）",
        "“place”的办理方式应为 filing，实际是 approval",
        "“lamp”的办理方式应为 filing，实际是 （没有）",
        "要交的材料应为 photo，实际是 （没有）（少了 photo）",
        "到场次数应为 1，实际是 0",
    ]


def test_a_situation_without_items_foresees_nothing_and_cannot_be_submitted() -> None:
    empty = service(
        ("title: 占道许可\n    department", "title: 占道许可\n    when: night\n    department")
    )
    applied = "{area: 8, kind: fruit}"
    assert messages(empty, "    expect: {items: []}\n", applied) == []
    assert messages(empty, "    expect: {days: 1}\n", applied) == [
        "承诺的工作日应为 1，实际是 （没有）"
    ]
    assert messages(empty, steps("submit"), applied) == ["做不到“submit”：没有需要办理的事项"]


# ---- applying --------------------------------------------------------------------------------


def test_everything_that_stands_in_the_way_of_submitting_is_told() -> None:
    photo = "{area: 11, kind: fruit, night: true}"
    body = "    without: photo\n    form: {name: null, card: '1'}\n" + steps("submit")
    assert messages(SERVICE, body, photo) == [
        (
            "做不到“submit”：“姓名”（name）请填写“姓名”；“身份证号”（card）不是有效的居民身份证号码，"
            "请核对 18 位号码；请上传“照片”（photo）"
        )
    ]
    assert messages(SERVICE, "    hand_in: photo\n" + steps("submit")) == [
        "做不到“submit”：“照片”（photo）这次不需要提交"
    ]
    assert messages(SERVICE, steps("{impossible: submit}") + "    without: photo\n", photo) == []


def test_an_application_outside_its_days_is_refused() -> None:
    ended = service(
        ("effective: {from: 2026-01-01}", "effective: {from: 2026-01-01, until: 2026-06-30}")
    )
    for definition, day in ((SERVICE, "2025-12-31"), (ended, "2026-07-01")):
        assert messages(definition, f"    day: {day}\n" + steps("submit")) == [
            f"做不到“submit”：{day} 不在办理期内"
        ]
    assert messages(ended, "    day: 2026-06-30\n" + steps("submit")) == []


def test_samples_follow_what_is_filled_in() -> None:
    asked = service(
        ("when: kind == 'snacks'", "when: form.name == '甲乙'"),
    )
    text = (
        f"workflow: stall\nscenarios:\n  - {{title: 一个, answers: {BASE}, form: {{name: NAME}}}}\n"
    )
    for name, fields in (
        ("甲乙", {"name", "card", "size", "helpers"}),
        ("甲丙", {"name", "card", "size"}),
    ):
        file, _ = parse_scenarios(text.replace("NAME", name), "s.yaml", asked)
        assert set(application(asked, file.scenarios[0]).form) == fields


# ---- the counter -----------------------------------------------------------------------------


def test_correction_names_something_of_this_case_and_happens_once() -> None:
    body = steps(
        "submit",
        "{impossible: [correct, correct photo, correct size, supplement]}",
        "correct name",
        "{case: correcting, made: correction, impossible: [correct name, accept]}",
        "supplement",
        "{case: resubmitted, impossible: correct name}",
        "accept",
    )
    assert messages(SERVICE, body) == []
    assert messages(SERVICE, steps("submit", "correct photo, name")) == [
        "做不到“correct photo, name”：这次没有要交或要填的 photo"
    ]
    assert messages(SERVICE, steps("submit", "correct")) == ["做不到“correct”：没有写明要补正什么"]


def test_declining_and_withdrawing_end_everything() -> None:
    for act, state, made in (
        ("decline", "declined", "{decline: 1}"),
        ("withdraw", "withdrawn", "{}"),
    ):
        body = steps("submit", act, f"{{case: {state}, items: cancelled, made: {made}}}")
        assert messages(SERVICE, body) == []


def test_nothing_is_played_after_an_act_that_cannot_be_done() -> None:
    body = steps("submit", "collect", "{case: concluded}") + "    ends: concluded\n"
    assert messages(SERVICE, body) == [
        (
            "做不到“collect”：整个办件现在是 submitted（待受理）；"
            "可以：accept、decline、request_correction、withdraw"
        )
    ]


# ---- departments -----------------------------------------------------------------------------


def test_a_refusal_says_who_is_waited_for() -> None:
    assert messages(SERVICE, steps("submit", "accept", "approve food")) == [
        "做不到“approve food”：“food”现在是 waiting（待启动），“place”现在是 handle（承办）"
    ]
    later = service(("needs: [place]", "needs: [place]\n    needs_for: decision"))
    assert messages(later, steps("submit", "accept", "{reject: food}", "approve food")) == [
        "做不到“approve food”：“food”现在是 rejected（不予）"
    ]
    assert messages(later, steps("submit", "accept", "approve food")) == [
        (
            "做不到“approve food”：“food”现在是 decide（决定），“place”现在是 handle（承办）；"
            "可以：reject、send_back"
        )
    ]


def test_an_item_that_is_not_handled_in_this_case_is_told() -> None:
    fruit = "{area: 8, kind: fruit}"
    body = steps("submit", "{items: {food: waiting}, impossible: approve food}", "approve food")
    assert messages(SERVICE, body, fruit) == [
        "“food”的状态应为 waiting（待启动），实际是 （没有）",
        "做不到“approve food”：这次没有办“food”",
    ]


def test_what_should_be_impossible_and_is_not_is_told_and_undone() -> None:
    body = steps("submit", "accept", "{impossible: [withdraw, approve place], case: reviewing}")
    body += "    ends: {case: reviewing, items: {place: handle},\n"
    body += "           documents: [receipt, application, acceptance]}\n"
    found = played(SERVICE, body)
    assert [each.at[-2:] for each in found] == [("impossible", 0), ("impossible", 1)]
    assert [each.message.en for each in found] == [
        "“withdraw” should be impossible now, but can be done",
        "“approve place” should be impossible now, but can be done",
    ]


def test_an_item_for_each_element_is_one_approval_each() -> None:
    body = "    form: {helpers: [{name: 甲}, {name: 乙}]}\n" + steps(
        "submit",
        "accept",
        "approve lamp/2",
        "{items: {lamp/1: decide, lamp/2: approved}}",
        "approve lamp/1",
        "{items: {lamp: approved}, made: approval}",
    )
    every = "{area: 8, kind: snacks, want_lamp: true}"
    assert messages(SERVICE, body, every) == []
    assert messages(SERVICE, body.replace("{lamp: approved}", "{lamp: decide}"), every) == [
        "“lamp/1”的状态应为 decide（决定），实际是 approved（准予）",
        "“lamp/2”的状态应为 decide（决定），实际是 approved（准予）",
    ]


# ---- documents -------------------------------------------------------------------------------


def test_documents_are_counted_by_kind_and_none_is_passed_over() -> None:
    body = steps("submit", "{made: [receipt, application, acceptance]}", "accept", "{made: {}}")
    body += "    ends: {documents: {receipt: 2, application: 1}}\n"
    found = played(SERVICE, body)
    assert [str(each.message) for each in found] == [
        "文书“acceptance”的份数应为 1，实际是 0",
        "文书“acceptance”的份数应为 0，实际是 1",
        "文书“receipt”的份数应为 2，实际是 1",
        "文书“acceptance”的份数应为 0，实际是 1",
    ]
    assert [each.at[-1] for each in found] == ["acceptance", "made", "receipt", "documents"]


# ---- time ------------------------------------------------------------------------------------


def test_an_unanswered_correction_lapses() -> None:
    body = steps("submit", "correct name", "elapse", "{case: lapsed}")
    assert messages(SERVICE, body) == []
    assert messages(SERVICE, steps("submit", "accept", "elapse")) == [
        "做不到“elapse”：没有到期会自动发生的事"
    ]


def test_an_application_left_lying_is_accepted_by_law() -> None:
    assert messages(SERVICE, steps("submit", "elapse", "{case: reviewing}")) == []


def test_a_public_notice_runs_before_the_decision() -> None:
    notice = service(
        (
            "title: 占道许可\n    dep",
            "title: 占道许可\n    wait: {title: 公示, days: 7, basis: 测试}\n    dep",
        )
    )
    body = steps(
        "submit",
        "accept",
        "forward place",
        "{items: {place: publicised}, impossible: approve place}",
        "elapse",
        "{items: {place: decide}, impossible: elapse}",
        "approve place",
    )
    assert messages(notice, body) == []


BATCHED = (
    (
        "form: stall\n",
        "form: stall\nwindow: {opens: 2026-05-04, closes: 2026-05-15, basis: 测试}\n",
    ),
    ("title: 占道许可\n    dep", "title: 占道许可\n    batch: true\n    dep"),
    ("title: 食品登记\n    dep", "title: 食品登记\n    batch: true\n    dep"),
)


def test_a_batch_begins_after_the_window_has_closed() -> None:
    body = steps(
        "submit",
        "accept",
        "{items: waiting, impossible: [approve place]}",
        "elapse",
        "{items: {place: handle, food: waiting}, impossible: elapse}",
        "approve place",
        "{items: {food: waiting}}",
        "elapse",  # its window is long over: it begins at the next look
        "{items: {food: handle}, impossible: elapse}",
    )
    assert messages(service(*BATCHED), body) == []


def test_what_ends_earlier_comes_first() -> None:
    notice = (
        "title: 装灯\n    dep",
        "title: 装灯\n    wait: {title: 公示, days: 30, basis: 测试}\n    dep",
    )
    two = ("[{kind: filing, steps: [decide]}]", "[{kind: filing, steps: [handle, decide]}]")
    both = service(*BATCHED, notice, two)
    body = steps(
        "submit",
        "accept",
        "forward lamp",
        "elapse",
        "{items: {place: handle, lamp: publicised}}",
        "elapse",
        "{items: {place: handle, lamp: decide}}",
    )
    assert messages(both, body, "{area: 8, kind: fruit, want_lamp: true}") == []


def test_applying_outside_the_window_is_refused() -> None:
    assert messages(service(*BATCHED), "    day: 2026-05-16\n" + steps("submit")) == [
        "做不到“submit”：2026-05-16 不在报名期内"
    ]


# ---- results ---------------------------------------------------------------------------------


WAYS = "result: {title: 登记证, fields: [name]}"


def ready(definition: Definition, *more: str) -> list[str]:
    """What differs when a case has come to its results and then goes on."""
    return messages(definition, steps("submit", "accept", "approve place, food", *more))


def test_results_that_cannot_be_downloaded_are_handed_out() -> None:
    paper = service((WAYS, WAYS.replace("登记证,", "登记证, pickup: [window],")))
    assert ready(paper, "{case: issuing, impossible: collect}", "hand_out") == []
    assert ready(paper, "collect") == ["做不到“collect”：这些结果不能下载领取"]
    also = service((WAYS, WAYS.replace("登记证,", "登记证, pickup: [window, download],")))
    assert ready(also, "collect") == []


def test_results_that_are_only_downloaded_are_not_handed_out() -> None:
    download = service(("materials:\n", "issue: {pickup: [download]}\nmaterials:\n"))
    assert ready(download, "{impossible: hand_out}", "collect") == []
    window = service(("materials:\n", "issue: {pickup: [window]}\nmaterials:\n"))
    assert not downloadable(window, select(window, {"area": 8, "kind": "snacks"}))
    assert ready(window, "{impossible: collect}", "hand_out") == []


# ---- the whole ------------------------------------------------------------------------------


def test_trying_acts_leaves_no_trace() -> None:
    text = f"workflow: stall\nscenarios:\n  - {{title: 一个, answers: {BASE}}}\n"
    file, _ = parse_scenarios(text, "s.yaml", SERVICE)
    applied = application(SERVICE, file.scenarios[0])
    world = DryRun(SERVICE, applied)
    before = (world.states(), world.documents())
    tries = text.replace("}}\n", "}, steps: [{impossible: [submit, accept, withdraw]}]}\n")
    acts, _ = parse_scenarios(tries, "s.yaml", SERVICE)
    tried = [world.can(act) for act in acts.scenarios[0].steps[0].impossible]
    assert tried == [True, False, False]
    assert (world.states(), world.documents()) == before
    assert foresee(SERVICE, applied) == world.foresee()


def test_the_example_of_the_guide_passes() -> None:
    guide = (ROOT / "docs/guide/scenarios.md").read_text("utf-8")
    example = re.findall(r"```yaml\n(workflow: open_restaurant\n.*?)```", guide, re.DOTALL)[0]
    paths = (path for folder in ("workflows", "forms") for path in (ROOT / folder).rglob("*.yaml"))
    files = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    definition = parse_definition("workflows/open_restaurant.yaml", files)
    file, _ = parse_scenarios(example, "guide", definition)
    for place, scenario in enumerate(file.scenarios):
        world = DryRun(definition, application(definition, scenario))
        assert rehearse(definition, scenario, ("scenarios", place), world) == ()


@pytest.mark.parametrize("pickup", ["window", "post"])
def test_the_way_of_collecting_may_be_chosen(pickup: str) -> None:
    assert messages(SERVICE, f"    pickup: {pickup}\n" + steps("submit")) == []


def test_no_mutation_of_a_scenario_brings_the_rehearsal_down() -> None:
    data = {
        "workflow": "stall",
        "scenarios": [
            {
                "title": "一个",
                "answers": {"area": 8, "kind": "snacks", "want_lamp": True},
                "form": {"helpers": [{"name": "甲"}]},
                "expect": {"items": ["food"], "routes": {"food": "filing"}, "days": 3},
                "steps": [
                    "submit",
                    {"correct": ["name"], "case": "correcting", "impossible": ["submit"]},
                    {"reject": "lamp/1", "reasons": "测试", "made": {"rejection": 1}},
                ],
                "ends": {"case": "refused", "items": {"food": "approved"}, "documents": {}},
            }
        ],
    }
    played_through = 0
    for name, mutated in mutations(data):
        try:
            file, source = parse_scenarios(json.dumps(mutated, ensure_ascii=False), "s", SERVICE)
        except DefinitionError:
            continue
        for place, scenario in enumerate(file.scenarios):
            world = DryRun(SERVICE, application(SERVICE, scenario))
            for each in rehearse(SERVICE, scenario, ("scenarios", place), world):
                assert each.problem(source).line == 1, name
        played_through += 1
    assert played_through > 20
