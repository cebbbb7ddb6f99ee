"""Somebody who has only a keyboard: reaches what they want with Tab, sees at every step where they
are, and presses nothing that a finger on the keys could not."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, FileChooser, Locator, Page, expect

TIMES = 6
"""Presses of the space bar until one gives up."""
MOST = 160
"""Presses of Tab until one gives up."""
SEEN = """wanted => {
  const here = document.activeElement;
  const same = window.wasHere === here;
  window.wasHere = here;
  if (!here || here === document.body)
    return {at: here === wanted, name: "body", body: true, same: false};
  const said = here.innerText || here.value || here.getAttribute("aria-label") || "";
  const kind = here.tagName.toLowerCase() + (here.id ? "#" + here.id : "");
  const name = `${kind} ${said.slice(0, 30)}`;
  const marks = each => { const style = getComputedStyle(each); return style.boxShadow !== "none"
    || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0); };
  const shown = [here, ...(here.labels ?? []), here.closest(".ov-code-host")].filter(Boolean);
  const box = here.getClientRects()[0] ?? here.getBoundingClientRect(), inside = 2;
  const points = [[(box.left + box.right) / 2, (box.top + box.bottom) / 2],
    [box.left + inside, box.top + inside], [box.right - inside, box.bottom - inside]];
  const bare = points.some(([x, y]) => { const top = document.elementFromPoint(x, y);
    return top && shown.some(each => each.contains(top) || top.contains(each)); });
  return {at: here === wanted, name, body: false, same, marked: shown.some(marks), bare};
}"""


def opened(page: Page, reach: Callable[[], None]) -> FileChooser:
    """The chooser that the space bar opens on a file field. Whoever presses it while a part of the
    page is being changed presses it again."""
    for _ in range(TIMES):
        reach()
        with suppress(Error):
            with page.expect_file_chooser(timeout=10_000) as chosen:
                page.keyboard.press("Space")
            return chosen.value
    raise AssertionError(f"{page.url}: the space bar opens no chooser")


class Hands:
    """Ten fingers on the keys of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(60_000)
        page.emulate_media(reduced_motion="reduce")  # nothing is on its way when one looks

    def reach(self, wanted: Locator) -> None:
        """Tab to a control; every control on the way shows that it has the focus, and none holds
        it fast. A group of radio buttons is one stop: arrows go on from there."""
        expect(wanted).to_have_count(1)
        target = wanted.element_handle()
        passed: list[str] = []
        for _ in range(MOST):
            found = self.page.evaluate(SEEN, target)
            if not found["body"]:
                assert found["marked"], f"{self.page.url}: no focus to be seen on {found['name']}"
                assert found["bare"], f"{self.page.url}: something lies over {found['name']}"
            if found["at"]:
                return
            assert not (passed and found["same"]), f"{self.page.url}: caught in {found['name']}"
            passed.append(found["name"])
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.page.url}: Tab does not lead to {wanted}, only {passed}")

    def link(self, name: str | re.Pattern[str]) -> None:
        """Follow the first link of this name."""
        self.sent(self.page.get_by_role("link", name=name).first, "Enter")

    def button(self, name: str | re.Pattern[str]) -> None:
        """Press a button that sends the page."""
        self.sent(self.page.get_by_role("button", name=name).first, "Enter")

    def sent(self, wanted: Locator, key: str) -> None:
        """Press a key on a control, which leads to another page."""
        self.reach(wanted)
        self.away(lambda: self.page.keyboard.press(key))

    def away(self, act: Callable[[], None]) -> None:
        """An act that leads to another page."""
        with self.page.expect_navigation():
            act()

    def key(self, key: str) -> None:
        """A documented single key that leads to another page."""
        self.page.wait_for_function("document.documentElement.classList.contains('ov-has-keys')")
        self.away(lambda: self.page.keyboard.press(key))

    def write(self, field: str | Locator, text: str) -> None:
        """Type into a field, in the place of what it holds."""
        wanted = self.page.get_by_label(field, exact=True) if isinstance(field, str) else field
        self.reach(wanted)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        expect(wanted).to_have_value(text)

    def tick(self, box: Locator) -> None:
        """Tick a box with the space bar."""
        self.reach(box)
        self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def choose(self, wanted: Locator) -> None:
        """Choose one of a group of radio buttons: Tab to the group, arrows to the button."""
        name = wanted.get_attribute("name")
        group = self.page.locator(f'input[type=radio][name="{name}"]')
        chosen = self.page.locator(f'input[type=radio][name="{name}"]:checked')
        self.reach(chosen if chosen.count() else group.first)
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: arrows do not lead to {wanted}")

    def upload(self, field: Locator, file: Path) -> None:
        """Open the chooser of a file field with the space bar; what it then gives is a file."""
        opened(self.page, lambda: self.reach(field)).set_files(file)

    def not_lost(self) -> None:
        """After a part of the page has changed, the focus is still somewhere."""
        found = self.page.evaluate(SEEN, None)
        assert not found["body"], f"{self.page.url}: the focus is lost"
