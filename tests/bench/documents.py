"""Papers: one certificate beside plain WeasyPrint, five hundred in one process, and who waits."""

import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from bench import fresh, page
from bench.fresh import Figures
from onevisit.documents import Press, Seals, sample_snapshot
from onevisit.documents.assets import ORIGIN, TemplateAssets
from onevisit.documents.fill import SUFFIX, fill
from onevisit.documents.render import CODE
from onevisit.documents.trust import codes

TEMPLATES = Path(__file__).parents[2] / "templates"
CERTIFICATE = "certificates/standard"
ADDRESS = "https://verify.example.gov.cn/verify"
ROUNDS, TIMES, BATCH, WARM, PAGE_ROUNDS = 5, 15, 500, 50, 3


def measure() -> Figures:
    """The figures of this part; a few minutes."""
    rounds = [fresh.run(certificate, times=TIMES) for _ in range(ROUNDS)]
    found = fresh.medians(rounds)
    found["ratio"] = round(found["signed"]["cpu_ms"] / found["plain"]["cpu_ms"], 2)
    found["rounds"] = [round(each["signed"]["cpu_ms"], 1) for each in rounds]
    return {
        "certificate": found,
        "batch": fresh.run(batch, papers=BATCH, warm=WARM),
        "page": fresh.medians([_page() for _ in range(PAGE_ROUNDS)]),
    }


def _page() -> Figures:
    return {name: fresh.run(page.answers, printing=name) for name in page.WAYS}


def lines(found: Figures) -> list[str]:
    """The figures, for people."""
    one, many = found["certificate"], found["batch"]
    said = ["one certificate of one page, warm, on one core (medians)"]
    for name in ("plain", "unsigned", "signed"):
        each = one[name]
        said.append(
            f"  {name:9} {each['cpu_ms']:6.0f} ms of a core, {each['wall_ms']:6.0f} ms waited,"
            f" least {each['least_cpu_ms']:.0f} ms; {each['bytes'] / 1000:.0f} kB"
        )
    said.append(f"  signed with its code costs {one['ratio']} times plain; rounds {one['rounds']}")
    said.append(
        f"{many['papers']} certificates in one process: {many['rate']:.1f} a second; memory"
        f" {many['warm_mb']:.0f} MB after {many['warm']}, {many['peak_mb']:.0f} MB at most,"
        f" {many['end_mb']:.0f} MB at the end"
    )
    said.append("a light page of the server, ms (papers made meanwhile)")
    for name, each in found["page"].items():
        said.append(
            f"  {name:14} p50 {each['p50_ms']:6.1f}  p95 {each['p95_ms']:6.1f}"
            f"  max {each['max_ms']:6.1f}  ({each['papers']})"
        )
    return said


def certificate(times: int) -> Figures:
    """One certificate: by WeasyPrint alone from the same HTML, by ours unsigned, and signed."""
    fresh.on_one_core()
    with _seals() as seals:
        snapshot = sample_snapshot("certificate", "演示经营许可证")
        unsigned, signed = Press(TEMPLATES, None, ADDRESS), Press(TEMPLATES, seals, ADDRESS)
        html, picture = _html(snapshot), codes.drawing(ADDRESS)
        fonts = FontConfiguration()

        def plain() -> bytes:
            assets = TemplateAssets(TEMPLATES, {CODE: picture})
            page = HTML(string=html, base_url=ORIGIN + CERTIFICATE + SUFFIX, url_fetcher=assets)
            made: bytes = page.write_pdf(font_config=fonts)
            return made

        works: dict[str, Callable[[], bytes]] = {
            "plain": plain,
            "unsigned": lambda: unsigned.make(CERTIFICATE, snapshot),
            "signed": lambda: signed.make(CERTIFICATE, snapshot),
        }
        found = fresh.timed(works, times)
        for name, work in works.items():
            found[name]["bytes"] = len(work())
    return found


def _html(snapshot: dict[str, Any]) -> str:
    check = {"code": snapshot["check_code"], "address": ADDRESS, "image": CODE}
    return fill(CERTIFICATE, {**snapshot, "check": check}, TEMPLATES)


def batch(papers: int, warm: int) -> Figures:
    """So many different certificates in one process: how fast, and how much memory."""
    fresh.on_one_core()
    with _seals() as seals:
        press = Press(TEMPLATES, seals, ADDRESS)
        began, sizes = 0.0, []
        for number in range(papers):
            if number == warm:
                began = perf_counter()
            press.make(CERTIFICATE, _certificate(number))
            sizes.append(megabytes())
        taken = perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "papers": papers,
        "warm": warm,
        "rate": round((papers - warm) / taken, 2),
        "warm_mb": round(max(sizes[warm // 2 : warm])),
        "peak_mb": round(peak),
        "end_mb": round(sizes[-1]),
    }


def _certificate(number: int) -> dict[str, Any]:
    """Each of another holder, at another address, so that no two need the same letters."""
    snapshot = sample_snapshot("certificate", "演示经营许可证")
    letters = "".join(chr(0x4E00 + (number * 37 + at * 911) % 20000) for at in range(8))
    snapshot["certificate"]["holder"] = f"示例市{letters}商店"
    snapshot["certificate"]["fields"][2]["value"] = f"示例市示范区演示路{number}号"
    return snapshot | {"check_code": f"{number:08d}"}


def megabytes() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


@contextmanager
def _seals() -> Iterator[Seals]:
    with tempfile.TemporaryDirectory() as folder:
        yield Seals(Path(folder) / "seals")
