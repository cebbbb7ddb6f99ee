"""Real services with one thing made worse, through the same files and the same parser."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from onevisit.definition.bundle import parse_definition
from onevisit.definition.problem import DefinitionError
from onevisit.definition.service import Definition
from onevisit.definition.source import read
from onevisit.engine.proof.prove import prove
from onevisit.engine.proof.report import Report, unread
from proof.vectors import real_files

SERVICE = "open_restaurant"
WORKFLOW = f"workflows/{SERVICE}.yaml"
PATHS = {
    "workflow": WORKFLOW,
    "form": f"forms/{SERVICE}.yaml",
    "directory": "workflows/directory.yaml",
    "place": "workflows/jurisdictions/demo_city.yaml",
    "life": "workflows/lifecycles/standard.yaml",
}


class Files:
    """The plain data of every file of the service, to be changed in place."""

    def __init__(self) -> None:
        texts = real_files()
        self.data: dict[str, Any] = {
            name: copy.deepcopy(read(texts[path], path).data) for name, path in PATHS.items()
        }

    @property
    def workflow(self) -> dict[str, Any]:
        return self.data["workflow"]

    def item(self, name: str) -> dict[str, Any]:
        return next(each for each in self.workflow["items"] if each["id"] == name)

    def material(self, name: str) -> dict[str, Any]:
        return next(each for each in self.workflow["materials"] if each["id"] == name)

    def field(self, name: str) -> dict[str, Any]:
        return self.data["form"]["properties"][name]

    def add_field(self, name: str, **schema: Any) -> None:
        self.data["form"]["properties"][name] = {"type": "string", "x-for": ["*"], **schema}
        self.data["form"]["x-layout"][0]["fields"].append(name)

    def add_material(self, **written: Any) -> None:
        base = {"source": "applicant", "items": ["food"]}
        self.workflow["materials"].append({**base, **written})

    def move(self, event: str, region: str = "case") -> dict[str, Any]:
        moves = self.data["life"][region]["transitions"]
        return next(each for each in moves if each["event"] == event)

    def drop_move(self, event: str, region: str = "case") -> None:
        self.data["life"][region]["transitions"].remove(self.move(event, region))

    def texts(self) -> Mapping[str, str]:
        changed = {PATHS[name]: json.dumps(data) for name, data in self.data.items()}
        return {**real_files(), **changed}


Change = Callable[[Files], None]


def parsed(change: Change | None = None) -> Definition:
    """The service after a change."""
    files = Files()
    if change is not None:
        change(files)
    return parse_definition(WORKFLOW, files.texts())


def report(change: Change, previous: Definition | None = None) -> Report:
    """What is proven of the service after a change, readable or not."""
    try:
        return prove(parsed(change), previous)
    except DefinitionError as error:
        return unread(SERVICE, error.problems)
