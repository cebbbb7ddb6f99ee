"""A changed calendar or place moves the open periods, says which, and leaves what has ended."""

import shutil
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from onevisit.cases import correct
from onevisit.cases.deadlines import recompute
from onevisit.cases.dossier import load
from onevisit.cases.turn import Turn
from onevisit.cases.views.clock import explain
from onevisit.catalog.catalog import Catalog
from onevisit.store.columns import new_id
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account
from onevisit.store.turn_tables import Owed
from onevisit.store.work_tables import Message, Rule
from scenarios.stage import ROOT, Stage, findings

CALENDAR = "workflows/calendars/cn.yaml"
PLACE = "workflows/jurisdictions/demo_city.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A service folder of one's own."""
    for name in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / name, tmp_path / "root" / name)
    return tmp_path / "root"


def closed(root: Path, *days: str) -> None:
    """These days become holidays."""
    path = root / CALENDAR
    lines = "".join(f"  - {day}\n" for day in days)
    path.write_text(path.read_text("utf-8").replace("holidays:\n", f"holidays:\n{lines}"), "utf-8")


def change(root: Path, old: str, new: str) -> None:
    """The place's rules change."""
    path = root / PLACE
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def publish(stage: Stage, root: Path) -> list[tuple[str, date, date]]:
    """Publish the folder and reckon everything anew; what moved."""
    since = new_id()
    with writing(stage.engine) as session:
        stage.catalog.publish_folder(session, root, stage.now)
    transaction = partial(writing, stage.engine)
    recompute.run_all(transaction, stage.catalog, stage.files, stage.now)
    with reading(stage.engine) as session:
        found = recompute.report(session, since, stage.now)
    return [(each.title, each.old, each.new) for each in found]


def test_a_new_holiday_moves_both_clocks_and_tells_the_applicant(stage: Stage, root: Path) -> None:
    """Accepted on Monday 23 November 2026; the 26th becomes a holiday, so every last day from then
    on is a working day later: the licence's third (26 → 27), but not its first (24)."""
    case_id = stage.accepted()
    publish(stage, root)
    closed(root, "2026-11-26")
    moved = publish(stage, root)
    assert ("营业执照信息核验：法定时限", date(2026, 11, 26), date(2026, 11, 27)) in moved
    assert ("承诺时限", date(2026, 12, 9), date(2026, 12, 10)) in moved
    assert not [title for title, _, _ in moved if title == "营业执照信息核验：承诺时限"]
    assert stage.case(case_id).promise_due == date(2026, 12, 10)
    assert stage.case(case_id).yellow_on == date(2026, 12, 9)
    entry = stage.ledger(case_id)[-1]
    assert (entry.act, entry.actor_role, entry.actor_id) == ("recompute", "timer", None)
    assert "承诺时限 2026-12-09 → 2026-12-10" in entry.detail["text"]
    assert stage.problems(case_id) == []
    with reading(stage.engine) as session:
        told = session.exec(select(Message).where(Message.kind == "recompute")).one()
        assert session.get_one(Account, told.account_id).username == "applicant"
        assert "由2026年12月9日改为2026年12月10日" in told.body
    assert publish(stage, root) == []  # nothing changed, nothing moves


def test_the_explanation_follows_the_rules_in_force(stage: Stage, root: Path) -> None:
    """The case keeps its version; only the calendar over it is another."""
    case_id = stage.accepted()
    version = stage.case(case_id).version_hash
    closed(root, "2026-11-26")
    publish(stage, root)
    assert stage.case(case_id).version_hash == version
    with stage.looking("clerk") as ctx:
        clock = explain(ctx, load(ctx, case_id)).regions[0].promise
    assert clock is not None
    assert clock.recorded is None
    assert [each.why for each in clock.lines if each.day == date(2026, 11, 26)] == ["holiday"]


def test_another_node_notices(stage: Stage, root: Path) -> None:
    """Its catalog has parsed the version before, and reads the rules afresh in each session."""
    case_id = stage.accepted()
    node = Catalog(stage.engine)
    version = stage.case(case_id).version_hash
    with reading(stage.engine) as session:
        before = node.version(session, version).definition.calendar
        assert node.version(session, version) is node.version(session, version)
    closed(root, "2026-11-26")
    publish(stage, root)
    with reading(stage.engine) as session:
        after = node.version(session, version).definition.calendar
        assert node.version(session, version) is node.version(session, version)
    assert set(after.holidays) - set(before.holidays) == {date(2026, 11, 26)}


def test_what_has_ended_stays_as_it_was(stage: Stage, root: Path) -> None:
    """The licence's promise ended on 24 November; a holiday announced for that day afterwards moves
    what still runs, and not what has been late since."""
    case_id = stage.accepted()
    stage.later(2)  # Wednesday the 25th
    closed(root, "2026-11-24")
    moved = publish(stage, root)
    assert stage.approvals(case_id)["licence"].promise_due == date(2026, 11, 24)
    assert stage.approvals(case_id)["licence"].legal_due == date(2026, 11, 27)
    assert not [title for title, _, _ in moved if title == "营业执照信息核验：承诺时限"]
    assert stage.problems(case_id) == []


