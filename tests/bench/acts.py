"""Whole journeys of fresh cases through the pages, with the time of every request that acts."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from time import perf_counter
from uuid import UUID

import httpx
from sqlmodel import select

from browser.town import Town
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.browser import Browser, Form
from onevisit.cli.journey.drive import Journey
from onevisit.store.session import reading
from onevisit.store.tables import Approval

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
Taken = dict[str, list[float]]
"""Milliseconds of each request, by what it does."""


def journey(town: Town, origins: list[str], taken: Taken) -> None:
    """One restaurant from the first question to the results in hand, by people on all servers."""
    service = town.catalog.current("open_restaurant")
    settings = town.settings
    Timed(origins[0], Demo(settings, (service,)), service, Path(), town, cycle(origins), taken).go()


@dataclass
class Timed(Journey):
    """A journey in a crowd: it finds its own case among all others by address, not in a list."""

    town: Town = field(kw_only=False, default=None)  # type: ignore[assignment]  # given always
    origins: "cycle[str]" = field(default_factory=lambda: cycle(()))
    taken: Taken = field(default_factory=lambda: defaultdict(list))

    def go(self) -> None:
        """The same steps as the demonstration's, but for the papers."""
        for act in (self.apply, self.request_correction, self.supplement, self.accept):
            act()
        officers = self._officers()
        while self._acted(officers):
            pass
        self.town.printed(UUID(self.case))
        self.hand_out()

    def browser(self, username: str) -> Browser:
        """The signed-in browser of one person, each at the next server."""
        if username not in self._browsers:
            browser = Browser(next(self.origins))
            browser.client.event_hooks = {"request": [_begin], "response": [self._end]}
            browser.sign_in(username, self.demo.settings.demo_password)
            self._browsers[username] = browser
        return self._browsers[username]

    def _end(self, answer: httpx.Response) -> None:
        asked = answer.request
        if asked.method == "POST":
            answer.read()
            path = ID.sub("{id}", asked.url.path)
            path = re.sub(r"(form|materials|start)/[a-z_]+$", r"\1/{name}", path)
            self.taken[path].append((perf_counter() - asked.extensions["began"]) * 1000)

    def _checklist(self) -> tuple[Browser, Form, dict[str, str | list[str]]]:
        browser = self.browser("clerk")
        form = browser.get(f"/desk/{self.case}").form(f"/desk/{self.case}/save")
        good = ("received", "verified")
        found: dict[str, str | list[str]] = {
            name: next(status for status in values if status in good)
            for name, values in form.choices.items()
            if name.startswith("material.") and name.endswith(".status")
        }
        return browser, form, found

    def _acted(self, officers: list[str]) -> int:
        """Whoever has the present step of an item of this case acts."""
        with reading(self.town.engine) as session:
            mine = select(Approval).where(Approval.case_id == UUID(self.case))
            rows = [each for each in session.exec(mine) if each.awaits]
        acts = 0
        for row in rows:
            username, address = f"{row.department}.{row.awaits}", f"/office/{row.id}"
            browser = self.browser(username)
            self._visits().arrange(browser, username, address)
            acts += self._act(browser, address)
        return acts


def _begin(request: httpx.Request) -> None:
    request.extensions["began"] = perf_counter()
