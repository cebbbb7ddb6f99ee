"""Closed cases leave the database for signed, sealed files and come back as they were."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from onevisit.cases import figures
from onevisit.cases.afterwards import validity
from onevisit.cases.checkpoints import Finding, Keys, Maker, Outside, Verifier
from onevisit.cases.dossier import load
from onevisit.cases.errors import Archived
from onevisit.cases.moved_out import back, out, ready, rows
from onevisit.cases.moved_out.file import Reader
from onevisit.store.figure_tables import CountedDay
from onevisit.store.session import reading, writing
from scenarios.archived import concluded, papers
from scenarios.stage import Stage

LATER = timedelta(days=366 * 6)


class Shelf:
    """A stage with an archive folder, checkpoints and an operator."""

    def __init__(self, stage: Stage, home: Path) -> None:
        self.stage, self.folder = stage, home / "away"
        self.folder.mkdir(parents=True)
        self.keys, self.outside = Keys(home / "checkpoint.key"), Outside(home / "checkpoints")
        self.look = partial(reading, stage.engine, one_moment=True)
        self.begin = partial(writing, stage.engine)
        self.maker = Maker(self.begin, self.keys, self.outside)
        self.house = out.House(
            self.look, self.begin, stage.catalog, stage.files, self.keys, "演示运维员"
        )

    def settled(self) -> uuid.UUID:
        """A closed case, years later: its papers are made and out of force, it is counted and
        covered."""
        case_id = concluded(self.stage)
        papers(self.stage, case_id)
        self.stage.later(2)
        figures.run_due(self.begin, self.stage.catalog, self.stage.files, self.stage.now)
        self.stage.later(LATER.days)
        validity.run_due(self.begin, self.stage.catalog, self.stage.files, self.stage.now)
        papers(self.stage, case_id)
        self.settle()
        return case_id

    def settle(self) -> None:
        """Everything until today is counted (nothing happened in the years between) and covered."""
        with self.begin() as session:
            session.add(CountedDay(day=self.stage.now.date(), counted_at=self.stage.now))
        self.maker.run(self.stage.now)

    def out(self) -> list[out.Done]:
        """Move everything out that may go."""
        with self.look() as session:
            found = ready.closed(session, self.stage.now, None, 50)
        return list(out.move_out(self.house, found, self.folder, self.stage.now))

    @property
    def reader(self) -> Reader:
        """The newest archive file."""
        return Reader(max(self.folder.glob("*.ovarchive")), self.keys)

    def back(self) -> list[back.Brought]:
        """Bring everything back."""
        reader = self.reader
        return [
            back.bring_back(self.house, reader, part, self.stage.now)
            for part in reader.parts.values()
        ]

    def rows(self, case_id: uuid.UUID) -> dict[str, list[dict[str, Any]]]:
        """Everything that a case consists of."""
        found: dict[str, list[dict[str, Any]]] = {}
        with self.look() as session:
            for name, row in rows.all_rows(session, case_id):
                found.setdefault(name, []).append(row)
        return found

    @property
    def wrong(self) -> list[str]:
        """What a verification finds wrong."""
        now = self.stage.now + timedelta(hours=3)
        found: Iterator[Finding] = Verifier(self.look, self.keys, self.outside, now).all()
        return [each.sentence for each in found if each.wrong]


@pytest.fixture
def shelf(stage: Stage, tmp_path: Path) -> Shelf:
    return Shelf(stage, tmp_path / "kept")


def without(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Rows but for what moving out and back itself wrote, and under which name a file lies."""
    found = {name: [dict(row) for row in rows] for name, rows in found.items()}
    (case,) = found["cases"]
    for name in ("revision", "ledger_seq", "ledger_hash"):
        del case[name]
    for row in [*found["uploads"], *found["documents"]]:
        row.pop("storage_key", None)
        row.pop("pdf_key", None)
    found["ledger_entries"] = [
        row for row in found["ledger_entries"] if not row["act"].startswith("archive_")
    ]
    return found


def test_a_closed_case_goes_out_and_comes_back_as_it_was(shelf: Shelf) -> None:
    case_id = shelf.settled()
    before = shelf.rows(case_id)
    files = {row["sha256"] for row in before["uploads"] if row["removed_at"] is None}
    assert shelf.wrong == []
    [done] = shelf.out()
    assert done.because is None
    left = shelf.rows(case_id)
    assert set(left) == {"accounts", "cases", "certificates", "documents", "ledger_entries"}
    assert len(left["ledger_entries"]) < len(before["ledger_entries"]) / 2
    assert left["cases"][0]["form"] == {}
    assert shelf.wrong == [], "a case that went out is not a case that was deleted"
    with shelf.stage.looking("applicant") as ctx, pytest.raises(Archived):
        load(ctx, case_id)
    [brought] = shelf.back()
    assert not brought.was_here
    after = shelf.rows(case_id)
    assert without(after) == without(before)
    assert shelf.stage.problems(case_id) == []
    for row in after["uploads"]:
        if row["removed_at"] is None:
            assert shelf.stage.files.stored(row["storage_key"]).sha256() in files
    assert [each.act for each in shelf.stage.ledger(case_id)][-2:] == [
        "archive_out", "archive_back",
    ]  # fmt: skip
    shelf.maker.run(shelf.stage.now)
    assert shelf.wrong == []
    [again] = shelf.back()
    assert again.was_here, "once more does nothing"
