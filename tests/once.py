"""What no test changes is worked out once a process, not once for every application and database
that a test builds: compiled statements, the parameters of routes, parsed services, the keys.

Passwords of people in tests are hashed with little work.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Dialect, Engine, create_engine
from sqlalchemy.orm import class_mapper
from sqlalchemy.util import LRUCache

import onevisit.catalog.published as published
import onevisit.store.session as sessions
from onevisit.cases import account as accounts
from onevisit.definition.bundle import parse_definition
from onevisit.definition.service import Definition
from onevisit.store import keys_file
from onevisit.store.kept import ATTRIBUTE
from onevisit.store.tables import Case
from only_for_tests import KEYRING, KEYS_FILE

STATEMENTS = 3000
HASHER = accounts._hasher
"""What hashes passwords where nobody tests."""


def install() -> None:
    """From now on; called when all test modules have been imported."""
    keyring_of = keys_file.keyring_of
    keys_file.keyring_of = lambda path: KEYRING if path == KEYS_FILE else keyring_of(path)
    vars(published)["parse_definition"] = _remembering(parse_definition)
    vars(sessions)["create_engine"] = _sharing(create_engine)
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts._NOBODY = accounts._hasher.hash("nobody has this account")
    for mapper in class_mapper(Case).registry.mappers:
        mapper.__dict__["_compiled_cache"] = _Compiled(STATEMENTS)
    routing: Any = sys.modules.get("fastapi.routing")
    if routing is not None:
        routing._build_dependant_with_parameterless_dependencies = _parameters(
            routing._build_dependant_with_parameterless_dependencies
        )


def _remembering(
    parse: Callable[[str, Mapping[str, str]], Definition],
) -> Callable[[str, Mapping[str, str]], Definition]:
    @lru_cache(maxsize=128)
    def parsed(path: str, texts: tuple[tuple[str, str], ...]) -> Definition:
        return parse(path, dict(texts))

    return lambda path, texts: parsed(path, tuple(texts.items()))


class _Compiled(LRUCache[Any, Any]):
    """Statements by what they say and for which kind of database, not for which one of them."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(_alike(key), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(_alike(key), value)


def _alike(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key, with one dialect for all that differ in nothing. One with other keys than those of
    all tests stands for itself, as what it opens and seals is its own."""
    dialect: Dialect = key[0]
    if getattr(dialect, ATTRIBUTE, None) is not KEYRING:
        return key
    return (type(dialect), getattr(dialect, "server_version_info", None), *key[1:])


COMPILED = _Compiled(STATEMENTS)


def _sharing(create: Callable[..., Engine]) -> Callable[..., Engine]:
    def created(*values: Any, **options: Any) -> Engine:
        engine = create(*values, **options)
        engine._compiled_cache = COMPILED
        return engine

    return created


def _parameters(build: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[object, Any] = {}

    def built(*, path: str, call: object, dependencies: Sequence[Any]) -> Any:
        key = (path, call, *((each.dependency, each.use_cache) for each in dependencies))
        if key not in known:
            known[key] = build(path=path, call=call, dependencies=dependencies)
        return known[key]

    return built
