"""When states end by themselves: corrections, notices and batches."""

from datetime import date

from onevisit import engine
from onevisit.engine.timers import runs_out, timer_due
from proof.mutated import Files, parsed

TODAY = date(2026, 3, 2)


def change(files: Files) -> None:
    files.workflow["window"] = {"opens": "2026-03-01", "closes": "2026-03-31", "basis": "示例"}
    files.item("hygiene").update(
        {"wait": {"title": "公示", "days": 7, "basis": "示例"}, "batch": True}
    )


DEFINITION = parsed(change)
SELECTION = engine.everything(DEFINITION)
CHART = engine.compile_chart(DEFINITION, SELECTION)


def test_a_correction_ends_after_the_working_days_of_the_place() -> None:
    assert timer_due(DEFINITION, CHART, None, "correcting", TODAY) == date(2026, 3, 16)
    assert timer_due(DEFINITION, CHART, None, "reviewing", TODAY) is None


def test_a_notice_of_what_is_missing_is_due_within_five_working_days() -> None:
    assert timer_due(DEFINITION, CHART, None, "submitted", TODAY) == date(2026, 3, 9)


def test_a_notice_ends_after_its_natural_days() -> None:
    hygiene = SELECTION.part("hygiene")
    assert timer_due(DEFINITION, CHART, hygiene, "publicised", TODAY) == date(2026, 3, 9)
    assert timer_due(DEFINITION, CHART, hygiene, "handle", TODAY) is None


def test_a_batch_begins_when_the_window_has_closed() -> None:
    hygiene = SELECTION.part("hygiene")
    assert timer_due(DEFINITION, CHART, hygiene, "waiting", TODAY) == date(2026, 3, 31)


def test_only_the_timers_of_states_run_out() -> None:
    """A certificate's last day stands in its own row, deferred material's in its own."""
    moves = [each for moves in CHART.tables["case"].moves.values() for each in moves]
    out = {each.after for each in moves if runs_out(each)}
    kept = {each.after for each in moves if each.by == "timer"} - out
    assert out == {"correction_notice", "correction_reply"}
    assert kept == {"deferral"}
