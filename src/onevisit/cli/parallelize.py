"""`onevisit parallelize`: the parallel workflow that today's process becomes, and why."""

import sys
from datetime import date
from pathlib import Path

from onevisit.catalog.folder import read_texts
from onevisit.cli.reports import UNREADABLE, print_problems
from onevisit.definition.problem import DefinitionError, Problem
from onevisit.definition.serial_file import parse_serial
from onevisit.definition.source import MAX_BYTES
from onevisit.engine.conversion.parallelize import Conversion, parallelize

_SECTIONS = {"needs": "先后", "material": "材料", "field": "表单", "item": "其他"}
_FIGURES = {
    "visits": "跑动（次）",
    "materials": "材料（份）",
    "fields": "填写（项）",
    "steps": "环节（个）",
    "days": "时间（工作日）",
}


def convert(file: Path, out: Path | None, root: Path, today: date) -> int:
    """Prints what changes, then the two files, or writes them below `out`; 2 when the description
    cannot be converted or the files are there already."""
    files, _ = read_texts(root)
    name = file.name if file.is_absolute() else file.as_posix()
    try:
        files = {**files, name: _text(file, name)}
        found = parallelize(parse_serial(name, files), files, today)
    except DefinitionError as error:
        print_problems(error.problems, files)
        return UNREADABLE
    if out is not None and not _written(found, out):
        return UNREADABLE
    sys.stdout.write(report(found))
    for path, text in found.texts.items():
        sys.stdout.write(f"\n──── {path}\n{text}" if out is None else f"已写入 {out / path}\n")
    return 0


def report(found: Conversion) -> str:
    """The figures before and after, then every change with its places."""
    count = len(found.definition.workflow.items)
    lines = [f"{found.definition.workflow.title}：{count} 个事项，由串联改为并联的草案", ""]
    for key, title in _FIGURES.items():
        before, after = getattr(found.before, key), getattr(found.after, key)
        lines.append(f"  今天 {before:>4}  草案 {after:>4}  {title}")
    lines.append("  （全部事项都办、材料齐全时；跑动按不上网的人计算）")
    for part, title in _SECTIONS.items():
        changes = [each for each in found.changes if each.part == part]
        if changes:
            lines += ["", title]
        for each in changes:
            about = _title(found, each.about) if part in ("needs", "item") else ""
            lines.append(f"  · {about}{each.text}")
            lines += [f"      {place}" for place in each.places]
    return "\n".join(lines) + "\n"


def _title(found: Conversion, item_id: str) -> str:
    return f"“{found.definition.workflow.item(item_id).title}”："


def _text(file: Path, name: str) -> str:
    """The text of the description; DefinitionError when it cannot be read."""
    if not file.is_file():
        raise DefinitionError([Problem(name, 1, 1, "missing_file", name)])
    if file.stat().st_size > MAX_BYTES:
        raise DefinitionError([Problem(name, 1, 1, "too_large", expected="1 MB")])
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DefinitionError([Problem(name, 1, 1, "encoding")]) from error


def _written(found: Conversion, out: Path) -> bool:
    """Writes the files unless one of them is there: nobody's work is overwritten."""
    there = [out / path for path in found.texts if (out / path).exists()]
    for each in there:
        sys.stderr.write(f"{each} 已经存在，没有改动；请换一个 --out，或先改名\n")
    if there:
        return False
    for path, text in found.texts.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")
    return True
