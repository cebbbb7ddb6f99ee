"""Work that is owed: claimed by one at a time, taken over from the dead, tried again, given up."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from onevisit.cases import Context, correct
from onevisit.cases.deadlines import due, timers
from onevisit.cases.outbox import claims, sending
from onevisit.cases.outbox.claims import DISPATCHES, LEASE, LONGEST
from onevisit.cases.outbox.sending import NotSent, Outgoing
from onevisit.cases.outbox.telling import tell
from onevisit.documents import Press
from onevisit.jobs import Sweeper
from onevisit.jobs.sweep import THREADS, Stopping
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account
from onevisit.store.work_tables import Dispatch
from scenarios.stage import ROOT, Stage, findings

PHONE = "19900000001"


@dataclass
class Receiver:
    """A way out of the tests: keeps what it gets, and fails as often as it is told to."""

    got: list[Outgoing] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def __call__(self, outgoing: Outgoing) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.got.append(outgoing)
        return f"ref-{len(self.got)}"


class Killed(BaseException):
    """The process ends here: nothing after it happens."""


def told(stage: Stage, number: int = 1) -> None:
    """So many dispatches wait."""
    with writing(stage.engine) as session:
        account = session.get_one(Account, stage.actors["applicant"].id)
        account.phone, account.email = PHONE, None
    for place in range(number):
        with stage.acting("clerk") as ctx:
            key = f"test/{place}"
            tell(ctx, key, [stage.actors["applicant"].id], f"第{place}条", "内容", link="/my")


def rows(stage: Stage) -> list[Dispatch]:
    """All dispatches, oldest first."""
    with reading(stage.engine) as session:
        return list(session.exec(select(Dispatch).order_by(col(Dispatch.id))))


def send_next(stage: Stage, way: Callable[[Outgoing], str], node: str = "one") -> bool:
    """One piece of a worker's work."""
    return sending.send_next(_transaction(stage), {"sms": way}, lambda: stage.now, node)


def _transaction(stage: Stage):  # type: ignore[no-untyped-def]  # a factory of context managers
    return lambda: writing(stage.engine)


def sweeper(stage: Stage, **ways: Callable[[Outgoing], str]) -> Sweeper:
    """The background work of one node."""
    return Sweeper(stage.engine, stage.files, Press(ROOT / "templates").make, ways)


def test_a_dispatch_is_sent_once_in_the_words_it_was_written_in(stage: Stage) -> None:
    told(stage)
    receiver = Receiver()
    assert send_next(stage, receiver)
    assert not send_next(stage, receiver)
    [row] = rows(stage)
    assert (row.state, row.attempts, row.reference) == ("sent", 1, "ref-1")
    assert (row.claim, row.claimed_until, row.error) == (None, None, None)
    [outgoing] = receiver.got
    assert (outgoing.id, outgoing.address, outgoing.link) == (row.id, PHONE, "/my")
    assert outgoing.subject == "第0条"


def test_failures_wait_longer_each_time_and_end_as_failed(stage: Stage) -> None:
    told(stage)
    receiver = Receiver(failures=[NotSent("HTTP 503 to 19900000001") for _ in range(99)])
    waits = []
    while rows(stage)[0].state == "waiting":
        assert send_next(stage, receiver)
        [row] = rows(stage)
        waits.append(row.next_at - stage.now)
        assert not send_next(stage, receiver)  # not before its time
        stage.now = row.next_at
    assert (row.state, row.attempts) == ("failed", DISPATCHES.tries)
    assert row.error == "HTTP 503 to …"  # no number of anybody's
    assert len(waits) == DISPATCHES.tries
    for attempt, wait in enumerate(waits, start=1):
        whole = min(LONGEST, timedelta(seconds=5) * 2 ** (attempt - 1))
        assert whole / 2 <= wait <= whole
    assert sum(waits, timedelta()) > timedelta(hours=3)


def test_what_would_fail_again_fails_at_once(stage: Stage) -> None:
    told(stage)
    send_next(stage, Receiver(failures=[NotSent("SMTP 550", permanent=True)]))
    assert [(row.state, row.attempts) for row in rows(stage)] == [("failed", 1)]


