"""Where an event would lead an approval, for guards that look at decisions."""

from onevisit.cases.dossier import Dossier


def grants(dossier: Dossier, region: str, event: str) -> bool:
    """Whether the event grants the approval now."""
    return any(
        dossier.chart.state(region, each).granted for each in _targets(dossier, region, event)
    )


def decides(dossier: Dossier, region: str, event: str) -> bool:
    """Whether the event decides the approval now, either way."""
    return any(dossier.chart.state(region, each).final for each in _targets(dossier, region, event))


def publishes(dossier: Dossier, region: str, event: str) -> bool:
    """Whether the event begins the public notice that stands right before the decision."""
    notice = dossier.definition.lifecycle.approval.notice
    return notice in _targets(dossier, region, event)


def _targets(dossier: Dossier, region: str, event: str) -> list[str]:
    """The states that the event can really lead to now."""
    moves = dossier.chart.tables[region].moves[dossier.row(region).state]
    return [move.target for move in moves if move.event == event and move.may_fire(dossier.marking)]
