"""Filling the local front database (前置库) from a list that a source's department hands over."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from onevisit.definition.faults import FORMATS
from onevisit.definition.place import SharedSource
from onevisit.store.citizen_tables import SharedRecord
from onevisit.store.kept import sought

HOLDER, PERSON, AS_OF = "holder", "person", "as_of"
AT_ONCE = 500
FAULTS_AT_MOST = 20


class BadList(Exception):
    """名单有错，没有导入。"""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("；".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Imported:
    """How many records are new, were replaced, or were older than what is there."""

    new: int
    replaced: int
    older: int


@dataclass(frozen=True)
class _Line:
    holder: str
    person: str
    as_of: date
    data: dict[str, str]


def import_records(
    session: Session, source: SharedSource, lines: Iterable[str], now: datetime
) -> Imported:
    """Take over a CSV list whose first line names its columns: holder, as_of, perhaps person, and
    fields of the source. Raises BadList with the faulty lines, and takes over nothing then."""
    read = _read(source, lines)
    new = replaced = older = 0
    for start in range(0, len(read), AT_ONCE):
        chunk = read[start : start + AT_ONCE]
        known = _known(session, source.id, [line.holder for line in chunk])
        for line in chunk:
            row = known.get(line.holder)
            if row is not None and row.as_of > line.as_of:
                older += 1
                continue
            new, replaced = (new + 1, replaced) if row is None else (new, replaced + 1)
            values = {**vars(line), "imported_at": now}
            session.add(
                SharedRecord(source=source.id, **values) if row is None else _set(row, values)
            )
    session.flush()
    return Imported(new, replaced, older)


def _known(session: Session, source: str, holders: list[str]) -> dict[str, SharedRecord]:
    statement = select(SharedRecord).where(
        SharedRecord.source == source,
        col(SharedRecord.holder_hash).in_([sought(each) for each in holders]),
    )
    return {row.holder: row for row in session.exec(statement)}


def _set(row: SharedRecord, values: Mapping[str, Any]) -> SharedRecord:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _read(source: SharedSource, lines: Iterable[str]) -> list[_Line]:
    reader = csv.DictReader(lines, strict=True)
    faults: list[str] = []
    found: dict[str, _Line] = {}
    try:
        faults += _head_faults(source, reader.fieldnames or ())
        if not faults:
            for row in reader:
                at = reader.line_num
                faults += [f"第 {at} 行：{fault}" for fault in _faults(row)]
                line = None if faults else _line(source, row)
                if line is not None and line.holder in found:
                    faults.append(f"第 {at} 行：{line.holder[:6]}…在前面已经有了")
                elif line is not None:
                    found[line.holder] = line
                if len(faults) >= FAULTS_AT_MOST:
                    break
    except csv.Error as error:
        faults.append(f"第 {reader.line_num} 行：不是完整的 CSV（{error}）")
    if faults:
        raise BadList(faults)
    return list(found.values())


def _head_faults(source: SharedSource, names: Iterable[str]) -> Iterator[str]:
    have = set(names)
    for name in (HOLDER, AS_OF):
        if name not in have:
            yield f"第 1 行：缺少列“{name}”"
    for name in sorted(have - {HOLDER, PERSON, AS_OF, *source.fields}):
        known = "、".join(source.fields)
        yield f"第 1 行：“{source.title}”没有字段“{name}”；它有 {known}"


def _faults(row: Mapping[str | None, object]) -> Iterator[str]:
    if None in row or None in row.values():
        yield "列数与第 1 行不一致"
        return
    holder, person = str(row[HOLDER]).strip(), str(row.get(PERSON) or "").strip()
    if not (_is_person(holder) or FORMATS.conforms(holder, "uscc")):
        yield "holder 不是居民身份证号码或者统一社会信用代码（校验位不对）"
    elif not _is_person(holder) and not person:
        yield "holder 是单位时，person 要写法定代表人（负责人）的身份证号码"
    if person and not _is_person(person):
        yield "person 不是居民身份证号码（校验位不对）"
    try:
        date.fromisoformat(str(row[AS_OF]).strip())
    except ValueError:
        yield "as_of 应当写成 2026-03-01 这样的日期"


def _is_person(number: str) -> bool:
    return FORMATS.conforms(number, "cn-id")


def _line(source: SharedSource, row: Mapping[str, str]) -> _Line:
    holder = row[HOLDER].strip()
    return _Line(
        holder=holder,
        person=(row.get(PERSON) or "").strip() or holder,
        as_of=date.fromisoformat(row[AS_OF].strip()),
        data={name: row[name].strip() for name in source.fields if row.get(name, "").strip()},
    )