def test_the_receiver_may_ask_for_a_longer_wait(stage: Stage) -> None:
    told(stage)
    asked = timedelta(minutes=10)
    send_next(stage, Receiver(failures=[NotSent("HTTP 429", wait=asked)]))
    assert rows(stage)[0].next_at == stage.now + asked


def test_a_fault_of_ours_is_a_failed_attempt_and_the_next_row_is_sent(stage: Stage) -> None:
    told(stage, 2)
    receiver = Receiver(failures=[ZeroDivisionError("unexpected")])
    assert send_next(stage, receiver)
    assert send_next(stage, receiver)
    first, second = rows(stage)
    assert (first.state, first.error) == ("waiting", "ZeroDivisionError: unexpected")
    assert second.state == "sent"


@pytest.mark.parametrize("sent_before", [False, True])
def test_the_work_of_a_killed_process_is_taken_over_within_a_minute(
    stage: Stage, sent_before: bool
) -> None:
    told(stage)
    receiver = Receiver()

    def die(outgoing: Outgoing) -> str:
        if sent_before:
            receiver(outgoing)
        raise Killed

    with pytest.raises(Killed):
        send_next(stage, die)
    [held] = rows(stage)
    assert held.claim is not None
    assert held.claim.startswith("one/")
    assert not send_next(stage, receiver, "two")  # it might still be at it
    assert timedelta(minutes=1) > LEASE
    stage.now += LEASE
    assert send_next(stage, receiver, "two")
    [row] = rows(stage)
    assert (row.state, row.attempts) == ("sent", 2)
    assert len({outgoing.id for outgoing in receiver.got}) == 1
    assert len(set(receiver.got)) == 1  # a repeated one is the same in every word


def test_an_attempt_that_comes_back_too_late_changes_nothing(stage: Stage) -> None:
    told(stage)
    receiver = Receiver()

    def slow(outgoing: Outgoing) -> str:
        stage.now += LEASE
        assert send_next(stage, receiver, "two")
        raise NotSent("too late", permanent=True)

    assert send_next(stage, slow)
    [row] = rows(stage)
    assert (row.state, row.error, row.reference) == ("sent", None, "ref-1")


def test_work_that_kills_every_process_is_given_up(stage: Stage) -> None:
    told(stage, 2)

    def die(outgoing: Outgoing) -> str:
        raise Killed

    for _ in range(DISPATCHES.tries):
        with pytest.raises(Killed):
            send_next(stage, die)
        with writing(stage.engine) as session:  # the second row stays out of it
            last = session.get_one(Dispatch, rows(stage)[1].id)
            last.next_at = stage.now + timedelta(days=1)
        stage.now += LEASE
    with writing(stage.engine) as session:
        session.get_one(Dispatch, rows(stage)[1].id).next_at = stage.now
    receiver = Receiver()
    assert send_next(stage, receiver)  # the poisoned row no longer stands in the way
    first, second = rows(stage)
    assert (first.state, first.attempts) == ("failed", DISPATCHES.tries)
    assert "中途退出" in (first.error or "")
    assert second.state == "sent"


def test_a_way_out_that_a_site_does_not_have_is_switched_off(stage: Stage) -> None:
    told(stage, 3)
    assert sweeper(stage).sweep(stage.now) == 0
    assert {row.state for row in rows(stage)} == {"off"}
    receiver = Receiver()
    with writing(stage.engine) as session:  # the operator sets it up and repeats one
        assert claims.repeat(session, DISPATCHES, stage.now, rows(stage)[1].id) == 1
    assert sweeper(stage, sms=receiver).sweep(stage.now) == 1
    assert [row.state for row in rows(stage)] == ["off", "sent", "off"]


