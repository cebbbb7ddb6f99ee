"""What an archive consists of, file by file, and what its index says of them."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onevisit.cases.archive import verify
from onevisit.cases.archive.answered import answered
from onevisit.cases.archive.collect import Record
from onevisit.cases.archive.names import safe_name, suffix_of
from onevisit.cases.archive.piece import Piece
from onevisit.cases.archive.signatures import signatures
from onevisit.store.files import FileStore, Stored
from onevisit.store.tables import Document, LedgerEntry, Upload, WorkflowVersion

Json = dict[str, Any]
Paper = Stored | str
"""The PDF of a document, or why there is none."""
Papers = Mapping[uuid.UUID, Paper]


ROWS = {
    "form": "申请表与情形",
    "uploads": "材料文件清单",
    "checks": "材料核对",
    "correction": "一次性告知补正",
    "approval": "事项的时限与决定",
    "document": "文书的数据",
    "handout": "结果领取",
    "pauses": "时限的暂停",
    "extensions": "时限的延长",
    "owed": "容缺后补",
    "hearings": "听证",
    "appointments": "核查与到场安排",
    "findings": "现场核查记录",
    "pledge_checks": "告知承诺核查",
    "certificates": "证照",
    "bars": "限制申请",
    "ratings": "评价与回访",
    "shared": "共享数据的核对与异议",
    "intakes": "窗口收件",
    "holdings": "经手人",
}
"""What a record is, by the first part of its name."""


@dataclass(frozen=True)
class Sources:
    """Where what is not in the record comes from: uploads, the look of the index, and the
    certificates (PEM) that the house says can be trusted."""

    files: FileStore
    templates: Path
    roots: bytes = b""


@dataclass(frozen=True)
class Contents:
    """All files but the index, and what the index tells about material, documents, versions."""

    pieces: tuple[Piece, ...]
    material: tuple[Json, ...]
    documents: tuple[Json, ...]
    definitions: tuple[Json, ...]


def contents(record: Record, papers: Papers, sources: Sources) -> Contents:
    """The files of an archive; a file that the store has lost is listed without a place."""
    material = [
        _material(record, sources.files, *each) for each in enumerate(record.uploads, start=1)
    ]
    documents = [_document(papers, *each) for each in enumerate(record.documents, start=1)]
    versions = [_version(record, each) for each in record.versions]
    pieces = [
        Piece("form.json", "情形回答与申请表，附题目与文字", verify.written(answered(record))),
        Piece(verify.LEDGER, "留痕：每行一条，各字段即参与哈希的内容", _ledger(record)),
        Piece(verify.HEADS, "各事项留痕末条的序号、哈希与状态", verify.written(_heads(record))),
        *(_row(*each) for each in record.said),
        *(piece for _, found in material for piece in found),
        *(piece for _, found in documents for piece in found),
        *(piece for _, found in versions for piece in found),
        *signatures(_made(papers, documents), sources.roots),
        Piece("verify.py", "核验程序，只需要 Python 3.9 以上", Path(verify.__file__)),
    ]
    return Contents(
        pieces=tuple(sorted(pieces, key=lambda piece: piece.path)),
        material=tuple(entry for entry, _ in material),
        documents=tuple(entry for entry, _ in documents),
        definitions=tuple(entry for entry, _ in versions),
    )


def moment(value: datetime | None) -> str | None:
    """An instant as the ledger's hash has it: UTC, ISO 8601, microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None


def _ledger(record: Record) -> bytes:
    return b"".join(verify.line(_entry(each)) for each in record.entries)


def _entry(row: LedgerEntry) -> Json:
    facts = {name: getattr(row, name) for name in (*verify.SEALED, "hash")}
    actor = str(row.actor_id) if row.actor_id else None
    return {**facts, "case_id": str(row.case_id), "actor_id": actor, "at": moment(row.at)}


def _heads(record: Record) -> Json:
    return {
        row.chain: {"seq": row.ledger_seq, "hash": row.ledger_hash, "state": row.state}
        for row in record.chained
    }


def _row(region: str, name: str, says: object) -> Piece:
    content = verify.written({"region": region, "name": name, "says": says})
    kind = name.partition("/")[0]
    what = f"留痕担保的记录：{ROWS.get(kind, kind)}"
    return Piece(verify.row_path(region, name), what, content)


def _material(
    record: Record, files: FileStore, number: int, row: Upload
) -> tuple[Json, tuple[Piece, ...]]:
    titles = {each.id: each.title for each in record.dossier.definition.workflow.materials}
    called = titles.get(row.material_id, row.material_id)
    stem = row.filename.rpartition(".")[0] or row.filename
    name = safe_name(
        f"{number:02}", called, stem, suffix=suffix_of(row.filename, row.content_type)
    )  # fmt: skip
    lies = files.stored(row.storage_key)
    kept = row.removed_at is None and lies.whole()
    entry = {
        "id": str(row.id),
        "material": row.material_id,
        "title": called,
        "filename": row.filename,
        "content_type": row.content_type,
        "size": row.size,
        "sha256": row.sha256,
        "uploaded_by": record.people.get(str(row.uploaded_by)),
        "uploaded_at": moment(row.uploaded_at),
        "removed_at": moment(row.removed_at),
        "path": f"material/{name}" if kept else None,
    }
    return entry, (Piece(f"material/{name}", f"材料：{called}", lies),) if kept else ()


def _document(papers: Papers, number: int, row: Document) -> tuple[Json, tuple[Piece, ...]]:
    stem = f"documents/{safe_name(f'{number:02}', row.title, row.number)}"
    paper = papers[row.id]
    made = isinstance(paper, Stored)
    entry = {
        "id": str(row.id),
        "kind": row.kind,
        "title": row.title,
        "number": row.number,
        "region": row.region,
        "issued_at": moment(row.created_at),
        "snapshot": f"{stem}.json",
        "pdf": f"{stem}.pdf" if made else None,
        "not_made": None if made else str(paper),
    }
    pieces = [Piece(f"{stem}.json", f"文书数据：{row.title}", verify.written(row.snapshot))]
    if isinstance(paper, Stored):
        pieces.append(Piece(f"{stem}.pdf", f"文书：{row.title}", paper))
    return entry, tuple(pieces)


def _made(papers: Papers, documents: Iterable[tuple[Json, tuple[Piece, ...]]]) -> dict[str, Stored]:
    """The papers that there are, by their places in the archive."""
    made = {each["pdf"]: papers[uuid.UUID(each["id"])] for each, _ in documents if each["pdf"]}
    return {path: lies for path, lies in made.items() if isinstance(lies, Stored)}


def _version(record: Record, row: WorkflowVersion) -> tuple[Json, tuple[Piece, ...]]:
    """The content in just the form that its hash is made of, and the files as people wrote them."""
    folder = f"definition/{row.hash[:12]}"
    pinned = json.dumps(row.content, ensure_ascii=False, sort_keys=True).encode()
    what = f"流程版本 {row.version}"
    entry = {
        "hash": row.hash,
        "title": row.title,
        "version": row.version,
        "published_at": moment(row.published_at),
        "now": row.hash == record.dossier.case.version_hash,
        "content": f"{folder}.json",
    }
    return entry, (
        Piece(f"{folder}.json", f"{what}的全部内容；它的 SHA-256 就是版本哈希", pinned),
        *_texts(folder, what, row.content),
    )


def _texts(folder: str, what: str, content: Mapping[str, str]) -> Iterator[Piece]:
    for path, text in sorted(content.items()):
        yield Piece(f"{folder}/{path}", f"{what}的原文", text.encode())
