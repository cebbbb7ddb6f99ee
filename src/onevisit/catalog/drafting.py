"""What an edited template is tried on: each paper that depends on it, of each service using it.

Services are those being served, those that wait in the folder, and the earlier versions on which
cases still run: their papers are made from the same files.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from onevisit.catalog.catalog import Catalog
from onevisit.catalog.certificate_samples import certificate_variants
from onevisit.catalog.folder import from_texts
from onevisit.catalog.published import workflow_path
from onevisit.catalog.templates import notices_of
from onevisit.definition.problem import DefinitionError
from onevisit.definition.service import Definition
from onevisit.documents import shelf, specimen
from onevisit.documents.sample import sample_snapshot
from onevisit.documents.tryout import Trial
from onevisit.documents.variants import Variant, notice_variants
from onevisit.store.tables import Case

SHOWN = ("全部内容都有", "可以没有的都没有", "内容很长、行数很多", "单位申请")
"""Shapes of a notice that are offered to look at; all others are tried before saving."""


@dataclass(frozen=True)
class Paper:
    """A document that a template makes: a notice, or the certificate of one service's item."""

    template: str
    title: str
    variants: tuple[Variant, ...]


def definitions_in_use(session: Session, catalog: Catalog, root: Path) -> tuple[Definition, ...]:
    """All versions of services that may still make papers, each once."""
    open_cases = select(Case.version_hash).where(col(Case.concluded_at).is_(None)).distinct()
    found = {each.hash: each.definition for each in catalog.list(session)}
    for version in session.exec(open_cases):
        try:
            found[version] = catalog.version(session, version).definition
        except (KeyError, DefinitionError):  # told among the refused (Catalog.refused)
            continue
    waiting = from_texts(_unserved(catalog, session, root)).services
    found |= {each.hash: each.definition for each in waiting}
    return tuple(found.values())


def _unserved(catalog: Catalog, session: Session, root: Path) -> dict[str, str]:
    """The texts of the folder without the services that are served just as they stand there, which
    need not be read once more: reading all takes longer than anything else on the page."""
    texts, _ = catalog.texts(session, root)
    served = {
        workflow_path(each.definition.workflow.id)
        for each in catalog.list(session)
        if all(texts.get(path) == text for path, text in each.content.items())
    }
    return {path: text for path, text in texts.items() if path not in served}


def papers(
    definitions: Sequence[Definition],
    texts: Mapping[str, str],
    name: str,
    titles: Mapping[str, str],
) -> list[Paper]:
    """Every paper that depends on the template `name`; `texts` are all templates, as edited.

    titles: of notices by their template without folder.
    """
    found: list[Paper] = []
    for template in shelf.dependents(texts, name):
        folder, _, own = template.partition("/")
        if folder == "notices":
            found.append(_notice(template, own, titles.get(own, own), texts))
        found += _certificates(definitions, template)
        if folder == specimen.FOLDER:
            found.append(Paper(template, shelf.TITLES[folder], (specimen.VARIANT,)))
        if folder == "certificates" and not any(each.template == template for each in found):
            sample = Variant("样例", sample_snapshot("certificate", "样例证照"))
            found.append(Paper(template, "样例证照（没有服务使用）", (sample,)))
    return found


def users(definitions: Iterable[Definition], template: str) -> list[str]:
    """The titles of the services whose papers are made from a document template."""
    titles = (each.workflow.title for each in definitions if _uses(each, template))
    return list(dict.fromkeys(titles))


def _uses(definition: Definition, template: str) -> bool:
    folder, _, own = template.partition("/")
    results = (item.result for item in definition.workflow.items)
    if any(result is not None and result.template == template for result in results):
        return True
    if folder == specimen.FOLDER:
        return any(material.sample == own for material in definition.workflow.materials)
    return folder == "notices" and own in notices_of(definition.lifecycle)


def trials(found: Iterable[Paper]) -> list[Trial]:
    """All shapes of all papers; of each template the first is laid out too."""
    laid_out: set[str] = set()
    trials = []
    for paper in found:
        for variant in paper.variants:
            first = paper.template not in laid_out
            title = f"{paper.title}（{variant.title}）"
            trials.append(Trial(title, paper.template, variant.snapshot, first))
            laid_out.add(paper.template)
    return trials


def shown(found: Iterable[Paper]) -> Iterator[tuple[str, Trial]]:
    """The samples that a preview offers, each with a key that stays the same."""
    for place, paper in enumerate(found):
        for number, variant in enumerate(paper.variants):
            if not paper.template.startswith("notices/") or variant.title in SHOWN:
                title = f"{paper.title} · {variant.title}"
                yield f"{place}-{number}", Trial(title, paper.template, variant.snapshot, True)


def _notice(template: str, own: str, title: str, texts: Mapping[str, str]) -> Paper:
    source = "".join(shelf.closure(texts, template))
    return Paper(template, title, tuple(notice_variants(own, title, source)))


def _certificates(definitions: Iterable[Definition], template: str) -> list[Paper]:
    found = []
    for definition in definitions:
        for item in definition.workflow.items:
            if item.result is not None and item.result.template == template:
                title = f"{definition.workflow.title}：{item.result.title}"
                variants = tuple(certificate_variants(definition, item))
                paper = Paper(template, title, variants)
                if paper not in found:
                    found.append(paper)
    return found
