"""How what happens is logged: one JSON line an event on standard error, never with the values that
a function held when it failed, nor with what people are called, since those are people's papers."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

PERSONAL = re.compile(
    r"(?P<id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,64})"
    r"|[\w.+-]+@[\w.-]+|(?<![\d.])\d{7,}[\dXx]?"
)
"""Ids of rows (kept), addresses, and the numbers of people, telephones and cards (not)."""
CHINESE = re.compile("[\u2e80-\u9fff\U00020000-\U0003ffff]+")
"""In a foreign library's message only what somebody typed is Chinese."""
DATABASE = ("sqlalchemy", "psycopg", "sqlite3")
"""Their messages quote rows ("Key (id_number)=(…) already exists")."""
HIDDEN = "…"
MOMENTS = frozenset({"timestamp", "event", "level", "logger"})
_WHERE = ("exception", "error")


def configure() -> None:
    """For this process: plain tracebacks (files and lines alone), moments in UTC; what libraries
    log goes the same way."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        _traced,
        _impersonal,
    ]
    rendered = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(processors=[*shared, rendered], logger_factory=_to_standard_error)
    libraries = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered],
    )
    handler = _Standing()
    handler.setFormatter(libraries)
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, _Standing)] + [handler]


class _Standing(logging.StreamHandler[Any]):
    """Writes to whatever standard error is at each event."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setLevel(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _to_standard_error(*_: object) -> structlog.PrintLogger:
    """Asked for at each event, so that whoever replaced the stream meanwhile is heeded."""
    return structlog.PrintLogger(sys.stderr)


def _traced(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an exception came from, and what it says without what somebody typed."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_told(error))
    return event


def _told(error: BaseException) -> list[str]:
    """The chain of exceptions, the first cause first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = _told(earlier) if earlier is not None else []
    lines += [each.rstrip() for each in traceback.format_tb(error.__traceback__)]
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if name.startswith(DATABASE):
        return [*lines, f"{name} {getattr(error, 'sqlstate', None) or ''}".rstrip()]
    return [*lines, f"{name}: {CHINESE.sub(HIDDEN, str(error))}"]


def _impersonal(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Numbers of people, telephones and cards, and addresses, show in no event."""
    for name, value in event.items():
        if isinstance(value, str) and name not in MOMENTS - {"event"}:
            text = CHINESE.sub(HIDDEN, value) if name in _WHERE else value
            event[name] = PERSONAL.sub(lambda found: found["id"] or HIDDEN, text)
    return event
