"""Tries every certificate template before anybody's certificate needs it."""

from dataclasses import dataclass, field
from pathlib import Path

from onevisit.catalog.folder import Folder, Refusal
from onevisit.catalog.published import Published
from onevisit.definition.problem import Problem
from onevisit.documents import DocumentError, check_template, sample_snapshot


def with_templates_tried(folder: Folder, templates: Path) -> Folder:
    """The folder with those services refused whose templates cannot be made into a document."""
    trial = _Trial(templates)
    services: list[Published] = []
    refused = list(folder.refused)
    for service in folder.services:
        problems = trial.problems(service)
        if problems:
            path = service.definition.source.path
            refused.append(Refusal(path, tuple(problems), service.content))
        else:
            services.append(service)
    return Folder(tuple(services), tuple(refused))


@dataclass
class _Trial:
    """Each template is rendered once on a fictional sample, however many items name it."""

    folder: Path
    _reasons: dict[str, str | None] = field(default_factory=dict)

    def problems(self, service: Published) -> list[Problem]:
        definition = service.definition
        found = []
        for place, item in enumerate(definition.workflow.items):
            if item.result is None:
                continue
            reason = self._reason(item.result.template)
            if reason is not None:
                at = ("items", place, "result", "template")
                source = definition.source
                found.append(source.problem(at, "template", item.result.template, reason))
        return found

    def _reason(self, template: str) -> str | None:
        if template not in self._reasons:
            try:
                check_template(template, sample_snapshot("certificate", "样例证照"), self.folder)
                self._reasons[template] = None
            except DocumentError as error:
                self._reasons[template] = str(error)
        return self._reasons[template]