def test_failed_work_is_repeated_from_the_beginning_by_a_person(stage: Stage) -> None:
    told(stage, 2)
    bad = [NotSent("no", permanent=True), NotSent("no", permanent=True)]
    sweeper(stage, sms=Receiver(failures=list(bad))).sweep(stage.now)
    assert {row.state for row in rows(stage)} == {"failed"}
    with writing(stage.engine) as session:
        assert claims.repeat(session, DISPATCHES, stage.now) == 2
        assert claims.repeat(session, DISPATCHES, stage.now, uuid.uuid4()) == 0
    assert {(row.state, row.attempts) for row in rows(stage)} == {("waiting", 0)}
    receiver = Receiver()
    assert sweeper(stage, sms=receiver).sweep(stage.now) == 2
    with writing(stage.engine) as session:  # what was sent is not repeated
        assert claims.repeat(session, DISPATCHES, stage.now, rows(stage)[0].id) == 0


def test_what_is_under_way_is_not_repeated_by_hand(stage: Stage) -> None:
    told(stage)

    def meanwhile(outgoing: Outgoing) -> str:
        with writing(stage.engine) as session:
            assert claims.repeat(session, DISPATCHES, stage.now, outgoing.id) == 0
        return "ref"

    assert send_next(stage, meanwhile)
    assert rows(stage)[0].state == "sent"


def test_several_nodes_at_once_send_each_dispatch_once(stage: Stage) -> None:
    told(stage, 24)
    receiver, start = Receiver(), threading.Barrier(4)
    faults: list[BaseException] = []

    def node(name: str) -> None:
        start.wait()
        try:
            while send_next(stage, receiver, name):
                pass
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=node, args=(f"n{place}",)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(receiver.got) == 24
    assert {(row.state, row.attempts) for row in rows(stage)} == {("sent", 1)}


@contextmanager
def started(node: Sweeper) -> Iterator[Sweeper]:
    """In the background for the block."""
    node.start()
    try:
        yield node
    finally:
        node.stop()


def test_stopping_finishes_the_piece_in_hand_and_begins_no_other(stage: Stage) -> None:
    told(stage, 9)
    at_it, go_on = threading.Event(), threading.Event()
    receiver = Receiver()

    def slow(outgoing: Outgoing) -> str:
        at_it.set()
        assert go_on.wait(timeout=30)
        return receiver(outgoing)

    node = sweeper(stage, sms=slow)
    node.clock, node.pause = lambda: stage.now, 0.05
    node.start()
    assert at_it.wait(timeout=30)
    stopping = threading.Thread(target=node.stop)
    stopping.start()
    while not node._stop.is_set():
        threading.Event().wait(0.01)
    go_on.set()
    stopping.join(timeout=30)
    assert not stopping.is_alive()
    sent = [row for row in rows(stage) if row.state == "sent"]
    assert 1 <= len(sent) == len(receiver.got) <= THREADS["dispatches"]  # one a thread, no other
    assert all(row.claim is None for row in rows(stage))
    assert not [each for each in threading.enumerate() if "APScheduler" in each.name]
    assert node.last_look() is None


def test_a_slow_way_out_holds_up_no_other_work_and_health_tells_of_it(stage: Stage) -> None:
    told(stage)
    case_id = stage.submitted()
    go_on = threading.Event()

    def slow(outgoing: Outgoing) -> str:
        assert go_on.wait(timeout=60)
        return "ref"

    node = sweeper(stage, sms=slow)
    node.clock, node.pause = lambda: stage.now, 0.05
    with started(node):
        try:
            _until(lambda: all(row.state == "made" for row in stage.documents(case_id)))
            _until(lambda: 0 <= (node.last_look() or -1) < 5)
        finally:
            go_on.set()


def test_a_look_that_fails_is_told_and_the_next_look_comes_all_the_same(stage: Stage) -> None:
    node = sweeper(stage)
    node.pause = 0.05
    broken = [OSError("disk is full")]
    real = node.files.discard_incoming

    def discard(before):  # type: ignore[no-untyped-def]  # as the real one
        if broken:
            raise broken.pop()
        return real(before)

    node.files.discard_incoming = discard  # type: ignore[method-assign]  # one fault
    with started(node):
        _until(lambda: not broken and (node.last_look() or 99) < 0.5)


