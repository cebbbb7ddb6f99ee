"""Puts one service together from the texts of its files and checks them against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onevisit.definition.form import Form, parse_form
from onevisit.definition.lifecycle import Lifecycle
from onevisit.definition.names import check_names
from onevisit.definition.parse import Parsed, parse
from onevisit.definition.place import Calendar, Directory, Jurisdiction
from onevisit.definition.problem import DefinitionError, Problem, nearest_name
from onevisit.definition.service import Definition
from onevisit.definition.source import Path, Source
from onevisit.definition.workflow import Workflow


def parse_definition(path: str, files: Mapping[str, str]) -> Definition:
    """The service whose workflow file is `path`, with all files it names from `files`.

    `files` maps paths like "workflows/x.yaml", "forms/x.yaml", "workflows/calendars/cn.yaml" to
    texts. DefinitionError lists the faults of all files that could be read.
    """
    workflow, source = parse(files[path], path, Workflow)
    fetch = _Fetch(files, source)
    directory = fetch.get("workflows/directory.yaml", Directory, ())
    jurisdiction = fetch.get(
        f"workflows/jurisdictions/{workflow.jurisdiction}.yaml", Jurisdiction, ("jurisdiction",)
    )
    lifecycle = fetch.get(
        f"workflows/lifecycles/{workflow.lifecycle}.yaml", Lifecycle, ("lifecycle",)
    )
    calendar = None
    if jurisdiction is not None:
        calendar = fetch.get(
            f"workflows/calendars/{jurisdiction.calendar}.yaml", Calendar, ("jurisdiction",)
        )
    read_form = fetch.form(f"forms/{workflow.form}.yaml", ("form",))
    if not (read_form and directory and jurisdiction and lifecycle and calendar):
        raise DefinitionError(fetch.problems)
    form, form_source = read_form
    definition = Definition(
        workflow, form, lifecycle, directory, jurisdiction, calendar, source, form_source
    )
    problems = list(check_names(definition))
    if problems:
        raise DefinitionError(problems)
    return definition


@dataclass
class _Fetch:
    """Parses the files a workflow names; a missing one is told at the line that names it."""

    files: Mapping[str, str]
    source: Source
    problems: list[Problem] = field(default_factory=list)

    def get(self, path: str, kind: type[Parsed], at: Path) -> Parsed | None:
        text = self._text(path, at)
        try:
            return None if text is None else parse(text, path, kind)[0]
        except DefinitionError as error:
            self.problems += error.problems
            return None

    def form(self, path: str, at: Path) -> tuple[Form, Source] | None:
        text = self._text(path, at)
        try:
            return None if text is None else parse_form(text, path)
        except DefinitionError as error:
            self.problems += error.problems
            return None

    def _text(self, path: str, at: Path) -> str | None:
        if path in self.files:
            return self.files[path]
        folder = path.rsplit("/", 1)[0] + "/"
        beside = [each for each in self.files if each.startswith(folder)]
        near = nearest_name(path, beside)
        self.problems.append(
            self.source.problem(at, "missing_file", path, "请新建该文件或改正名称", near)
        )
        return None
