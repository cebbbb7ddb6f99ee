"""A browser without a screen: follows links, reads forms off pages, fills and sends them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx

Upload = tuple[str, bytes, str]


class Unexpected(Exception):
    """A page that the journey did not expect: says which, and what the page itself said."""


@dataclass
class Form:
    """A form as drawn: where it goes and what it would send untouched. `choices` are the values
    of radios, checkboxes and selects by name; `buttons` (name, value, formaction)."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def value(self, name: str) -> str:
        """What the form holds for `name`, "" when nothing."""
        return next((value for key, value in self.values if key == name), "")


@dataclass
class Page:
    """One page as received."""

    address: str
    status: int
    text: str
    forms: list[Form]
    links: list[str]
    headings: list[str]
    errors: str

    def form(self, action: str) -> Form:
        """The form or button that goes to an address beginning with `action`."""
        for each in self.forms:
            targets = [each.action, *(target for _, _, target in each.buttons if target)]
            if any(target.startswith(action) for target in targets):
                return each
        raise Unexpected(f"{self.address}：没有去往 {action} 的表单。{self.errors}")

    def links_to(self, start: str) -> list[str]:
        """The addresses beginning with `start`, each once, in page order."""
        return list(dict.fromkeys(each for each in self.links if each.startswith(start)))


class Browser:
    """One person's browser: own cookies, one origin."""

    def __init__(self, origin: str) -> None:
        self.client = httpx.Client(
            base_url=origin, follow_redirects=True, timeout=60, headers={"origin": origin}
        )

    def get(self, address: str) -> Page:
        """The page at `address`; Unexpected unless it answers 200."""
        return self._page(self.client.get(address))

    def download(self, address: str) -> bytes:
        """The PDF at `address`; Unexpected when it is none."""
        answer = self.client.get(address)
        if answer.status_code != httpx.codes.OK or not answer.content.startswith(b"%PDF-"):
            raise Unexpected(f"{address}：没有得到 PDF（{answer.status_code}）")
        return answer.content

    def send(
        self,
        form: Form,
        changes: dict[str, str | list[str]] | None = None,
        files: dict[str, Upload] | None = None,
        action: str | None = None,
    ) -> Page:
        """Sends `form` with some values changed; `action` presses a button that goes there."""
        changes = changes or {}
        pairs = [(name, value) for name, value in form.values if name not in changes]
        for name, value in changes.items():
            values = [value] if isinstance(value, str) else value
            pairs += [(name, each) for each in values]
        target = action or form.action
        if form.method == "get":
            return self._page(self.client.get(target, params=httpx.QueryParams(list(pairs))))
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        return self._page(self.client.post(target, data=data, files=files))

    def sign_in(self, username: str, password: str) -> None:
        """Signs in; Unexpected when the name and password do not fit."""
        form = self.get("/sign-in").form("/sign-in")
        page = self.send(form, {"username": username, "password": password})
        if urlsplit(page.address).path == "/sign-in":
            raise Unexpected(f"{username} 不能登录：{page.errors}")

    def _page(self, answer: httpx.Response) -> Page:
        page = _read(str(answer.url), answer.status_code, answer.text)
        if answer.status_code != httpx.codes.OK:
            said = page.errors or "；".join(page.headings)
            raise Unexpected(f"{answer.request.method} {page.address}：{answer.status_code} {said}")
        return page


def _read(address: str, status: int, text: str) -> Page:
    reader = _Reader(urlsplit(address).path)
    reader.feed(text)
    errors = " ".join("".join(reader.errors).split())
    return Page(address, status, text, reader.forms, reader.links, reader.headings, errors)


class _Reader(HTMLParser):
    """Collects forms, links, headings and what stands in alerts."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.errors: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._heading = False
        self._alert = 0
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._alert and tag == "div":
            self._alert += 1
        if given.get("role") == "alert":
            self._alert = 1
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("h1", "h2"):
            self._heading = True
        elif tag == "form":
            method = given.get("method", "get").lower()
            self._form = Form(given.get("action") or self._path, method)
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(self._form, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button":
            form.buttons.append((name, value, given.get("formaction", "")))
            return
        if tag == "option":
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in given:
                form.values.append((self._select, value))
            return
        if not name:
            return
        form.names.append(name)
        kind = given.get("type", "text") if tag == "input" else tag
        if kind == "select":
            self._select = name
        elif kind == "textarea":
            self._textarea = name
            form.values.append((name, ""))
        elif kind == "file":
            form.files.append(name)
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.values.append((name, value))
        elif kind not in ("submit", "button"):
            form.values.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = None
        elif tag in ("h1", "h2"):
            self._heading = False
        elif tag == "div" and self._alert:
            self._alert -= 1

    def handle_data(self, data: str) -> None:
        if self._heading:
            self.headings.append(data.strip())
        if self._alert:
            self.errors.append(data)
        if self._textarea is not None and self._form is not None:
            name, before = self._form.values.pop()
            self._form.values.append((name, before + data.lstrip("\n")))
