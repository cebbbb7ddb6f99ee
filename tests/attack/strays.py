"""What strays into the head of an answer, whatever was asked: line ends and headers that somebody
typed, and names and numbers of people in addresses and cookies, where logs and histories keep them.
"""

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from httpx import Response

from functional.city import APPLICANT_ID, FORM

PEOPLE = (APPLICANT_ID, str(FORM["phone"]), "演示申请人甲", "演示员工甲")
LINK = re.compile(r"""(?:href|src|action|hx-get|hx-post)=["']([^"']*)["']""")

TITLE = re.compile("<title>([^<]*)")
"""Histories keep it beside the address."""


def strays(answer: Response) -> list[str]:
    """What is where it does not belong."""
    found = []
    for name, value in answer.headers.multi_items():
        if re.search(r"[\r\n\0]", name + value):
            found.append(f"a line end in {name}: {value!r}")
        if "evil" in name.lower() or (name == "set-cookie" and "evil" in value.lower()):
            found.append(f"{name}: {value}")
    where = unquote_plus(" ".join([*_links(answer), answer.headers.get("location", "")]))
    found += [f"in an address: {each}" for each in PEOPLE if each in where]
    said = "\n".join(_told(answer))
    found += [f"in a cookie: {each}" for each in PEOPLE if each in said]
    return found


def _links(answer: Response) -> list[str]:
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    found = [*LINK.findall(answer.text), *TITLE.findall(answer.text)]
    return [html.unescape(each) for each in found]


def _told(answer: Response) -> Iterator[str]:
    """All that the cookies of an answer say, opened as far as anybody can without a key."""
    for line in answer.headers.get_list("set-cookie"):
        value = unquote_plus(line.partition(";")[0].partition("=")[2])
        yield value
        for part in re.split(r"[.:|]", value.strip('"')):
            try:
                text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
                yield text
                yield json.dumps(json.loads(text), ensure_ascii=False)
            except (binascii.Error, ValueError):
                continue
