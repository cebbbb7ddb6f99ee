"""The studio's templates: look, edit with a preview of the real pages, save once all papers that
depend on it can still be made, go back to a former text."""

import base64
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter
from fastapi import Path as InAddress
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_publish
from onevisit.cases.afterwards.certificate import STYLES
from onevisit.cases.errors import NotFound
from onevisit.cases.wording import TITLES
from onevisit.catalog import drafting
from onevisit.catalog.drafting import Paper
from onevisit.definition.service import Definition
from onevisit.documents import shelf, tryout, versions
from onevisit.documents.shelf import SUFFIX
from onevisit.documents.tryout import Busy, Fault, Outcome, Trial
from onevisit.web.edge import PostedForm, page, reading, redirect, site_of, text_of
from onevisit.web.notice import said, say

router = APIRouter()
log = structlog.get_logger()

NOTICES = {
    **TITLES,
    "approval": "准予决定书",
    "rejection": "不予决定书",
    **{template: title for title, template in STYLES.values()},
}
"""Titles of notices by their template."""
NOT_WRITABLE = (
    "没有保存：服务器上的模板目录不能写（可能是有意设成只读，或者存储空间满了）。"
    "您写的内容还在下面；请先复制一份，再与运行维护人员联系。"
)
Folder = Annotated[str, InAddress(pattern="^[a-z]{1,20}$")]
Number = Annotated[int, InAddress(ge=1, le=9999)]


@dataclass(frozen=True)
class Row:
    """One template in the list."""

    name: str
    title: str
    users: list[str]
    papers: tuple[str, ...]
    versions: int


@dataclass(frozen=True)
class Sheet:
    """One template being edited: the text as typed, the mark of the text that was shown, and the
    samples on which it can be looked at."""

    name: str
    title: str
    text: str
    seen: str
    papers: list[Paper]
    samples: dict[str, Trial]
    sample: str


@dataclass(frozen=True)
class Refused:
    """Why nothing was saved: faults of papers, or that somebody else saved first."""

    faults: tuple[Fault, ...] = ()
    changed: str = ""
    now: str = ""


@router.get("/studio/templates")
def templates(request: Request) -> Response:
    """All templates of notices and certificates, the parts that they share last."""
    found = _definitions(request)
    folder = site_of(request).templates
    texts = shelf.texts(folder)
    rows = [_row(folder, texts, found, name) for name in texts]
    rows.sort(key=lambda row: (not shelf.is_document(row.name), row.name))
    return page(request, "studio/templates.html", rows=rows, said=said(request))


@router.get("/studio/templates/{folder}/{file}")
def template(request: Request, folder: Folder, file: str, sample: str = "") -> Response:
    """One template with its source, the preview and its former texts."""
    found = _definitions(request)
    name, text = _known(request, folder, file)
    tryout.get_ready()
    sheet = _sheet(request, found, name, text, versions.mark(text), sample)
    return _drawn(request, sheet)


@router.post("/studio/templates/{folder}/{file}/preview")
def preview(request: Request, folder: Folder, file: str, form: PostedForm) -> Response:
    """The pages that the typed text makes of a sample; for scripts only that piece of the page."""
    sheet = _typed(request, folder, file, form)
    outcome, busy = _looked_at(request, sheet)
    if text_of(form, "piece"):
        return page(request, "studio/template_pages.html", sheet=sheet, outcome=outcome, busy=busy,
                    pictures=_pictures(outcome))  # fmt: skip
    return _drawn(request, sheet, outcome=outcome, busy=busy)


@router.post("/studio/templates/{folder}/{file}")
def save(request: Request, folder: Folder, file: str, form: PostedForm) -> Response:
    """Put the typed text in place, if every paper that depends on it can still be made."""
    return _saved(request, _typed(request, folder, file, form), "已保存")


@router.get("/studio/templates/{folder}/{file}/versions/{number}")
def version(request: Request, folder: Folder, file: str, number: Number) -> Response:
    """A former text, line by line beside the text that holds now."""
    _definitions(request)
    name, text = _known(request, folder, file)
    old = _former(request, name, number)
    lines = list(difflib.unified_diff(old.splitlines(), text.splitlines(), "", "", lineterm=""))[2:]
    return page(request, "studio/template_version.html", name=name, title=title_of(name),
                number=number, lines=lines, text=old, seen=versions.mark(text))  # fmt: skip


@router.post("/studio/templates/{folder}/{file}/versions/{number}/restore")
def restore(
    request: Request, folder: Folder, file: str, number: Number, form: PostedForm
) -> Response:
    """Make a former text hold again, as carefully as any other text."""
    found = _definitions(request)
    name, _ = _known(request, folder, file)
    old = _former(request, name, number)
    sheet = _sheet(request, found, name, old, text_of(form, "revision"), "")
    return _saved(request, sheet, f"已恢复第 {number} 版")


