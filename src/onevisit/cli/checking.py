"""`onevisit check`: what is proven of each service, or the line and the path that refute it."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onevisit.catalog.folder import load, read_texts
from onevisit.definition.problem import DefinitionError, Language, Problem
from onevisit.definition.service import Definition
from onevisit.engine.proof.findings import Obligation
from onevisit.engine.proof.prove import prove
from onevisit.engine.proof.report import Figures, Report, unread

PROVEN, REFUTED, UNREADABLE = 0, 1, 2
TITLES: Mapping[str, tuple[str, str]] = {
    "soundness": ("可靠", "soundness"),
    "visits": ("跑动", "visits"),
    "time": ("时限", "time"),
    "asked_once": ("只要一次", "asked once"),
    "law": ("依法", "law"),
    "ratchet": ("只减不增", "ratchet"),
    "names": ("名称", "names"),
}


@dataclass(frozen=True)
class Checked:
    """One workflow file with its report and the texts that its places point into."""

    report: Report
    texts: Mapping[str, str]
    readable: bool


def check(paths: list[Path], against: Path | None, language: Language, as_json: bool) -> int:
    """Checks workflow files, or all workflows of folders; 0 all proven, 1 refuted, 2 unreadable.

    `against` is a service folder with the versions before these (只减不增).
    """
    found = [each for path in paths for each in _checked(path, against)]
    if as_json:
        reports = [each.report.as_json(language) for each in found]
        sys.stdout.write(json.dumps({"workflows": reports}, ensure_ascii=False, indent=2) + "\n")
    else:
        for each in found:
            _Printer(each, language).print()
    if not found or not all(each.readable for each in found):
        return UNREADABLE
    return PROVEN if all(each.report.proven for each in found) else REFUTED


def _checked(path: Path, against: Path | None) -> Iterator[Checked]:
    """Every workflow that `path` names: a service folder, or one file in its workflows/."""
    if not path.exists():
        missing = Problem(str(path), 1, 1, "missing_file", str(path), "没有这个文件或目录")
        yield Checked(unread(path.stem, [missing]), {}, readable=False)
        return
    root = path if path.is_dir() else path.resolve().parent.parent
    texts, unreadable = read_texts(root)
    for problem in unreadable:
        yield Checked(unread(Path(problem.path).stem, [problem]), texts, readable=False)
    names = [f"workflows/{path.name}"] if path.is_file() else workflow_files(texts)
    for name in names:
        if name in texts:
            yield _check_one(name, texts, against)


def workflow_files(texts: Mapping[str, str]) -> list[str]:
    """The workflow files among the texts of a service folder."""
    return [
        name
        for name in sorted(texts)
        if Path(name).parent == Path("workflows") and Path(name).stem != "directory"
    ]


def _check_one(name: str, texts: dict[str, str], against: Path | None) -> Checked:
    try:
        definition = load(name, texts).definition
    except DefinitionError as error:
        return Checked(unread(Path(name).stem, error.problems), texts, readable=False)
    return Checked(prove(definition, _previous(name, against)), texts, readable=True)


def _previous(name: str, against: Path | None) -> Definition | None:
    """The same workflow in the folder before; None when it did not exist or cannot be read."""
    if against is None:
        return None
    texts, _ = read_texts(against)
    try:
        return load(name, texts).definition if name in texts else None
    except DefinitionError:
        return None


@dataclass
class _Printer:
    checked: Checked
    language: Language

    def say(self, chinese: str, english: str, indent: int = 2) -> None:
        sys.stdout.write(" " * indent + (chinese if self.language == "zh" else english) + "\n")

    def print(self) -> None:
        report = self.checked.report
        self.say(f"{report.title} {report.workflow}".strip(), report.workflow, 0)
        for obligation in report.obligations:
            self._obligation(obligation)
        if report.figures is not None:
            self._figures(report.figures)
        sys.stdout.write("\n")

    def _obligation(self, each: Obligation) -> None:
        title = TITLES[each.id][self.language == "en"]
        mark = "✓" if each.status == "proven" else "✗"
        message = each.message_zh if self.language == "zh" else each.message_en
        sys.stdout.write(f"  {mark} {title}：{message}\n")
        if each.status == "proven":
            return
        place = each.place
        sys.stdout.write(f"      {place.path}:{place.line}:{place.column}\n")
        lines = self.checked.texts.get(place.path, "").splitlines()
        if 0 < place.line <= len(lines):
            gutter = f"      {place.line:>4} | "
            sys.stdout.write(f"{gutter}{lines[place.line - 1]}\n")
            sys.stdout.write(" " * (len(gutter) + place.column - 1) + "^\n")
        for number, step in enumerate(each.counterexample, start=1):
            sys.stdout.write(f"      {number}. {step}\n")

    def _figures(self, figures: Figures) -> None:
        before = figures.baseline
        visits, counter, mended = (
            _times(each)
            for each in (figures.visits, figures.visits_counter, figures.visits_with_correction)
        )
        self.say(
            f"跑动 {before.visits} → {visits} 次（从不上网 {counter}，有一次补正 {mended}），"
            f"现场查验 {figures.presences} 次",
            f"visits {before.visits} → {visits} (never online {counter}, with a correction "
            f"{mended}), presences {figures.presences}",
        )
        chain = " → ".join(figures.critical)
        self.say(
            f"时间 {before.days} → {figures.days_worst} 个工作日（承诺 {figures.days_promised}），"
            f"关键路径 {chain}",
            f"days {before.days} → {figures.days_worst} (promised {figures.days_promised}), "
            f"critical path {chain}",
        )
        self.say(
            f"材料 {before.materials} → {figures.materials} 份，环节 {before.steps} → "
            f"{figures.steps} 个，字段 {figures.fields} 个，情形 {figures.situations} 种",
            f"material {before.materials} → {figures.materials}, steps {before.steps} → "
            f"{figures.steps}, fields {figures.fields}, situations {figures.situations}",
        )


def _times(number: Any) -> str:
    return "—" if number is None else str(number)
