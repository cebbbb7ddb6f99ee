"""Read models: each sees their own and no more, lists go on where they ended, queries stay few."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from sqlalchemy import Engine, event

from onevisit.access import Forbidden
from onevisit.cases import accept, correct, draft, views
from onevisit.cases.check import FieldFinding
from onevisit.cases.views import applicant, intake, window
from scenarios.stage import ANSWERS, Stage, findings

REGIONS = ("licence", "food", "signboard", "tobacco")


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The SELECT statements that were sent meanwhile."""
    sent: list[str] = []

    def remember(*args: object) -> None:
        if str(args[2]).startswith("SELECT"):
            sent.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", remember)


def selects(stage: Stage, who: str, look: Callable[..., object], *args: object) -> int:
    """How many SELECTs one look takes."""
    with counted(stage.engine) as sent, stage.looking(who) as ctx:
        look(ctx, *args)
    return len(sent)


def fields_of(view: views.OfficeCase) -> set[str]:
    """The form fields that an officer's page shows."""
    return {row.id for section in view.sections for row in section.rows}


def test_an_officer_sees_what_their_item_needs_and_no_more(stage: Stage) -> None:
    case_id = stage.accepted()
    rows = stage.approvals(case_id)
    with stage.looking("urban_management.handler") as ctx:
        sign = views.office_case(ctx, rows["signboard"].id)
    with stage.looking("market_regulation.handler") as ctx:
        food = views.office_case(ctx, rows["food"].id)
    assert fields_of(sign) == {
        "operator_name", "phone", "address", "area", "sign_text", "sign_size",
    }  # fmt: skip
    assert {"staff", "food_manager_name", "uscc"} <= fields_of(food)
    assert "representative_id" not in fields_of(food)
    assert {row.id for row in sign.materials} == {
        "application", "licence_copy", "floor_plan", "sign_design",
    }  # fmt: skip
    assert "sign_design" not in {row.id for row in food.materials}
    projects = next(
        row for section in food.sections for row in section.rows if row.id == "food_projects"
    )
    assert projects.text == "热食类食品制售；自制饮品制售"
    assert sign.waits == food.waits == ("营业执照信息核验",)
    assert [act.event for act in food.acts] == ["forward"]


def test_the_inbox_follows_whose_turn_it_is_soonest_due_first(stage: Stage) -> None:
    case_id = stage.accepted()
    with stage.looking("market_regulation.handler") as ctx:
        mine = views.office_inbox(ctx)
    assert [row.item for row in mine] == ["营业执照信息核验", "食品经营许可（新办）"]
    assert [row.promise_due for row in mine] == sorted(row.promise_due or "" for row in mine)
    stage.act(case_id, "food", "forward")
    for who, items in (
        ("market_regulation.handler", ["营业执照信息核验"]),
        ("market_regulation.reviewer", ["食品经营许可（新办）"]),
        ("market_regulation.decider", []),
        ("tobacco.handler", []),
    ):
        with stage.looking(who) as ctx:
            assert [row.item for row in views.office_inbox(ctx)] == items
    with stage.looking("tobacco.handler") as ctx:
        department = views.office_inbox(ctx, "department").rows
    assert [(row.item, row.mine, row.state.title) for row in department] == [
        ("烟草专卖零售许可", False, "待启动")
    ]
    stage.approve(case_id, "licence")
    with stage.looking("market_regulation.decider") as ctx:
        assert [row.item for row in views.office_inbox(ctx, "done")] == ["营业执照信息核验"]
    with pytest.raises(Forbidden), stage.looking("clerk") as ctx:
        views.office_inbox(ctx)


def test_an_item_turns_yellow_and_red_by_working_days(stage: Stage) -> None:
    stage.accepted()

    def lights() -> list[tuple[str, int | None]]:
        with stage.looking("market_regulation.handler") as ctx:
            return [(row.light, row.days_left) for row in views.office_inbox(ctx)]

    assert lights() == [("ok", 1), ("ok", 5)]
    stage.later(1)
    assert lights() == [("soon", 0), ("ok", 4)]
    stage.later(1)
    assert lights() == [("late", -1), ("ok", 3)]
    stage.later(5)  # Monday the 30th: the last promised day of the licence for food
    assert lights() == [("late", -4), ("soon", 0)]


