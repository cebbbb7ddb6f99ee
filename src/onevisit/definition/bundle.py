"""Puts one service together from the texts of its files and checks them against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from onevisit.definition.dialect import FormFile
from onevisit.definition.form import form_of
from onevisit.definition.inside import check_directory, check_lifecycle
from onevisit.definition.lifecycle import Lifecycle
from onevisit.definition.names import check_names
from onevisit.definition.parse import Parsed, build
from onevisit.definition.place import Calendar, Directory, Jurisdiction
from onevisit.definition.problem import DefinitionError, Problem, nearest_name
from onevisit.definition.service import Definition
from onevisit.definition.source import Path, Source, read
from onevisit.definition.workflow import Workflow
from onevisit.definition.written import Written

DIRECTORY = "workflows/directory.yaml"
SHARED = 50_000
"""Texts up to this length are kept once they are read: nine services share four files."""


def parse_definition(path: str, files: Mapping[str, str]) -> Definition:
    """The service whose workflow file is `path`, with all files it names from `files`.

    `files` maps paths like "workflows/x.yaml", "forms/x.yaml", "workflows/calendars/cn.yaml" to
    texts. DefinitionError lists everything that is wrong with any of them, in one go.
    """
    fetch = _Fetch(files, read(files[path], path))
    workflow = fetch.build(fetch.workflow, Workflow)
    form_source = fetch.named("forms/{}.yaml", ("form",))
    form = fetch.build(form_source, FormFile)
    directory_source = fetch.file(DIRECTORY, ())
    directory = fetch.build(directory_source, Directory)
    lifecycle_source = fetch.named("workflows/lifecycles/{}.yaml", ("lifecycle",), "standard")
    lifecycle = fetch.build(lifecycle_source, Lifecycle)
    jurisdiction = fetch.build(
        fetch.named("workflows/jurisdictions/{}.yaml", ("jurisdiction",)), Jurisdiction
    )
    calendar = None
    if jurisdiction is not None:
        name = f"workflows/calendars/{jurisdiction.calendar}.yaml"
        calendar = fetch.build(fetch.file(name, ("jurisdiction",)), Calendar)
    written = Written(fetch.workflow, form_source, directory_source, lifecycle_source)
    fetch.problems += check_names(written)
    fetch.problems += check_directory(directory_source) if directory_source else ()
    fetch.problems += check_lifecycle(lifecycle_source) if lifecycle_source else ()
    if fetch.problems:
        raise DefinitionError(fetch.problems)
    assert workflow and form and form_source and directory and lifecycle
    assert jurisdiction and calendar
    return Definition(
        workflow,
        form_of(form, form_source),
        lifecycle,
        directory,
        jurisdiction,
        calendar,
        fetch.workflow,
        form_source,
    )


@lru_cache(maxsize=32)
def _read_once(text: str, path: str) -> Source:
    """Directory, lifecycle, jurisdiction and calendar are the same in every service; nobody
    changes what a Source holds."""
    return read(text, path)


@dataclass
class _Fetch:
    """Reads the files a workflow names; a missing one is told at the line that names it."""

    files: Mapping[str, str]
    workflow: Source
    problems: list[Problem] = field(default_factory=list)

    def build(self, source: Source | None, kind: type[Parsed]) -> Parsed | None:
        """The value in a file that could be read; its faults are kept."""
        if source is None:
            return None
        value, problems = build(source, kind)
        self.problems += problems
        return value

    def named(self, pattern: str, at: Path, otherwise: str | None = None) -> Source | None:
        """The file that the workflow names at this place; None when it names none."""
        named = [value for _, value in self.workflow.find(*at)] or [otherwise]
        return self.file(pattern.format(named[0]), at) if isinstance(named[0], str) else None

    def file(self, path: str, at: Path) -> Source | None:
        """The file at `path`; None when it is missing or cannot be read."""
        if path not in self.files:
            folder, name = path.removesuffix(".yaml").rsplit("/", 1)
            others = [each.removesuffix(".yaml").rsplit("/", 1) for each in self.files]
            near = nearest_name(name, [other for parent, other in others if parent == folder])
            self.problems.append(self.workflow.problem(at, "missing_file", path, nearest=near))
            return None
        try:
            text = self.files[path]
            return _read_once(text, path) if len(text) <= SHARED else read(text, path)
        except DefinitionError as error:
            self.problems += error.problems
            return None
