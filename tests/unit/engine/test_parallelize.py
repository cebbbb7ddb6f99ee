"""What a serial description becomes, item by item, and what is said about each change."""

from typing import Any

import pytest

from onevisit.definition.problem import DefinitionError
from onevisit.definition.serial import name_of
from onevisit.definition.workflow import Material
from onevisit.engine import visits
from onevisit.engine.conversion.parallelize import Conversion, Figures, parallelize
from onevisit.engine.proof.prove import prove
from onevisit.engine.selection import select
from unit.engine import serial_city
from unit.engine.serial_city import converted, item

LAWS = [f"《某市某某管理办法（虚构）》第{number}条" for number in range(9)]
PERMIT = [{"title": "许可证", "gives": ["许可证号"]}]


def needs(found: Conversion) -> dict[str, tuple[tuple[str, ...], str]]:
    return {each.id: (each.needs, each.needs_for) for each in found.definition.workflow.items}


def material(found: Conversion, title: str) -> Material:
    """The one material called so."""
    (one,) = [each for each in found.definition.workflow.materials if each.title == title]
    return one


def field(found: Conversion, title: str) -> dict[str, Any]:
    """The schema of the one field called so."""
    (one,) = [each for each in found.definition.form.fields if each.title == title]
    return {"id": one.id, "required": one.required, **one.schema}


def said(found: Conversion, part: str, about: str) -> list[str]:
    return [each.text for each in found.changes if (each.part, each.about) == (part, about)]


# ---- order -----------------------------------------------------------------------------------


def test_items_that_use_nothing_of_each_other_run_beside_each_other() -> None:
    found = converted(item("a", produces=PERMIT), item("b"), item("c"))
    assert needs(found) == dict.fromkeys("abc", ((), "start"))
    assert said(found, "needs", "a") == []
    assert said(found, "needs", "c") == [
        "今天要等前面 2 个事项办完；不用前面任何事项的结果，一受理就开始"
    ]
    assert found.after.days == 1 + 3 + 1 < found.before.days == 9


@pytest.mark.parametrize(
    ("use", "needs_for"),
    [
        ({"materials": [{"title": "许可证（复印件）"}]}, "start"),
        ({"consumes": [{"what": "《许可证》", "as": "paper"}]}, "start"),
        ({"consumes": ["许可证"]}, "decision"),
        ({"consumes": [{"what": "许可证号"}]}, "decision"),
        ({"fields": [{"title": "许可证号", "type": "string"}]}, "decision"),
        ({"consumes": [{"what": "老证", "from": "a"}]}, "decision"),
        ({"materials": [{"title": "老证", "from": "a"}]}, "start"),
    ],
)
def test_a_use_of_a_result_is_a_need(use: dict[str, Any], needs_for: str) -> None:
    found = converted(item("a", produces=PERMIT), item("b", **use))
    assert needs(found)["b"] == (("a",), needs_for)
    prior = material(found, "许可证")
    assert (prior.source, prior.origin, prior.items) == ("prior", "a", ("b",))
    assert found.after.materials == 0
    assert found.after.days == 1 + (6 if needs_for == "start" else 4) + 1


def test_paper_makes_the_item_wait_even_where_other_results_are_only_looked_up() -> None:
    found = converted(
        item("a", produces=["甲证"]),
        item("b", produces=["乙证"]),
        item("c", consumes=["甲证"], materials=[{"title": "乙证"}]),
    )
    assert needs(found)["c"] == (("a", "b"), "start")


def test_what_follows_is_not_written() -> None:
    found = converted(
        item("a", produces=["甲证"]),
        item("b", produces=["乙证"], consumes=["甲证"]),
        item("c", consumes=["乙证", "甲证"]),
    )
    assert needs(found)["c"] == (("b",), "decision")
    assert said(found, "needs", "c") == [
        "；".join(
            (
                "今天要等前面 2 个事项办完",
                "决定前要有“b事项”的结果：“乙证”",
                "也用“a事项”的“甲证”，等“b事项”时已经等到，不另写",
                "只查看结果里的信息，不收原件，所以先预审、等结果到了再决定",
            )
        )
    ]


