"""Whatever is kept for years is found by an index: the ledger, its checkpoints, who read what, and
what may be moved out; and it takes no more memory for being much."""

import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from functional import plans
from onevisit.cases.checkpoints import Keys
from onevisit.cases.moved_out import ready
from onevisit.cases.moved_out.contents import Contents, swallow
from onevisit.cases.moved_out.file import Part, Reader, Unusable, Writer, packed
from onevisit.cases.privacy.shown import my_reads
from onevisit.store.secret import Key
from scenarios.shelf import Shelf
from scenarios.stage import Stage

MEGABYTES = 24


def test_no_question_about_old_cases_reads_a_whole_table(stage: Stage, tmp_path: Path) -> None:
    shelf = Shelf(stage, tmp_path / "kept")
    case_id = shelf.settled()
    with plans.listening(stage.engine) as asked:
        with shelf.look() as session:
            [found] = ready.closed(session, stage.now, None, 50)
            ready.closed(session, stage.now, found, 50)
            assert list(ready.wrong(session, case_id)) == []
        assert [each.because for each in shelf.out()] == [None]
        assert shelf.wrong() == []
        shelf.back()
        shelf.cover()
        with stage.looking("applicant") as ctx:
            my_reads(ctx)
    assert len(asked.statements) > 100
    growing = {*plans.GROWING, "reads", "checkpoint_leaves", "archived_cases"}
    whole = [
        each for each in plans.whole_tables(stage.engine, asked.statements) if each[0] in growing
    ]
    assert whole == []


def records(size: int) -> Iterator[bytes]:
    """A case with one stored file of so many bytes that nothing squeezes."""
    yield json.dumps({"format": 1, "id": "1", "number": "1"}).encode() + b"\n"
    yield json.dumps({"file": "a", "size": size, "sha256": ""}).encode() + b"\n"
    for _ in range(size // 65536):
        yield os.urandom(65536)
    yield json.dumps({"end": 0, "files": 1}).encode() + b"\n"


def test_a_case_with_large_files_goes_out_and_back_in_little_memory(tmp_path: Path) -> None:
    key, keys = Key.new(datetime(2026, 11, 23, tzinfo=UTC)), Keys(tmp_path / "checkpoint.key")
    keys.signer()
    size = MEGABYTES * 2**20
    tracemalloc.start()
    writer = Writer(tmp_path / "a.ovarchive")
    sha256, length = writer.add("cases/1", packed(records(size), key, "cases/1"))
    part = Part("1", "1", "演示", "2026-11-23", sha256, length, "", {})
    writer.finish({"id": "x", "made_at": "", "versions": {}}, [part], keys)
    reader = Reader(tmp_path / "a.ovarchive", keys)
    assert reader.whole(part)
    contents = Contents(part, reader.opened(part, key))
    contents.load()
    assert list(swallow(contents)) == ["a"], "what the part said of it is not what it is"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    reader.close()
    assert length > size
    assert peak < 6 * 2**20


@pytest.mark.parametrize("end", [b"", b'{"end":1,"files":1}\n'])
def test_a_part_that_was_cut_is_not_taken(tmp_path: Path, end: bytes) -> None:
    key, keys = Key.new(datetime(2026, 11, 23, tzinfo=UTC)), Keys(tmp_path / "checkpoint.key")
    keys.signer()
    writer = Writer(tmp_path / "a.ovarchive")
    *lines, _ = records(65536)
    sha256, length = writer.add("cases/1", packed([*lines, end], key, "cases/1"))
    part = Part("1", "1", "演示", "2026-11-23", sha256, length, "", {})
    writer.finish({"id": "x", "made_at": "", "versions": {}}, [part], keys)
    reader = Reader(tmp_path / "a.ovarchive", keys)
    contents = Contents(part, reader.opened(part, key))
    contents.load()
    with pytest.raises(Unusable):
        list(swallow(contents))
    reader.close()
