"""The clock of a demonstration: real time moved ahead, so that nobody waits for a working day."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import NotFound
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY, next_working_day
from onevisit.web.edge import PostedForm, Site, redirect, site_of, text_of
from onevisit.web.notice import say
from onevisit.web.way_back import came_from

router = APIRouter()
OPENING = time(10)
STEPS = {"hour": timedelta(hours=1), "day": ONE_DAY}


@dataclass(frozen=True)
class DemoClock:
    """Tells the real time and as much more as `file` says (seconds). It never goes back: the
    ledger has written down what time it was."""

    file: Path

    def __call__(self) -> datetime:
        """The moment that it is in the demonstration."""
        return datetime.now(UTC) + self.ahead

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the real time."""
        try:
            return timedelta(seconds=int(self.file.read_text("utf-8")))
        except FileNotFoundError:
            return timedelta()

    def advance(self, by: timedelta) -> None:
        """Move it ahead; nothing happens for a time that is not ahead."""
        if by > timedelta():
            seconds = int((self.ahead + by).total_seconds()) + 1
            written = self.file.with_suffix(".new")
            written.write_text(str(seconds), "utf-8")
            written.replace(self.file)


@router.post("/demo/clock")
def move(request: Request, form: PostedForm) -> Response:
    """Moves the demonstration's clock by an hour, a day, or to the next working morning."""
    site = site_of(request)
    if not isinstance(site.clock, DemoClock):
        raise NotFound("这个页面")
    wanted = text_of(form, "by")
    now = site.clock()
    site.clock.advance(STEPS[wanted] if wanted in STEPS else _next_morning(site, now) - now)
    say(request, f"演示时钟已拨到{site.clock().astimezone(BEIJING):%Y年%m月%d日 %H:%M}。")
    return redirect(came_from(request) or "/")


def _next_morning(site: Site, now: datetime) -> datetime:
    """Ten o'clock of the next working day, by the calendar of the first service."""
    local = now.astimezone(BEIJING)
    day = local.date() + ONE_DAY
    services = site.catalog.list()
    if services:
        day = next_working_day(services[0].definition.calendar, day)
    return datetime.combine(day, OPENING, BEIJING)
