"""浙江规定第四条、第十一条: what may come later is accepted first, told at once with its last day,
and taken back or refused when it does not come."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from onevisit.cases import views
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotPossible
from onevisit.cases.views.standing import standing
from scenarios.law.intake import (
    CERTIFICATES,
    DESIGN,
    at_moment,
    brought,
    deferred,
    deferring,
    local,
    looked_at,
    owed,
    swept,
    told,
)
from scenarios.stage import Stage

SetUp = Callable[[Path], Stage]
DUES = [
    # Feb 14 (Sat, worked), 24 25 26 27 28 (Sat, worked), Mar 2 3 4 5 6 9 10 11 12
    ("2026-02-13 10:00", "2026-03-12"),
    # Oct 9 10 11 (Sat, worked) 13 14 15 16 17 20 21 22 23 24 27 28
    ("2025-09-30 15:00", "2025-10-28"),
    # accepted on a worked Saturday: Mar 2-6 (5), 9-13 (10), 16-20 (15)
    ("2026-02-28 10:00", "2026-03-20"),
]


@pytest.fixture
def stage(set_up: SetUp, tmp_path: Path) -> Stage:
    return set_up(deferring(tmp_path / "root"))


@pytest.mark.parametrize(("accepted", "due"), DUES)
def test_11_told_at_once_what_is_owed_by_when_and_revoked_when_it_does_not_come(
    stage: Stage, accepted: str, due: str
) -> None:
    case_id = deferred(stage, accepted)
    assert owed(stage, case_id)[CERTIFICATES].due.isoformat() == due
    notice = next(each for each in stage.documents(case_id) if each.kind == "deferral")
    (fact,) = notice.snapshot["letter"]["facts"]
    year, month, day = (int(part) for part in due.split("-"))
    assert fact == {
        "label": "从业人员健康证明",
        "value": f"{year}年{month}月{day}日前补交；逾期未补交的，撤销受理。",
    }
    assert notice.snapshot["basis"] == ["《浙江省保障“最多跑一次”改革规定》第十一条"]
    assert any("容缺受理告知书" in each for each in told(stage, "applicant"))
    assert swept(stage, f"{due} 23:59") == 0  # until midnight one can still write online
    late = local(f"{due} 12:00").date() + timedelta(days=1)
    assert swept(stage, f"{late} 00:00") == 1
    assert stage.case(case_id).state == "revoked"
    assert set(stage.states(case_id).values()) == {"revoked", "cancelled"}
    ended = {stage.ledger(case_id, region)[-1].act for region in stage.approvals(case_id)}
    assert ended == {"end"}  # with the case, not because of one another
    paper = next(each for each in stage.documents(case_id) if each.kind == "revocation")
    assert len(paper.snapshot["letter"]["remedies"]) == 2
    entry = stage.ledger(case_id)[-1]
    assert (entry.act, entry.actor_role, entry.actor_id) == ("revoke_acceptance", "timer", None)
    assert "逾期没有补交" in entry.detail["reasons"]
    assert any("容缺材料逾期未补" in each for each in told(stage, "clerk"))
    assert owed(stage, case_id)[CERTIFICATES].state == "overdue"
    assert swept(stage, f"{late} 00:10") == 0
    assert stage.problems(case_id) == []


def test_11_what_is_brought_on_the_last_day_is_in_time_whenever_it_is_looked_at(
    stage: Stage,
) -> None:
    case_id = deferred(stage, "2026-02-13 10:00")  # until 12 March
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")  # reviewed meanwhile
    with pytest.raises(NotPossible, match="从业人员健康证明”（应于2026年3月12日前补交）还没有收齐"):
        stage.act(case_id, "food", "approve")
    stage.approve(case_id, "signboard")  # which does not use it
    stage.now = local("2026-03-12 23:50")
    brought(stage, case_id)
    assert any("请尽快核收" in each for each in told(stage, "clerk"))
    assert swept(stage, "2026-03-20 09:00") == 0
    with pytest.raises(NotPossible, match="还没有收齐"):
        stage.act(case_id, "food", "approve")
    looked_at(stage, case_id, "received")
    row = owed(stage, case_id)[CERTIFICATES]
    assert (row.state, row.settled_by) == ("received", stage.actors["clerk"].id)
    stage.act(case_id, "food", "approve")
    assert stage.approvals(case_id)["food"].state == "approved"
    assert stage.problems(case_id) == []


def test_11_unfit_is_owed_again_and_the_last_day_stays(stage: Stage) -> None:
    case_id = deferred(stage, "2026-02-13 10:00")
    stage.now = local("2026-03-11 09:00")
    brought(stage, case_id)
    with pytest.raises(Invalid, match="请写明哪里不符合要求"):
        looked_at(stage, case_id, "unfit")
    looked_at(stage, case_id, "unfit", "少一名厨师的")
    row = owed(stage, case_id)[CERTIFICATES]
    assert (row.state, row.due.isoformat(), row.note) == ("owed", "2026-03-12", "少一名厨师的")
    assert any(
        "少一名厨师的。请在2026年3月12日前重新补交" in each for each in told(stage, "applicant")
    )
    with stage.looking("applicant") as ctx:
        lines = standing(ctx, load(ctx, case_id))
        page = views.progress(ctx, case_id)
    assert [(each.title, "少一名厨师的" in each.text) for each in lines] == [("容缺待补", True)]
    assert ("case", "bring") in {(each.region, each.event) for each in page.turns}
    stage.now = local("2026-03-12 08:00")
    brought(stage, case_id, text=b"%PDF-1.7\n% all of them\n")
    looked_at(stage, case_id, "received")
    assert swept(stage, "2026-03-13 00:00") == 0
    with stage.looking("applicant") as ctx:
        page = views.progress(ctx, case_id)
    assert not {each.event for each in page.turns} & {"bring"}
    assert stage.problems(case_id) == []


def test_11_unfit_and_not_brought_again_is_revoked_with_what_was_wrong(stage: Stage) -> None:
    case_id = deferred(stage, "2026-02-13 10:00")
    stage.now = local("2026-03-11 09:00")
    brought(stage, case_id)
    looked_at(stage, case_id, "unfit", "少一名厨师的")
    assert swept(stage, "2026-03-13 00:00") == 1
    assert stage.case(case_id).state == "revoked"
    wrong = "补交的不符合要求（少一名厨师的），逾期没有重新补交"
    assert wrong in stage.ledger(case_id)[-1].detail["reasons"]
    assert stage.problems(case_id) == []


def test_11_once_something_is_decided_what_uses_it_is_refused_and_the_rest_goes_on(
    stage: Stage,
) -> None:
    case_id = deferred(stage, "2026-02-13 10:00")
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")
    assert swept(stage, "2026-03-13 00:00") == 1
    states = stage.states(case_id)
    assert (states["case"], states["food"]) == ("reviewing", "rejected")
    assert states["tobacco"] not in ("rejected", "cancelled")
    row = stage.approvals(case_id)["food"]
    assert row.reasons is not None
    assert row.reasons.startswith("容缺受理的材料“从业人员健康证明”应于2026年3月12日前补交")
    refusal = next(each for each in stage.documents(case_id) if each.kind == "rejection")
    assert refusal.region == "food"
    assert refusal.snapshot["decision"]["reasons"] == row.reasons
    assert len(refusal.snapshot["decision"]["remedies"]) == 2
    entry = stage.ledger(case_id, "food")[-1]
    assert (entry.act, entry.actor_role, entry.actor_id) == ("forfeit", "timer", None)
    assert stage.problems(case_id) == []


def test_11_where_the_guide_says_so_only_the_item_is_refused(stage: Stage) -> None:
    case_id = deferred(stage, "2026-02-13 10:00", DESIGN, CERTIFICATES)
    rows = owed(stage, case_id)
    # five working days: Feb 14 24 25 26 27
    assert {name: row.due.isoformat() for name, row in rows.items()} == {
        DESIGN: "2026-02-27", CERTIFICATES: "2026-03-12",
    }  # fmt: skip
    assert swept(stage, "2026-02-28 00:00") == 1
    states = stage.states(case_id)
    assert (states["case"], states["signboard"]) == ("reviewing", "rejected")
    assert owed(stage, case_id)[CERTIFICATES].state == "owed"
    assert swept(stage, "2026-03-13 00:00") == 1  # something is decided: no revocation any more
    assert stage.states(case_id)["food"] == "rejected"
    assert stage.case(case_id).state == "reviewing"
    assert stage.problems(case_id) == []


def test_11_after_the_last_day_nothing_is_taken_even_before_the_sweep(stage: Stage) -> None:
    case_id = deferred(stage, "2026-02-13 10:00")
    stage.now = local("2026-03-13 08:00")
    with pytest.raises(NotPossible, match=re.escape("补交期限已于2026年3月12日届满")):
        brought(stage, case_id)
    with pytest.raises(Invalid, match=re.escape("补交期限已于2026年3月12日届满，不能再收")):
        looked_at(stage, case_id, "received")
    assert stage.problems(case_id) == []


def test_11_what_is_not_owed_cannot_be_brought(stage: Stage) -> None:
    case_id = deferred(stage, "2026-02-13 10:00")
    with pytest.raises(Invalid, match="不需要补交"):
        brought(stage, case_id, "floor_plan")
    with pytest.raises(Invalid, match="没有在等待补交"):
        looked_at(stage, case_id, "received", material="floor_plan")
    looked_at(stage, case_id, "received")  # handed over at the counter
    assert owed(stage, case_id)[CERTIFICATES].state == "received"
    with pytest.raises(Invalid, match="不需要补交"):
        brought(stage, case_id)
    with at_moment(stage, "applicant", "2026-03-01 10:00") as ctx:
        dossier = load(ctx, case_id)
        assert standing(ctx, dossier) == ()
    assert stage.problems(case_id) == []
