"""Every key that a definition may use has a word; a new key cannot be forgotten."""

from typing import Any, get_args, get_type_hints

import pytest

from onevisit.definition import workflow
from onevisit.definition.lifecycle import State
from onevisit.definition.values import Limit
from onevisit.web import portals, words


def literals(holder: Any, name: str) -> set[str]:
    """The strings that a field of a definition value may hold."""
    return set(_strings(get_type_hints(holder)[name]))


def _strings(hint: Any) -> list[str]:
    return (
        [hint] if isinstance(hint, str) else [s for each in get_args(hint) for s in _strings(each)]
    )


@pytest.mark.parametrize(
    ("known", "holder", "name"),
    [
        (words.AUDIENCES, workflow.Workflow, "audience"),
        (words.LIFE_EVENTS, workflow.Workflow, "life_events"),
        (words.CHANNELS, workflow.Submission, "channels"),
        (words.PICKUPS, workflow.Issue, "pickup"),
        (words.ROUTES, workflow.Route, "kind"),
        (words.SOURCES, workflow.Material, "source"),
        (words.NEEDS, workflow.Material, "need"),
        (words.MOMENTS, workflow.Material, "original"),
        (words.SPECIALS, workflow.Special, "kind"),
    ],
)
def test_words_are_complete(known: dict[str, str], holder: Any, name: str) -> None:
    assert set(known) == literals(holder, name)


def test_every_tone_of_a_state_has_its_shape(icon_names: set[str]) -> None:
    assert literals(State, "tone") <= icon_names


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (Limit(days=0), "当场"),
        (Limit(days=5), "5 个工作日"),
        (Limit(days=30, unit="natural"), "30 日（自然日）"),
        (None, "—"),
    ],
)
def test_limits_in_words(limit: Limit | None, text: str) -> None:
    assert words.days(limit) == text


def test_categories_beyond_the_list_are_public_services() -> None:
    assert words.category("01") == "行政许可"
    assert words.category("23") == "公共服务"


def test_every_portal_role_has_a_title() -> None:
    roles = set().union(*(portal.roles for portal in portals.PORTALS)) - {""}
    assert roles == set(portals.ROLE_TITLES)


def test_the_navigation_shows_only_what_is_built_and_allowed() -> None:
    everything = {portal.href for portal in portals.PORTALS}
    mine = portals.entries({"clerk"}, "/desk/1", everything)
    assert [(entry.href, entry.current) for entry in mine] == [("/desk", True)]
    assert portals.entries({"clerk"}, "/desk", {"/my"}) == ()
    assert [e.href for e in portals.entries((), "/", everything)] == [
        "/services",
        "/progress",
        "/verify",
    ]


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        ({"applicant"}, "/my"),
        ({"applicant", "clerk"}, "/my"),
        ({"reviewer"}, "/office"),
        (set(), "/services"),
        ({"supervisor"}, "/services"),
    ],
)
def test_where_one_lands(roles: set[str], home: str) -> None:
    built = {"/my", "/desk", "/office"}
    assert portals.home_of(roles, built) == home
