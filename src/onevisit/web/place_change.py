"""Two steps for whatever holds for a whole place: first what it would do to services and open
cases, then, when somebody has read that, saving it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_publish
from onevisit.cases.deadlines.foresee import Foreseen, foresee
from onevisit.cases.errors import Happened, NotFound
from onevisit.catalog import authored, place_files
from onevisit.catalog.place_files import Place, Proposal, Told
from onevisit.definition.bundle import DIRECTORY
from onevisit.definition.problem import DefinitionError
from onevisit.web.edge import (
    page,
    pairs_of,
    reading,
    redirect,
    site_of,
    text_of,
    transaction,
    trial,
)
from onevisit.web.notice import say

log = structlog.get_logger()
ONLY_IN_DATABASE = "服务目录不能写入，改动只在数据库里，同样有效。"


@dataclass(frozen=True)
class File:
    """A file of the place as it holds now, with the mark of its text and its changes."""

    path: str
    text: str
    mark: str
    history: list[Told]

    @property
    def value(self) -> Place:
        """What it holds."""
        return place_files.value_of(self.path, self.text)


@dataclass(frozen=True)
class Wanted:
    """A change as it was typed: the whole new text, what it is in one line and on what it rests;
    `form` is where it was typed (its own address), `back` where it is shown afterwards."""

    file: File
    after: str
    what: str
    basis: str
    form: FormData
    back: str


def opened(request: Request, path: str) -> File:
    """The file at this path as it holds now; NotFound. Only for those who publish."""
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        text = site.catalog.texts(ctx.session, site.home)[0].get(path)
        if text is None:
            raise NotFound("这个文件")
        return File(path, text, mark_of(text), place_files.history(ctx.session, path))


def mark_of(text: str) -> str:
    """What a page carries to tell whether the file is still as it was shown."""
    return sha256(text.encode()).hexdigest()[:16]


def overtaken(file: File, form: FormData) -> str:
    """Who changed the file since the page was drawn, in a sentence; "" when nobody did."""
    if text_of(form, "revision") == file.mark:
        return ""
    if not file.history:
        return "您打开页面之后，这个文件有了变化"
    last = file.history[0]
    return (
        "您打开页面之后，"
        + Happened(last.who, last.change.at, last.change.what, mine=False).sentence()
    )


def editing_again(form: FormData) -> bool:
    """Whether somebody goes back from the second step to what they have typed."""
    return text_of(form, "step") == "edit"


def settle(request: Request, wanted: Wanted) -> Response:
    """The second step: what it would do; or it is saved, when that was read.

    Raises DefinitionError when the text itself is wrong.
    """
    if wanted.after == wanted.file.text:
        say(request, "内容没有变化，不用保存。")
        return redirect(wanted.back)
    proposal = _proposal(request, wanted)
    if proposal.refused:
        return _shown(request, wanted, proposal, None)
    if text_of(wanted.form, "step") != "save":
        return _shown(request, wanted, proposal, _foreseen(request, wanted))
    try:
        in_folder = _save(request, wanted, proposal)
    except place_files.Overtaken as error:
        return _shown(request, wanted, proposal, _foreseen(request, wanted), str(error))
    say(request, _done(proposal) + ("" if in_folder else ONLY_IN_DATABASE))
    return redirect(wanted.back)


def faults_of(error: DefinitionError) -> list[str]:
    """What is wrong with a text, each fault in a sentence."""
    return [f"第 {each.line} 行：{each.message()}" for each in error.problems]


def _proposal(request: Request, wanted: Wanted) -> Proposal:
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        path = wanted.file.path
        return place_files.propose(site.catalog, ctx.session, site.home, path, wanted.after)


def _foreseen(request: Request, wanted: Wanted) -> Foreseen | None:
    """The open cases that would move; departments move none."""
    if wanted.file.path == DIRECTORY:
        return None
    with trial(request) as ctx:
        return foresee(ctx, wanted.file.path, wanted.after)


def _save(request: Request, wanted: Wanted, proposal: Proposal) -> bool:
    """Whether the service folder could be written too."""
    site = site_of(request)
    with transaction(request) as ctx:
        check_can_publish(ctx.actor)
        words = (wanted.what[:200], wanted.basis)
        place_files.put_in_force(
            site.catalog, ctx.session, site.home, proposal, ctx.now, ctx.actor.id, *words
        )
        by = ctx.actor.name
    in_folder = authored.write_out(site.home, {proposal.path: proposal.after})
    site.catalog.forget_refused()
    log.info("place changed", path=proposal.path, by=by, in_folder=in_folder)
    return in_folder


def _done(proposal: Proposal) -> str:
    told = f"已保存；{len(proposal.services)} 个一件事有了新版本，新办件按新的办。"
    if proposal.path == DIRECTORY:
        return told + "在办件仍用各自开始时的部门信息。"
    return told + "在办件没有届满的时限由后台逐件重算，每一处变动都有留痕。"


def _shown(
    request: Request,
    wanted: Wanted,
    proposal: Proposal,
    foreseen: Foreseen | None,
    overtaken_by: str = "",
) -> Response:
    """What the change would do; 422 when it may not be saved."""
    status = 422 if proposal.refused else 409 if overtaken_by else 200
    return page(
        request,
        "studio/place_check.html",
        status=status,
        wanted=wanted,
        proposal=proposal,
        foreseen=foreseen,
        overtaken=overtaken_by,
        broken=[(each.path, _sentences(each.problems)) for each in proposal.refused],
        lines=difference(proposal.before, proposal.after),
        pairs=[(name, text) for name, text in pairs_of(wanted.form) if name != "step"],
        address=request.url.path,
        directory=proposal.path == DIRECTORY,
    )


def difference(before: str, after: str) -> list[str]:
    """The lines that differ, with one line around."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "", "", lineterm="", n=1)
    return list(lines)[2:]


def _sentences(problems: Sequence[object]) -> list[str]:
    return [
        f"{each.path}:{each.line}：{each.message()}"  # type: ignore[attr-defined]
        for each in problems
    ]
