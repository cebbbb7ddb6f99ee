"""No module does what opens a door to strangers, and every rule notices one that does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from architecture import safe_code
from architecture.rules import Module
from architecture.test_rules import modules

Rule = Callable[[Module], Iterator[str]]
TEMPLATES = Path(__file__).parents[2] / "templates"
RULES: list[Rule] = [
    safe_code.dangerous_imports,
    safe_code.outgoing,
    safe_code.built_sql,
    safe_code.shells,
    safe_code.logs_input,
]
BROKEN = [
    (safe_code.dangerous_imports, "cases/a.py", "import pickle"),
    (safe_code.dangerous_imports, "cases/a.py", "from xml.etree.ElementTree import parse"),
    (safe_code.outgoing, "cases/a.py", "import httpx"),
    (safe_code.outgoing, "cases/a.py", "from urllib.request import urlopen"),
    (
        safe_code.outgoing,
        "jobs/sms.py",
        "import httpx\nhttpx.post(a, timeout=1, follow_redirects=True)",
    ),
    (safe_code.outgoing, "jobs/sms.py", "import httpx\nhttpx.post(a)"),
    (safe_code.built_sql, "store/a.py", "text(f'SELECT {name}')"),
    (safe_code.built_sql, "store/a.py", "text('SELECT ' + name)"),
    (safe_code.built_sql, "store/a.py", "connection.exec_driver_sql('a %s' % name)"),
    (safe_code.shells, "cli/a.py", "subprocess.run(a, shell=True)"),
    (safe_code.shells, "cli/a.py", "os.system(a)"),
    (safe_code.shells, "engine/a.py", "eval(a)"),
    (safe_code.shells, "definition/a.py", "yaml.load(a)"),
    (safe_code.shells, "web/a.py", "Markup(a)"),
    (safe_code.logs_input, "web/a.py", "log.info('a', said=request.query)"),
    (safe_code.logs_input, "web/a.py", "log.warning('a', b=dict(form))"),
]
ALLOWED = [
    (safe_code.built_sql, "store/a.py", "text('SELECT 1')"),
    (safe_code.outgoing, "jobs/sms.py", "import httpx\nhttpx.post(a, timeout=1)"),
    (safe_code.logs_input, "web/a.py", "log.info('a', case_id=case_id)"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_opens_a_door(rule: Rule) -> None:
    assert [found for module in modules() for found in rule(module)] == []


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_the_rule_notices(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED)
def test_the_rule_lets_pass(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Module(path, text)))


def test_no_template_switches_escaping_off() -> None:
    paths = [path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt", ".j2")]
    found = [
        line
        for path in paths
        for line in safe_code.unescaped(str(path.relative_to(TEMPLATES)), path.read_text())
    ]
    assert len(paths) > 100 and found == []
    assert list(safe_code.unescaped("a", "{{ typed|safe }}\n{% autoescape false %}"))
