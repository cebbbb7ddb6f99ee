"""Which services somebody means by a few words; the same on every page that looks for services."""

from onevisit.definition.workflow import Workflow
from onevisit.web.words import LIFE_EVENTS


def is_about(service: Workflow, text: str) -> bool:
    """Whether every word of the text occurs in what the guide says of the service."""
    said = [service.title, service.summary, *service.keywords]
    said += [item.title for item in service.items]
    said += [LIFE_EVENTS[each] for each in service.life_events]
    known = " ".join(said).lower()
    return all(word in known for word in text.lower().split())
