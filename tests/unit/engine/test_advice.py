"""How to come as seldom as possible, in words an applicant can follow."""

from onevisit import engine
from onevisit.definition.service import Definition
from proof.mutated import parsed
from proof.vectors import changed, vector


def advice(definition: Definition) -> tuple[str, ...]:
    return engine.visits(definition, engine.everything(definition)).advice


def test_without_a_visit() -> None:
    assert advice(vector("v01")) == (
        "在网上提交申请，不用到场。",
        "“甲许可证”选择下载，不用到场。",
        "不上网也能办（最多跑 1 次）：到窗口提交申请。“甲许可证”选择邮寄，不用到场。",
    )


def test_the_same_way_is_not_told_twice() -> None:
    assert len(advice(vector("v03"))) == 2


def test_an_original_is_brought_or_shown_apart() -> None:
    assert "带上“房产证明”原件当场核验" in advice(vector("v06"))[0]
    apart = changed("v06", ("channels: [online, window]", "channels: [online, post]"))
    assert advice(apart)[1] == "另到窗口一次，出示“房产证明”原件。"


def test_appointments_and_papers_to_carry_are_named() -> None:
    assert "按通知到场参加“东局面谈”。" in advice(vector("v07"))
    assert "到窗口领取“甲许可证”，当场递交给下一个部门。" in advice(vector("v14"))


def test_an_inspection_says_that_it_is_no_visit() -> None:
    said = [line for line in advice(parsed()) if "上门" in line]
    assert len(said) == 1
    assert "联合上门勘验 1 次" in said[0]
    assert "上门不算跑动" in said[0]
    assert any("甲许可要上门勘验" in line for line in advice(vector("v09")))


def test_a_decision_without_a_result_can_be_sent() -> None:
    without = changed("v01", ("    result: {title: 甲许可证, media: electronic}\n", ""))
    found = engine.visits(without, engine.everything(without))
    assert found.visits == 0
    assert "“办理结果”" in found.path[-1]


def test_a_shown_original_is_a_step_of_its_own() -> None:
    apart = changed("v06", ("channels: [online, window]", "channels: [online, post]"))
    found = engine.visits(apart, engine.everything(apart))
    assert "申请人到窗口出示“房产证明”原件：第 1 次到场" in found.path


def test_different_ways_for_different_results() -> None:
    mixed = changed(
        "v15",
        ("result: {title: 甲许可证, media: paper, pickup: [window]}",
         "result: {title: 甲许可证, pickup: [download, post]}"),
        ("result: {title: 乙许可证, media: paper, pickup: [window]}",
         "result: {title: 乙许可证, pickup: [download, kiosk]}"),
    )  # fmt: skip
    found = engine.visits(mixed, engine.everything(mixed))
    assert (found.visits, found.visits_counter) == (0, 1)
    assert any("以下载、邮寄等方式" in step for step in found.path_counter)


def test_nothing_is_promised_where_nothing_works() -> None:
    online = changed("v01", ("channels: [online, window]", "channels: [online]"))
    found = engine.visits(online, engine.everything(online))
    assert (found.visits, found.visits_counter) == (0, None)
    assert found.path_counter == ()
