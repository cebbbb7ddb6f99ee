"""What decides who somebody is and for whom they sign, on PostgreSQL as well. On SQLite every test
has a copy of the city; here one city is enough for those that leave each other alone."""

from collections.abc import Iterator

import pytest

from conftest import PostgresServer
from functional import test_deputies as of_deputies
from functional import test_unified as of_unified
from functional import unified
from functional.city import City, populate, settings_in


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """One real provider for all tests of this file."""
    with unified.real_issuer() as found:
        yield found


@pytest.fixture(scope="module")
def city(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory, issuer: str
) -> Iterator[City]:
    """One city whose people may come in through the provider."""
    name = postgres_server.create_database()
    settings = settings_in(tmp_path_factory.mktemp("city"))
    settings = settings.model_copy(update={"database_url": postgres_server.url(name)})
    populate(settings)
    city = City(unified.with_issuer(settings, issuer))
    yield city
    city.app.state.site.engine.dispose()
    city.engine.dispose()
    postgres_server.drop_database(name)


def test_the_unified_sign_in(city: City, issuer: str) -> None:
    of_unified.test_the_first_time_makes_an_account_and_the_second_finds_it(city, issuer)
    of_unified.test_a_code_counts_once_and_in_one_browser(city, issuer)


def test_deputies(city: City) -> None:
    city.accepted()
    of_deputies.another(city, "colleague", of_deputies.PostValue("head", of_deputies.FOOD))
    of_deputies.test_a_deputy_signs_and_both_are_named(city, "colleague")
