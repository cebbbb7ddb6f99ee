"""The house rules an import graph cannot see, each read off the syntax tree of one module."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

CORE = ("access", "definition", "engine")
EDGE = ("cli", "jobs", "web")
TRANSACTIONS = frozenset(
    {
        "store/key_tables.py",  # notes the writing key at start, serves no request
        "store/file_rotation.py",  # the same for files, one by one
        "store/rotation.py",  # goes over to another key, batch by batch, on an operator's word
        "store/search_rotation.py",  # the same for the hashes by which people are found
        "store/migrate.py",  # changes tables, serves no request
        "store/session.py",  # defines writing(), the transaction of one request
    }
)
UNTELLING = frozenset({"base", "common", "helper", "helpers", "manager", "util", "utils"})

_OUTSIDE_CALLS = frozenset({"breakpoint", "input", "open", "print"})
_CLOCK_CALLS = frozenset({"now", "today", "utcnow"})
_CHANCE_CALLS = frozenset({"getnode", "uuid1", "uuid4", "uuid6", "uuid7"})
_COMMITTING_CALLS = frozenset({"begin", "commit"})
_WRITING = "writing"  # store.session.writing(): commits at its end


@dataclass(frozen=True)
class Module:
    """One Python file: its path below the package, with `/`, and its text."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """Name the room it lives in; a module at the top is a room of its own."""
        first = PurePosixPath(self.path).parts[0]
        return first.removesuffix(".py")

    @property
    def tree(self) -> ast.Module:
        """Return the syntax tree."""
        return ast.parse(self.text, self.path)


def outside_calls(module: Module) -> Iterator[str]:
    """Yield the places where the core reads, writes, throws dice or asks what time it is."""
    if module.room not in CORE:
        return
    for call, name, owner in _calls(module.tree):
        reads_clock = owner is not None and (
            name in _CLOCK_CALLS or (owner == "time" and name.startswith(("time", "monotonic")))
        )
        opens = owner is None and name in _OUTSIDE_CALLS
        if reads_clock or opens or name in _CHANCE_CALLS:
            yield f"{module.path}:{call.lineno}: the core calls {_dotted(owner, name)}()"


def commits(module: Module) -> Iterator[str]:
    """Yield the places, outside the edge, where a module ends or opens a transaction itself."""
    if module.room in EDGE or module.path in TRANSACTIONS:
        return
    for call, name, owner in _calls(module.tree):
        if name == _WRITING or (owner is not None and name in _COMMITTING_CALLS):
            yield f"{module.path}:{call.lineno}: {_dotted(owner, name)}() belongs to the edge"


def missing_docstring(module: Module) -> Iterator[str]:
    """Yield the module if it does not open with a sentence saying why it exists."""
    first = (ast.get_docstring(module.tree) or "").strip().split("\n\n")[0]
    if not first.endswith((".", "。", ":", "：")):
        yield f"{module.path}:1: no opening sentence says why this module exists"


def untelling_name(module: Module) -> Iterator[str]:
    """Yield the module if a part of its name says nothing about what it holds."""
    for part in PurePosixPath(module.path).with_suffix("").parts:
        if part in UNTELLING:
            yield f"{module.path}: {part!r} does not say what it holds"


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str | None]]:
    """Yield each call with the name called and, for an attribute, the last name before the dot."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            yield node, node.func.id, None
        elif isinstance(node.func, ast.Attribute):
            yield node, node.func.attr, _last_name(node.func.value)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _dotted(owner: str | None, name: str) -> str:
    return f"{owner}.{name}" if owner else name
