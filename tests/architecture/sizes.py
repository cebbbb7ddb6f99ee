"""Tells, after the tests, how large the files and functions have become; nothing is enforced."""

import ast
from pathlib import Path
from statistics import median, quantiles

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "onevisit"
LONG_FILE, LONG_FUNCTION = 300, 30
Sizes = dict[str, int]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the sizes of the house beside what is aimed at."""
    files, functions = measure(PACKAGE)
    terminalreporter.section("sizes (lines; aimed at, not enforced)")
    terminalreporter.write_line(_line("files", files, "median <= 150, 90th percentile <= 300"))
    terminalreporter.write_line(_line("functions", functions, "median <= 10, longest <= 30"))
    for name, lines in _longer(files, LONG_FILE) + _longer(functions, LONG_FUNCTION):
        terminalreporter.write_line(f"  {lines:4} {name}")


def measure(package: Path) -> tuple[Sizes, Sizes]:
    """Return the lines of each file and of each function below `package`, by name."""
    files: Sizes = {}
    functions: Sizes = {}
    for path in sorted(package.rglob("*.py")):
        name, text = path.relative_to(package).as_posix(), path.read_text(encoding="utf-8")
        files[name] = len(text.splitlines())
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions[f"{name}:{node.lineno} {node.name}"] = (
                    (node.end_lineno or node.lineno) - node.lineno + 1
                )
    return files, functions


def _line(what: str, sizes: Sizes, aim: str) -> str:
    if len(sizes) < 2:
        return f"{what}: {len(sizes)}"
    ninetieth = quantiles(sizes.values(), n=10)[-1]
    return (
        f"{what}: {len(sizes)}, median {median(sizes.values()):.0f}, 90th percentile "
        f"{ninetieth:.0f}, longest {max(sizes.values())} ({aim})"
    )


def _longer(sizes: Sizes, limit: int) -> list[tuple[str, int]]:
    return sorted(
        ((name, lines) for name, lines in sizes.items() if lines > limit), key=lambda it: -it[1]
    )