def _saved(request: Request, sheet: Sheet, done: str) -> Response:
    site = site_of(request)
    with reading(request) as ctx:
        by, now = ctx.actor.name, ctx.now
    text = _known(request, *sheet.name.split("/"))[1]
    if versions.mark(text) != sheet.seen:
        return _drawn(request, sheet, refused=Refused(changed=_difference(sheet, text), now=text))
    if text == sheet.text:
        say(request, "内容没有变化，不用保存。")
        return redirect(f"/studio/templates/{sheet.name}")
    checked = shelf.digest(site.templates)
    try:
        outcome = tryout.check(site.templates, _drafts(sheet), drafting.trials(sheet.papers))
        if outcome.faults:
            return _drawn(request, sheet, refused=Refused(faults=outcome.faults))
        number = versions.save(site.templates, sheet.name, sheet.text, sheet.seen, checked, by, now)
    except (Busy, versions.OthersChanged, OSError) as error:
        return _drawn(request, sheet, busy=_why_not(error))
    except versions.Changed:
        text = _known(request, *sheet.name.split("/"))[1]
        return _drawn(request, sheet, refused=Refused(changed=_difference(sheet, text), now=text))
    log.info("template saved", template=sheet.name, by=by, kept=number)
    count = len(sheet.papers)
    say(request, f"{done}；{count} 种文书都已试作，可以制成。原来的内容保存为第 {number} 版。")
    return redirect(f"/studio/templates/{sheet.name}")


def _why_not(error: Exception) -> str:
    """Why nothing was saved, though nothing is wrong with the text."""
    if not isinstance(error, OSError):
        return str(error)
    log.warning("template not saved", why=error.strerror)
    return NOT_WRITABLE


def _drawn(
    request: Request,
    sheet: Sheet,
    outcome: Outcome | None = None,
    busy: str = "",
    refused: Refused | None = None,
) -> Response:
    """The page of one template; 422 when it was not saved."""
    folder = site_of(request).templates
    status = 422 if refused else 409 if busy and outcome is None else 200
    return page(request, "studio/template.html", status=status, sheet=sheet, outcome=outcome,
                busy=busy, refused=refused, pictures=_pictures(outcome), said=said(request),
                history=versions.history(folder, sheet.name))  # fmt: skip


def _definitions(request: Request) -> tuple[Definition, ...]:
    """What the services say; only for those who publish. No session stays open during try-outs."""
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        return drafting.definitions_in_use(ctx.session, site.catalog, site.home)


def _known(request: Request, folder: str, file: str) -> tuple[str, str]:
    """Name and text of a template; NotFound."""
    name = f"{folder}/{file}"
    try:
        return name, shelf.read(site_of(request).templates, name)
    except (OSError, UnicodeDecodeError):
        raise NotFound("这个模板") from None


def _former(request: Request, name: str, number: int) -> str:
    try:
        return versions.former(site_of(request).templates, name, number)
    except OSError:
        raise NotFound("这个版本") from None


def _typed(request: Request, folder: str, file: str, form: PostedForm) -> Sheet:
    """What was typed, whatever it is."""
    found = _definitions(request)
    name, _ = _known(request, folder, file)
    text = str(form.get("text", "")).rstrip("\n") + "\n"
    return _sheet(request, found, name, text, text_of(form, "revision"), text_of(form, "sample"))


def _sheet(  # noqa: PLR0917 -- what a page of the editor is about, each once
    request: Request, found: tuple[Definition, ...], name: str, text: str, seen: str, sample: str
) -> Sheet:
    drafts = {name + SUFFIX: text}
    texts = shelf.texts(site_of(request).templates, drafts)
    papers = drafting.papers(found, texts, name, NOTICES)
    samples = dict(drafting.shown(papers))
    chosen = sample if sample in samples else next(iter(samples), "")
    return Sheet(name, title_of(name), text, seen, papers, samples, chosen)


def _looked_at(request: Request, sheet: Sheet) -> tuple[Outcome | None, str]:
    if sheet.sample not in sheet.samples:
        return Outcome(), ""
    try:
        folder = site_of(request).templates
        return tryout.preview(folder, _drafts(sheet), sheet.samples[sheet.sample]), ""
    except Busy as busy:
        return None, str(busy)


def _drafts(sheet: Sheet) -> dict[str, str]:
    return {sheet.name + SUFFIX: sheet.text}


def _difference(sheet: Sheet, text: str) -> str:
    """What was typed against what holds now."""
    lines = difflib.unified_diff(text.splitlines(), sheet.text.splitlines(), "", "", lineterm="")
    return "\n".join(list(lines)[2:])


def _pictures(outcome: Outcome | None) -> list[str]:
    return [base64.b64encode(each).decode() for each in outcome.pages] if outcome else []


def _row(folder: Path, texts: Mapping[str, str], found: tuple[Definition, ...], name: str) -> Row:
    documents = shelf.dependents(texts, name)
    used = drafting.users(found, name) if shelf.is_document(name) else []
    kept = len(versions.history(folder, name))
    return Row(name, title_of(name), used, documents, kept)


def title_of(name: str) -> str:
    """What a template is called: the notice that it makes, else its kind."""
    folder, _, own = name.partition("/")
    if not shelf.is_document(name):
        return "共用部分"
    return NOTICES.get(own, own) if folder == "notices" else shelf.TITLES[folder]
