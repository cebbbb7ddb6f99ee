"""Every scenario that an author wrote comes out the same on the pure engine, on both kinds of
database and through the web."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from onevisit.catalog.folder import load_folder
from onevisit.definition.scenario import Scenario
from onevisit.definition.scenario_file import parse_scenarios, scenario_path
from onevisit.definition.service import Definition
from onevisit.definition.source import Source
from onevisit.engine.rehearsal.application import application
from onevisit.engine.rehearsal.dry_run import DryRun
from onevisit.engine.rehearsal.rehearse import World, rehearse
from onevisit.settings import Settings
from onevisit.web import edge
from onevisit.web.app import create_app
from scenarios.database_world import ROOT, DatabaseWorld, Town, found_town, open_town
from scenarios.web_world import PASSWORD, Clock, Web, WebWorld

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


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a town in which nothing has happened yet."""
    path = tmp_path_factory.mktemp("founded") / "onevisit.db"
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # people sign in often here
    found_town(f"sqlite:///{path}", OPENING, quick.hash(PASSWORD))
    return path


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """One town for all scenarios of a run: their cases live beside each other, as they would."""
    folder = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("founded"), folder / "onevisit.db")
        url = f"sqlite:///{folder / 'onevisit.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.url(server.create_database())
        found_town(url, OPENING)
    town = open_town(url, folder)
    yield town
    town.engine.dispose()


@pytest.fixture(scope="module")
def web(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The real application on a town of its own; its edge reads our clock."""
    folder = tmp_path_factory.mktemp("web")
    shutil.copyfile(founded, folder / "onevisit.db")
    settings = Settings(
        home=ROOT, data=folder, database_url="", printing_processes=0, second_factor="off"
    ).prepared()
    town = open_town(settings.database_url, folder)
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge, "datetime", clock)
        app = create_app(settings)
        yield Web(town, app, clock)
    town.engine.dispose()


def told(
    definition: Definition, source: Source, place: int, scenario: Scenario, world: World
) -> list[str]:
    """What differs, as `onevisit test` would print it."""
    found = rehearse(definition, scenario, ("scenarios", place), world)
    return [str(each.problem(source)) for each in found]


def test_every_service_has_scenarios() -> None:
    assert {each.values[0] for each in AUTHORED} == set(SERVICES)


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


@every_scenario
def test_through_the_web(
    web: Web, workflow_id: str, source: Source, place: int, scenario: Scenario
) -> None:
    definition = SERVICES[workflow_id]
    world = WebWorld(web, workflow_id, application(definition, scenario))
    assert told(definition, source, place, scenario, world) == []
    assert world.tampered() == []


WRONG = """\
workflow: open_restaurant
scenarios:
  - title: 写错了的情景，处处与事实不符
    answers: {area: 40}
    expect: {items: [licence, food, fire], routes: {food: approval}, days: 5, visits: 1}
    steps:
      - submit
      - accept:
        case: submitted
        made: [receipt, acceptance, deferral]
        items: {food: waiting, tobacco: approved}
        impossible: [withdraw, approve licence, decline]
      - approve licence
      - {made: {}, impossible: approve food}
      - approve food
    ends:
      case: concluded
      items: approved
      documents: {receipt: 1, application: 1, acceptance: 1, deferral: 1, approval: 2}
  - title: 做不到的一步
    answers: {area: 40}
    steps: [submit, accept, approve food, approve licence]
    ends: concluded
"""
FOUND_WRONG = [
    "5:21: 要办的事项应为 licence、food、fire，实际是 licence、food（少了 fire）",
    "5:59: “food”的办理方式应为 approval，实际是 filing",
    "5:76: 承诺的工作日应为 5，实际是 4",
    "5:87: 到场次数应为 1，实际是 0",
    "9:15: 整个办件的状态应为 submitted（待受理），实际是 reviewing（办理中）",
    "11:23: “food”的状态应为 waiting（待启动），实际是 handle（承办）",
    "11:41: “tobacco”的状态应为 approved（准予），实际是 （没有）",
    "10:15: 文书“receipt”的份数应为 1，实际是 0",
    "12:22: 这时应当做不到“withdraw”，实际做得到",
    "12:32: 这时应当做不到“approve licence”，实际做得到",
    "14:16: 文书“approval”的份数应为 0，实际是 1",
    "14:32: 这时应当做不到“approve food”，实际做得到",
    "17:13: 整个办件的状态应为 concluded（已办结），实际是 issuing（待出件）",
    "19:18: 文书“certificate”的份数应为 0，实际是 1",
]


def wrong(world_of: Callable[[Scenario], World]) -> list[list[str]]:
    """What a world finds in the wrong scenarios, one list each."""
    definition = SERVICES["open_restaurant"]
    file, source = parse_scenarios(WRONG, "wrong.yaml", definition)
    return [
        [
            each.removeprefix("wrong.yaml:")
            for each in told(definition, source, n, one, world_of(one))
        ]
        for n, one in enumerate(file.scenarios)
    ]


def check_caught(found: list[list[str]]) -> None:
    """Everything wrong was found, and the step that cannot be done ended its scenario."""
    everything, undone = found
    assert everything == FOUND_WRONG
    assert len(undone) == 1
    assert undone[0].startswith("22:29: 做不到“approve food”：")


def test_a_wrong_scenario_is_caught_by_the_pure_engine() -> None:
    definition = SERVICES["open_restaurant"]
    check_caught(wrong(lambda one: DryRun(definition, application(definition, one))))


def test_a_wrong_scenario_is_caught_on_a_database(town: Town) -> None:
    definition = SERVICES["open_restaurant"]
    check_caught(
        wrong(lambda one: DatabaseWorld(town, "open_restaurant", application(definition, one)))
    )


def test_a_wrong_scenario_is_caught_through_the_web(web: Web) -> None:
    """But for acts that were meant to fail and did something: a page cannot undo them."""
    definition = SERVICES["open_restaurant"]
    found = wrong(lambda one: WebWorld(web, "open_restaurant", application(definition, one)))
    assert found[0][:9] == FOUND_WRONG[:9]
    assert found[1][0].startswith("22:29: 做不到“approve food”：")
