"""The nine acts on django-viewflow: people's tasks, given to somebody and executed as its views do,
without the views themselves."""

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings

from bench.nine.service import ITEMS

DURABLE = (
    "PRAGMA busy_timeout = 15000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
)


def _database(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        options = {"transaction_mode": "IMMEDIATE", "init_command": DURABLE}
        name = url.removeprefix("sqlite:///")
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username,
        "HOST": parse_qs(parts.query)["host"][0],
    }  # fmt: skip


class Engine:
    """A migrated database and one officer."""

    def __init__(self, url: str, _: Path) -> None:
        settings.configure(
            DATABASES={"default": _database(url) | {"CONN_MAX_AGE": None}},
            INSTALLED_APPS=[
                "django.contrib.contenttypes", "django.contrib.auth", "viewflow",
                "viewflow.workflow", "bench.nine",
            ],
            USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", SECRET_KEY="-",
        )  # fmt: skip
        django.setup()
        from django.contrib.auth import get_user_model
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        self.officer = get_user_model().objects.create(username="officer")
        self.flow = importlib.import_module("bench.nine.flows").NineActs

    def drafted(self) -> "Way":
        """A case that nobody has begun."""
        return Way(self)


class Way:
    """One process on its way."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._id = engine, 0

    def acts(self) -> Iterator[Callable[[], None]]:
        """The acts in their order, each of which commits."""
        yield self._begin
        for task in ("accept", *ITEMS, "certificate", "finish"):
            yield partial(self._act, task)

    def _begin(self) -> None:
        from django.db import transaction

        with transaction.atomic():
            self._id = self._engine.flow.submit.run().pk

    def _act(self, name: str) -> None:
        from django.db import transaction

        node = getattr(self._engine.flow, name)
        with transaction.atomic():
            row = self._engine.flow.task_class.objects.get(
                process_id=self._id, flow_task=node, finished__isnull=True
            )
            with row.activation() as activation:
                activation.assign(self._engine.officer)
                activation.start(None)
                activation.execute()
        over = activation.process.finished is not None
        assert over == (name == "finish"), name
