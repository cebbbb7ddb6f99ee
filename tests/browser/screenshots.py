"""`scripts/screenshots`: a picture of every page in docs/screenshots, and a list of them.

Taken from the tour: each page as its person sees it on a desk, those of citizens on a phone too.
"""

import argparse
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from browser.conftest import CHROMIUM, QUIET
from browser.tour import ROOT, Stop, Tour, prepared
from onevisit.web.wishes import COOKIE, Wishes

FOLDER = ROOT / "docs" / "screenshots"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
CITIZENS = ("public", "my")
WIDEST, TALLEST, QUALITY = 800, 1500, 40
"""Pixels to which a page is brought, and of WebP: the whole folder stays below 6 MB."""
TITLES = {
    "public": "人人可看 public", "my": "申请人 applicant", "desk": "综窗 desk",
    "tickets": "叫号 call numbers", "office": "部门 office", "government": "本级政府 government",
    "window": "出件 window", "kiosk": "自助终端 kiosk", "studio": "流程管理 studio",
    "watch": "效能监察 watch", "messages": "消息 messages", "jobs": "后台任务 jobs",
    "search": "搜索 search", "sign-in": "登录 sign-in",
}  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """One picture: of which page, under which title, in which file below the folder."""

    stop: Stop
    title: str
    file: str


def taken(browser: Browser, tour: Tour, stop: Stop, size: ViewportSize, folder: Path) -> Shot:
    """Open a page as its person and keep what is seen."""
    context = browser.new_context(
        base_url=tour.origin, viewport=size, locale="zh-CN", reduced_motion="reduce"
    )
    cookies = {**tour.cookies(stop.who), COOKIE: Wishes(theme="light").packed}
    context.add_cookies(
        [
            {"name": name, "value": value, "url": tour.origin}
            for name, value in cookies.items()
            if value
        ]
    )
    page = context.new_page()
    page.goto(stop.address)
    suffix = "-phone" if size is PHONE else ""
    file = Path(stop.portal) / f"{stop.slug}{suffix}.webp"
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    _keep(page.screenshot(full_page=True), folder / file)
    title = page.title()
    context.close()
    return Shot(stop, title, file.as_posix())


def _keep(png: bytes, file: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    width = min(picture.width, WIDEST)
    picture = picture.resize((width, picture.height * width // picture.width))
    picture = picture.crop((0, 0, width, min(picture.height, TALLEST)))
    picture.save(file, "WEBP", quality=QUALITY, method=6)


def index(shots: list[Shot]) -> str:
    """The list of all pictures, portal by portal."""
    lines = ["# 每个页面的样子", "", "由 `scripts/screenshots` 生成，不要手改；数据均为虚构。", ""]
    for portal in dict.fromkeys(shot.stop.portal for shot in shots):
        lines += [f"## {TITLES.get(portal, portal)}", ""]
        lines += [
            f"- [{shot.title.split(' · ')[0]}]({shot.file}) `{shot.stop.route}`"
            for shot in shots
            if shot.stop.portal == portal
        ]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="放在哪里 the folder")
    parser.add_argument("portals", nargs="*", help="只拍这些门户 only these portals, no list then")
    asked = parser.parse_args()
    if not asked.portals:
        shutil.rmtree(asked.out, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(prefix="onevisit-shots-") as place,
        prepared(Path(place)) as tour,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        shots = []
        for stop in tour.stops:
            if asked.portals and stop.portal not in asked.portals:
                continue
            shots.append(taken(browser, tour, stop, DESK, asked.out))
            if stop.portal in CITIZENS:
                shots.append(taken(browser, tour, stop, PHONE, asked.out))
        browser.close()
    if not asked.portals:
        (asked.out / "README.md").write_text(index(shots), "utf-8")


if __name__ == "__main__":
    main()
