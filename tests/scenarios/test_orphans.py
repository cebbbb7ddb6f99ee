"""Files that no row names are found, however they came to lie there, and nothing else is."""

from datetime import UTC, datetime, timedelta

from onevisit.store.discarded import later
from onevisit.store.orphans import SETTLED, orphans
from onevisit.store.session import reading, writing
from scenarios.stage import Stage


def test_only_a_file_that_nothing_names_is_tidied(stage: Stage) -> None:
    case_id = stage.accepted()
    with writing(stage.engine) as session:
        paper = session.merge(stage.documents(case_id)[0])
        paper.pdf_key = stage.files.save_stream([b"%PDF-1.7"], 100).key
    named = set(stage.files.shelf.names())
    strays = sorted(stage.files.save_stream([b"half a step"], 100).key for _ in range(3))
    let_go = stage.files.save_stream([b"to be removed soon"], 100).key
    now = datetime.now(UTC)  # the files lie in the world's time, not in the story's
    with writing(stage.engine) as session:
        later(session, [let_go], now)
    assert len(named) > 3 and _orphans(stage, now) == [], "somebody may be about to name them"
    assert _orphans(stage, now + SETTLED + timedelta(minutes=1)) == strays


def _orphans(stage: Stage, now: datetime) -> list[str]:
    with reading(stage.engine, one_moment=True) as session:
        return list(orphans(session, stage.files, now))
