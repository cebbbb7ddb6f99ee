"""许可法第三十二条第一款第（四）项, 民法典第二百零三条: what is not told in time is accepted by
law, from the day on which the material was received."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from onevisit.cases import accept, correct, decline, material, views, withdraw
from onevisit.cases.check import Finding
from onevisit.cases.dossier import load
from onevisit.cases.errors import NotPossible
from onevisit.cases.views.standing import standing
from scenarios.law.intake import at_moment, deferring, handed_in, local, swept, told
from scenarios.stage import PDF, Stage, findings

SetUp = Callable[[Path], Stage]
RECEIVED = [
    # The eve of Spring Festival 2026 (off 15-23 Feb): Feb 14 (Sat, worked) 24 25 26 27
    ("2026-02-13 10:00", "2026-02-13", "2026-02-27"),
    # A worked Saturday after closing counts as 24 Feb: 25 26 27 28 (Sat, worked) Mar 2
    ("2026-02-14 17:45", "2026-02-24", "2026-03-02"),
    # Within the holiday the same
    ("2026-02-22 11:00", "2026-02-24", "2026-03-02"),
    # Before National Day 2025 (off 1-8 Oct): Oct 9 10 11 (Sat, worked) 13 14
    ("2025-09-30 16:00", "2025-09-30", "2025-10-14"),
    # At the very minute of closing it is too late for the day: 9 Oct, then 10 11 13 14 15
    ("2025-09-30 17:30", "2025-10-09", "2025-10-15"),
    # A worked Saturday in office hours is a day of receipt: 13 14 15 16 17
    ("2025-10-11 10:00", "2025-10-11", "2025-10-17"),
    # A plain Saturday is received on Monday 9 March: 10 11 12 13 16
    ("2026-03-07 09:00", "2026-03-09", "2026-03-16"),
]


@pytest.fixture
def stage(set_up: SetUp, tmp_path: Path) -> Stage:
    return set_up(deferring(tmp_path / "root"))


@pytest.mark.parametrize(("submitted", "received", "last"), RECEIVED)
def test_32_1_4_accepted_from_the_day_of_receipt(
    stage: Stage, submitted: str, received: str, last: str
) -> None:
    case_id = handed_in(stage, submitted)
    assert str(stage.case(case_id).timer_due) == last
    receipt = next(each for each in stage.documents(case_id) if each.kind == "receipt")
    assert receipt.snapshot["due"] == last  # as the receipt promises
    assert swept(stage, f"{last} 17:29") == 0
    assert swept(stage, f"{last} 17:30") == 1
    case = stage.case(case_id)
    assert (case.state, str(case.clock_from)) == ("reviewing", received)
    rows = stage.approvals(case_id).values()
    assert {str(row.clock_from) for row in rows if row.state != "waiting"} == {received}
    entry = stage.ledger(case_id)[-1]
    assert (entry.act, entry.actor_role, entry.actor_id) == ("deem_accepted", "timer", None)
    paper = next(each for each in stage.documents(case_id) if each.kind == "acceptance")
    assert paper.snapshot["deemed_from"] == received
    assert paper.snapshot["basis"] == ["行政许可法第三十二条第一款第（四）项"]
    assert {each["status"] for each in paper.snapshot["materials"]} == {"未核对"}
    assert not any(each.kind == "deferral" for each in stage.documents(case_id))
    day = date.fromisoformat(received)
    sentence = f"自{day.year}年{day.month}月{day.day}日起视为受理"
    assert any(sentence in each for each in told(stage, "clerk"))
    with stage.looking("clerk") as ctx:
        lines = standing(ctx, load(ctx, case_id))
    assert [(each.title, sentence in each.text) for each in lines] == [("视为受理", True)]
    assert stage.problems(case_id) == []


def test_32_1_4_both_clocks_run_from_the_day_of_receipt(stage: Stage) -> None:
    case_id = handed_in(stage, "2026-02-13 10:00")
    assert swept(stage, "2026-03-02 09:00") == 1  # however late the sweep looks
    case, licence = stage.case(case_id), stage.approvals(case_id)["licence"]
    # one and three working days from 13 February: 14 | 14 24 25
    assert (str(licence.promise_due), str(licence.legal_due)) == ("2026-02-14", "2026-02-25")
    # forty-five: Feb 14 24-28 (6), Mar 2-6 9-13 16-20 23-27 (26), 30 31 Apr 1 2 3 (31; the 6th is
    # off), 7-10 (35), 13-17 (40), 20-24 (45)
    assert str(case.legal_due) == "2026-04-24"
    assert case.accepted_at == local("2026-03-02 09:00")


def test_32_1_4_an_answered_correction_is_a_new_receipt(stage: Stage) -> None:
    case_id = handed_in(stage, "2026-02-10 10:00")
    revision = stage.case(case_id).revision
    with at_moment(stage, "clerk", "2026-02-11 10:00") as ctx:
        correct.request(ctx, case_id, findings(floor_plan="unfit"), [], revision)
    assert swept(stage, "2026-02-20 09:00") == 0  # the applicant's ten days, not ours
    with at_moment(stage, "applicant", "2026-02-24 18:00") as ctx:  # after closing: 25 February
        material.attach(ctx, case_id, "floor_plan", "new.pdf", [PDF])
        correct.supplement(ctx, case_id, load(ctx, case_id).case.revision)
    # 26 27 28 (Sat, worked) Mar 2 3
    assert str(stage.case(case_id).timer_due) == "2026-03-03"
    assert swept(stage, "2026-03-03 17:30") == 1
    case = stage.case(case_id)
    assert (case.state, str(case.clock_from)) == ("reviewing", "2026-02-25")
    assert stage.problems(case_id) == []


LATE: dict[str, tuple[str, Callable[..., object]]] = {
    "request_correction": (
        "clerk",
        lambda ctx, id_, at: correct.request(ctx, id_, findings(floor_plan="missing"), [], at),
    ),
    "decline": (
        "clerk",
        lambda ctx, id_, at: decline.decline(ctx, id_, "elsewhere", "不归我们管", "某局", at),
    ),
    "accept": ("clerk", lambda ctx, id_, at: accept.accept(ctx, id_, findings(), at)),
    "withdraw": ("applicant", lambda ctx, id_, at: withdraw.withdraw(ctx, id_, "不办了", at)),
}


@pytest.mark.parametrize("event", LATE)
def test_32_1_4_nobody_acts_on_it_once_the_days_are_over(stage: Stage, event: str) -> None:
    case_id = handed_in(stage, "2026-02-13 10:00")
    who, verb = LATE[event]
    revision = stage.case(case_id).revision
    told_why = re.escape("期限已于2026年2月27日届满")
    with (
        pytest.raises(NotPossible, match=f"视为受理，{told_why}"),
        at_moment(stage, who, "2026-02-27 17:30") as ctx,  # before any sweep has looked
    ):
        verb(ctx, case_id, revision)
    with stage.looking("clerk") as ctx:
        page = views.desk_case(ctx, case_id)
        lines = standing(ctx, load(ctx, case_id))
    assert page.acts == ()
    assert [each.title for each in lines] == ["视为受理"]
    with stage.looking("applicant") as ctx:
        assert {each.event for each in views.progress(ctx, case_id).acts} == set()
    assert swept(stage, "2026-02-27 17:31") == 1
    assert stage.case(case_id).state == "reviewing"


def test_32_1_4_the_applicant_may_still_withdraw_what_was_accepted_by_law(stage: Stage) -> None:
    case_id = handed_in(stage, "2026-02-13 10:00")
    swept(stage, "2026-02-27 17:30")
    with at_moment(stage, "applicant", "2026-02-28 09:00") as ctx:
        withdraw.withdraw(ctx, case_id, "不办了", stage.case(case_id).revision)
    assert stage.case(case_id).state == "withdrawn"
    assert stage.problems(case_id) == []


def test_32_1_4_what_was_told_in_time_is_not_accepted_by_law(stage: Stage) -> None:
    case_id = handed_in(stage, "2026-02-13 10:00")
    revision = stage.case(case_id).revision
    with at_moment(stage, "clerk", "2026-02-27 17:29") as ctx:  # the last minute
        correct.request(ctx, case_id, findings(floor_plan="missing"), [], revision)
    assert swept(stage, "2026-02-27 18:00") == 0
    assert stage.case(case_id).state == "correcting"


def test_32_1_4_nobody_looked_so_later_pages_say_so(stage: Stage) -> None:
    """Material found by a saved checklist keeps what was found; the rest is 未核对."""
    case_id = handed_in(stage, "2026-02-13 10:00")
    with at_moment(stage, "clerk", "2026-02-13 11:00") as ctx:
        accept.record_checks(ctx, case_id, [Finding("floor_plan", "received")])
    swept(stage, "2026-02-27 17:30")
    row = stage.approvals(case_id)["food"]
    with stage.looking("market_regulation.handler") as ctx:
        page = views.office_case(ctx, row.id)
    shown = {each.id: each.status_title for each in page.materials}
    assert shown["floor_plan"] == "已收"
    assert shown["food_manager"] == "未核对"
    assert any(line.title == "视为受理" for line in page.standing)


def test_32_1_4_a_late_sweep_changes_no_due_day(stage: Stage) -> None:
    case_id = handed_in(stage, "2026-02-13 10:00")
    late = local("2026-02-27 17:30") + timedelta(days=4)
    assert swept(stage, f"{late:%Y-%m-%d %H:%M}") == 1
    assert str(stage.case(case_id).clock_from) == "2026-02-13"


def test_32_1_4_an_original_that_nobody_saw_is_seen_when_results_are_collected(
    set_up: SetUp, tmp_path: Path
) -> None:
    folder = deferring(tmp_path / "root")
    path = folder / "workflows" / "open_restaurant.yaml"
    text = path.read_text("utf-8")
    plain = "title: 食品安全管理人员证明, source: applicant,"
    assert plain in text
    path.write_text(text.replace(plain, f"{plain} original: [acceptance],"), "utf-8")
    stage = set_up(folder)
    case_id = handed_in(stage, "2026-03-09 10:00")
    swept(stage, "2026-03-16 17:30")
    for region in ("licence", "food", "signboard", "tobacco"):
        stage.approve(case_id, region)
    with stage.looking("window") as ctx:
        assert "食品安全管理人员证明" in views.window_case(ctx, case_id).originals
    assert stage.problems(case_id) == []