def test_what_follows_only_sometimes_is_written() -> None:
    """In a case without b, c must still wait for a."""
    items = [
        item("a", produces=["甲证"]),
        item("b", produces=["乙证"], consumes=["甲证"], optional=True),
        item("c", consumes=["乙证", "甲证"]),
    ]
    assert needs(converted(*items))["c"][0] == ("a", "b")
    more = [{**each, "only_if": "堂食？"} if each["id"] == "c" else each for each in items]
    assert needs(converted(*more))["c"][0] == ("a", "b")


def test_items_of_one_condition_come_together() -> None:
    items = [
        item("a", produces=["甲证"]),
        item("b", produces=["乙证"], consumes=["甲证"], only_if="堂食吗？"),
        item("c", consumes=["乙证", "甲证"], only_if="堂食 吗?"),
    ]
    found = converted(*items)
    assert needs(found)["c"][0] == ("b",)
    workflow = found.definition.workflow
    assert [(each.id, each.ask) for each in workflow.situations] == [("has_b", "堂食吗？")]
    assert workflow.item("b").when == workflow.item("c").when == "has_b"


def test_what_follows_whenever_both_are_there_is_not_written() -> None:
    """Where b is handled, so is c: they hang on one question."""
    found = converted(
        item("a", consumes=["乙证", "丙证"]),
        item("b", produces=["乙证"], only_if="堂食？", optional=True),
        item("c", produces=["丙证"], only_if="堂食？", consumes=["乙证"]),
    )
    assert needs(found)["a"][0] == ("c",)


def test_an_order_that_is_the_wrong_way_round_today_is_told() -> None:
    found = converted(item("a", consumes=["许可证"]), item("b", produces=PERMIT))
    assert needs(found)["a"] == (("b",), "decision")
    assert "今天排在“b事项”之前，却要用它的结果，次序已改正" in said(found, "needs", "a")[0]


def test_each_loop_is_refused_with_its_path() -> None:
    text = serial_city.process(
        item("a", produces=["甲证"], consumes=["丙证"]),
        item("b", produces=["乙证"], materials=[{"title": "甲证"}]),
        item("c", produces=["丙证"], consumes=["乙证"]),
        item("d", produces=["丁证"], fields=[{"title": "丁证", "type": "string"}]),
    )
    one, other = serial_city.problems(text)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "consumes" in line]
    paper = next(n for n, line in enumerate(text.splitlines(), 1) if '{"title": "甲证"}' in line)
    own = next(n for n, line in enumerate(text.splitlines(), 1) if '"type"' in line)
    links = {
        f"“a事项”要用“c事项”的“丙证”（第 {lines[0]} 行）",
        f"“b事项”要用“a事项”的“甲证”（第 {paper} 行）",
        f"“c事项”要用“b事项”的“乙证”（第 {lines[1]} 行）",
    }
    lead, _, path = one.message().partition("：")
    assert lead == "事项互相等待，谁也不能先办"
    assert {*path.split("；")} == links
    assert one.line in {lines[0], paper, lines[1]}
    assert (other.line, other.message("en")) == (
        own,
        f"these items wait for each other: “d事项” uses “丁证” of “d事项” (line {own})",
    )


@pytest.mark.parametrize(
    "title",
    [
        "《营业执照》（复印件）",
        "营业执照 副本",
        "营业执照（原件）",
        "【营业执照】扫描件",
        "营业执照",
    ],
)
def test_titles_mean_the_same_under_brackets_and_words_for_copies(title: str) -> None:
    assert name_of(title) == "营业执照"
    assert name_of("原件") == ""
    assert name_of("※") == "※"


# ---- material --------------------------------------------------------------------------------


def test_papers_of_one_title_become_one() -> None:
    found = converted(
        item("a", materials=[{"title": "平面图", "standard": "标明出口", "issuer": "甲所"}]),
        item("b", materials=[{"id": "plan", "title": "场地图", "also": ["平面图"], "copies": 3}]),
        item("c", materials=[{"title": "《场地图》（复印件）", "standard": "标明灶台"}]),
        item("d", materials=[{"title": "合同", "original": True, "basis": "测试"}]),
    )
    plan = material(found, "平面图")
    assert (plan.id, plan.source, plan.items) == ("plan", "applicant", ("a", "b", "c"))
    assert (plan.standard, plan.issuer, plan.copies) == ("标明出口；标明灶台", "甲所", 3)
    assert said(found, "material", "plan") == [
        "“平面图”、“场地图”、“《场地图》（复印件）”今天收 3 份，合为一份，各事项共用"
    ]
    contract = material(found, "合同")
    assert (contract.id, contract.original) == ("material_1", ("submission", "collection"))
    assert said(found, "material", "material_1") == []
    assert (found.before.materials, found.after.materials) == (4, 2)


