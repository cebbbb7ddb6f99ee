"""Several people at the same instant: nothing is lost, nothing happens twice, nobody deadlocks."""

import threading
import uuid
from collections.abc import Callable

import pytest

from onevisit.cases import decide, draft, submit, withdraw
from onevisit.cases.errors import CaseError, NotPossible, Stale
from onevisit.cases.turn import Turn
from scenarios.stage import ANSWERS, WORKFLOW, Stage

ROUNDS = 4


def together(*acts: Callable[[], object]) -> list[BaseException | None]:
    """Run the acts in threads of their own, released at the same moment; what each raised."""
    barrier = threading.Barrier(len(acts))
    raised: list[BaseException | None] = [None] * len(acts)

    def run(place: int) -> None:
        barrier.wait()
        try:
            acts[place]()
        except BaseException as error:
            raised[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def meeting(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, owner: object, name: str, parties: int
) -> None:
    """On PostgreSQL, let all parties have reached this function before anybody goes on in it.

    SQLite lets one writer in at a time, so there they cannot meet inside a transaction.
    """
    if stage.engine.dialect.name == "sqlite":
        return
    barrier = threading.Barrier(parties)
    original = getattr(owner, name)
    first = threading.local()

    def wait_first(*args: object, **kwargs: object) -> object:
        if not getattr(first, "met", False):
            first.met = True
            barrier.wait(timeout=30)
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, wait_first)


def deciding(stage: Stage, case_id: uuid.UUID, region: str, event: str) -> Callable[[], object]:
    """The act of whoever's turn it is, on the page as it is now."""
    row = stage.approvals(case_id)[region]

    def act() -> object:
        with stage.acting(f"{row.department}.{row.awaits}") as ctx:
            return decide.act(ctx, row.id, event, "同意。", "理由。", row.revision)

    return act


def test_two_last_deciders_join_exactly_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(ROUNDS):
        case_id = stage.accepted()
        for region in ("licence", "tobacco"):
            stage.approve(case_id, region)
        for region in ("food", "signboard"):
            stage.bring(case_id, region)
        stage.inspect(case_id, "food")
        acts = [deciding(stage, case_id, each, "approve") for each in ("food", "signboard")]
        with monkeypatch.context() as patched:
            meeting(patched, stage, decide, "_reaches_beyond", 2)
            assert together(*acts) == [None, None]
        assert stage.case(case_id).state == "issuing"
        assert [entry.act for entry in stage.ledger(case_id)].count("join") == 1
        kinds = [document.kind for document in stage.documents(case_id)]
        assert (kinds.count("approval"), kinds.count("certificate")) == (4, 3)
        assert stage.problems(case_id) == []


@pytest.mark.parametrize("event", ["forward", "approve"])
def test_a_double_click_acts_once_and_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    case_id = stage.accepted()
    if event == "approve":
        stage.bring(case_id, "licence")
    act = deciding(stage, case_id, "licence", event)
    with monkeypatch.context() as patched:
        meeting(patched, stage, decide, "_reaches_beyond", 2)
        if event == "forward":  # both have seen the same revision and are about to write
            meeting(patched, stage, Turn, "save", 2)
        raised = together(act, act)
    assert sorted(type(error).__name__ for error in raised) == ["NoneType", "Stale"]
    assert "您的上一次操作已经生效" in str(next(each for each in raised if each is not None))
    assert [entry.act for entry in stage.ledger(case_id, "licence")].count(event) == 1
    assert stage.problems(case_id) == []


def test_a_step_and_the_end_of_the_whole_case_cross(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(ROUNDS):
        case_id = stage.accepted()
        stage.bring(case_id, "licence")
        acts = [
            deciding(stage, case_id, "licence", "reject"),
            deciding(stage, case_id, "food", "forward"),
            deciding(stage, case_id, "signboard", "forward"),
        ]
        with monkeypatch.context() as patched:
            meeting(patched, stage, decide, "_reaches_beyond", 3)
            raised = together(*acts)
        assert raised[0] is None
        assert all(each is None or isinstance(each, (Stale, NotPossible)) for each in raised)
        states = stage.states(case_id)
        assert (states["case"], states["food"], states["signboard"]) == (
            "refused", "cancelled", "cancelled",
        )  # fmt: skip
        assert stage.problems(case_id) == []


def test_withdrawing_and_deciding_cross(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(ROUNDS):
        case_id = stage.accepted()
        stage.bring(case_id, "licence")
        revision = stage.case(case_id).revision

        def take_back(case_id: uuid.UUID = case_id, revision: int = revision) -> None:
            with stage.acting("applicant") as ctx:
                withdraw.withdraw(ctx, case_id, "", revision)

        raised = together(take_back, deciding(stage, case_id, "licence", "approve"))
        assert [isinstance(error, CaseError) for error in raised].count(True) == 1
        withdrawn = stage.case(case_id).state == "withdrawn"
        assert withdrawn == (raised[0] is None)
        assert stage.approvals(case_id)["licence"].state == (
            "cancelled" if withdrawn else "approved"
        )
        assert stage.problems(case_id) == []


def test_starting_pressed_twice_begins_one_draft(stage: Stage) -> None:
    ids: list[uuid.UUID] = []

    def start() -> None:
        with stage.acting("applicant") as ctx:
            ids.append(draft.start(ctx, WORKFLOW, ANSWERS).id)

    assert together(start, start, start) == [None] * 3
    assert len(set(ids)) == 1
    with stage.acting("applicant") as ctx:
        draft.save_section(ctx, ids[0], "operator", {"operator_name": "演示小馆"}, 1)
    start()
    assert ids[-1] != ids[0], "what has been filled in is left alone"


def test_many_submit_at_once_under_numbers_of_their_own(stage: Stage) -> None:
    drafts = [stage.drafted() for _ in range(6)]

    def submitting(case_id: uuid.UUID) -> Callable[[], object]:
        revision = stage.case(case_id).revision

        def act() -> None:
            with stage.acting("applicant") as ctx:
                submit.submit(ctx, case_id, "window", revision)

        return act

    assert together(*(submitting(each) for each in drafts)) == [None] * 6
    serials = sorted((stage.case(each).number or "")[16:22] for each in drafts)
    assert serials == [f"{number:06d}" for number in range(1, 7)]
    papers = [row for each in drafts for row in stage.documents(each)]
    numbers = sorted(row.number for row in papers if row.kind == "receipt")
    assert numbers == [f"示例市综收〔2026〕{number:06d}号" for number in range(1, 7)]
