"""What code must not do because strangers send it things, read off one module's syntax tree."""

import ast
import re
from collections.abc import Iterator

from architecture.rules import Module

MARKUP = re.compile(r"\|\s*safe\b|autoescape\s+false|\|\s*safe\s*\(")
"""In a template: text that would not be escaped."""
DRAWN = "{{ paths[name] | safe }}"
"""The paths of an icon, which stand in the same template."""
OUTGOING = frozenset(
    {
        "cli/journey/browser.py",  # the demonstration's own browser
        "cli/journey/drive.py",
        "cli/verifying.py",  # asks the register that the trust list names
        "documents/trust/stamping.py",  # the operator's time-stamping authority
        "jobs/sms.py",  # the operator's gateway
        "store/s3.py",  # the operator's file store
        "web/identity_provider.py",  # the operator's unified sign-in
    }
)
"""Who asks other machines: addresses that an operator has set, never one that somebody sent."""
NETWORK = frozenset(
    {
        "aiohttp",
        "boto3",
        "boto3.session",
        "ftplib",
        "http.client",
        "httpx",
        "requests",
        "urllib.request",
    }
)
NEVER = frozenset({"marshal", "pickle", "shelve", "telnetlib", "xml.dom", "xml.sax", "xml.etree"})
"""Modules that run what they read, or expand it without end."""
NEVER_CALLED = frozenset({"eval", "exec", "compile", "__import__"})
LOGGED = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
TYPED = frozenset({"form", "body", "query", "headers", "cookies", "posted", "pairs", "typed"})


def dangerous_imports(module: Module) -> Iterator[str]:
    """Yield what is imported that runs or expands what it reads."""
    for line, name in _imports(module.tree):
        if any(name == each or name.startswith(f"{each}.") for each in NEVER):
            yield f"{module.path}:{line}: {name} runs or expands what it reads"


def outgoing(module: Module) -> Iterator[str]:
    """Yield who asks other machines without being one of those that are looked after; and calls
    that follow redirects, or wait for ever."""
    asks = [(line, name) for line, name in _imports(module.tree) if name in NETWORK]
    if module.path not in OUTGOING:
        yield from (f"{module.path}:{line}: {name} asks other machines" for line, name in asks)
        return
    for call in _calls(module.tree):
        given = {each.arg: each.value for each in call.keywords}
        follows = given.get("follow_redirects")
        if (
            isinstance(follows, ast.Constant)
            and follows.value
            and not module.path.startswith("cli")
        ):
            yield f"{module.path}:{call.lineno}: follows wherever it is sent"
        if _dotted(call.func) in HTTPX_CALLS and "timeout" not in given:
            yield f"{module.path}:{call.lineno}: waits without end"


HTTPX_CALLS = frozenset(
    f"httpx.{each}" for each in ("Client", "get", "post", "put", "request", "stream")
)


def built_sql(module: Module) -> Iterator[str]:
    """Yield SQL that is put together from pieces; migrations are, from the names of our tables,
    and nobody's words reach them."""
    if module.path.startswith("store/migrations/"):
        return
    for call in _calls(module.tree):
        name, first = _dotted(call.func), call.args[0] if call.args else None
        sql = name in ("text", "sqlalchemy.text", "sa.text") or name.endswith(".exec_driver_sql")
        if sql and first is not None and not _fixed(first):
            yield f"{module.path}:{call.lineno}: SQL put together from pieces"


def shells(module: Module) -> Iterator[str]:
    """Yield commands that go through a shell, code that is made from text, and text that is said
    to be markup."""
    for call in _calls(module.tree):
        name = _dotted(call.func)
        through = {each.arg: each.value for each in call.keywords}.get("shell")
        if name in ("os.system", "os.popen") or (
            isinstance(through, ast.Constant) and through.value is True
        ):
            yield f"{module.path}:{call.lineno}: through a shell"
        if name in NEVER_CALLED or name in ("yaml.load", "Markup", "markupsafe.Markup"):
            yield f"{module.path}:{call.lineno}: {name}() runs what it is given"


def logs_input(module: Module) -> Iterator[str]:
    """Yield events that would write down what somebody typed."""
    for call in _calls(module.tree):
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in LOGGED:
            continue
        if _dotted(call.func.value) not in ("log", "logger"):
            continue
        for each in ast.walk(call):
            name = each.id if isinstance(each, ast.Name) else getattr(each, "attr", "")
            if name in TYPED and each is not call.func:
                yield f"{module.path}:{call.lineno}: logs {name}"


def unescaped(path: str, template: str) -> Iterator[str]:
    """Yield where a template switches escaping off."""
    for number, line in enumerate(template.splitlines(), 1):
        if MARKUP.search(line.replace(DRAWN, "")):
            yield f"{path}:{number}: {line.strip()}"


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _fixed(node: ast.expr) -> bool:
    """A text that stands in the code, or is put together from such, numbers and NAMES."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id.isupper()
    if isinstance(node, ast.JoinedStr):
        values = [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
        return all(_fixed(each) for each in values)
    if isinstance(node, ast.IfExp):
        return _fixed(node.body) and _fixed(node.orelse)
    if isinstance(node, ast.Call):
        return _dotted(node.func) == "int"
    return False


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