def test_the_applicant_follows_the_case_without_the_names_of_officers(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.bring(case_id, "signboard")
    stage.approve(case_id, "licence")
    stage.act(case_id, "signboard", "send_back", reasons="内部意见：再核一次尺寸")
    with stage.looking("applicant") as ctx:
        view = views.progress(ctx, case_id)
    told = [(each.title, each.who) for each in view.events]
    assert ("户外招牌设置许可：已承办", "示例市城市管理局") in told
    assert ("营业执照信息核验：准予", "示例市市场监督管理局") in told
    assert told[-1] == ("提交申请", None)
    everything = repr(view)
    assert "演示market_regulation" not in everything
    assert "演示urban_management" not in everything
    assert "内部意见" not in everything
    lanes = {lane.region: lane for lane in view.lanes}
    assert [(step.title, step.state) for step in lanes["food"].steps] == [
        ("承办", "current"), ("审核", "todo"), ("决定", "todo"),
    ]  # fmt: skip
    assert {step.state for step in lanes["licence"].steps} == {"done"}
    assert lanes["licence"].light == "none"


def test_what_the_applicant_may_do_follows_the_case(stage: Stage) -> None:
    case_id = stage.submitted()

    def acts() -> list[str]:
        with stage.looking("applicant") as ctx:
            return [act.event for act in views.progress(ctx, case_id).acts]

    assert acts() == ["withdraw"]
    with stage.acting("clerk") as ctx:
        field = [FieldFinding("address", "没有门牌号")]
        revision = stage.case(case_id).revision
        correct.request(ctx, case_id, findings(floor_plan="missing"), field, revision)
    assert acts() == ["supplement", "withdraw"]
    with stage.looking("applicant") as ctx:
        view = views.draft_view(ctx, case_id)
        assert views.my_cases(ctx).rows[0].correcting
    assert view.editable
    assert [row.id for row in view.materials if row.uploadable] == ["floor_plan"]
    assert view.correction is not None
    assert [(each.material_id, each.field) for each in view.correction.missing] == [
        ("floor_plan", None), (None, "address"),
    ]  # fmt: skip
    assert [error.path for error in view.problems] == ["material.floor_plan"]
    with stage.looking("clerk") as ctx:
        assert views.progress(ctx, case_id).acts == ()


def test_the_desk_has_each_case_in_one_tab(stage: Stage) -> None:
    case_id = stage.submitted()
    stage.drafted()

    def tabs() -> list[str]:
        with stage.looking("clerk") as ctx:
            return [
                tab for tab in intake.TABS if case_id in [r.id for r in views.desk_queue(ctx, tab)]
            ]

    assert tabs() == ["waiting"]
    with stage.looking("clerk") as ctx:
        row = views.desk_queue(ctx).rows[0]
        assert len(views.desk_queue(ctx).rows) == 1
        [found] = views.desk_queue(ctx, search=(row.number or "")[-8:]).rows
        assert (found.id, found.applicant) == (row.id, "演示申请人甲")  # who is sought is named
        assert views.desk_queue(ctx, search="没有这个人").rows == ()
    assert (row.light, row.items, row.applicant) == ("ok", 4, "演*****")
    with stage.acting("clerk") as ctx:
        accept.accept(ctx, case_id, findings(), stage.case(case_id).revision)
    assert tabs() == ["running"]
    stage.bring(case_id, "licence")
    stage.act(case_id, "licence", "reject", reasons="已注销")
    assert tabs() == ["closed"]


def test_a_saved_checklist_comes_back(stage: Stage) -> None:
    case_id = stage.submitted()
    with stage.acting("clerk") as ctx:
        accept.record_checks(ctx, case_id, findings(floor_plan="unfit", application=""))
    with stage.looking("clerk") as ctx:
        rows = {row.id: row for row in views.desk_case(ctx, case_id).materials}
    assert (rows["floor_plan"].status, rows["floor_plan"].note) == ("unfit", "看不清")
    assert rows["application"].status is None
    assert stage.problems(case_id) == []


@pytest.mark.parametrize("tab", ["mine", "done"])
def test_the_inbox_goes_on_where_the_page_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tab: str
) -> None:
    # the room names the function as its module, so that only the import system tells them apart
    monkeypatch.setattr(import_module("onevisit.cases.views.office_inbox"), "PAGE", 2)
    cases = [stage.accepted() for _ in range(3)]
    who = "market_regulation.handler"
    if tab == "done":
        for case_id in cases:
            stage.approve(case_id, "licence")
    seen = list(pages(stage, who, lambda ctx, after: views.office_inbox(ctx, tab, after)))
    keys = [row.approval_id for page in seen for row in page]
    assert len(keys) == len(set(keys)) == (6 if tab == "mine" else 3)
    assert all(len(page.rows) <= 2 for page in seen)


