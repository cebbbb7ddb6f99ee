"""One's copy of everything the house holds about one (个人信息保护法第四十五条): a ZIP with JSON
for machines, pages for reading, and the files and papers themselves; written case by case, so that
it takes no more memory for somebody with many. What one did as another's agent is theirs."""

import json
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import col, select

from onevisit.access import check_can_apply
from onevisit.cases.archive.names import safe_name, suffix_of
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.outbox import announce
from onevisit.cases.paper import live_uploads
from onevisit.cases.privacy import shown, uses
from onevisit.cases.rating import rating_of
from onevisit.cases.views import agencies
from onevisit.cases.views.archived import archived_view
from onevisit.cases.views.history import entries, public_history
from onevisit.cases.views.parts import documents_of
from onevisit.cases.views.window import handout_view
from onevisit.documents.format import BEIJING, cn_date, cn_datetime
from onevisit.store.tables import Account, Case, Document, Upload
from onevisit.store.work_tables import Message

Json = dict[str, Any]
EPOCH = (1980, 1, 1, 0, 0, 0)
BATCH = 200
"""Rows of messages and reads that are held in memory at a time."""


@dataclass(frozen=True)
class Kept:
    """One file of the copy: where it lies in it, and what it is."""

    path: str
    title: str
    note: str


def write(ctx: Context, templates: Path, to: Path) -> None:
    """Write the signed-in person's copy to the file `to`; whoever calls has asked who it is."""
    check_can_apply(ctx.actor)
    account = ctx.session.get_one(Account, ctx.actor.id)
    page = _environment(templates).get_template("archive/own_data.html")
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        about = _about(ctx, account)
        cases = []
        for case_id, archived in _cases(ctx):
            about_case = _archived if archived else _case
            number, said = about_case(ctx, case_id, archive, page)
            cases.append({"folder": number, **said})
        _lines(archive, "messages.jsonl", _messages(ctx))
        _lines(archive, "reads.jsonl", _reads(ctx))
        index = {**about, "cases": cases}
        _put(archive, "data.json", _json(index))
        _put(archive, "index.html", page.render(index | {"case": None}).encode())


def _about(ctx: Context, account: Account) -> Json:
    """Who it is, who may apply for whom, and when and from whom this copy is."""
    held = agencies.agencies(ctx)
    return {
        "made_at": ctx.now.astimezone(BEIJING).isoformat(timespec="seconds"),
        "account": {
            "username": account.username,
            "name": account.name,
            "id_number": account.id_number,
            "phone": account.phone,
            "email": account.email,
        },
        "agency": {"given": _plain(held.given), "held": _plain(held.held)},
    }


def _cases(ctx: Context) -> Sequence[tuple[uuid.UUID, datetime | None]]:
    statement = select(Case.id, Case.archived_at).where(Case.applicant_id == ctx.actor.id)
    return ctx.session.exec(statement.order_by(col(Case.id))).all()


def _archived(ctx: Context, case_id: uuid.UUID, archive: ZipFile, page: Any) -> tuple[str, Json]:
    """What is here of a case that lies in an archive file, and whom to ask for the rest."""
    view = archived_view(ctx, case_id)
    folder = f"cases/{safe_name(view.number)}"
    said = {
        "number": view.number,
        "service": view.service,
        "state": f"{view.state.title}，已归档；要复制里面的内容，请凭编号联系服务中心",
        "submitted_at": _plain(view.submitted_at),
    }
    more = {"applicant": ctx.actor.name, "agent": None, "concluded_at": _plain(view.concluded_at)}
    more |= dict.fromkeys(("used", "shared", "files", "papers", "events"), ())
    _put(archive, f"{folder}/case.json", _json(said))
    _put(archive, f"{folder}/index.html", page.render(case=said | more, cases=()).encode())
    return folder, said


def _case(ctx: Context, case_id: uuid.UUID, archive: ZipFile, page: Any) -> tuple[str, Json]:
    """One case with its files: its folder, and its line in the index."""
    dossier = load(ctx, case_id)
    case = dossier.case
    folder = f"cases/{safe_name(case.number or f'draft-{case.id}')}"
    documents = [row for row in documents_of(ctx, case_id) if row.kind not in announce.INTERNAL]
    said = _facts(ctx, dossier)
    files = [*_files(ctx, archive, folder, live_uploads(ctx, dossier), dossier)]
    papers = [*_papers(ctx, archive, folder, documents)]
    said |= {"files": _plain(files), "papers": _plain(papers)}
    snapshots = [{"number": row.number, "says": row.snapshot} for row in documents]
    _put(archive, f"{folder}/case.json", _json(said | {"documents": snapshots}))
    _put(archive, f"{folder}/index.html", page.render(case=said, cases=()).encode())
    return folder, {name: said[name] for name in ("number", "service", "state", "submitted_at")}