def test_titles_that_link_two_groups_join_them() -> None:
    found = converted(
        item("a", materials=[{"title": "甲图"}]),
        item("b", materials=[{"title": "乙图"}]),
        item("c", materials=[{"title": "丙图", "also": ["甲图", "乙图"]}]),
    )
    assert material(found, "甲图").items == ("a", "b", "c")
    assert len(found.definition.workflow.materials) == 1


def test_what_a_shared_source_holds_is_not_asked() -> None:
    found = converted(
        item("a", materials=[{"title": "身份证", "original": True}]),
        item("b", consumes=["居民身份证"]),
        item("c", materials=[{"title": "出生日期证明", "from": "population.birthday"}]),
        item("d", consumes=[{"what": "身份证"}]),
    )
    card = material(found, "身份证")
    assert (card.id, card.source, card.origin) == ("id_card", "shared", "population.id_card")
    assert (card.items, card.original) == (("a", "d"), ())
    assert said(found, "material", "id_card") == [
        "“身份证”由“人口库”提供，不再向申请人收取（今天收 1 份），也不再核对原件"
    ]
    assert said(found, "material", "id_card_2") == ["“居民身份证”由“人口库”提供，办理时直接查询"]
    assert material(found, "出生日期证明").origin == "population.birthday"
    assert found.after.materials == 0


def test_application_forms_become_the_one_form() -> None:
    found = converted(
        item("a", materials=[{"title": "设立申请书"}]),
        item("b", materials=[{"title": "检查申报表"}, {"title": "承诺书", "from": "form"}]),
        item("c", consumes=["检查申报表"]),
    )
    form = material(found, "申请表（一表）")
    assert (form.id, form.source, form.items) == ("application", "form", ("a", "b", "c"))
    assert material(found, "承诺书").source == "form"
    assert (
        converted(item("a", materials=[{"title": "申请表"}])).definition.workflow.materials[0].title
        == "申请表"
    )


def test_an_application_form_that_somebody_holds_or_makes_is_no_form() -> None:
    found = converted(
        item("a", produces=["劳务申请书"], materials=[{"title": "姓名"}]),
        item("b", materials=[{"title": "劳务申请书"}]),
        item("c", materials=[{"title": "旧申请表", "from": "register.licence"}]),
    )
    sources = {each.title: each.source for each in found.definition.workflow.materials}
    assert sources == {"姓名": "shared", "劳务申请书": "prior", "旧申请表": "shared"}


def test_where_the_maker_is_left_out_the_earlier_result_is_used() -> None:
    items = [
        item("a", produces=PERMIT, optional=True),
        item("b", materials=[{"title": "许可证"}]),
        item("c", produces=["身份证"], only_if="换证？"),
        item("d", consumes=["身份证"]),
    ]
    found = converted(*items)
    assert material(found, "许可证").when == "want_a"
    before = material(found, "许可证（以前办理的）")
    assert (before.source, before.items, before.when) == ("applicant", ("b",), "!want_a")
    held = material(found, "身份证（以前办理的）")
    assert (held.source, held.origin, held.when) == ("shared", "population.id_card", "!has_c")
    assert said(found, "material", held.id) == [
        "不办“c事项”的，要有以前办理的“身份证”，由共享数据提供"
    ]
    definition = found.definition
    with_a = select(definition, {"want_a": True, "has_c": True})
    without = select(definition, {"want_a": False, "has_c": False})
    assert [each.title for each in with_a.asked] == []
    assert [each.title for each in without.asked] == ["许可证（以前办理的）"]


