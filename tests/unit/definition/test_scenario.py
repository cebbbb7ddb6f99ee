"""Scenarios as an admin writes them: short forms mean what they say, every fault has its place."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from onevisit.definition.problem import DefinitionError
from onevisit.definition.scenario import SCENARIO_KEYS, VERBS, Act, ScenarioFile, Step
from onevisit.definition.scenario_file import parse_scenarios, scenario_path
from onevisit.definition.scenario_names import answered
from onevisit.definition.source import Source
from unit.definition import small

SERVICE = small.definition(
    {
        **small.FILES,
        small.LIFECYCLE: (
            Path(__file__).parents[3] / "workflows/lifecycles/standard.yaml"
        ).read_text("utf-8"),
    }
)
HEAD = "workflow: stall\nscenarios:\n  - title: 一个\n    answers: {area: 8, kind: fruit}\n"


def parsed(text: str) -> tuple[ScenarioFile, Source]:
    return parse_scenarios(text, "s.yaml", SERVICE)


def steps(text: str) -> tuple[Step, ...]:
    """The steps written in one scenario."""
    return parsed(HEAD + "    steps:\n" + text)[0].scenarios[0].steps


def told(text: str) -> list[str]:
    """Everything that is wrong with a file."""
    try:
        parsed(text)
    except DefinitionError as error:
        return [str(each).removeprefix("s.yaml:") for each in error.problems]
    return []


def test_where_scenarios_lie() -> None:
    assert scenario_path("stall") == "workflows/scenarios/stall.yaml"


@pytest.mark.parametrize(
    ("written", "verb", "names"),
    [
        ("submit", "submit", ()),
        ("approve place", "approve", ("place",)),
        ("approve place, food", "approve", ("place", "food")),
        ("approve place、food", "approve", ("place", "food")),
        ("{approve: place}", "approve", ("place",)),
        ("{approve: [place, food]}", "approve", ("place", "food")),
        ("correct photo name", "correct", ("photo", "name")),
        ("{accept: }", "accept", ()),
        ("decline 不归我们管 的", "decline", ()),
        ("withdraw", "withdraw", ()),
        ("prepare lamp/2", "prepare", ("lamp/2",)),
    ],
)
def test_an_act_may_be_spoken_or_written(written: str, verb: str, names: tuple[str, ...]) -> None:
    step = steps(f"      - {written}\n")[0]
    assert (step.verbs, step.names) == ((verb,), names)


def test_spoken_reasons_are_kept_whole() -> None:
    step = steps("      - decline 不归我们管 的\n")[0]
    assert step.decline == "不归我们管 的"
    assert step.text == "decline"
    assert steps("      - approve place, food\n")[0].text == "approve place, food"


def test_what_is_seen_has_short_forms_too() -> None:
    step = steps("      - {items: approved, made: receipt, impossible: approve food}\n")[0]
    assert (step.items, step.made) == ({"*": "approved"}, {"receipt": 1})
    assert [each.text for each in step.impossible] == ["approve food"]
    step = steps("      - {items: {food: waiting}, made: {receipt: 2}, impossible: {submit: }}\n")[
        0
    ]
    assert (step.items, step.made) == ({"food": "waiting"}, {"receipt": 2})
    assert step.impossible[0].verbs == ("submit",)
    step = steps("      - {made: [approval, approval], impossible: [submit, {approve: food}]}\n")[0]
    assert step.made == {"approval": 2}
    assert [each.text for each in step.impossible] == ["submit", "approve food"]


def test_the_ending_may_be_the_state_alone() -> None:
    assert parsed(HEAD + "    ends: concluded\n")[0].scenarios[0].ends.case == "concluded"
    ends = parsed(HEAD + "    ends: {case: refused, documents: {}}\n")[0].scenarios[0].ends
    assert (ends.case, ends.documents) == ("refused", {})


def test_scenarios_are_frozen() -> None:
    file = parsed(HEAD)[0]
    with pytest.raises(ValidationError):
        file.scenarios[0].title = "x"  # type: ignore[misc]


def test_questions_left_out_are_answered_no_where_they_are_asked() -> None:
    assert answered(SERVICE, {"area": 11, "kind": "fruit"}) == {
        "area": 11, "night": False, "kind": "fruit", "want_lamp": False,
    }  # fmt: skip
    assert answered(SERVICE, {"area": 9, "night": True}) == {"area": 9, "want_lamp": False}


FAULTS = [
    # shapes
    ("workflow: stall\nscenarios: []\n", ["2:12: “（列表）”不对：应为至少 1 项"]),
    (HEAD + "    step: []\n", ["5:5: 不认识的键“step”；是否想写“steps”？"]),
    (HEAD + "    steps: [submitt]\n", ["5:13: 不认识的键“submitt”；是否想写“submit”？"]),
    (HEAD + "    steps: [{}]\n", ["5:13: 一步写且只写一个动作，如 approve: food"]),
    (HEAD + "    steps: [{submit: , accept: }]\n",
     ["5:13: 一步写且只写一个动作，如 approve: food"]),
    (HEAD + "    steps: [{impossible: [{}]}]\n", ["5:27: 一步写且只写一个动作，如 approve: food"]),
    (HEAD + "    steps: [{impossible: acept}]\n", ["5:26: 不认识的键“acept”；是否想写“accept”？"]),
    (HEAD + "    steps: [{accept: 3}]\n", ["5:22: “3”不对：应为空着（冒号后面不写）"]),
    (HEAD + "    steps: [{approve: 3}]\n", ["5:23: “3”不对：应为列表"]),
    (HEAD + "    steps: [{impossible: 3}]\n", ["5:26: “3”不对：应为列表"]),
    (HEAD + "    steps: [{made: 3}]\n", ["5:20: “3”不对：应为键值对"]),
    (HEAD + "    steps: [{made: {receipt: x}}]\n", ["5:30: “x”不对：应为整数"]),
    (HEAD + "    steps: [{made: [1]}]\n", ["5:20: “（列表）”不对：应为键值对"]),
    (HEAD + "    steps: [3]\n", ["5:13: “3”不对：应为键值对"]),
    (HEAD + "    ends: 3\n", ["5:11: “3”不对：应为键值对"]),
    (HEAD + "    steps: [{submit: , reasons: 没有}]\n",
     ["5:13: reasons 只用于 reject 和 send_back"]),
    # names
    (HEAD.replace("stall", "stal"), ["1:11: 没有名为“stal”的一件事；是否想写“stall”？"]),
    (HEAD + HEAD.partition("scenarios:\n")[2], ["5:12: 标识“一个”重复，请换一个"]),
    (HEAD + "    form: {nam: 甲, size: 3}\n",
     ["5:12: 没有名为“nam”的字段；是否想写“name”？",
      "5:20: “size”由情形问题回答，请写在 answers 里"]),
    (HEAD + "    form: {helpers: 2}\n", ["5:21: “2”不对：应为列表"]),
    (HEAD + "    form: {helpers: null, card: 2}\n", []),
    (HEAD + "    without: [photo, id_card]\n", ["5:22: 没有名为“id_card”的要申请人提交的材料"]),
    (HEAD + "    hand_in: foto\n",
     ["5:14: 没有名为“foto”的要申请人提交的材料；是否想写“photo”？"]),
    (HEAD + "    pickup: kiosk\n", ["5:13: 没有名为“kiosk”的领取方式（本服务提供的）"]),
    (HEAD + "    expect: {items: [fod], routes: {plce: filing}, materials: id_card}\n",
     ["5:22: 没有名为“fod”的事项；是否想写“food”？",
      "5:37: 没有名为“plce”的事项；是否想写“place”？",
      "5:63: 没有名为“id_card”的要申请人提交或承诺的材料"]),
    (HEAD + "    steps: [approve fod]\n", ["5:13: 没有名为“fod”的事项；是否想写“food”？"]),
    (HEAD + "    steps: [approve]\n", ["5:13: 请写明事项，如 approve: food"]),
    (HEAD + "    steps: [approve food/1, approve lamp/x, approve lamp/2]\n",
     ["5:13: 没有名为“food/1”的事项；是否想写“food”？",
      "5:29: 没有名为“lamp/x”的事项；是否想写“lamp”？"]),
    (HEAD + "    steps: [{correct: [fotos, name]}]\n",
     ["5:24: 没有名为“fotos”的材料或字段；是否想写“photo”？"]),
    (HEAD + "    steps: [{case: revewing, items: {fod: bar}, made: recept}]\n",
     ["5:20: 没有名为“revewing”的整件状态；是否想写“reviewing”？",
      "5:38: 没有名为“fod”的事项；是否想写“food”？", "5:43: 没有名为“bar”的事项状态",
      "5:55: 没有名为“recept”的文书；是否想写“receipt”？"]),
    (HEAD + "    steps: [{impossible: [submit, approve fod]}]\n",
     ["5:35: 没有名为“fod”的事项；是否想写“food”？"]),
    (HEAD + "    ends: {items: aproved, documents: {recept: 1}}\n",
     ["5:19: 没有名为“aproved”的事项状态；是否想写“approved”？",
      "5:40: 没有名为“recept”的文书；是否想写“receipt”？"]),
    (HEAD + "    ends: conclded\n", ["5:11: 没有名为“conclded”的整件状态；是否想写“concluded”？"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_a_fault_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("{area: 8}", ["情形问题“kind”没有回答"]),
        ("{}", ["情形问题“area”没有回答", "情形问题“kind”没有回答"]),
        ("{area: 8, kind: fruit, night: true}", ["按其余回答，不会问“night”，请删去"]),
        ("{area: 0, kind: fruit}", ["“0”不对：应为1 到 99 的整数"]),
        ("{area: true, kind: fruit}", ["“true”不对：应为1 到 99 的整数"]),
        ("{area: 8, kind: frut}", ["“frut”不对：应为fruit、snacks；是否想写“fruit”？"]),
        ("{area: 8, kind: 1}", ["“1”不对：应为fruit、snacks"]),
        ("{area: 11, kind: fruit, night: 1}", ["“1”不对：应为true 或 false"]),
        ("{area: 8, kind: fruit, nigt: true}",
         ["没有名为“nigt”的情形问题；是否想写“night”？"]),
        ("[8]", ["“（列表）”不对：应为键值对", "情形问题“area”没有回答", "情形问题“kind”没有回答"]),
    ],
)  # fmt: skip
def test_answers_are_those_the_service_would_take(answers: str, expected: list[str]) -> None:
    text = f"workflow: stall\nscenarios:\n  - title: 一个\n    answers: {answers}\n"
    found = [each.partition(": ")[2] for each in told(text)]
    assert sorted(found) == sorted(expected)


def test_wrong_names_are_told_beside_wrong_shapes() -> None:
    text = HEAD + "    steps:\n      - submitt\n      - approve fod\n      - {made: {a: b}}\n"
    assert told(text) == [
        "6:9: 不认识的键“submitt”；是否想写“submit”？",
        "7:9: 没有名为“fod”的事项；是否想写“food”？",
        "8:20: “b”不对：应为整数",
    ]


def test_moves_have_to_be_in_the_lifecycle() -> None:
    text = HEAD + "    steps: [submit, approve place, elapse, {reject: place}]\n"
    with pytest.raises(DefinitionError) as wrong:
        parse_scenarios(text, "s.yaml", small.definition())
    assert [str(each).removeprefix("s.yaml:") for each in wrong.value.problems] == [
        "5:13: 没有名为“submit”的动作（办件生命周期里的）",
        "5:45: 没有名为“reject”的动作（办件生命周期里的）",
    ]


def test_a_service_that_is_only_downloaded_hands_nothing_out() -> None:
    download = small.definition(
        {
            **small.edited(
                small.WORKFLOW, "materials:\n", "issue: {pickup: [download]}\nmaterials:\n"
            ),
            small.LIFECYCLE: small.FILES[small.LIFECYCLE].replace(
                "event: finish", "event: hand_out"
            ),
        }
    )
    tried = HEAD + "    steps: [{impossible: hand_out}]\n"
    assert parse_scenarios(tried, "s.yaml", download)
    with pytest.raises(DefinitionError, match="只能下载领取"):
        parse_scenarios(HEAD + "    steps: [hand_out]\n", "s.yaml", download)


def test_every_fault_is_told_in_english_too() -> None:
    text = HEAD + "    steps: [approve fod, {accept: 3}]\n"
    with pytest.raises(DefinitionError) as wrong:
        parsed(text)
    assert [each.message("en") for each in wrong.value.problems] == [
        "no item is named “fod”; did you mean “food”?",
        "“3” will not do: expected nothing after the colon",
    ]


def test_every_key_says_what_it_means() -> None:
    written = {
        (model, key): text for model, keys in SCENARIO_KEYS.items() for key, text in keys.items()
    }
    for model in SCENARIO_KEYS:
        inherited = Act.model_fields if issubclass(model, Act) and model is not Act else {}
        own = set(model.model_fields) - set(inherited)
        assert own == {key for known, key in written if known is model}
    assert all(re.search("[一-鿿]", text) for text in written.values())
    assert set(VERBS) <= set(Act.model_fields)


def test_a_file_that_is_no_yaml_is_told() -> None:
    assert told("workflow: [") == [
        "1:12: YAML 写法有误：花括号或方括号没有配对，或者两项之间少了逗号"
    ]
