"""How what goes wrong is logged: one JSON line an event on standard error, never with the values
that a function held when it failed, since those are people's papers."""

import sys

import structlog


def configure() -> None:
    """For this process: plain tracebacks (files and lines alone), moments in UTC."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_to_standard_error,
    )


def _to_standard_error(*_: object) -> structlog.PrintLogger:
    """Asked for at each event, so that whoever replaced the stream meanwhile is heeded."""
    return structlog.PrintLogger(sys.stderr)