def test_a_result_that_is_only_named_by_its_user_is_handed_on_under_that_name() -> None:
    found = converted(item("a"), item("b", materials=[{"title": "批复", "from": "a"}]))
    assert material(found, "批复").origin == "a"
    both = converted(item("a", produces=["甲证", "乙证"]), item("b", materials=[{"title": "乙证"}]))
    assert material(both, "乙证").origin == "a"
    result = both.definition.workflow.item("a").result
    assert result is not None
    assert result.title == "甲证、乙证"
    assert said(both, "item", "a") == ["2 样结果合在一起发放"]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            [item("a", materials=[{"title": "图", "from": "register.uscc"}]),
             item("b", materials=[{"title": "图", "from": "a"}])],
            "“图”的来源前后不一：register.uscc、a；同一样东西只能有一个来源",
        ),
        (
            [item("a", produces=["甲证"]), item("b", produces=["乙证"]),
             item("c", materials=[{"title": "甲证", "also": ["乙证"]}])],
            "“甲证”的来源前后不一：b、a；同一样东西只能有一个来源",
        ),
        (
            [item("a", fields=[{"title": "号", "type": "string", "from": "register.uscc"}]),
             item("b", fields=[{"title": "号", "type": "string", "from": "a"}])],
            "“号”的来源前后不一：register.uscc、a；同一样东西只能有一个来源",
        ),
    ],
)  # fmt: skip
def test_one_thing_has_one_origin(items: list[dict[str, Any]], message: str) -> None:
    (problem,) = serial_city.problems(serial_city.process(*items))
    assert sorted(problem.message()) == sorted(message)


# ---- fields ----------------------------------------------------------------------------------


def test_blanks_of_one_title_become_one_that_suits_every_item() -> None:
    first = {
        "id": "area", "title": "面积", "type": "integer", "minimum": 1, "maximum": 900,
        "x-unit": "平方米", "required": False,
    }  # fmt: skip
    second = {"title": "使用面积", "also": ["面积"], "type": "integer", "minimum": 10.5}
    found = converted(
        item("a", fields=[first]),
        item("b", fields=[{**second, "x-unit": "亩"}]),
        item("c"),
    )
    assert field(found, "面积") == {
        "id": "area", "required": True, "title": "面积", "type": "integer", "minimum": 10.5,
        "maximum": 900, "x-unit": "平方米", "x-for": ["a", "b"],
    }  # fmt: skip
    assert said(found, "field", "area") == [
        "“面积”今天填 2 次，合为一次，各事项的 x-unit 写法不同，取最先写明的，请核对"
    ]


def test_options_are_put_together_and_tables_stay() -> None:
    def choice(*names: str) -> dict[str, Any]:
        return {
            "title": "业态", "type": "string",
            "oneOf": [{"const": each, "title": each.upper()} for each in names],
        }  # fmt: skip

    table = {
        "title": "人员", "type": "array", "minItems": 1, "maxItems": 9,
        "items": {
            "type": "object",
            "properties": {"name": {"type": "string", "title": "名"}},
            "required": ["name"],
        },
    }  # fmt: skip
    found = converted(
        item("a", fields=[choice("x", "y"), table]), item("b", fields=[choice("y", "z")])
    )
    assert [each["const"] for each in field(found, "业态")["oneOf"]] == ["x", "y", "z"]
    assert field(found, "业态")["x-for"] == ["*"]
    people = field(found, "人员")
    assert people["items"] == table["items"]
    assert (people["minItems"], people["maxItems"], people["x-for"]) == (1, 9, ["a"])
    pages = {each.title: [f.id for f in each.fields] for each in found.definition.form.sections}
    assert pages == {"基本信息": ["field_1"], "a事项": ["field_1_2"]}


def test_ranges_without_a_common_answer_are_refused() -> None:
    (problem,) = serial_city.problems(
        serial_city.process(
            item("a", fields=[{"title": "面积", "type": "integer", "maximum": 50}]),
            item("b", fields=[{"title": "面积", "type": "integer", "minimum": 60}]),
        )
    )
    assert problem.message() == (
        "“面积”合并后没有能填的内容：minimum 为 60，maximum 为 50；请先统一"
    )


def test_what_shared_sources_and_results_know_is_not_filled_in() -> None:
    number = {"title": "许可证号", "type": "string"}
    found = converted(
        item("a", produces=PERMIT, fields=[{"title": "经营者姓名", "type": "string"}]),
        item("b", fields=[number, {"title": "姓名", "type": "string"}]),
        item("c", fields=[{"title": "代码", "type": "string", "from": "register.uscc"}]),
        item("d", fields=[{"title": "信用代码", "type": "string", "from": "register.uscc"}]),
        item("e", materials=[{"title": "执照", "from": "register.licence"}],
             fields=[{"title": "执照", "type": "string"}]),
    )  # fmt: skip
    titles = [each.title for each in found.definition.form.fields]
    assert titles == ["经营者姓名", "代码", "信用代码", "执照"]
    name = field(found, "经营者姓名")
    assert (name["id"], name["x-shared"], name["x-for"]) == ("name", "population.name", ["a", "b"])
    assert field(found, "代码")["x-shared"] == "register.uscc"
    assert "x-shared" not in field(found, "信用代码")  # one field of a source answers one blank
    assert field(found, "执照")["x-shared"] == "register.licence"
    assert said(found, "field", "name") == ["“经营者姓名”今天填 2 次，合为一次，由共享数据预填"]
    assert said(found, "field", "") == ["“许可证号”由“a事项”的结果提供，不再填写"]
    assert found.after.fields == 1


