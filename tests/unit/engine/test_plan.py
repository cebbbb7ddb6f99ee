"""The schedule in words and numbers: what waits, what is critical, which law caps it."""

import pytest

from onevisit import engine
from onevisit.engine.plan import Plan
from proof.mutated import Files, parsed
from proof.vectors import vector


def planned(name: str) -> Plan:
    definition = vector(name)
    return engine.plan(definition, engine.everything(definition))


def changed(change: object) -> Plan:
    definition = parsed(change)  # type: ignore[arg-type]
    return engine.plan(definition, engine.everything(definition))


def test_items_run_side_by_side_and_the_longest_decides() -> None:
    found = planned("t4")
    rows = {row.key: row for row in found.rows}
    assert (rows["permit"].start_day, rows["permit"].end_day) == (1, 6)
    assert (rows["licence"].start_day, rows["licence"].end_day) == (1, 4)
    assert (rows["licence"].serial_start, rows["licence"].serial_end) == (6, 9)
    assert (found.days, found.days_serial, found.review_days) == (7, 10, 5)
    assert found.critical == ("甲许可",)


def test_a_need_comes_first_and_is_named() -> None:
    found = planned("t2")
    licence = found.rows[1]
    assert (licence.start_day, licence.end_day) == (5, 8)
    assert licence.waits_for == ("甲许可",)
    assert found.critical == ("甲许可", "乙许可")


def test_pre_review_runs_beside_the_need() -> None:
    found = planned("t3")
    assert (found.rows[1].start_day, found.rows[1].end_day) == (0, 6)
    assert found.critical == ("甲许可", "乙许可")


def test_special_procedures_are_told_and_counted_as_the_place_says() -> None:
    found = planned("t5")
    assert found.rows[0].promise_text == "5 个工作日，另特别程序至多 10 个工作日"
    assert (found.days, found.review_days) == (15, 5)

    def change(files: Files) -> None:
        files.item("fire")["special"] = [{"kind": "test", "days": 9, "basis": "示例"}]
        files.data["place"]["special_stops_promise"] = True

    assert changed(change).days == changed(lambda files: None).days


def test_elements_of_a_list_are_numbered() -> None:
    definition = vector("t7")
    selection = engine.select(definition, {}, {"people": [{}, {}]})
    found = engine.plan(definition, selection)
    assert [row.title for row in found.rows] == ["甲许可（1）", "甲许可（2）"]
    assert found.days == 2


def test_at_once_takes_no_day() -> None:
    found = planned("v03")
    assert (found.rows[0].start_day, found.rows[0].end_day) == (0, 0)
    assert found.rows[0].promise_text == "当场办结"
    assert found.days == 0


def test_public_notices_are_natural_days_of_their_own() -> None:
    def change(files: Files) -> None:
        for name in ("hygiene", "licence"):
            files.item(name)["wait"] = {"title": "公示", "days": 7, "basis": "示例"}
        files.item("tobacco")["wait"] = {"title": "公告", "days": 5, "basis": "示例"}

    before, after = changed(lambda files: None), changed(change)
    assert after.wait_days == 12  # the licence's notice, then tobacco's
    assert after.days == before.days
    assert {row.wait_days for row in after.rows} == {0, 5, 7}


@pytest.mark.parametrize(
    ("name", "kind", "days"),
    [("v01", "single", 20), ("t1", "joint", 45)],
)
def test_the_law_caps_the_whole(name: str, kind: str, days: int) -> None:
    cap = planned(name).joint_cap
    assert (cap.kind, cap.days) == (kind, days)
    assert cap.basis.startswith("行政许可法第四十二条")


def test_an_items_own_law_caps_it() -> None:
    definition = parsed()
    alone = engine.Selection((engine.everything(definition).part("fire"),), ())
    cap = engine.plan(definition, alone).joint_cap
    assert (cap.kind, cap.days) == ("own", 13)

    def change(files: Files) -> None:
        files.item("hygiene")["limit"] = {"days": 60, "basis": "专门规定（虚构）"}

    cap = changed(change).joint_cap
    assert (cap.kind, cap.days, cap.basis) == ("own", 60, "专门规定（虚构）")


def test_natural_days_are_told_as_such() -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["limit"] = {"days": 30, "unit": "natural", "basis": "示例"}

    texts = {row.key: row.legal_text for row in changed(change).rows}
    assert texts["hygiene"] == "30 个自然日"
