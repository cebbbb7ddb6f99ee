"""One version of a service, pinned by the hash of the texts it was made from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from onevisit.definition.bundle import parse_definition
from onevisit.definition.service import Definition
from onevisit.engine import Chart, Selection, compile_certificate, compile_chart
from onevisit.engine.proof.prove import prove
from onevisit.engine.proof.report import Report

MAX_CHARTS = 256
Kind = tuple[tuple[tuple[str, str], ...], frozenset[str]]
"""What a chart depends on: the parts with their routes, and the material that may be owed."""


def workflow_path(workflow_id: str) -> str:
    """The file, below the service folder, that holds this workflow."""
    return f"workflows/{workflow_id}.yaml"


def pinned(definition: Definition, files: Mapping[str, str]) -> dict[str, str]:
    """The texts of just those files that this service was made from."""
    workflow, jurisdiction = definition.workflow, definition.jurisdiction
    paths = (
        definition.source.path,
        f"forms/{workflow.form}.yaml",
        "workflows/directory.yaml",
        f"workflows/jurisdictions/{jurisdiction.id}.yaml",
        f"workflows/lifecycles/{workflow.lifecycle}.yaml",
        f"workflows/calendars/{jurisdiction.calendar}.yaml",
    )
    return {path: files[path] for path in paths}


def content_hash(content: Mapping[str, str]) -> str:
    """SHA-256 (64 hex digits) over the canonical JSON of path → text."""
    canonical = json.dumps(dict(content), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Published:
    """A definition with the content that pins it; charts are compiled once a selection."""

    hash: str
    content: Mapping[str, str]
    definition: Definition
    _charts: dict[Kind, Chart] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_content(cls, workflow_id: str, content: Mapping[str, str]) -> "Published":
        """The version that these texts make; DefinitionError when they no longer can be read."""
        definition = parse_definition(workflow_path(workflow_id), content)
        return cls(content_hash(content), content, definition)

    @cached_property
    def report(self) -> Report:
        """What is proven of this version; computed once."""
        return prove(self.definition)

    @cached_property
    def certificate(self) -> Chart | None:
        """The life of a certificate of this service after it is issued, if it has one."""
        return compile_certificate(self.definition)

    @cached_property
    def short_hash(self) -> str:
        """The first twelve digits, for people."""
        return self.hash[:12]

    def chart(self, selection: Selection) -> Chart:
        """The statechart of a case with this selection."""
        owed = frozenset(each.id for each in selection.materials if each.need == "deferrable")
        key = (tuple((part.key, part.route.kind) for part in selection.parts), owed)
        if key not in self._charts:
            if len(self._charts) >= MAX_CHARTS:
                self._charts.clear()
            self._charts[key] = compile_chart(self.definition, selection)
        return self._charts[key]
