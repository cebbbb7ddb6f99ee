"""Whoever rules the database can change anything in it, and not one such change stays unseen."""

import hashlib
import json
import shutil
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlmodel import Session

from onevisit.cases.checkpoints import BadKey, Finding, Keys, Maker, Outside, RolledBack, Verifier
from onevisit.cases.checkpoints.leaf import Leaf, root_of
from onevisit.cases.checkpoints.sealed import Reading
from onevisit.store.session import reading, writing
from onevisit.store.tables import GENESIS, METADATA
from scenarios.stage import Stage

REGIONS = ("licence", "food", "signboard", "tobacco")


class Watch:
    """Checkpoints and verification of a stage, with keys and files of its own."""

    def __init__(self, stage: Stage, home: Path) -> None:
        self.stage = stage
        self.keys, self.outside = Keys(home / "checkpoint.key"), Outside(home / "checkpoints")
        self.look: Reading = partial(reading, stage.engine, one_moment=True)
        self.maker = Maker(partial(writing, stage.engine), self.keys, self.outside)

    def checkpoint(self, lost: str = "") -> list[int]:
        """Cover everything now."""
        return self.maker.run(self.stage.now, lost)

    @property
    def verifier(self) -> Verifier:
        """A fresh verification, hours later."""
        now = self.stage.now + timedelta(hours=3)
        return Verifier(self.look, self.keys, self.outside, now)

    def all(self) -> list[Finding]:
        """Everything that it finds."""
        return list(self.verifier.all())

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong, in words."""
        return [each.sentence for each in self.all() if each.wrong]


@pytest.fixture
def watch(stage: Stage, tmp_path: Path) -> Watch:
    return Watch(stage, tmp_path / "kept")


@pytest.fixture
def running(watch: Watch) -> Watch:
    """Two cases on their way: one decided and covered by two checkpoints, one just begun."""
    case_id = watch.stage.accepted()
    watch.stage.approve(case_id, "licence")
    assert watch.checkpoint() == [1]
    watch.stage.approve(case_id, "food")
    assert watch.checkpoint() == [2]
    watch.stage.submitted()
    assert watch.wrong == []
    return watch


@contextmanager
def attacking(watch: Watch) -> Iterator[Connection]:
    """A transaction with all rights, foreign keys or not, that is taken back at the end; the
    verification looks at what it left."""
    with watch.stage.engine.connect() as connection:
        own = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            own.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]  # its own connection
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))

        @contextmanager
        def look() -> Iterator[Session]:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                yield session

        watch.look = look
        yield connection
        connection.rollback()
        connection.invalidate()
    watch.look = partial(reading, watch.stage.engine, one_moment=True)


def run(connection: Connection, script: Sequence[str]) -> int:
    """How many rows the statements changed."""
    results = (connection.exec_driver_sql(each) for each in script)
    return sum(max(each.rowcount, 0) for each in results)


def _columns(table: str, *but: str) -> str:
    """The columns of a table but for some."""
    names = (each.name for each in METADATA.tables[table].columns)
    return ", ".join(f'"{name}"' for name in names if name not in but)


UUID = "0" * 31 + "f"
OF_ENTRY = _columns("ledger_entries", "id", "seq")
FROM_CASE = _columns("cases", "id", "number", "ledger_seq")
DECIDED = "(SELECT id FROM cases WHERE accepted_at IS NOT NULL)"
SUBMITTED = "(SELECT id FROM cases WHERE accepted_at IS NULL AND submitted_at IS NOT NULL)"
OF_ANOTHER = (
    f"(SELECT detail FROM ledger_entries AS o WHERE act = 'submit' AND case_id IN {SUBMITTED})"
)
A_PHONE = "(SELECT phone FROM accounts WHERE username = 'clerk')"
SLIPPED_ENTRY = (
    f"INSERT INTO ledger_entries (id, seq, {OF_ENTRY}) "
    f"SELECT '{UUID}', 91, {OF_ENTRY} FROM ledger_entries WHERE region = 'food' AND seq = 1"
)
SLIPPED_CASE = (
    f"INSERT INTO cases (id, number, ledger_seq, {FROM_CASE}) "
    f"SELECT '{UUID}', '990000-1', 0, {FROM_CASE} FROM cases WHERE id IN {DECIDED}"
)
TABLES = (
    "ledger_entries", "handouts", "documents", "uploads", "checks", "approvals", "certificates",
)  # fmt: skip
OF_CASE = [
    *(f"DELETE FROM {table} WHERE case_id IN {DECIDED}" for table in TABLES),
    f"DELETE FROM cases WHERE id IN {DECIDED}",
]
FORGET = "DELETE FROM uncovered WHERE row_id NOT IN (SELECT id FROM ledger_entries)"
ATTACKS: dict[str, tuple[list[str], str]] = {
    "an entry changed": (
        ["UPDATE ledger_entries SET actor_role = 'x' WHERE act = 'accept'"],
        "第 2 条留痕被改动",
    ),
    "an entry deleted": (
        ["DELETE FROM ledger_entries WHERE region = 'licence' AND seq = 2"],
        "缺第 2 条",
    ),
    "an entry slipped in": (
        [SLIPPED_ENTRY],
        "没有登记",
    ),
    "two entries change places": (
        [
            "UPDATE ledger_entries SET seq = -seq WHERE region = 'food' AND seq < 3",
            "UPDATE ledger_entries SET seq = 3 + seq WHERE region = 'food' AND seq < 0",
        ],
        "第 1 条留痕被改动",
    ),
    "what a row says, without a trace": (
        ["UPDATE approvals SET promise_due = '2027-01-01' WHERE region = 'licence'"],
        "“approval”的内容与留痕不符",
    ),
    "a whole case removed": (OF_CASE, "检查点 1，办件 990000-"),
    "a whole case removed, and with it from the checkpoints": (
        [*OF_CASE, "DELETE FROM checkpoint_leaves", FORGET],
        "整个办件已被删除",
    ),
    "the newest entries undone, rows and all": (
        [
            "DELETE FROM ledger_entries WHERE region = 'food'",
            f"UPDATE approvals SET ledger_seq = 0, ledger_hash = '{GENESIS}' WHERE region = 'food'",
            "UPDATE approvals SET decided_by = NULL, state = 'handle' WHERE region = 'food'",
        ],
        "条留痕已被删除",
    ),
    "an entry that no checkpoint has covered yet": (
        [f"DELETE FROM ledger_entries WHERE act = 'submit' AND case_id IN {SUBMITTED}"],
        "等待进入下一个检查点的留痕已被删除",
    ),
    "the last checkpoint removed": (
        [
            "DELETE FROM checkpoint_leaves WHERE checkpoint = 2",
            "DELETE FROM checkpoints WHERE number = 2",
        ],
        "检查点 2：库外有这个检查点，数据库里没有",
    ),
    "a checkpoint in the middle removed": (
        [
            "DELETE FROM checkpoint_leaves WHERE checkpoint = 1",
            "DELETE FROM checkpoints WHERE number = 1",
        ],
        "第 1 号至第 1 号检查点被删除",
    ),
    "all checkpoints removed": (
        ["DELETE FROM checkpoint_leaves", "DELETE FROM checkpoints"],
        "检查点 1：库外有这个检查点，数据库里没有",
    ),
    "a leaf changed": (
        ["UPDATE checkpoint_leaves SET seq = 1 WHERE checkpoint = 1 AND chain = 'licence'"],
        "检查点 1：数据库里的明细被改动",
    ),
    "a leaf removed": (
        ["DELETE FROM checkpoint_leaves WHERE checkpoint = 2 AND chain = 'food'"],
        "“food”链第 6 条：检查点的明细里这一行被改动",
    ),
    "what a checkpoint says": (
        ["UPDATE checkpoints SET body = REPLACE(body, 'leaves', 'leaf') WHERE number = 2"],
        "检查点 2：签名不对",
    ),
    "something put where a sealed value was": (
        ["UPDATE ledger_entries SET detail = '0102030405060708' WHERE act = 'accept'"],
        "第 2 条留痕读不出来：ledger_entries.detail",
    ),
    "the sealed value of another entry": (
        [f"UPDATE ledger_entries SET detail = {OF_ANOTHER} WHERE act = 'accept'"],
        "第 2 条留痕被改动",
    ),
    "a sealed value that belongs elsewhere": (
        [f"UPDATE ledger_entries SET detail = {A_PHONE} WHERE act = 'accept'"],
        "第 2 条留痕读不出来：ledger_entries.detail 的内容打不开",
    ),
    "a case slipped in": (
        [SLIPPED_CASE],
        "不是系统写下的办件",
    ),
}


def test_it_is_found_and_said_where(running: Watch) -> None:
    unseen = {}
    for name, (script, said) in ATTACKS.items():
        with attacking(running) as connection:
            assert run(connection, script) >= 1, name
            if not any(said in each for each in running.wrong):
                unseen[name] = running.wrong
    assert unseen == {}
    assert running.wrong == [], "all was taken back"


def test_an_older_backup_put_back_is_found_even_when_work_goes_on(
    running: Watch, tmp_path: Path
) -> None:
    if running.stage.engine.dialect.name != "sqlite":
        pytest.skip("a database file is copied; the same comparison on both")
    file = Path(str(running.stage.engine.url.database))
    running.stage.engine.dispose()
    shutil.copyfile(file, tmp_path / "old.db")
    running.stage.submitted()
    assert running.checkpoint() == [3]
    running.stage.engine.dispose()
    for rest in ("-wal", "-shm"):
        file.with_name(file.name + rest).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "old.db", file)
    assert any("检查点 3：库外有这个检查点" in each for each in running.wrong), running.wrong
    running.stage.submitted()
    with pytest.raises(RolledBack, match="恢复到了较早的状态"):
        running.checkpoint()
    assert running.checkpoint(lost="演示：磁盘损坏，恢复了昨天的备份") == [4]
    assert running.wrong == [], "what is explained is no longer wrong"
    told = [each.sentence for each in running.all()]
    assert any("磁盘损坏" in each for each in told), told


def test_a_checkpoint_by_another_key_is_not_believed(running: Watch, tmp_path: Path) -> None:
    forger = Maker(
        partial(writing, running.stage.engine), Keys(tmp_path / "forged.key"), running.outside
    )
    with pytest.raises(BadKey, match="多个节点要用同一把签名密钥"):
        forger.run(running.stage.now)
    assert not (tmp_path / "forged.key").exists(), "and no key is made beside the others'"
    forger.keys.trust((running.outside.folder / _pub(running, 2)).read_bytes())
    assert forger.run(running.stage.now) == [3]
    assert any("检查点 3：不是由可信的密钥签名的" in each for each in running.wrong)
    running.keys.trust((tmp_path / "kept/checkpoints").joinpath(_pub(running, 3)).read_bytes())
    assert running.wrong == [], "a former key is believed when its public half is put beside"


def _pub(watch: Watch, number: int) -> str:
    return f"{watch.outside.head(number).key_id}.pub"


def test_a_file_outside_that_is_changed_or_missing_is_found(running: Watch) -> None:
    path = running.outside.path(1)
    whole = path.read_text()
    path.chmod(0o644)
    head, *leaves = whole.splitlines(keepends=True)
    path.write_text(head + "".join(leaves[1:]))
    assert any("库外文件的明细被改动" in each for each in running.wrong)
    said = json.loads(head)
    said["body"] = said["body"].replace('"leaves":', '"leaves":1')
    path.write_text(json.dumps(said) + "\n" + "".join(leaves))
    assert any("库外的文件被改动" in each for each in running.wrong)
    path.write_bytes(b"\xff\xfe")
    assert any("不能读取" in each for each in running.wrong)
    path.unlink()
    assert any("库外没有这个检查点的文件" in each for each in running.wrong)
    running.checkpoint()
    assert path.read_text() == whole, "it is written again, as it was"
    assert running.wrong == []


def test_one_case_alone_is_found_by_its_number_even_when_it_is_gone(running: Watch) -> None:
    with reading(running.stage.engine) as session:
        statement = text("SELECT number FROM cases WHERE number IS NOT NULL ORDER BY number")
        decided, begun = session.connection().execute(statement).scalars().all()
    assert list(running.verifier.one(begun)) == [] and running.verifier.knows(begun)
    with attacking(running) as connection:
        run(connection, OF_CASE)
        assert running.verifier.knows(decided)
        found = [each.sentence for each in running.verifier.one(decided)]
        assert all(decided in each for each in found) and any("整个办件" in each for each in found)
        assert list(running.verifier.one(begun)) == []
    assert not running.verifier.knows("990000-20261123-000009-1")


def test_since_a_day_only_what_moved_since_is_looked_at(running: Watch) -> None:
    verifier = running.verifier
    assert list(verifier.all(since=running.stage.now + timedelta(days=1))) == []
    assert verifier.cases == 1, "the one that no checkpoint covers yet"
    assert list(verifier.all(since=running.stage.now - timedelta(days=9))) == []


def test_it_is_clean_while_everybody_works(running: Watch) -> None:
    stage, faults, done = running.stage, list[BaseException](), threading.Event()

    def work() -> None:
        try:
            for _ in range(2):
                stage.accepted()
        except BaseException as error:
            faults.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    looks = 0
    while not done.is_set() or looks == 0:
        running.checkpoint()
        assert running.wrong == []
        looks += 1
    thread.join()
    assert faults == []
    running.checkpoint()
    assert running.wrong == []


def test_small_steps_cover_the_same(watch: Watch) -> None:
    case_id = watch.stage.accepted()
    watch.maker = Maker(watch.maker.transaction, watch.keys, watch.outside, limit=3)
    made = watch.checkpoint()
    assert len(made) > 1
    assert watch.wrong == []
    assert watch.checkpoint() == [], "nothing new"
    assert case_id.hex in {leaf.subject for n in made for leaf in watch.outside.leaves(n)}


def test_it_is_made_when_its_time_has_come_whatever_the_clock_did(watch: Watch) -> None:
    hour, now = timedelta(hours=1), watch.stage.now
    assert watch.maker.run_due(now, hour) == 0, "nothing to cover"
    watch.stage.submitted()
    assert watch.maker.run_due(now, hour) == 1
    watch.stage.submitted()
    assert watch.maker.run_due(now + hour / 2, hour) == 0
    assert watch.maker.run_due(now + hour, hour) == 1
    watch.stage.submitted()
    assert watch.maker.run_due(now - timedelta(days=400), hour) == 1, "the clock was a year ahead"
    assert watch.wrong == []


def test_two_nodes_at_once_make_one_after_the_other(watch: Watch) -> None:
    watch.stage.accepted()
    barrier, made = threading.Barrier(2), list[int]()

    def run() -> None:
        barrier.wait()
        made.extend(watch.checkpoint())

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert watch.wrong == []


def test_the_root_is_that_of_rfc_6962() -> None:
    leaves = [Leaf("cases", uuid.UUID(int=n).hex, "", "case", n, "0" * 64) for n in range(3)]
    first, second, third = (
        hashlib.sha256(b"\x00" + each.text.encode()).digest() for each in leaves
    )
    pair = hashlib.sha256(b"\x01" + first + second).digest()
    assert root_of(leaves) == hashlib.sha256(b"\x01" + pair + third).hexdigest()
