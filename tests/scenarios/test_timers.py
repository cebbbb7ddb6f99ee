"""What ends by itself: corrections lapse, public notices run out, batches begin together."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from onevisit.cases import correct, submit
from onevisit.cases.errors import Invalid, NotPossible
from scenarios.stage import ROOT, Stage, findings

NOTICE = "    wait: {title: 公示, days: 7, basis: 示例（虚构）}\n"
BATCH = "    batch: true\n"
WINDOW = "window: {opens: 2026-11-20, closes: 2026-11-25, basis: 示例（虚构）}\n"


def services(folder: Path, item: str, addition: str, window: str = "") -> Path:
    """The real services, the restaurant's with one line more for one item."""
    for name in ("workflows", "forms"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "templates", folder / "templates")
    path = folder / "workflows" / "open_restaurant.yaml"
    text = path.read_text("utf-8")
    head, found, tail = text.partition(f"  - id: {item}\n")
    assert found
    path.write_text(window + head + found + addition + tail, "utf-8")
    return folder


def test_an_unanswered_correction_lapses_the_day_after_it_was_due(stage: Stage) -> None:
    case_id = stage.submitted()
    with stage.acting("clerk") as ctx:
        revision = stage.case(case_id).revision
        correct.request(ctx, case_id, findings(floor_plan="missing"), [], revision)
    due = stage.case(case_id).timer_due
    assert due is not None
    assert due.isoformat() == "2026-12-07"  # ten working days after 23 November
    stage.later(14)  # the last day itself
    assert stage.sweep() == 0
    stage.later(1)
    assert stage.sweep() == 1
    assert stage.states(case_id)["case"] == "lapsed"
    assert set(stage.states(case_id).values()) == {"lapsed", "cancelled"}
    last = stage.ledger(case_id)[-1]
    assert (last.actor_id, last.actor_role, last.act) == (None, "timer", "lapse")
    assert stage.case(case_id).timer_due is None
    assert stage.problems(case_id) == []
    assert stage.sweep() == 0
    with pytest.raises(NotPossible), stage.acting("applicant") as ctx:
        correct.supplement(ctx, case_id, stage.case(case_id).revision)


def test_an_answered_correction_does_not_lapse(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.later(60)
    assert stage.sweep() == 0
    assert stage.case(case_id).state == "reviewing"


def test_a_public_notice_runs_before_the_decision_outside_the_promise(
    set_up: Callable[[Path], Stage], tmp_path: Path
) -> None:
    stage = set_up(services(tmp_path / "root", "signboard", NOTICE))
    case_id = stage.accepted()
    promised = stage.approvals(case_id)["signboard"].promise_due
    stage.approve(case_id, "licence")
    stage.act(case_id, "signboard", "forward")
    row = stage.approvals(case_id)["signboard"]
    assert (row.state, row.awaits) == ("publicised", None)
    assert row.timer_due is not None
    assert row.timer_due.isoformat() == "2026-11-30"
    assert promised is not None
    assert row.promise_due is not None
    assert (row.promise_due - promised).days == 7  # five working days over one weekend
    stage.later(7)
    assert stage.sweep() == 0
    stage.later(1)
    assert stage.sweep() == 1
    assert stage.approvals(case_id)["signboard"].awaits == "decider"
    stage.act(case_id, "signboard", "approve")
    assert stage.problems(case_id) == []


def test_a_batch_begins_together_after_the_window_has_closed(
    set_up: Callable[[Path], Stage], tmp_path: Path
) -> None:
    stage = set_up(services(tmp_path / "root", "tobacco", BATCH, WINDOW))
    early, late = stage.accepted(), stage.accepted()
    stage.approve(early, "licence")
    stage.later(3)  # the day after the window closed
    assert stage.sweep() == 1
    assert stage.approvals(early)["tobacco"].state == "handle"
    assert stage.approvals(late)["tobacco"].state == "waiting"  # its licence is not verified yet
    stage.approve(late, "licence")
    assert stage.sweep() == 1
    assert stage.approvals(late)["tobacco"].promise_due is not None
    case_id = stage.drafted()
    closed = pytest.raises(Invalid, match="报名时间为2026年11月20日至2026年11月25日，已经结束")
    with closed, stage.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "window", stage.case(case_id).revision)
    assert stage.problems(early) == stage.problems(late) == []
