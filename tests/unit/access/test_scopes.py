"""What a key may be used for becomes posts; one key signs one step at most."""

import uuid

import pytest

from onevisit.access import Actor, PostValue
from onevisit.access.scopes import SCOPES, posts_of, unfit


def test_a_key_acts_as_a_system_and_in_the_post_that_it_signs_for() -> None:
    assert posts_of("fire", {"read", "material"}) == (PostValue("system", "fire"),)
    assert posts_of("fire", {"read", "sign:decider"}) == (
        PostValue("system", "fire"),
        PostValue("decider", "fire"),
    )


def test_a_system_works_in_its_department_and_in_no_other() -> None:
    system = Actor(uuid.uuid4(), "演示系统", posts_of("fire", {"read"}))
    assert system.departments == {"fire"}


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_stands_alone(scope: str) -> None:
    assert unfit({scope}) is None


def test_scopes_that_do_not_go_together() -> None:
    assert "至少" in str(unfit(()))
    assert "至少" in str(unfit({"read", "admin"}))
    assert "职责分离" in str(unfit({"sign:handler", "sign:decider"}))
    assert unfit({"read", "material", "sign:reviewer"}) is None
