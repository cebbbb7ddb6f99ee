"""What somebody chose about the look of pages, read from their cookie; the shell draws by it."""

from dataclasses import dataclass

from starlette.requests import Request

COOKIE = "onevisit_view"
THEMES = {
    "auto": ("light dark", "screen and (prefers-color-scheme: dark)"),
    "light": ("light", "not all"),
    "dark": ("dark", "screen"),
}
"""For each choice the page's color-scheme and the media for which dark.css counts, never print."""


@dataclass(frozen=True)
class Wishes:
    """关怀版 or not, light or dark, single keys as shortcuts or not (WCAG 2.2, 2.1.4)."""

    elder: bool = False
    theme: str = "auto"
    keys: bool = True

    @property
    def packed(self) -> str:
        """As the cookie holds it: elder.dark.nokeys."""
        words = ("elder" if self.elder else "", self.theme, "" if self.keys else "nokeys")
        return ".".join(word for word in words if word)

    @property
    def scheme(self) -> str:
        """The color-scheme of the page, so that nothing flashes before the styles are there."""
        return THEMES[self.theme][0]

    @property
    def dark_media(self) -> str:
        """The media for which the dark colours count."""
        return THEMES[self.theme][1]


def wishes_of(request: Request) -> Wishes:
    """What this browser's cookie says; the defaults for whatever it does not say."""
    words = request.cookies.get(COOKIE, "").split(".")
    theme = next((word for word in words if word in THEMES), "auto")
    return Wishes("elder" in words, theme, "nokeys" not in words)
