"""A stage with an archive folder, checkpoints and an operator, for tests of moving cases out."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from onevisit.cases import figures
from onevisit.cases.afterwards import validity
from onevisit.cases.checkpoints import Keys, Maker, Outside, Verifier
from onevisit.cases.moved_out import back, out, ready, rows
from onevisit.cases.moved_out.file import Reader
from onevisit.store.figure_tables import CountedDay
from onevisit.store.session import reading, writing
from scenarios.archived import concluded, papers
from scenarios.stage import Stage

LATER = timedelta(days=366 * 6)
"""No certificate of the tests is in force for longer."""
Rows = dict[str, list[dict[str, Any]]]


class Shelf:
    """Where closed cases of a stage are moved out to."""

    def __init__(self, stage: Stage, home: Path) -> None:
        self.stage, self.folder = stage, home / "away"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys, self.outside = Keys(home / "checkpoint.key"), Outside(home / "checkpoints")
        self.look = partial(reading, stage.engine, one_moment=True)
        self.begin = partial(writing, stage.engine)
        self.maker = Maker(self.begin, self.keys, self.outside)
        self.house = out.House(
            self.look, self.begin, stage.catalog, stage.files, self.keys, "演示运维员"
        )

    def settled(self) -> uuid.UUID:
        """A closed case, years later: its papers are made and out of force, all is counted and
        covered."""
        case_id, stage = concluded(self.stage), self.stage
        papers(stage, case_id)
        stage.later(2)
        figures.run_due(self.begin, stage.catalog, stage.files, stage.now)
        stage.later(LATER.days)
        validity.run_due(self.begin, stage.catalog, stage.files, stage.now)
        papers(stage, case_id)
        self.cover()
        return case_id

    def cover(self) -> None:
        """What happened until today is counted (nothing did in the years between) and covered."""
        with self.begin() as session:
            session.merge(CountedDay(day=self.stage.now.date(), counted_at=self.stage.now))
        self.maker.run(self.stage.now)

    def out(self) -> list[out.Done]:
        """Move everything out that may go."""
        with self.look() as session:
            found = ready.closed(session, self.stage.now, None, 50)
        done = list(out.move_out(self.house, found, self.folder, self.stage.now))
        self.stage.later(1)
        return done

    @property
    def files(self) -> list[Path]:
        """The archive files, the oldest first."""
        return sorted(self.folder.glob("*.ovarchive"), key=lambda path: path.stat().st_mtime_ns)

    def back(self, path: Path | None = None) -> list[back.Brought]:
        """Bring everything back from one file, the newest."""
        reader = Reader(path or self.files[-1], self.keys)
        found = [
            back.bring_back(self.house, reader, part, self.stage.now)
            for part in reader.parts.values()
        ]
        reader.close()
        return found

    def rows(self, case_id: uuid.UUID) -> Rows:
        """Everything that a case consists of."""
        found: Rows = {}
        with self.look() as session:
            for name, row in rows.all_rows(session, case_id):
                found.setdefault(name, []).append(row)
        return found

    def wrong(self, look: Any = None) -> list[str]:
        """What a verification finds wrong."""
        now = self.stage.now + timedelta(hours=3)
        found = Verifier(look or self.look, self.keys, self.outside, now).all()
        return [each.sentence for each in found if each.wrong]


def as_it_was(found: Mapping[str, list[dict[str, Any]]]) -> Rows:
    """Rows but for what moving out and back itself wrote, and under which name a file lies."""
    rows = {name: [dict(row) for row in some] for name, some in found.items()}
    (case,) = rows["cases"]
    for name in ("revision", "ledger_seq", "ledger_hash"):
        del case[name]
    for row in [*rows["uploads"], *rows["documents"]]:
        row.pop("storage_key", None)
        row.pop("pdf_key", None)
    entries = rows["ledger_entries"]
    rows["ledger_entries"] = [row for row in entries if not row["act"].startswith("archive_")]
    return rows
