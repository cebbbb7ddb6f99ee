"""Reads what one part of an archive file says: first the rows of the case, then its stored files,
one after the other, so that no more than a piece of a file is in memory."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from onevisit.cases.moved_out.file import FORMAT, Part, Unusable
from onevisit.cases.moved_out.rows import Json, read
from onevisit.store import ledger
from onevisit.store.evidence import Problem
from onevisit.store.sealed_files import Altered
from onevisit.store.tables import GENESIS

PIECE = 256 * 1024
MOST_LINE = 64 * 1024 * 1024


@dataclass
class Contents:
    """The content of a part as it is read: `rows` by table, whole before the first file comes."""

    part: Part
    file: BinaryIO
    rows: dict[str, list[Json]] = field(default_factory=dict)
    _following: Json = field(default_factory=dict)

    def load(self) -> None:
        """Read the rows; Unusable for what is no part of this case or was cut."""
        first = self._line()
        if (first.get("format"), first.get("id")) != (FORMAT, self.part.id):
            raise Unusable(f"归档文件里 {self.part.number} 的内容不是这个办件的")
        while "table" in (said := self._line()):
            row = read(said["table"], said["row"])
            self.rows.setdefault(said["table"], []).append(row)
        self._following = said

    def files(self) -> Iterator[tuple[str, str, "Stream"]]:
        """(storage key, SHA-256, content) of each stored file; every content has to be read before
        the next one is asked for."""
        found = 0
        while "file" in self._following:
            said = self._following
            stream = Stream(self, int(said["size"]))
            yield said["file"], said["sha256"], stream
            if stream.left:
                raise Unusable(f"归档文件里 {self.part.number} 的一份文件没有读完")
            found += 1
            self._following = self._line()
        count = sum(len(each) for each in self.rows.values())
        if self._following != {"end": count, "files": found}:
            raise Unusable(f"归档文件里 {self.part.number} 的内容不完整")

    def one(self, table: str) -> Json:
        """The only row of a table."""
        (row,) = self.rows[table]
        return row

    def _line(self) -> Json:
        try:
            said = json.loads(self.file.readline(MOST_LINE))
        except (Altered, OSError, EOFError, ValueError) as error:
            raise Unusable(f"归档文件里 {self.part.number} 的内容读不出来：{error}") from error
        if not isinstance(said, dict):
            raise Unusable(f"归档文件里 {self.part.number} 的内容不完整")
        return said


class Stream:
    """The bytes of one file, piece by piece."""

    def __init__(self, contents: Contents, size: int) -> None:
        self.left, self._contents = size, contents

    def __iter__(self) -> Iterator[bytes]:
        while self.left:
            piece = self._contents.file.read(min(PIECE, self.left))
            if not piece:
                raise Unusable(f"归档文件里 {self._contents.part.number} 的一份文件被截断")
            self.left -= len(piece)
            yield piece


def chain_problems(rows: dict[str, list[Json]], heads: dict[str, list[Any]]) -> Iterator[Problem]:
    """Whether the entries in a part are whole chains that end in the heads it went out with."""
    chains: dict[str, list[Json]] = {}
    for row in sorted(rows.get("ledger_entries", ()), key=lambda row: row["seq"]):
        chains.setdefault(row["region"], []).append(row)
    for region in sorted(chains.keys() | heads.keys()):
        previous, seq = GENESIS, 0
        for row in chains.get(region, ()):
            if (row["seq"], row["prev_hash"]) != (seq + 1, previous):
                yield Problem(region, row["seq"], f"第 {row['seq']} 条留痕与前一条不衔接")
            if ledger.seal(row) != row["hash"]:
                yield Problem(region, row["seq"], f"第 {row['seq']} 条留痕被改动")
            previous, seq = row["hash"], row["seq"]
        if [seq, previous] != list(heads.get(region, [0, GENESIS])):
            yield Problem(region, None, "留痕末条与移出时不符")


def swallow(contents: Contents) -> Iterator[str]:
    """Read all stored files; the keys of those that are not what the part says."""
    for key, sha256, stream in contents.files():
        digest = hashlib.sha256()
        for piece in stream:
            digest.update(piece)
        if digest.hexdigest() != sha256:
            yield key