def test_a_blank_that_an_uncertain_result_answers_stays_for_those_who_need_it() -> None:
    number = {"title": "许可证号", "type": "string"}
    known = {"title": "经营者姓名", "type": "string"}
    found = converted(
        item("a", produces=[{"title": "许可证", "gives": ["许可证号", "姓名"]}], only_if="新办？"),
        item("b", only_if="新办？", fields=[number]),
        item("c", fields=[number, {**known, "also": ["姓名"]}]),
    )
    assert field(found, "许可证号")["x-for"] == ["c"]
    assert said(found, "field", "field_1") == [
        "“许可证号”不一定办“a事项”，不办时没有它的结果可用，所以保留，今天填 2 次，合为一次"
    ]
    assert field(found, "经营者姓名")["x-shared"] == "population.name"


def test_what_is_looked_up_or_printed_serves_the_item_too() -> None:
    found = converted(
        item("a", fields=[{"id": "shop", "title": "店名", "type": "string"}]),
        item("b", consumes=["店名"]),
        item("c", produces=[{"title": "证", "prints": ["店名"], "valid": {"years": 3}}]),
        item("d"),
    )
    assert field(found, "店名")["x-for"] == ["a", "b", "c"]
    result = found.definition.workflow.item("c").result
    assert result is not None
    assert result.valid is not None
    assert (result.fields, result.valid.years) == (("shop",), 3)


def test_a_form_without_blanks_asks_where_to_reach_the_applicant() -> None:
    found = converted(item("a"))
    assert field(found, "联系手机")["format"] == "cn-phone"
    assert found.changes == ()


def test_names_are_never_given_twice() -> None:
    found = converted(
        item("a", optional=True, fields=[{"id": "want_a", "title": "一", "type": "string"}]),
        item("b", only_if="是？", fields=[{"id": "has_b", "title": "二", "type": "string"}],
             materials=[{"id": "x" * 63, "title": "甲"}, {"id": "x" * 63, "title": "乙"}]),
    )  # fmt: skip
    assert [each.id for each in found.definition.form.fields] == ["want_a_2", "has_b_2"]
    names = [each.id for each in found.definition.workflow.materials]
    assert names == ["x" * 63, "x" * 58 + "_2"]


# ---- items and figures -----------------------------------------------------------------------


def test_promises_start_from_today_and_stay_within_the_law() -> None:
    natural = {"days": 15, "unit": "natural"}
    found = converted(
        item("a", days=30),
        item("b", days=8, limit=natural, basis=["某法第一条"]),
        item("c", days=20, limit=natural),
    )
    promised = {each.id: each.promise for each in found.definition.workflow.items}
    assert [(each.days, each.unit) for each in promised.values()] == [
        (20, "working"), (12, "natural"), (15, "natural"),
    ]  # fmt: skip
    assert "超过法定时限" in (promised["a"].basis or "")
    assert found.definition.workflow.item("b").limit.basis == "某法第一条"
    assert said(found, "item", "a") == ["今天用 30 个工作日，超过法定时限，草案按法定时限承诺"]
    assert said(found, "item", "c") == []


def test_what_is_written_beside_an_item_comes_along() -> None:
    check = {"officers": 2, "basis": "测试"}
    wait = {"title": "公示", "days": 7, "basis": "测试"}
    found = converted(
        item("a", inspection=check),
        item("b", department="fire", inspection=check, wait=wait),
        item(
            "c", fee={"yuan": "10", "basis": "测试"}, produces=[{"title": "印章", "media": "paper"}]
        ),
    )
    one, two, three = found.definition.workflow.items
    assert one.inspection is not None
    assert two.inspection is not None
    assert one.inspection.joint == two.inspection.joint == "site_check"
    assert said(found, "item", "b") == ["联合勘验：“a事项”、“b事项”一次上门"]
    assert two.wait is not None
    assert two.wait.days == 7
    assert three.fee is not None
    assert three.fee.yuan == "10"
    assert three.result is not None
    assert (three.result.media, three.result.pickup) == ("paper", ("window", "post"))
    alone = converted(item("a", inspection=check), item("b", inspection=check))
    inspection = alone.definition.workflow.item("b").inspection
    assert inspection is not None
    assert inspection.joint is None


