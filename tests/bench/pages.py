"""Pages over a crowd of cases: milliseconds of the server for each page, with ten thousand cases in
the database and with hardly any."""

import logging
import statistics
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import httpx
from starlette.testclient import TestClient

from bench import crowded, fresh
from bench.fresh import Figures
from browser import tour
from browser.tour import Stop
from browser.town import Town
from onevisit.cli.demonstration import PASSWORD
from onevisit.web.app import create_app
from onevisit.web.warm import warm

ORIGIN = "http://testserver"
CASES, WARM, TIMES, MOST_MS = 10_000, 2, 9, 300
SHARES = {
    "concluded": 70, "accepted": 12, "submitted": 5, "called": 3, "correcting": 3, "ready": 3,
    "owing": 2, "late": 2,
}  # fmt: skip
"""Of a hundred cases, how many stand where: most are done, as in a city."""


def measure() -> Figures:
    """The figures of this part; some minutes. Each database in a process of its own."""
    few, many = fresh.run(pages, cases=0), fresh.run(pages, cases=CASES)
    found = {
        name: each | {"few_p50_ms": few["pages"][name]["p50_ms"]}
        for name, each in many["pages"].items()
    }
    return {"cases": many["cases"], "filled_s": many["filled_s"], "pages": found}


def lines(found: Figures) -> list[str]:
    """The figures, for people: the slowest pages first."""
    said = [f"{found['cases']} cases more, put in within {found['filled_s']:.0f} s"]
    said.append("ms of the server, one request after another (with hardly any cases)")
    pages = sorted(found["pages"].items(), key=lambda each: -each[1]["p95_ms"])
    over = [name for name, each in pages if each["p95_ms"] > MOST_MS]
    for name, each in pages[:25]:
        ratio = each["p50_ms"] / each["few_p50_ms"]
        said.append(
            f"  {name:48} p50 {each['p50_ms']:6.1f}  p95 {each['p95_ms']:6.1f}"
            f"  ({each['few_p50_ms']:6.1f}, {ratio:.1f} times)"
        )
    said.append(f"  … and {max(len(pages) - 25, 0)} faster; over {MOST_MS} ms: {over or 'none'}")
    return said


def pages(cases: int) -> Figures:
    """Every page of the tour, several times, in this process: no network, no other work."""
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as folder:
        with Path("/dev/null").open("w") as nowhere, redirect_stdout(nowhere):
            town = tour.town_in(Path(folder))
        began = perf_counter()
        shares = {UUID(town.named["case_id", name]): share for name, share in SHARES.items()}
        times = {case_id: share * cases // 100 for case_id, share in shares.items()}
        more = crowded.fill(town.engine, times) if cases else 0
        filled = perf_counter() - began
        taken = _all_timed(town)
        town.engine.dispose()
    return {"cases": more, "filled_s": round(filled, 1), "pages": taken}


def _all_timed(town: Town) -> dict[str, Any]:
    app = create_app(town.settings)
    warm(app)  # as the server does
    browsers: dict[str, TestClient] = {}
    found = {}
    for stop in tour.stops(town):
        if "+" in stop.who:  # a kiosk that somebody stands at
            continue
        if stop.who not in browsers:
            browsers[stop.who] = _signed_in(TestClient(app, base_url=ORIGIN), stop.who)
        found[stop.slug] = _timed(browsers[stop.who], stop)
    app.state.site.engine.dispose()
    return found


def _signed_in(browser: TestClient, who: str) -> TestClient:
    browser.headers["origin"] = ORIGIN
    if who != "-":
        answer = browser.post(
            "/sign-in", data={"username": who, "password": PASSWORD}, follow_redirects=False
        )
        assert answer.status_code == httpx.codes.SEE_OTHER, who
    return browser


def _timed(browser: TestClient, stop: Stop) -> Figures:
    taken = []
    for count in range(WARM + TIMES):
        began = perf_counter()
        answer = browser.get(stop.address)
        if count >= WARM:
            taken.append((perf_counter() - began) * 1000)
        assert answer.status_code == stop.status, f"{stop}: {answer.status_code}"
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20, method="inclusive")[-1], 1),
    }