def _facts(ctx: Context, dossier: Dossier) -> Json:
    case = dossier.case
    use = uses.case_use(dossier, uses.asked_for(ctx, [case.id]), ctx)
    rating = rating_of(ctx, case.id)
    events = public_history(dossier, entries(ctx, dossier))
    given = {"grade": rating.grade, "words": rating.words} if rating else None
    return {
        "number": case.number or "草稿",
        "service": dossier.definition.workflow.title,
        "state": dossier.state().title,
        "applicant": dossier.applicant.name,
        "agent": dossier.agent.name if dossier.agent else None,
        "submitted_at": _plain(case.submitted_at),
        "concluded_at": _plain(case.concluded_at),
        "answers": case.answers,
        "form": case.form,
        "recipient": case.recipient,
        "used": _plain(use.fields),
        "shared": _plain(use.asked),
        "events": _plain(events),
        "handout": _plain(handout_view(ctx, dossier)),
        "rating": given,
    }


def _files(
    ctx: Context, archive: ZipFile, folder: str, uploads: Sequence[Upload], dossier: Dossier
) -> Iterator[Kept]:
    workflow = dossier.definition.workflow
    for number, row in enumerate(uploads, start=1):
        title = workflow.material(row.material_id).title
        name = safe_name(
            f"{number:02}", title, row.filename.rpartition(".")[0] or row.filename,
            suffix=suffix_of(row.filename, row.content_type),
        )  # fmt: skip
        yield _copy(ctx, archive, f"{folder}/files/{name}", title, row.storage_key)


def _papers(
    ctx: Context, archive: ZipFile, folder: str, documents: Sequence[Document]
) -> Iterator[Kept]:
    for number, row in enumerate(documents, start=1):
        name = safe_name(f"{number:02}", row.title, row.number, suffix=".pdf")
        if row.pdf_key is None:
            yield Kept("", row.title, "PDF 还没有生成，登录后可以随时下载")
        else:
            yield _copy(ctx, archive, f"{folder}/papers/{name}", row.title, row.pdf_key)


def _copy(ctx: Context, archive: ZipFile, path: str, title: str, key: str) -> Kept:
    """A file of the store into the copy, piece by piece."""
    stored = ctx.files.stored(key)
    if not stored.whole():
        return Kept("", title, "文件已按保存期限清除，或者缺失、损坏")
    info = ZipInfo(path, EPOCH)
    info.compress_type = ZIP_STORED  # PDF and pictures are small already
    with stored.open() as source, archive.open(info, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return Kept(path, title, "")


def _messages(ctx: Context) -> Iterator[Json]:
    last: uuid.UUID | None = None
    while True:
        statement = select(Message).where(Message.account_id == ctx.actor.id)
        if last is not None:
            statement = statement.where(col(Message.id) > last)
        rows = ctx.session.exec(statement.order_by(col(Message.id)).limit(BATCH)).all()
        for row in rows:
            yield {"at": _plain(row.created_at), "title": row.title, "body": row.body}
        if len(rows) < BATCH:
            return
        last = rows[-1].id
        ctx.session.expunge_all()


def _reads(ctx: Context) -> Iterator[Json]:
    after: str | None = None
    while True:
        looked = shown.my_reads(ctx, after)
        for day in looked.days:
            yield from (_plain(look) for look in day.looks)
        after = looked.next
        if after is None:
            return


def _plain(value: Any) -> Any:
    """Anything that the views say, as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat(timespec="seconds")
    return str(value) if isinstance(value, (uuid.UUID, date)) else value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()


def _put(archive: ZipFile, path: str, content: bytes) -> None:
    info = ZipInfo(path, EPOCH)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, content)


def _lines(archive: ZipFile, path: str, rows: Iterator[Json]) -> None:
    """One JSON value a line, so that nobody has to hold all of them."""
    info = ZipInfo(path, EPOCH)
    info.compress_type = ZIP_DEFLATED
    with archive.open(info, "w") as target:
        for row in rows:
            target.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")


def _environment(templates: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cn_date": cn_date, "cn_datetime": cn_datetime}
    return environment
