"""Pages and acts over HTTP with two servers: signed-in people in a city of ten thousand cases, and
in one of a million, asked in turn so that what else the machine does meets both alike."""

import statistics
import tempfile
import threading
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from uuid import UUID

import httpx

from bench import acts, city
from bench.acts import Taken
from bench.fresh import Figures
from bench.serving import servers
from browser.town import Town
from onevisit.cli.demonstration import PASSWORD
from onevisit.store.session import reading
from onevisit.store.tables import Account, Case

SERVERS, WARM, TIMES, JOURNEYS, SLOW = 2, 3, 40, 3, 1.5
PATIENCE = 30
PAGES = """
clerk                      /desk
clerk                      /desk?tab=correcting
clerk                      /desk?tab=running
clerk                      /desk?tab=closed
clerk                      /desk?q=演示
clerk                      /desk?tab=closed&q=演示
clerk                      /desk/{accepted}
clerk                      /search?q={number}
clerk                      /search?q=演示申请人甲
market_regulation.handler  /office
market_regulation.handler  /office?tab=department
market_regulation.handler  /office?tab=done
market_regulation.handler  /office?light=soon
market_regulation.handler  /office?q=演示
market_regulation.handler  /office/calendar
market_regulation.decider  /office/certificates
market_regulation.decider  /office/certificates?state=all
market_regulation.handler  /search?q=演示申请人甲
fire_rescue.handler        /office/pledges
window                     /window
window                     /window?q=演示
window                     /window/{ready}
supervisor                 /watch
supervisor                 /watch?kind=yellow
supervisor                 /watch/ratings
supervisor                 /watch/{late}
applicant                  /my
applicant                  /my/{accepted}
applicant                  /my/certificates
applicant                  /messages
clerk                      /messages
admin                      /studio
admin                      /studio/accounts
operator                   /jobs
-                          /
-                          /statistics
-                          /progress
"""
"""Who opens what; {names} are cases of the town. /progress is asked with a number and a phone."""


@dataclass(frozen=True)
class City:
    """One city with its servers."""

    cases: int
    town: Town
    origins: list[str]


cases, folder = [10_000, 50_000], ""
"""How large the cities are, the smallest first, and where they are kept for another time: a million
cases take 24 GB. As `scripts/bench` was told."""


def measure() -> Figures:
    """The figures of this part; minutes, with a million cases an hour to copy them."""
    with ExitStack() as stack:
        place = Path(folder or stack.enter_context(tempfile.TemporaryDirectory("-bench")))
        found: Figures = {"cities": {}, "pages": {}, "acts": {}}
        cities = []
        for number in cases:
            city.say(f"a city of {number} cases")
            town, taken = city.built(place / str(number), number)
            cities.append(City(number, town, stack.enter_context(servers(town.settings, SERVERS))))
            size = sum(each.stat().st_size for each in town.settings.data.glob("onevisit.db*"))
            found["cities"][str(number)] = {"filled_s": round(taken), "mb": round(size / 1e6)}
        found["pages"] = _told(_pages(cities))
        found["acts"] = _told(_journeys(cities))
        return found


def lines(found: Figures) -> list[str]:
    """The figures, for people: what grows most first."""
    said = [
        f"a city of {cases} cases: {each['mb']} MB, copied in {each['filled_s']} s"
        for cases, each in found["cities"].items()
    ]
    for what in ("pages", "acts"):
        said.append(f"{what}: ms over HTTP, {SERVERS} servers; p50 p95 p99 for each city; growth")
        rows = sorted(found[what].items(), key=lambda each: -each[1]["ratio"])
        for name, each in rows:
            times = "".join(
                f"   {city['p50_ms']:6.1f} {city['p95_ms']:6.1f} {city['p99_ms']:6.1f}"
                for city in each["cities"].values()
            )
            said.append(f"  {name:62}{times}   {each['ratio']:5.2f}")
        over = [name for name, each in rows if each["ratio"] > SLOW]
        said.append(f"  over {SLOW} times: {over or 'none'}")
    return said


def _told(taken: dict[int, Taken]) -> Figures:
    """Percentiles of everything that was timed, and how much the last city takes of the first."""
    first, last = taken[min(taken)], taken[max(taken)]
    return {
        name: {
            "cities": {str(cases): _percentiles(each[name]) for cases, each in taken.items()},
            "times": len(last[name]),
            "ratio": round(statistics.median(last[name]) / statistics.median(first[name]), 2),
        }
        for name in last
    }


def _percentiles(taken: list[float]) -> Figures:
    parts = statistics.quantiles(taken, n=100, method="inclusive") if len(taken) > 1 else taken * 99
    return {f"p{each}_ms": round(parts[each - 1], 1) for each in (50, 95, 99)}


def _pages(cities: list[City]) -> dict[int, Taken]:
    """Each page so often in each city, by two people at once, each at another server."""
    taken: dict[int, Taken] = {each.cases: defaultdict(list) for each in cities}
    lock, faults = threading.Lock(), []

    def ask(at: int) -> None:
        try:
            for line in PAGES.strip().splitlines():
                who, page = line.split()
                clients = [(each, signed_in(each.origins[at], who)) for each in cities]
                for count in range(WARM + TIMES):
                    for each, client in clients:
                        ms = _asked(client, each.town, page)
                        if count >= WARM:
                            with lock:
                                taken[each.cases][f"{page} ({who})"].append(ms)
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=ask, args=[at]) for at in range(SERVERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults
    return taken


def signed_in(origin: str, who: str) -> httpx.Client:
    """The browser of somebody who has signed in, - a stranger's."""
    client = httpx.Client(base_url=origin, headers={"origin": origin}, timeout=600)
    if who != "-":
        typed = {"username": who, "password": PASSWORD}
        answer = client.post("/sign-in", data=typed)
        give_up = perf_counter() + PATIENCE
        while answer.status_code != httpx.codes.SEE_OTHER and perf_counter() < give_up:
            sleep(1)  # a server that has just begun may have its first sweep in hand
            answer = client.post("/sign-in", data=typed)
        assert answer.status_code == httpx.codes.SEE_OTHER, f"{who} cannot sign in"
    return client


def _asked(client: httpx.Client, town: Town, page: str) -> float:
    """Milliseconds until the whole page is there."""
    known = {name: value for (kind, name), value in town.named.items() if kind == "case_id"}
    number, tail = _number(town)
    address = page.format_map(known | {"number": number})
    began = perf_counter()
    if page == "/progress":
        answer = client.post(page, data={"number": number, "tail": tail})
        assert number in answer.text
    else:
        answer = client.get(address)
    taken = (perf_counter() - began) * 1000
    assert answer.status_code == httpx.codes.OK, f"{address}: {answer.status_code}"
    return taken


def _number(town: Town) -> tuple[str, str]:
    """The number of a case under way, and the last digits of its applicant's phone."""
    if ("word", "number") not in town.named:
        with reading(town.engine) as session:
            case = session.get_one(Case, UUID(town.named["case_id", "accepted"]))
            phone = session.get_one(Account, case.applicant_id).phone or ""
        town.named["word", "number"], town.named["word", "tail"] = case.number or "", phone[-4:]
    return town.named["word", "number"], town.named["word", "tail"]


def _journeys(cities: list[City]) -> dict[int, Taken]:
    taken: dict[int, Taken] = {each.cases: defaultdict(list) for each in cities}
    for _ in range(JOURNEYS):
        for each in cities:
            acts.journey(each.town, each.origins, taken[each.cases])
    return taken
