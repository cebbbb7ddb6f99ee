"""Reports: what is proven, where it is refuted, and the same as JSON."""

import json
from dataclasses import replace

from onevisit.definition.problem import Problem
from onevisit.engine.proof.prove import prove
from onevisit.engine.proof.report import unread
from proof.mutated import Files, parsed, report
from proof.vectors import changed, vector


def test_a_report_is_json() -> None:
    found = prove(parsed())
    data = json.loads(json.dumps(found.as_json(), ensure_ascii=False))
    assert data["proven"] is True
    assert [each["id"] for each in data["obligations"]] == [
        "soundness",
        "visits",
        "time",
        "asked_once",
        "law",
        "names",
    ]
    assert data["figures"]["visits"] == 0
    assert data["figures"]["baseline"]["visits"] == 6
    assert len(data["figures"]["rows"]) == data["figures"]["situations"]
    assert ["营业执照", "市场主体登记库"] in data["figures"]["supplied"]


def test_messages_come_in_both_languages() -> None:
    found = prove(vector("v02"))
    chinese = [each["message"] for each in found.as_json()["obligations"]]
    english = [each["message"] for each in found.as_json("en")["obligations"]]
    assert "最多要跑 2 次，超过承诺的 1 次" in chinese
    assert "takes 2 visits, more than the 1 promised" in english


def test_what_could_not_be_read_refutes_names_or_soundness() -> None:
    problems = [
        Problem("a.yaml", 3, 5, "unknown_name", "x", "事项"),
        Problem("a.yaml", 9, 1, "cycle", "甲 → 乙 → 甲"),
    ]
    found = unread("a", problems)
    assert [(each.id, each.place.line) for each in found.obligations] == [
        ("names", 3),
        ("soundness", 9),
    ]
    assert found.as_json()["figures"] is None
    assert not found.proven


def test_needs_that_go_round_are_told_even_when_nobody_parsed_them() -> None:
    definition = vector("t2")
    first, second = definition.workflow.items
    looped = definition.workflow.model_copy(
        update={"items": (first.model_copy(update={"needs": ("licence",)}), second)}
    )
    found = prove(replace(definition, workflow=looped))
    assert "成环" in found.obligations[0].message_zh
    assert found.figures is None


def test_a_refuted_promise_points_at_its_cause() -> None:
    places = {
        "v02": "issue: {pickup",
        "v05": "issue: {pickup",
        "v07": "talk_west",
        "v14": "pickup: [window]",
        "v15": "pickup: [window]",
    }
    for name, text in places.items():
        definition = vector(name)
        found = next(
            each
            for each in prove(definition).obligations
            if each.id == "visits" and each.status == "refuted"
        )
        line = definition.source.text.splitlines()[found.place.line - 1]
        assert text in line, (name, line)


def test_the_channel_or_the_original_is_the_cause_where_it_is() -> None:
    no_visits = ("visits: 1", "visits: 0")
    window = ("channels: [online, window]", "channels: [window]")
    for edits, text in (
        ((no_visits, window), "submission: {channels"),
        ((no_visits,), "submission: {channels"),
    ):
        definition = changed("v01", *edits)
        against = [e for e in prove(definition).obligations if e.status == "refuted"]
        lines = definition.source.text.splitlines()
        assert any(text in lines[each.place.line - 1] for each in against if each.id == "visits")
    definition = changed("v06", no_visits)
    against = [e for e in prove(definition).obligations if e.id == "visits"]
    assert "deed" in definition.source.text.splitlines()[against[0].place.line - 1]


def test_the_counterexample_stops_at_the_visit_too_many() -> None:
    found = next(each for each in prove(vector("v07")).obligations if each.id == "visits")
    assert found.counterexample == (
        "申请人在网上提交申请",
        "受理",
        "申请人到场参加“东局面谈”：第 1 次到场",
        "申请人到场参加“西局面谈”：第 2 次到场",
        "情形：所有情形",
    )


def test_a_situation_is_named_where_it_matters() -> None:
    found = next(each for each in prove(vector("v13")).obligations if each.id == "visits")
    assert found.counterexample[-1] == "情形：是否属于情形 s：是"


def test_days_are_told_as_people_count() -> None:
    def change(files: Files) -> None:
        files.workflow["promise"]["days"] = 1
        files.workflow["submission"]["acceptance"] = 0
        files.workflow["issue"]["days"] = 0
        files.item("licence")["routes"][0]["on_the_spot"] = True
        files.item("fire")["needs"] = ["licence"]

    found = next(each for each in report(change).obligations if each.id == "time")
    assert found.counterexample[0] == "“营业执照信息核验”：当场"
    assert found.counterexample[1].endswith("：第 1—10 天")
    assert found.counterexample[-1].startswith("情形：")
