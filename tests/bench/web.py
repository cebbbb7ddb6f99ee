"""Pages and acts over HTTP with two servers: signed-in people in a city of ten thousand cases, and
in one of a million, asked in turn so that what else the machine does meets both alike."""

import statistics
import threading
from collections import defaultdict
from time import perf_counter, sleep
from uuid import UUID

import httpx

from bench import acts, cities
from bench.acts import Taken
from bench.cities import City
from bench.fresh import Figures
from browser.town import Town
from onevisit.cli.demonstration import PASSWORD
from onevisit.store.session import reading
from onevisit.store.tables import Account, Case

WARM, SLOW = 3, 1.5
PATIENCE = 30
SIGN_IN = "/sign-in"
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


wanted = cities.Wanted()
"""As `scripts/bench` was told."""
times, journeys = 40, 5
"""How often each page is opened by each person, and how many cases go their whole way."""


def measure() -> Figures:
    """The figures of this part; minutes, with a million cases half an hour to copy them."""
    with wanted.opened() as opened:
        return {
            "database": wanted.database,
            "cities": {str(each.cases): each.figures for each in opened},
            "pages": told(on_pages(opened, PAGES)),
            "acts": told(on_journeys(opened)),
        }


def lines(found: Figures) -> list[str]:
    """The figures, for people: what grows most first."""
    said = [f"on {found['database']}"] + [
        f"a city of {cases} cases: {each['mb']} MB, copied in {each['filled_s']} s"
        for cases, each in found["cities"].items()
    ]
    for what in ("pages", "acts"):
        said.append(
            f"{what}: ms over HTTP, {cities.SERVERS} servers; p50 p95 p99 for each city; growth"
        )
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


def told(taken: dict[int, Taken]) -> Figures:
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


def on_pages(opened: list[City], pages: str) -> dict[int, Taken]:
    """Each page so often in each city, by two people at once, each at another server."""
    taken: dict[int, Taken] = {each.cases: defaultdict(list) for each in opened}
    lock, faults = threading.Lock(), []

    def ask(at: int) -> None:
        try:
            for line in pages.strip().splitlines():
                who, page = line.split()
                clients = [
                    (each, signed_in(each.origins[at], who, each.password)) for each in opened
                ]
                for count in range(WARM + times):
                    for each, client in clients:
                        ms = _asked(client, each.town, page)
                        if count >= WARM:
                            with lock:
                                taken[each.cases][f"{page} ({who})"].append(ms)
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=ask, args=[at]) for at in range(len(opened[0].origins))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults
    return taken


def signed_in(origin: str, who: str, password: str = PASSWORD) -> httpx.Client:
    """The browser of somebody who has signed in, - a stranger's."""
    client = httpx.Client(base_url=origin, headers={"origin": origin}, timeout=600)
    if who != "-":
        typed = {"username": who, "password": password}
        answer = client.post(SIGN_IN, data=typed)
        give_up = perf_counter() + PATIENCE
        while answer.status_code != httpx.codes.SEE_OTHER and perf_counter() < give_up:
            sleep(1)  # a server that has just begun may have its first sweep in hand
            answer = client.post(SIGN_IN, data=typed)
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


def on_journeys(opened: list[City]) -> dict[int, Taken]:
    """Every request that acts, in cases that are brought from the first question to the results, in
    one city after the other. Of a first case, on which all people sign in, only that is counted."""
    taken: dict[int, Taken] = {each.cases: defaultdict(list) for each in opened}
    for count in range(1 + journeys):
        for each in opened:
            acts.journey(each, taken[each.cases])
            if not count:
                signed = taken[each.cases][SIGN_IN]
                taken[each.cases].clear()
                taken[each.cases][SIGN_IN] = signed
    return taken