def lapsing(stage: Stage) -> uuid.UUID:
    """A case whose correction nobody answers."""
    case_id = stage.submitted()
    with stage.acting("clerk") as ctx:
        revision = stage.case(case_id).revision
        correct.request(ctx, case_id, findings(floor_plan="missing"), [], revision)
    return case_id


def test_a_row_that_cannot_be_done_holds_up_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = lapsing(stage), lapsing(stage)
    stage.later(15)
    real = timers.fire_due

    def fire(ctx: Context, case_id: uuid.UUID, region: str) -> bool:
        if case_id == broken:
            raise ZeroDivisionError
        return real(ctx, case_id, region)

    monkeypatch.setattr(timers, "fire_due", fire)
    sweeper(stage).sweep(stage.now)
    assert stage.case(broken).state == "correcting"
    assert stage.case(fine).state == "lapsed"


def test_a_look_that_cannot_be_made_holds_up_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = lapsing(stage)
    stage.later(15)

    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(due, "LOOKS", (broken, *due.LOOKS))
    with pytest.raises(ExceptionGroup) as told:
        sweeper(stage).sweep(stage.now)
    assert [type(each) for each in told.value.exceptions] == [ZeroDivisionError]
    assert stage.case(case_id).state == "lapsed"


def test_several_nodes_at_once_fire_each_deadline_once(stage: Stage) -> None:
    cases = [lapsing(stage) for _ in range(4)]
    stage.later(15)
    start, faults = threading.Barrier(3), []
    nodes = [sweeper(stage) for _ in range(3)]

    def node(place: int) -> None:
        start.wait()
        try:
            due.run_all(nodes[place]._transaction, stage.catalog, stage.files, stage.now)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=node, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    for case_id in cases:
        assert stage.problems(case_id) == []
        assert [entry.act for entry in stage.ledger(case_id)].count("lapse") == 1


def test_a_node_that_stops_begins_no_other_deadline(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [lapsing(stage) for _ in range(2)]
    stage.later(15)
    node, real = sweeper(stage), timers.fire_due

    def fire(ctx: Context, case_id: uuid.UUID, region: str) -> bool:
        node.stop()
        return real(ctx, case_id, region)

    monkeypatch.setattr(timers, "fire_due", fire)
    with pytest.raises(Stopping):
        node.sweep(stage.now)
    assert sorted(stage.case(case_id).state for case_id in cases) == ["correcting", "lapsed"]


def _until(holds: Callable[[], bool]) -> None:
    """Wait for it, two minutes at most: a busy machine is slow, not wrong."""
    pause = threading.Event()
    for _ in range(2400):
        if holds():
            return
        pause.wait(0.05)
    pytest.fail("did not come true in two minutes")


def test_backoff_is_never_longer_than_the_longest() -> None:
    for attempt in (1, 2, 10, 50, 10_000):
        assert timedelta(seconds=2.5) <= claims.backoff(attempt) <= LONGEST


def test_errors_are_read_without_anybodys_address() -> None:
    said = claims.readable("550 <jia.yi+x@example.test>:\n no 990000199001019011 or 19900000001")
    assert said == "550 <…>: no … or …"


def test_is_due_locks_nothing(stage: Stage) -> None:
    told(stage)
    with writing(stage.engine) as holding:
        holding.exec(select(Dispatch).with_for_update())
        with reading(stage.engine) as session:
            assert claims.is_due(session, DISPATCHES, stage.now)


def test_nodes_pass_over_what_another_is_just_claiming(stage: Stage) -> None:
    """SQLite lets only one write at a time; PostgreSQL must not make the second wait."""
    if stage.engine.dialect.name == "sqlite":
        pytest.skip("only one transaction writes at a time")
    told(stage, 2)

    def claim(session: Session, node: str) -> uuid.UUID:
        found = claims.claim_next(session, DISPATCHES, stage.now, node)
        assert found is not None
        return found.row_id

    with writing(stage.engine) as one, writing(stage.engine) as two:
        assert claim(one, "one") != claim(two, "two")
        assert claims.claim_next(two, DISPATCHES, stage.now, "two") is None
