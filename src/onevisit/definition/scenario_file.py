"""Reads a scenario file against the service it tries out: all faults at once, each at its place."""

from onevisit.definition.parse import build
from onevisit.definition.problem import DefinitionError
from onevisit.definition.scenario import ScenarioFile
from onevisit.definition.scenario_names import check_scenarios
from onevisit.definition.service import Definition
from onevisit.definition.source import Source, read


def scenario_path(workflow_id: str) -> str:
    """The file, below the service folder, that holds the scenarios of this workflow."""
    return f"workflows/scenarios/{workflow_id}.yaml"


def parse_scenarios(
    text: str | bytes, path: str, definition: Definition
) -> tuple[ScenarioFile, Source]:
    """The scenarios written in `text`, with their source; DefinitionError lists all faults."""
    source = read(text, path)
    value, problems = build(source, ScenarioFile)
    problems += check_scenarios(source, definition)
    if value is None or problems:
        raise DefinitionError(problems)
    return value, source
