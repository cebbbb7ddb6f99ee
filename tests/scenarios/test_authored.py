"""Every scenario that an author wrote comes out the same on the pure engine, on both kinds of
database and through the web."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from onevisit.catalog.folder import load_folder
from onevisit.definition.scenario import Scenario
from onevisit.definition.scenario_file import parse_scenarios, scenario_path
from onevisit.definition.service import Definition
from onevisit.definition.source import Source
from onevisit.engine.application import application
from onevisit.engine.dry_run import DryRun
from onevisit.engine.rehearse import World, rehearse
from scenarios.database_world import ROOT, DatabaseWorld, Town, found_town

OPENING = datetime(2025, 12, 1, tzinfo=UTC)
SERVICES = {each.definition.workflow.id: each.definition for each in load_folder(ROOT).services}


def _authored() -> Iterator[tuple[str, Source, int, Scenario]]:
    for path in sorted((ROOT / "workflows" / "scenarios").glob("*.yaml")):
        workflow_id, text = path.stem, path.read_text("utf-8")
        definition = SERVICES[workflow_id]
        found, source = parse_scenarios(text, scenario_path(workflow_id), definition)
        for place, scenario in enumerate(found.scenarios):
            yield workflow_id, source, place, scenario


AUTHORED = [pytest.param(*each, id=f"{each[0]}-{each[2]}") for each in _authored()]
every_scenario = pytest.mark.parametrize(("workflow_id", "source", "place", "scenario"), AUTHORED)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """One town for all scenarios of a run: their cases live beside each other, as they would."""
    folder = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'onevisit.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.url(server.create_database())
    town = found_town(url, folder, OPENING)
    yield town
    town.engine.dispose()


def told(
    definition: Definition, source: Source, place: int, scenario: Scenario, world: World
) -> list[str]:
    """What differs, as `onevisit test` would print it."""
    found = rehearse(definition, scenario, ("scenarios", place), world)
    return [str(each.problem(source)) for each in found]


@every_scenario
def test_on_the_pure_engine(
    workflow_id: str, source: Source, place: int, scenario: Scenario
) -> None:
    definition = SERVICES[workflow_id]
    world = DryRun(definition, application(definition, scenario))
    assert told(definition, source, place, scenario, world) == []


@every_scenario
def test_on_a_database(
    town: Town, workflow_id: str, source: Source, place: int, scenario: Scenario
) -> None:
    definition = SERVICES[workflow_id]
    world = DatabaseWorld(town, workflow_id, application(definition, scenario))
    assert told(definition, source, place, scenario, world) == []
    assert world.tampered() == []