def test_figures_are_counted_and_played() -> None:
    found = converted(
        item(
            "a", visits=3, steps=["交", "查", "领"], materials=[{"title": "合同", "original": True}]
        ),
        item("b", days=10, materials=[{"title": "合同（复印件）"}]),
    )
    assert found.before == Figures(visits=5, materials=2, fields=0, steps=5, days=13)
    assert found.after == Figures(visits=1, materials=1, fields=1, steps=2, days=12)
    workflow = found.definition.workflow
    assert workflow.promise.visits == 1
    played = visits(found.definition, select(found.definition, {}))
    assert played.visits == 1
    assert workflow.baseline.source.startswith("由 today.yaml 写明的今天的流程计算：2 个事项")
    assert [each.status for each in prove(found.definition).obligations] == ["proven"] * 6


def test_a_promise_is_never_longer_than_can_be_written() -> None:
    limit = {"days": 300, "basis": "测试"}
    found = converted(
        item("a", days=300, limit=limit, produces=["甲证"]),
        item("b", days=300, limit=limit, materials=[{"title": "甲证"}]),
    )
    assert found.after.days == 602
    assert found.definition.workflow.promise.days == 365


@pytest.mark.parametrize(("most", "steps"), [(1, ["decide"]), (2, ["handle", "decide"])])
def test_no_more_signatures_than_the_place_allows(most: int, steps: list[str]) -> None:
    rule = f"signatures: {{most: {most}, basis: 测试}}\n"
    without = "".join(
        line
        for line in serial_city.CITY[serial_city.JURISDICTION].splitlines(keepends=True)
        if not line.startswith("signatures:")
    )
    files = {**serial_city.CITY, serial_city.JURISDICTION: without + rule}
    serial = serial_city.read(serial_city.process(item("a")), files)
    found = parallelize(serial, files, serial_city.DAY)
    assert list(found.definition.workflow.item("a").routes[0].steps) == steps
    files = {**files, serial_city.JURISDICTION: without}
    serial = serial_city.read(serial_city.process(item("a")), files)
    found = parallelize(serial, files, serial_city.DAY)
    assert len(found.definition.workflow.item("a").routes[0].steps) == 3


# ---- the files -------------------------------------------------------------------------------


def test_remarks_stand_beside_what_they_are_about() -> None:
    found = converted(
        item("a", produces=PERMIT, materials=[{"title": "图"}]),
        item("b", department="market", materials=[{"title": "图"}], consumes=["许可证"],
             fields=[{"title": "地址", "type": "string"}]),
        item("c", fields=[{"title": "地址", "type": "string"}], basis=LAWS),
        keywords=["开店"],
    )  # fmt: skip
    workflow, form = (found.texts[f"{each}/draft.yaml"] for each in ("workflows", "forms"))
    at = next(each for each in found.changes if each.about == "material_1").places
    lines = "、".join(each.split(":")[1] for each in at)
    remark = f"  # “图”今天收 2 份，合为一份，各事项共用（见第 {lines} 行）\n"
    assert (
        remark + "  - {id: material_1, title: 图, source: applicant, items: [a, b]}\n" in workflow
    )
    assert "  # 决定前要有“a事项”的结果：“许可证”\n" in workflow
    assert "effective: {from: 2026-01-01}\n" in workflow
    assert "\n\nitems:\n" in workflow
    assert f"    basis:\n      - {LAWS[0]}\n" in workflow
    assert "  # “地址”今天填 2 次，合为一次" in form
    assert all(len(line) < 200 for line in (workflow + form).splitlines())


def test_faults_of_the_service_folder_are_told_too() -> None:
    files = {key: text for key, text in serial_city.CITY.items() if "calendars" not in key}
    with pytest.raises(DefinitionError, match=r"calendars/cn\.yaml"):
        parallelize(serial_city.read(serial_city.process(item("a")), files), files, serial_city.DAY)
