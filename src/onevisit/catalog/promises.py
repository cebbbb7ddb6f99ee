"""Publishes only what is proven: a service whose promise is refuted is refused with the reason."""

from collections.abc import Mapping

from onevisit.catalog.folder import Folder, Refusal
from onevisit.catalog.published import Published
from onevisit.definition.problem import Problem
from onevisit.engine.proof.findings import Obligation
from onevisit.engine.proof.prove import prove


def with_promises_proven(folder: Folder, current: Mapping[str, Published]) -> Folder:
    """The folder with those services refused that prove() refutes.

    `current` are the versions being served by their hash: these were proven when they were
    published, and are what new versions may not fall behind (只减不增).
    """
    before = {each.definition.workflow.id: each.definition for each in current.values()}
    services: list[Published] = []
    refused = list(folder.refused)
    for service in folder.services:
        problems: list[Problem] = []
        if service.hash not in current:
            report = prove(service.definition, before.get(service.definition.workflow.id))
            problems = [_problem(each) for each in report.obligations if each.status == "refuted"]
        if problems:
            path = service.definition.source.path
            refused.append(Refusal(path, tuple(problems), service.content))
        else:
            services.append(service)
    return Folder(tuple(services), tuple(refused))


def _problem(obligation: Obligation) -> Problem:
    place = obligation.place
    words = obligation.message_zh
    if obligation.counterexample:
        words += "：" + " → ".join(obligation.counterexample)
    return Problem(place.path, place.line, place.column, "rule", expected=words)
