"""Every module keeps the house rules, and every rule notices a module that does not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from architecture import rules
from architecture.rules import Module

PACKAGE = Path(__file__).parents[2] / "src" / "onevisit"
Rule = Callable[[Module], Iterator[str]]

KEPT_BY_ALL: list[Rule] = [
    rules.outside_calls,
    rules.commits,
    rules.missing_docstring,
    rules.untelling_name,
]

BROKEN = [
    (rules.outside_calls, "engine/step.py", 'text = open("workflow.yaml").read()'),
    (rules.outside_calls, "engine/step.py", "from datetime import datetime\nt = datetime.now()"),
    (rules.outside_calls, "engine/step.py", "import datetime\nt = datetime.datetime.utcnow()"),
    (rules.outside_calls, "access/see.py", "from datetime import date\nd = date.today()"),
    (rules.outside_calls, "access/see.py", "import time\nt = time.time()"),
    (rules.outside_calls, "access/see.py", "import time\nt = time.monotonic_ns()"),
    (rules.outside_calls, "access/actor.py", "import uuid\nid = uuid.uuid4()"),
    (rules.outside_calls, "access/actor.py", "from uuid import uuid4\nid = uuid4()"),
    (rules.outside_calls, "definition/parse.py", 'print("parsed")'),
    (rules.commits, "cases/decide.py", "def decide(session):\n    session.commit()"),
    (rules.commits, "store/ledger.py", "def append(self):\n    self.session.commit()"),
    (rules.commits, "catalog/publish.py", "with engine.begin() as connection:\n    pass"),
    (rules.commits, "cases/decide.py", "with writing(engine) as session:\n    pass"),
    (rules.missing_docstring, "store/tables.py", "import datetime"),
    (rules.missing_docstring, "store/tables.py", '"""Tables"""'),
    (rules.untelling_name, "web/utils.py", ""),
    (rules.untelling_name, "cases/common/decide.py", ""),
    (rules.untelling_name, "store/base/__init__.py", ""),
]

ALLOWED = [
    (rules.outside_calls, "cli/demo.py", 'print("http://127.0.0.1:8000")'),
    (
        rules.outside_calls,
        "engine/step.py",
        "from datetime import datetime\nt = datetime(2026, 1, 5)",
    ),
    (rules.outside_calls, "engine/step.py", "def step(clock):\n    return clock.open_days()"),
    (rules.outside_calls, "access/actor.py", "import uuid\nid = uuid.UUID(int=1)"),
    (rules.commits, "web/edge.py", "def close(session):\n    session.commit()"),
    (rules.commits, "store/ledger.py", "def append(session):\n    session.flush()"),
    (rules.missing_docstring, "store/tables.py", '"""One row per case, one per approval."""'),
    (rules.untelling_name, "web/database.py", ""),
]


def modules() -> list[Module]:
    """Return every module of the package."""
    return [
        Module(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


@pytest.mark.parametrize("rule", KEPT_BY_ALL, ids=lambda rule: rule.__name__)
def test_every_module_keeps(rule: Rule) -> None:
    found = modules()
    assert len(found) > 10, f"no modules to look at in {PACKAGE}"
    assert [broken for module in found for broken in rule(module)] == []


def test_requests_commit_in_one_place_for_people_and_one_for_systems() -> None:
    """So that whoever follows a request through the rooms sees where it ends."""
    committing = {
        module.path
        for module in modules()
        if module.room == "web" and list(rules.commits(replace(module, path="cases/elsewhere.py")))
    }
    assert committing == {"web/edge.py", "web/api/edge.py"}


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_a_rule_notices(rule: Rule, path: str, text: str) -> None:
    assert len(list(rule(Module(path, text)))) == 1


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED)
def test_a_rule_lets_pass(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text))) == []
