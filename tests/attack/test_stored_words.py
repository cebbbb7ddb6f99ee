"""Whatever words lie in the database, no page takes them for its own: every free text of every
table is filled with what a tester would type, and every page is read as a browser reads it."""

from html.parser import HTMLParser
from typing import Any

from sqlalchemy import Table
from sqlmodel import select

from attack.target import GETS, Target
from functional.test_route_matrix import expected
from onevisit.store.session import writing
from onevisit.store.tables import Case, Row

MARK = "zqx\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{%print(7*7)%}${7*7}zqx"
BORN = ("zqx49", "}49$", "{49}", "49zqx")
"""What would be there if somebody had reckoned with it."""
FREE = frozenset(
    {
        "about", "agent_name", "comment", "filename", "label", "message", "name", "named", "note",
        "opinion", "place", "purpose", "reason", "reasons", "remark", "said", "subject", "summary",
        "text", "title", "told", "why",
    }
)  # fmt: skip
"""Columns that hold what people write, by their names."""


TEXTS = ("AutoString", "KeptText", "String", "Text")
TYPED = ("operator_name", "address", "sign_text", "sign_size", "food_manager_name")


class Page(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.shown = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Elements and attributes that no page of ours has."""
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append(f"<script {given}>")
        if tag in ("base", "embed", "frame", "iframe", "object") and "src" in given:
            self.found += [f"<{tag}>"] * (not (given["src"] or "").startswith("/"))
        for name, value in attrs:
            self.shown += "zqx" in (value or "")
            if name.startswith("on") or name == "style" or "zqx" in name or name == "srcdoc":
                self.found.append(f"<{tag} {name}>")
            link = name in ("href", "src", "action", "formaction")
            if link and (value or "").strip().lower().startswith(("javascript:", "data:text")):
                self.found.append(f"<{tag} {name}={value}>")
        if given.get("src") == "x":
            self.found.append("the picture of the mark")

    def handle_data(self, data: str) -> None:
        """Words between."""
        self.shown += "zqx" in data


def test_no_word_in_the_database_becomes_a_part_of_a_page(target: Target) -> None:
    filled = fill(target)
    assert filled > 8
    found, shown, table = [], 0, expected()
    for route in GETS:
        for who, word in table[route].answers.items() if route in table else ():
            if word != "ok" or who in ("smoke", "gov") or (who == "issue" and "/my" in route):
                continue
            answer = target.send(route, target.browsers[who])
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            page = Page(answer.text)
            shown += page.shown
            found += [f"{route} {who}: {each}" for each in page.found]
            found += [f"{route} {who}: reckoned {each}" for each in BORN if each in answer.text]
            if who == target.inside[route] and not route.endswith("}"):
                break
    assert found == []
    assert shown > 50  # else nothing was looked at


def test_the_reader_notices() -> None:
    for each in (MARK, '<a href="javascript:x">', "<p onclick=x>", "<p style='a'>", "<base src=b>"):
        assert Page(each).found
    assert not Page('<p title="zqx">a</p><script src="/static/a.js"></script>').found


def fill(target: Target) -> int:
    """Put the mark into every free text, and into every text of the form that was filled in; how
    many columns there were."""
    with writing(target.city.engine) as session:
        for case in session.exec(select(Case)):
            case.form = {
                name: MARK if isinstance(value, str) and name in TYPED else value
                for name, value in case.form.items()
            }
            session.add(case)
    return sum(_fill(target, table) for table in Row.metadata.sorted_tables)


def _fill(target: Target, table: Table) -> int:
    columns = [each for each in table.columns if each.name in FREE and not each.primary_key]
    return sum(
        _mark(target, table, each.name)
        for each in columns
        if type(each.type).__name__ in TEXTS and not each.foreign_keys and not each.unique
    )


def _mark(target: Target, table: Table, name: str) -> int:
    with writing(target.city.engine) as session:
        changed: Any = session.connection().execute(
            table.update().where(table.c[name].is_not(None)).values({name: MARK})
        )
        return int(changed.rowcount > 0)
