"""The compiler: public notices, batches and guards become moves."""

from onevisit import engine
from onevisit.engine.chart import Chart
from onevisit.engine.timers import runs_out
from proof.mutated import Files, parsed
from proof.vectors import vector

WINDOW = {"opens": "2026-03-01", "closes": "2026-03-31", "basis": "示例"}
ACCEPTED = (("case", "submit"), ("case", "accept"))


def chart(change: engine.Chart | None = None) -> Chart:
    return change or engine.compile_chart(parsed(), engine.everything(parsed()))


def compiled(files_changed: object) -> Chart:
    definition = parsed(files_changed)  # type: ignore[arg-type]
    return engine.compile_chart(definition, engine.everything(definition))


def test_steps_are_told_by_role_and_the_last_decides() -> None:
    table = chart().tables["tobacco"]
    assert [move.by for move in table.moves["handle"] if move.event == "forward"] == ["handler"]
    assert {move.event for move in table.moves["decide"]} >= {"approve", "reject", "send_back"}
    assert "approve" not in {move.event for move in table.moves["review"]}


def test_a_public_notice_runs_before_the_last_step() -> None:
    def change(files: Files) -> None:
        files.item("hygiene")["wait"] = {"title": "公示", "days": 7, "basis": "示例"}

    moves = compiled(change).tables["hygiene"].moves
    assert [move.target for move in moves["review"] if move.event == "forward"] == ["publicised"]
    assert [(m.event, m.target, m.by) for m in moves["publicised"] if runs_out(m)] == [
        ("elapse", "decide", "timer")
    ]
    assert "publicised" not in chart().tables["hygiene"].states


def test_a_batch_begins_by_a_timer() -> None:
    def change(files: Files) -> None:
        files.workflow["window"] = WINDOW
        files.item("hygiene")["batch"] = True

    found = compiled(change)
    marking = found.initial
    for region, event in ACCEPTED:
        marking = engine.fire(found, marking, region, event).marking
    assert marking["hygiene"] == "waiting"
    possible = engine.possible(found, marking, "hygiene")
    assert [move.event for move in possible if runs_out(move)] == ["open_batch"]
    assert engine.fire(found, marking, "hygiene", "open_batch").marking["hygiene"] == "handle"


def test_an_unselected_need_is_not_waited_for() -> None:
    definition = vector("t2")
    selection = engine.everything(definition)
    alone = engine.Selection((selection.part("licence"),), ())
    found = engine.compile_chart(definition, alone)
    marking = found.initial
    for region, event in ACCEPTED:
        marking = engine.fire(found, marking, region, event).marking
    assert marking["licence"] == "handle"
