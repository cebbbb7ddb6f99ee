"""Whole journeys of fresh cases through the pages, with the time of every request that acts."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from time import perf_counter
from uuid import UUID

import httpx
from sqlmodel import select

from bench.cities import City
from browser.town import Town
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.browser import Browser, Form
from onevisit.cli.journey.drive import Journey
from onevisit.store.session import reading
from onevisit.store.tables import Approval

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
Taken = dict[str, list[float]]
"""Milliseconds of each request, by what it does."""


def journey(city: City, taken: Taken, service_id: str = "open_restaurant") -> None:
    """One case from the first question to the results in hand, by people on all servers; `taken`
    gets what it took. They stay signed in until the next, whose time goes to the same `taken`."""
    town, origins = city.town, cycle(city.origins)
    service = town.catalog.current(service_id)
    demo = Demo(town.settings, (service,))
    timed = Timed(
        city.origins[0], demo, service, Path(), _browsers=city.people,
        town=town, password=city.password, origins=origins, taken=taken,
    )  # fmt: skip
    with redirect_stdout(io.StringIO()):  # a journey tells how it goes
        timed.go()


@dataclass(kw_only=True)
class Timed(Journey):
    """A journey in a crowd: it finds its own case among all others by address, not in a list."""

    town: Town
    password: str
    origins: "cycle[str]"
    taken: Taken

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
            browser = watched(Browser(next(self.origins)), self.taken)
            browser.sign_in(username, self.password)
            self._browsers[username] = browser
        return self._browsers[username]

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


def watched(browser: Browser, taken: Taken) -> Browser:
    """The same browser, whose every request that acts goes to `taken` with its time."""

    def end(answer: httpx.Response) -> None:
        asked = answer.request
        if asked.method == "POST":
            answer.read()
            path = ID.sub("{id}", asked.url.path)
            path = re.sub(r"(form|materials|start)/[a-z_]+$", r"\1/{name}", path)
            taken[path].append((perf_counter() - asked.extensions["began"]) * 1000)

    browser.client.event_hooks = {"request": [_begin], "response": [end]}
    return browser


def _begin(request: httpx.Request) -> None:
    request.extensions["began"] = perf_counter()
