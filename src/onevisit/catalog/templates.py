"""Tries every template that a service's papers need, in every shape in which they can reach it,
before anybody's paper needs it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from onevisit.catalog.certificate_samples import certificate_variants
from onevisit.catalog.folder import Folder, Refusal
from onevisit.catalog.published import Published
from onevisit.definition.lifecycle import Act, Lifecycle, Region, Transition
from onevisit.definition.problem import Problem
from onevisit.definition.service import Definition
from onevisit.documents import DocumentError, check_template, shelf, specimen
from onevisit.documents.shelf import Content
from onevisit.documents.trial import try_filling
from onevisit.documents.trust.data import canonical
from onevisit.documents.variants import STYLES, Variant, notice_variants

FILES_LOOKED_FOR = 2
"""In the full and the bare shape; the others name the same files."""
BESIDE = ("deferral", "supervision")
"""Kinds that no move of a lifecycle names: they go with one when there is cause."""


def with_templates_tried(folder: Folder, templates: Path) -> Folder:
    """The folder with those services refused whose templates cannot be made into a document."""
    trial = _Trial(templates)
    services: list[Published] = []
    refused = list(folder.refused)
    for service in folder.services:
        problems = trial.problems(service.definition)
        if problems:
            path = service.definition.source.path
            refused.append(Refusal(path, tuple(problems), service.content))
        else:
            services.append(service)
    return Folder(tuple(services), tuple(refused))


def notices_of(lifecycle: Lifecycle) -> list[str]:
    """The notice templates (without folder) that cases on this lifecycle can need."""
    regions: tuple[Region | None, ...] = (
        lifecycle.case, lifecycle.approval, lifecycle.certificate,
    )  # fmt: skip
    kinds = {kind for region in regions if region is not None for kind in _kinds(region)}
    styled = [name for name, kind in STYLES.items() if lifecycle.certificate and kind in kinds]
    return sorted({*kinds - {"certificate"}, *BESIDE, *styled})


def _kinds(region: Region) -> Iterator[str]:
    moves: tuple[Transition | Act, ...] = (*region.transitions, *region.acts)
    for each in moves:
        yield from each.documents


@dataclass
class _Trial:
    """Each shape is filled once, however many items name its template; each certificate template
    is laid out once as well, which tells whether its style sheets and images are there."""

    folder: Path
    _laid_out: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def _content(self) -> Content:
        return shelf.content(self.folder)

    def problems(self, definition: Definition) -> list[Problem]:
        """What is wrong with any paper of the service, at the line that asks for it."""
        return [
            *self._certificates(definition),
            *self._notices(definition),
            *self._samples(definition),
        ]

    def _samples(self, definition: Definition) -> Iterator[Problem]:
        for place, material in enumerate(definition.workflow.materials):
            if material.sample is None:
                continue
            template = f"{specimen.FOLDER}/{material.sample}"
            reason = _sample_fault(material.sample, self._content)
            if reason is not None:
                at = ("materials", place, "sample")
                yield definition.source.problem(at, "template", template, reason)

    def _certificates(self, definition: Definition) -> Iterator[Problem]:
        for place, item in enumerate(definition.workflow.items):
            if item.result is None:
                continue
            template = item.result.template
            shapes = tuple(Shape.of(each) for each in certificate_variants(definition, item))
            reason = self._made(template, shapes[0])
            reason = reason or _filling_fault(template, shapes, self._content)
            if reason is not None:
                at = ("items", place, "result", "template")
                yield definition.source.problem(at, "template", template, reason)

    def _notices(self, definition: Definition) -> Iterator[Problem]:
        for name in notices_of(definition.lifecycle):
            template = f"notices/{name}"
            reason = _notice_fault(template, self._content)
            if reason is not None:
                yield definition.source.problem(("lifecycle",), "template", template, reason)

    def _made(self, template: str, shape: "Shape") -> str | None:
        """Why it cannot be laid out."""
        if template not in self._laid_out:
            self._laid_out[template] = _layout_fault(template, shape, self._content)
        return self._laid_out[template]


@dataclass(frozen=True)
class Shape:
    """A variant; equal where what it says is."""

    variant: Variant = field(compare=False)
    digest: str

    @classmethod
    def of(cls, variant: Variant) -> "Shape":
        """The shape of a variant."""
        said = canonical([variant.title, variant.snapshot])
        return cls(variant, sha256(said).hexdigest())


# What follows is found once as long as no file changes, whoever asks.


@lru_cache(maxsize=256)
def _layout_fault(template: str, shape: Shape, content: Content) -> str | None:
    """Why a certificate cannot be laid out."""
    try:
        check_template(template, shape.variant.snapshot, content.folder)
    except DocumentError as error:
        return str(error)
    return None


@lru_cache(maxsize=512)
def _filling_fault(template: str, shapes: tuple[Shape, ...], content: Content) -> str | None:
    """Why a certificate cannot be filled in in one of these shapes."""
    return fault_of(template, (each.variant for each in shapes), content.folder)


def _sample_fault(name: str, content: Content) -> str | None:
    """Why a sample cannot be made."""
    try:
        specimen.made(name, content)
    except DocumentError as error:
        return str(error)
    return None


@lru_cache(maxsize=256)
def _notice_fault(template: str, content: Content) -> str | None:
    """Why a notice cannot be made in some shape."""
    source = "".join(shelf.closure(shelf.texts(content.folder), template))
    name = template.partition("/")[2]
    return fault_of(template, notice_variants(name, "演示文书", source), content.folder)


def fault_of(template: str, variants: Iterable[Variant], folder: Path) -> str | None:
    """Why one of these shapes of a document cannot be filled in."""
    for place, variant in enumerate(variants):
        error = try_filling(template, variant.snapshot, folder, files=place < FILES_LOOKED_FOR)
        if error is not None:
            return f"{error}（样例：{variant.title}）"
    return None
