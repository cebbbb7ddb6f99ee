"""Reads the vector services: small workflows beside the lifecycle that real services run on."""

from functools import cache
from pathlib import Path

from onevisit.definition.bundle import parse_definition
from onevisit.definition.service import Definition

HERE = Path(__file__).parent / "files"
REAL = Path(__file__).parents[2]
LIFECYCLE = "workflows/lifecycles/standard.yaml"


@cache
def files() -> dict[str, str]:
    """Path → text of all vector files, with the real standard lifecycle."""
    found = {str(path.relative_to(HERE)): path.read_text("utf-8") for path in HERE.rglob("*.yaml")}
    return {**found, LIFECYCLE: (REAL / LIFECYCLE).read_text("utf-8")}


@cache
def real_files() -> dict[str, str]:
    """Path → text of the services that are shipped."""
    return {
        str(path.relative_to(REAL)): path.read_text("utf-8")
        for folder in ("workflows", "forms")
        for path in (REAL / folder).rglob("*.yaml")
    }


@cache
def vector(name: str) -> Definition:
    """The vector service of this name."""
    return parse_definition(f"workflows/{name}.yaml", files())


def changed(name: str, *edits: tuple[str, str], real: bool = False) -> Definition:
    """A service with some of its text replaced; every edit must change something."""
    texts = dict(real_files() if real else files())
    path = f"workflows/{name}.yaml"
    for old, new in edits:
        assert old in texts[path], old
        texts[path] = texts[path].replace(old, new)
    return parse_definition(path, texts)
