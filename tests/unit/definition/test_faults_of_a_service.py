"""Errors teach: where, what was found, what was expected, the nearest name, all in one run."""

import pytest

from onevisit.definition.form import parse_form
from onevisit.definition.problem import DefinitionError, Problem, nearest_name
from onevisit.definition.source import read
from onevisit.definition.written import Written, variables
from unit.definition import small
from unit.definition.small import CALENDAR, DIRECTORY, FORM, JURISDICTION, LIFECYCLE, WORKFLOW


def test_the_small_service_itself_is_right() -> None:
    assert small.told(small.FILES) == []


CASES = [
    # unknown keys, with the key's own place and the nearest key that is still free
    (WORKFLOW, "title: 占道许可\n", "tittle: 占道许可\n", "tittle",
     ["不认识的键“tittle”；是否想写“title”？", "缺少“title”"]),
    (WORKFLOW, "decide]}\n      - {kind: approval", "decide], steop: 1}\n      - {kind: approval",
     "steop", ["不认识的键“steop”"]),
    (WORKFLOW, "limit: {days: 5}", "limit: {day: 5}", "day: 5",
     ["不认识的键“day”；是否想写“days”？", "缺少“days”"]),
    (WORKFLOW, "effective: {from: 2026-01-01}", "effective: {form: 2026-01-01}", "form: 2026",
     ["不认识的键“form”；是否想写“from”？", "缺少“from”"]),
    (LIFECYCLE, "handle: {title: 承办, role", "handle: {titel: 承办, role", "titel",
     ["不认识的键“titel”；是否想写“title”？", "缺少“title”"]),
    (LIFECYCLE, "ended: {title: 办结, final", "ended: {title: 办结, finall", "finall",
     ["不认识的键“finall”；是否想写“final”？"]),
    (FORM, "properties:\n        name: {type: string, title: 姓名}",
     "properties:\n        name: {type: string, titel: 姓名}", "titel",
     ["不认识的键“titel”；是否想写“title”？", "缺少“title”"]),
    # wrong values, shown as they were written
    (WORKFLOW, 'version: "1.0"', "version: 1.0", "1.0",
         ["“1.0”不对：应为文字（数字和 true 等请加引号）"]),
    (WORKFLOW, "id: stall\n", "id: no\nx: 1\n", "x: 1", ["不认识的键“x”"]),
    (WORKFLOW, "optional: true", "optional: yes", "yes", ["“yes”不对：应为true 或 false"]),
    (WORKFLOW, "visits: 1,", "visits: 一次,", "一次", ["“一次”不对：应为整数"]),
    (WORKFLOW, "visits: 1,", "visits: 1.5,", "1.5", ["“1.5”不对：应为整数"]),
    (WORKFLOW, "visits: 1,", "visits: 10,", "10,", ["“10”不对：应为不大于 9 的数"]),
    (WORKFLOW, "visits: 1,", "visits: -1,", "-1,", ["“-1”不对：应为不小于 0 的数"]),
    (WORKFLOW, "visits: 1,", "visits: ~,", "~", ["“~”不对：应为整数"]),
    (WORKFLOW, "title: 装灯", "title: [装灯]", "[装灯]",
     ["“（列表）”不对：应为文字（数字和 true 等请加引号）"]),
    (WORKFLOW, "summary: 测试用的小服务", "summary: {a: 1}", "{a: 1}",
     ["“（键值对）”不对：应为文字（数字和 true 等请加引号）"]),
    (WORKFLOW, "needs: [place]", "needs: place", "place\n    routes",
         ["“place”不对：应为列表"]),
    (WORKFLOW, "promise: {visits: 1, days: 6}", "promise: 6", "6\nbaseline",
         ["“6”不对：应为键值对"]),
    (WORKFLOW, "audience: [person]", "audience: []", "[]\njuris",
         ["“（列表）”不对：应为至少 1 项"]),
    (WORKFLOW, "audience: [person]", "audience: [persn]", "persn",
     ["“persn”不对：应为person、enterprise；是否想写“person”？"]),
    (WORKFLOW, "effective: {from: 2026-01-01}", "effective: {from: 2026-02-30}", "2026-02-30",
     ["“2026-02-30”不对：应为日期，如 2026-01-31"]),
    (WORKFLOW, "effective: {from: 2026-01-01}", "effective: {from: 7}", "7}",
     ["“7”不对：应为日期，如 2026-01-31"]),
    (WORKFLOW, "title: 装灯", "title: ''", "''", ["“”不对：应为至少 1 个字"]),
    (WORKFLOW, "title: 装灯", "title: " + "灯" * 201, "灯" * 201,
     ["“" + "灯" * 77 + "…”不对：应为至多 200 个字"]),
    (WORKFLOW, "id: lamp", "id: Lamp", "Lamp",
         ["“Lamp”不对：应为小写英文字母开头的标识，如 food_permit"]),
    (WORKFLOW, 'category: "20"', 'category: "99"', '"99"',
     ["“99”不对：应为符合 ^(0[1-9]|10|2[0-9])$ 的文字"]),
    (LIFECYCLE, "handle: {title: 承办", "Handle: {title: 承办", "Handle",
     ["“Handle”不对：应为小写英文字母开头的标识，如 food_permit"]),
    # rules between keys
    (WORKFLOW, "min: 1, max: 99", "min: 1", "{id: area", ["type: integer 必须写明 min 和 max"]),
    (WORKFLOW, "min: 1, max: 99", "min: 99, max: 1", "{id: area", ["下限不能大于上限"]),
    (WORKFLOW, "type: boolean, when", "type: boolean, options: [{id: a, title: 甲}], when",
     "{id: night", ["options 只用于 type: choice"]),
    (WORKFLOW, "      - {id: snacks, title: 小吃}\n", "", "id: kind",
         ["type: choice 至少要有两个 options"]),
    (WORKFLOW, ", origin: population.id_card", "", "{id: id_card",
     ["source: shared 或 prior 必须写明 origin（来源登记簿.字段，或前序事项）"]),
    (WORKFLOW, "source: applicant, items", "source: applicant, origin: place, items", "{id: photo",
     ["origin 只用于 source: shared 或 prior"]),
    (WORKFLOW, "source: applicant, items", "source: applicant, need: deferrable, items",
     "{id: photo", ["need: deferrable 与 defer 必须同时出现"]),
    (WORKFLOW, "source: applicant, items", "source: applicant, carried: true, items", "{id: photo",
     ["carried 只用于 source: prior"]),
    (WORKFLOW, "{from: 2026-01-01}", "{from: 2026-01-01, until: 2025-12-31}", "{from: 2026",
     ["until 不能早于 from"]),
    (WORKFLOW, "form: stall",
     "form: stall\nwindow: {opens: 2026-02-01, closes: 2026-01-01, basis: x}",
     "{opens", ["closes 不能早于 opens"]),
    # names that lead nowhere
    (WORKFLOW, "authority: centre", "authority: center", "center",
     ["没有名为“center”的部门；是否想写“centre”？"]),
    (WORKFLOW, "department: market", "department: markt", "markt",
     ["没有名为“markt”的部门；是否想写“market”？"]),
    (WORKFLOW, "needs: [place]", "needs: [plaice]", "plaice",
     ["没有名为“plaice”的事项；是否想写“place”？"]),
    (WORKFLOW, "items: [place, food]", "items: [place, fod]", "fod]",
     ["没有名为“fod”的事项；是否想写“food”？"]),
    (WORKFLOW, "origin: place", "origin: placed", "placed",
     ["没有名为“placed”的事项；是否想写“place”？"]),
    (WORKFLOW, "origin: population.id_card", "origin: population.idcard", "population.idcard",

     ["没有名为“population.idcard”的共享来源字段（来源.字段）；是否想写“population.id_card”？"]),
    (WORKFLOW, "area <= 5, steps: [decide]", "area <= 5, steps: [decid]", "decid]",
     ["没有名为“decid”的办理环节；是否想写“decide”？"]),
    (WORKFLOW, "foreach: helpers", "foreach: helper", "helper\n",
     ["没有名为“helper”的列表字段；是否想写“helpers”？"]),
    (WORKFLOW, "fields: [name]", "fields: [nmae]", "nmae",
     ["没有名为“nmae”的字段；是否想写“name”？"]),
    (DIRECTORY, "department: centre, fields", "department: center, fields", "center, fields",
     ["没有名为“center”的部门；是否想写“centre”？"]),
    (LIFECYCLE, "initial: draft", "initial: draf", "draf\n",
         ["没有名为“draf”的状态；是否想写“draft”？"]),
    (LIFECYCLE, "to: ended", "to: end", "end, by",
         ["没有名为“end”的状态；是否想写“ended”？"]),
    (LIFECYCLE, "to: $first", "to: $frist", "$frist",
         ["没有名为“$frist”的状态；是否想写“$first”？"]),
    (LIFECYCLE, "from: [$notice]", "from: [$notices]", "$notices",
     ["没有名为“$notices”的状态；是否想写“$notice”？"]),
    (LIFECYCLE, "notice: shown", "notice: show", "show\n",
         ["没有名为“show”的状态；是否想写“shown”？"]),
    (LIFECYCLE, "by: clerk", "by: clark", "clark",
         ["没有名为“clark”的岗位；是否想写“clerk”？"]),
    (LIFECYCLE, "role: handler", "role: handlr", "handlr",
     ["没有名为“handlr”的岗位；是否想写“handler”？"]),
    # ids that occur twice
    (WORKFLOW, "id: lamp", "id: food", "food\n    title: 装灯", ["标识“food”重复，请换一个"]),
    (WORKFLOW, "{id: photo", "{id: id_card", "id_card, title: 照片",
         ["标识“id_card”重复，请换一个"]),
    (WORKFLOW, "{id: snacks, title", "{id: fruit, title", "fruit, title: 小吃",
     ["标识“fruit”重复，请换一个"]),
    (DIRECTORY, "{id: market, title: 示例市市场", "{id: centre, title: 示例市市场",
     "centre, title: 示例市市场", ["标识“centre”重复，请换一个"]),
    # ways through an item, conditions, loops
    (WORKFLOW, "- {kind: approval, steps: [handle, decide]}",
     "- {kind: approval, when: night, steps: [handle, decide]}", "night, steps",
     ["最后一种办理方式不能带条件，否则有的情形无路可走"]),
    (WORKFLOW, "kind: filing, when: area <= 5, ", "kind: filing, ", "{kind: filing",
     ["没有条件的办理方式之后的写法永远用不到，请放到最后"]),
    (WORKFLOW, "when: area > 10", "when: aera > 10", "aera > 10",
     ["条件“aera > 10”有误：没有名为“aera”的问题或字段；是否想写“area”？"]),
    (WORKFLOW, "when: area > 10", "when: kind == 'fruit'", "kind == 'fruit'",
     ["情形问题只能取决于排在它前面的问题"]),
    (WORKFLOW, "when: area > 10", "when: night", "night}",
         ["情形问题只能取决于排在它前面的问题"]),
    (WORKFLOW, "when: area > 10", "when: form.size > 3", "form.size > 3",
     ["情形问题只能取决于排在它前面的问题"]),
    (WORKFLOW, "kind == 'snacks'", "kind == 'snack'", "kind == 'snack'",
     ["条件“kind == 'snack'”有误：“kind”没有选项“snack”；是否想写“snacks”？"]),
    (WORKFLOW, "items: [place], when: night", "items: [place], when: want_lampe", "want_lampe",
     ["条件“want_lampe”有误：没有名为“want_lampe”的问题或字段；是否想写“want_lamp”？"]),
    (WORKFLOW, "    limit: {days: 20}\n    promise: {days: 3}\n    routes:\n",
     "    limit: {days: 20}\n    promise: {days: 3}\n    needs: [food]\n    routes:\n",
     "[food]\n    routes:\n", ["前置关系成环：占道许可 → 食品登记 → 占道许可"]),
    (WORKFLOW, "needs: [place]", "needs: [food]", "[food]\n    routes",
         ["前置关系成环：食品登记 → 食品登记"]),
    (WORKFLOW, "optional: true", "batch: true", "true\n    foreach",
     ["batch 的事项要在报名期结束后整批办理，请写明 window"]),
    # files that are not there
    (WORKFLOW, "form: stall", "form: stal", "stal\n",
     ["找不到文件 forms/stal.yaml，请新建该文件或改正名称；是否想写“stall”？"]),
    (WORKFLOW, "jurisdiction: demo_city", "jurisdiction: demo_town", "demo_town",
     [("找不到文件 workflows/jurisdictions/demo_town.yaml，请新建该文件或改正名称；"
      "是否想写“demo_city”？")]),
    (WORKFLOW, "form: stall", "form: stall\nlifecycle: standart", "standart",
     [("找不到文件 workflows/lifecycles/standart.yaml，请新建该文件或改正名称；"
      "是否想写“standard”？")]),
    (WORKFLOW, "form: stall", "form: stall\nlifecycle: 3", "3\n",
     ["“3”不对：应为文字（数字和 true 等请加引号）"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "at", "expected"), CASES)
def test_each_fault_is_told_at_its_place(
    path: str, old: str, new: str, at: str, expected: list[str]
) -> None:
    files = small.edited(path, old, new)
    told = small.told(files)
    assert f"{small.place_of(path, files[path], at)}: {expected[0]}" in told
    for other in expected[1:]:
        assert any(line.endswith(other) for line in told), told


def test_everything_wrong_in_all_files_is_told_in_one_run() -> None:
    files = {
        **small.edited(WORKFLOW, "department: market", "department: markt"),
        FORM: small.FILES[FORM].replace("minLength", "minLenght"),
        DIRECTORY: small.FILES[DIRECTORY].replace("short: 市监", "shrt: 市监"),
        JURISDICTION: small.FILES[JURISDICTION].replace("phone:", "fone:"),
        CALENDAR: small.FILES[CALENDAR].replace("last: 2026-12-31", "last: bald"),
        LIFECYCLE: small.FILES[LIFECYCLE].replace("to: ended", "to: endet"),
    }
    files[WORKFLOW] = (
        files[WORKFLOW].replace("summary:", "sumary:").replace("area > 10", "aera > 10")
    )
    told = small.problems(files)
    assert {each.path for each in told} == set(small.FILES) - {CALENDAR}
    assert [each.code for each in told if each.path == WORKFLOW] == [
        "missing_key", "unknown_key", "condition", "unknown_name",
    ]  # fmt: skip
    assert list(told) == sorted(told)


def test_a_calendar_is_read_once_its_jurisdiction_is_right() -> None:
    files = small.edited(CALENDAR, "last: 2026-12-31", "last: bald")
    assert small.told(files) == [f"{CALENDAR}:4:7: “bald”不对：应为日期，如 2026-01-31"]


@pytest.mark.parametrize("path", sorted(set(small.FILES) - {WORKFLOW}))
def test_a_broken_or_missing_file_is_told_beside_everything_else(path: str) -> None:
    broken = {**small.FILES, path: "a: ["}
    assert f"{path}:1:5: " in "\n".join(small.told(broken))
    missing = {name: text for name, text in small.FILES.items() if name != path}
    assert [each.code for each in small.problems(missing)] == ["missing_file"]
    both = {**broken, WORKFLOW: broken[WORKFLOW].replace("title: 装灯", "titel: 装灯")}
    assert {each.path for each in small.problems(both)} >= {path, WORKFLOW}


@pytest.mark.parametrize("text", ["- 1", "hello", "7", "~", "{id: x}", "items: [1, {needs: 3}]"])
def test_files_of_another_shape_are_refused_without_falling_over(text: str) -> None:
    for path in small.FILES:
        assert small.problems({**small.FILES, path: text})


def test_a_notice_needs_a_lifecycle_that_has_one() -> None:
    files = small.edited(
        WORKFLOW, "optional: true", "wait: {title: 公示, days: 7, basis: 测试}\n    optional: true"
    )
    assert small.told(files) == []
    files[LIFECYCLE] = files[LIFECYCLE].replace("  notice: shown\n", "")
    assert [each.message("en") for each in small.problems(files)] == [
        "this lifecycle has no state for a public notice (notice), so wait cannot be used"
    ]


def test_a_batch_needs_the_window_after_which_it_begins() -> None:
    files = small.edited(WORKFLOW, "optional: true", "batch: true")
    files[WORKFLOW] += "window: {opens: 2026-05-01, closes: 2026-05-31, basis: 测试}\n"
    assert small.told(files) == []


def test_a_single_file_is_refused_with_all_its_faults() -> None:
    text = small.FILES[FORM].replace("$id: stall", "$id: 3")
    text = text.replace("title: 姓名, min", "titel: 姓名, min")
    with pytest.raises(DefinitionError) as caught:
        parse_form(text, FORM)
    assert [each.line for each in caught.value.problems] == [1, 7, 7]


def test_what_could_not_be_read_has_no_names() -> None:
    nothing = Written(small.definition().source, None, None, None)
    assert [nothing.fields, nothing.steps, nothing.departments, nothing.shared] == [[], [], [], []]
    kinds, choices = variables(nothing)
    assert set(kinds) == {"area", "night", "kind", "want_lamp"}
    assert list(choices) == ["kind"]


def test_both_languages() -> None:
    files = small.edited(WORKFLOW, "department: market", "department: markt")
    (problem,) = small.problems(files)
    assert problem.message("en") == "no department is named “markt”; did you mean “market”?"
    assert problem.message("zh") == "没有名为“markt”的部门；是否想写“market”？"
    (problem,) = small.problems(small.edited(WORKFLOW, "title: 装灯", "title: [灯]"))
    assert (
        problem.message("en")
        == "“(a list)” will not do: expected text (quote numbers and words like true)"
    )
    (problem,) = small.problems(small.edited(WORKFLOW, "min: 1, max: 99", "min: 9, max: 1"))
    assert problem.message("en") == "the lower bound is above the upper one"


def test_an_error_lists_its_problems_once_in_order() -> None:
    first, second = Problem("a.yaml", 2, 1, "empty"), Problem("a.yaml", 10, 1, "encoding")
    error = DefinitionError([second, first, second])
    assert error.problems == (first, second)
    assert str(error) == "a.yaml:2:1: 文件是空的\na.yaml:10:1: 文件必须是 UTF-8 编码"


def test_the_nearest_name_is_named_only_when_it_is_near() -> None:
    assert nearest_name("departmnt", ["department", "title"]) == "department"
    assert nearest_name("zzz", ["department", "title"]) is None


def test_a_problem_below_what_was_written_points_at_the_closest_parent() -> None:
    source = read("a:\n  b: 1\n", "x.yaml")
    assert source.problem(("a", "c", "d"), "missing_key", expected="d").line == 2
    assert source.problem(("z",), "missing_key", expected="z").line == 1


def test_a_result_of_each_element_may_print_what_the_element_is_asked() -> None:
    lamp = "    routes: [{kind: filing, steps: [decide]}]\n"
    helper = lamp + "    result: {title: 灯牌, fields: [name, helper_age]}\n"
    text = "      required: [name]\n"
    assert small.FILES[small.WORKFLOW].count(lamp) == 1
    files = small.edited(small.WORKFLOW, lamp, helper)
    (wrong,) = small.told(files)
    assert "没有名为“helper_age”的字段" in wrong
    form = small.FILES[small.FORM].replace(
        text, "        helper_age: {type: integer, title: 年龄}\n" + text
    )
    assert small.told({**files, small.FORM: form}) == []
