"""The process for django-viewflow, which wants a class in a module; read once Django is set up."""

from typing import Any

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.models import Process

from bench.nine.service import ITEMS, WAITS_FOR

THEN = {before: item for item, before in WAITS_FOR.items()}


def _task(following: str) -> Any:
    return flow.View(None).Next(getattr(this, following))


def _split() -> Any:
    split = flow.Split()
    for item in ITEMS:
        split = split if item in WAITS_FOR else split.Next(getattr(this, item))
    return split


class NineActs(flow.Flow):
    """Parallel items between split and join, then the certificate and the end."""

    process_class = Process
    submit = flow.StartHandle().Next(this.accept)
    accept = _task("split")
    split = _split()
    locals().update({item: _task(THEN.get(item, "join")) for item in ITEMS})
    join = flow.Join().Next(this.certificate)
    certificate = _task("finish")
    finish = _task("over")
    over = flow.End()