def test_lists_of_cases_go_on_where_the_page_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (applicant, intake, window):
        monkeypatch.setattr(module, "PAGE", 2)
    cases = [stage.accepted() for _ in range(3)]
    for case_id in cases:
        for region in REGIONS:
            stage.approve(case_id, region)
    own = pages(stage, "applicant", views.my_cases)
    assert [row.id for page in own for row in page] == cases[::-1]
    desk = pages(stage, "clerk", lambda ctx, after: views.desk_queue(ctx, "running", after))
    assert [row.id for page in desk for row in page] == cases
    ready = pages(stage, "window", lambda ctx, after: views.window_ready(ctx, "", after))
    assert [row.id for page in ready for row in page] == cases
    with stage.looking("window") as ctx:
        assert views.window_ready(ctx).rows[0].documents == 7


def pages(
    stage: Stage, who: str, look: Callable[..., views.Page[object]]
) -> Iterator[views.Page[object]]:
    """All pages of a list, one after the other."""
    after: str | None = None
    while True:
        with stage.looking(who) as ctx:
            page = look(ctx, after)
        yield page
        after = page.next
        if after is None:
            return


def test_longer_lists_take_no_more_queries(stage: Stage) -> None:
    first = stage.accepted()
    looks: list[tuple[str, Callable[..., object]]] = [
        ("applicant", views.my_cases),
        ("clerk", lambda ctx: views.desk_queue(ctx, "running")),
        ("market_regulation.handler", views.office_inbox),
        ("window", views.window_ready),
    ]
    before = [selects(stage, who, look) for who, look in looks]
    for _ in range(2):
        stage.accepted()
    assert [selects(stage, who, look) for who, look in looks] == before
    assert max(before) <= 5  # the office also: pauses, who has what in hand, when it came
    approval = stage.approvals(first)["food"].id
    # one case: its own rows, and a few looks at each kind of turn that may be going on or begin
    assert selects(stage, "applicant", views.progress, first) <= 30
    assert selects(stage, "clerk", views.desk_case, first) <= 30
    assert selects(stage, "market_regulation.handler", views.office_case, approval) <= 50


def test_answers_can_be_changed_and_nothing_typed_is_lost(stage: Stage) -> None:
    case_id = stage.drafted()
    without = {**ANSWERS, "signboard": False}
    with stage.acting("applicant") as ctx:
        draft.answers(ctx, case_id, without, stage.case(case_id).revision)
        view = views.draft_view(ctx, case_id)
    assert "signboard" not in {item.region for item in view.items}
    assert "sign_text" not in view.data
    assert stage.case(case_id).form["sign_text"] == "演示招牌文字"
    with stage.acting("applicant") as ctx:
        draft.answers(ctx, case_id, ANSWERS, stage.case(case_id).revision)
        assert views.draft_view(ctx, case_id).data["sign_text"] == "演示招牌文字"
    with stage.looking("applicant") as ctx:
        tasks = {task.id: task.state for task in views.draft_view(ctx, case_id).tasks}
    assert set(tasks.values()) == {"done", "started"}
    assert tasks["review"] == "started"
