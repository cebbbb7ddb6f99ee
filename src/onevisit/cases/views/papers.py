"""The papers of a certificate as pages show them: the one in force, those before it, and the
notices that came since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from onevisit.cases.afterwards import reissue, version
from onevisit.cases.afterwards.certificate import Held
from onevisit.cases.context import Context
from onevisit.cases.views.parts import DocumentLink, document_link, documents_of
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Certificate


@dataclass(frozen=True)
class Earlier:
    """A paper that another has replaced; versions are written as in its number, 001 the first."""

    document: DocumentLink
    version: str
    replaced_by: str


@dataclass(frozen=True)
class Papers:
    """`documents`: the paper in force, then the notices about it since it was first issued;
    `earlier`: the papers that were replaced, newest first."""

    documents: tuple[DocumentLink, ...]
    version: str
    earlier: tuple[Earlier, ...]


def papers_of(ctx: Context, row: Certificate) -> Papers:
    """All papers of one certificate."""
    papers = documents_of(ctx, row.case_id)
    found = [each for each in papers if each.region == row.region or each.id == row.document_id]
    issued = [each for each in found if each.kind == "certificate" or each.id == row.document_id]
    notices = [
        each for each in found if each not in issued and each.created_at > issued[0].created_at
    ]
    links = [document_link(each) for each in issued]
    earlier = tuple(
        Earlier(link, f"{place:03d}", f"{place + 1:03d}")
        for place, link in enumerate(links[:-1], start=1)
    )
    documents = (links[-1], *(document_link(each) for each in notices))
    return Papers(documents, f"{len(links):03d}", earlier[::-1])


def linked(rows: Sequence[Document]) -> tuple[DocumentLink, ...]:
    """Documents of a case as links, in their order; a certificate that was issued again says so."""
    last = {row.region: row.id for row in rows if row.kind == "certificate"}
    return tuple(
        replace(link, title=f"{link.title}（已被替换）")
        if row.kind == "certificate" and row.id != last[row.region]
        else link
        for row, link in ((row, document_link(row)) for row in rows)
    )


def correctable(ctx: Context, found: Held) -> Mapping[str, tuple[str, str]]:
    """What of the paper in force can be corrected: name → (label, present value)."""
    return reissue.entries(version.printed(ctx, found.row))