def test_a_later_pause_does_not_move_what_has_ended_either(stage: Stage, root: Path) -> None:
    """The licence is late since the 24th; stopping its clock today does not make it timely."""
    case_id = stage.accepted()
    stage.later(2)
    closed(root, "2026-11-24")
    publish(stage, root)
    with stage.acting("clerk") as ctx:
        dossier = load(ctx, case_id, lock=True)
        turn = Turn(ctx, dossier)
        turn.note("demo", "clerk", "licence")
        turn.reckon("licence")
        turn.save()
    assert stage.approvals(case_id)["licence"].promise_due == date(2026, 11, 24)
    assert stage.approvals(case_id)["licence"].legal_due == date(2026, 11, 27)
    assert stage.problems(case_id) == []


def test_nothing_decided_moves(stage: Stage, root: Path) -> None:
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    closed(root, "2026-11-26")
    moved = publish(stage, root)
    assert not [title for title, _, _ in moved if title.startswith("营业执照信息核验")]
    assert stage.problems(case_id) == []


def test_a_correction_is_never_shortened_and_is_lengthened_with_its_timer(
    stage: Stage, root: Path
) -> None:
    """Ten working days from 23 November end on 7 December; with a holiday, on the 8th. Five days
    instead would have been 30 November, which the applicant was never told."""
    case_id = stage.submitted()
    revision = stage.case(case_id).revision
    with stage.acting("clerk") as ctx:
        correct.request(ctx, case_id, findings(floor_plan="missing"), [], revision)
    change(root, "correction_reply: {days: 10", "correction_reply: {days: 5")
    assert publish(stage, root) == []
    assert stage.case(case_id).timer_due == date(2026, 12, 7)
    change(root, "correction_reply: {days: 5", "correction_reply: {days: 10")
    closed(root, "2026-11-26")
    assert publish(stage, root) == [("补正期限", date(2026, 12, 7), date(2026, 12, 8))]
    assert stage.case(case_id).timer_due == date(2026, 12, 8)
    assert stage.problems(case_id) == []


def test_deferred_material_follows(stage: Stage, root: Path) -> None:
    case_id = stage.accepted(findings(health_certificates="deferred"))
    with reading(stage.engine) as session:
        before = session.exec(select(Owed).where(Owed.case_id == case_id)).one().due
    closed(root, "2026-11-26")
    moved = publish(stage, root)
    with reading(stage.engine) as session:
        after = session.exec(select(Owed).where(Owed.case_id == case_id)).one().due
    assert after > before
    assert [(old, new) for title, old, new in moved if title.startswith("容缺材料")] == [
        (before, after)
    ]
    assert stage.problems(case_id) == []


def test_the_day_of_delivery_follows(stage: Stage, root: Path) -> None:
    """Decided on 23 November: ten working days end on 7 December, with a holiday on the 8th."""
    case_id = stage.accepted()
    for region in ("licence", "food", "signboard", "tobacco"):
        stage.approve(case_id, region)
    closed(root, "2026-11-26")
    assert publish(stage, root) == [("送达期限", date(2026, 12, 7), date(2026, 12, 8))]
    assert stage.case(case_id).delivery_due == date(2026, 12, 8)
    assert stage.problems(case_id) == []


def test_a_shorter_limit_is_never_moved_into_the_past(stage: Stage, root: Path) -> None:
    """Joint handling within 45 working days becomes 3: after three days the last day is today."""
    case_id = stage.accepted()
    stage.later(9)  # Wednesday 2 December
    change(root, "joint_limit: {days: 45", "joint_limit: {days: 3")
    publish(stage, root)
    assert stage.case(case_id).legal_due == date(2026, 12, 2)
    assert stage.problems(case_id) == []


def test_a_broken_file_leaves_the_rules_in_force(stage: Stage, root: Path) -> None:
    with reading(stage.engine) as session:
        before = {row.hash for row in session.exec(select(Rule))}
    (root / CALENDAR).write_text("id: cn\n", "utf-8")
    (root / "workflows/calendars/other.yaml").write_text(
        (ROOT / CALENDAR).read_text("utf-8"), "utf-8"
    )  # called otherwise than its id
    publish(stage, root)
    with reading(stage.engine) as session:
        assert {row.hash for row in session.exec(select(Rule))} == before


def test_a_killed_node_is_followed_by_another(
    stage: Stage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far the reckoning has come stands in the rule's row."""
    monkeypatch.setattr(recompute, "SLICE", 1)
    cases = [stage.accepted(), stage.accepted()]
    closed(root, "2026-11-26")
    with writing(stage.engine) as session:
        stage.catalog.publish_folder(session, root, stage.now)
    transaction = partial(writing, stage.engine)
    assert recompute.run_due(transaction, stage.catalog, stage.files, stage.now) == 1
    assert [stage.case(each).promise_due for each in cases] == [
        date(2026, 12, 10), date(2026, 12, 9),
    ]  # fmt: skip
    with reading(stage.engine) as session:
        assert {rule.reached for rule in recompute.pending(session)} == {cases[0]}
    other = Catalog(stage.engine)
    assert recompute.run_due(transaction, other, stage.files, stage.now) == 1
    assert recompute.run_due(transaction, other, stage.files, stage.now) == 0
    assert [stage.case(each).promise_due for each in cases] == [date(2026, 12, 10)] * 2
    with reading(stage.engine) as session:
        assert recompute.pending(session) == []
