"""Reads a service folder from disk: what can be served, and what is refused and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from onevisit.catalog.published import Published, content_hash, pinned, workflow_path
from onevisit.definition.bundle import parse_definition
from onevisit.definition.problem import DefinitionError, Problem
from onevisit.definition.source import MAX_BYTES

FOLDERS = ("workflows", "forms")


@dataclass(frozen=True)
class Refusal:
    """A workflow file that cannot be published, with everything that is wrong with it."""

    path: str
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]

    def line(self, problem: Problem) -> str:
        """The line of the file that a problem points at, "" when there is none."""
        lines = self.texts.get(problem.path, "").splitlines()
        return lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""


@dataclass(frozen=True)
class Folder:
    """What a service folder holds, each workflow either readable or refused."""

    services: tuple[Published, ...]
    refused: tuple[Refusal, ...]


def load_folder(root: Path) -> Folder:
    """All workflows directly in `root`/workflows; one broken file never hides the others."""
    return from_texts(*read_texts(root))


def from_texts(files: Mapping[str, str], unreadable: Sequence[Problem] = ()) -> Folder:
    """All workflows among the texts of a folder, by path; one broken file hides no other."""
    services: list[Published] = []
    refused = [Refusal(each.path, (each,), {}) for each in unreadable]
    for path in sorted(files):
        if Path(path).parent != Path("workflows") or path == "workflows/directory.yaml":
            continue
        try:
            services.append(load(path, files))
        except DefinitionError as error:
            refused.append(Refusal(path, error.problems, files))
    return Folder(tuple(services), tuple(refused))


def load(path: str, files: Mapping[str, str]) -> Published:
    """The service in one workflow file; DefinitionError lists everything that is wrong."""
    definition = parse_definition(path, files)
    expected = workflow_path(definition.workflow.id)
    if path != expected:
        words = f"文件名应与 id 一致：{expected.rsplit('/', 1)[1]}"
        raise DefinitionError([definition.source.problem(("id",), "rule", expected=words)])
    content = pinned(definition, files)
    return Published(content_hash(content), content, definition)


def read_texts(root: Path) -> tuple[dict[str, str], list[Problem]]:
    """The texts of all YAML files of the folder by their path, and the files that are no text."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for folder in FOLDERS:
        if not (root / folder).is_dir():
            problems.append(Problem(folder, 1, 1, "missing_file", found=f"{folder}/"))
        for path in sorted((root / folder).rglob("*.yaml")):
            name = path.relative_to(root).as_posix()
            text = _read(path, name)
            if isinstance(text, Problem):
                problems.append(text)
            else:
                texts[name] = text
    return texts, problems


def _read(path: Path, name: str) -> str | Problem:
    """The text of one file, or why there is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return Problem(name, 1, 1, "too_large", expected="1 MB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return Problem(name, 1, 1, "encoding")
    except OSError as error:  # a broken link, a folder of that name, no permission
        return Problem(name, 1, 1, "unreadable", found=error.strerror or str(error))
