"""The inbox of everybody who is signed in: what it shows, what it counts, where it leads."""

import re
from uuid import UUID

from sqlmodel import col, select

from functional.city import City
from onevisit.cases.outbox.telling import tell
from onevisit.store.session import reading
from onevisit.store.work_tables import Message


def told(city: City, username: str, *titles: str, link: str | None = None) -> list[UUID]:
    """Messages for somebody, each by its title."""
    with city.acting(username) as ctx:
        for title in titles:
            tell(ctx, f"test/{title}", [ctx.actor.id], title, f"{title}的内容", link=link)
    with reading(city.engine) as session:
        rows = session.exec(select(Message).order_by(col(Message.id))).all()
        return [row.id for row in rows if row.title in titles]


def unread(page: str) -> str | None:
    """What the header counts; None when it shows no number."""
    found = re.search(r'class="ov-count">(\d+\+?)<', page)
    return found.group(1) if found else None


def test_the_header_counts_what_is_unread_and_opening_reads_it(city: City) -> None:
    case_id = city.submitted()
    browser = city.client("applicant")
    assert unread(browser.get("/my").text) == "1"
    listed = browser.get("/messages").text
    assert "收件回执" in listed
    assert "</svg>未读" in listed
    [address] = re.findall(r'href="(/messages/[^"]+)"', listed)
    opened = browser.get(address, follow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, f"/my/{case_id}")
    page = browser.get("/my").text
    assert unread(page) is None
    assert 'href="/messages"' in page
    assert "</svg>未读" not in browser.get("/messages").text


def test_opening_twice_keeps_when_it_was_read_first(city: City) -> None:
    [message_id] = told(city, "clerk", "一条")
    browser = city.client("clerk")
    moments = []
    for _ in range(2):
        answer = browser.get(f"/messages/{message_id}", follow_redirects=False)
        assert answer.headers["location"] == "/messages"  # it leads nowhere else
        with reading(city.engine) as session:
            moments.append(session.get_one(Message, message_id).read_at)
    assert moments[0] is not None
    assert moments[0] == moments[1]


def test_all_can_be_marked_as_read_but_only_ones_own(city: City) -> None:
    told(city, "clerk", "甲", "乙")
    told(city, "window", "丙")
    browser = city.client("clerk")
    page = browser.post("/messages").text
    assert "2 条消息已标为已读" in page
    assert unread(page) is None
    assert "全部标为已读" not in page
    assert "没有未读的消息" in browser.post("/messages").text
    assert unread(city.client("window").get("/window").text) == "1"


def test_an_empty_inbox_says_so(city: City) -> None:
    page = city.client("applicant2").get("/messages").text
    assert "还没有消息" in page


def test_many_messages_go_on_another_page_newest_first(city: City) -> None:
    titles = [f"第{number:03}条" for number in range(101)]
    told(city, "clerk", *titles)
    browser = city.client("clerk")
    first = browser.get("/messages").text
    assert unread(first) == "99+"
    assert re.findall(r">(第\d{3}条)</a>", first) == titles[:-31:-1]
    [after] = re.findall(r'href="/messages\?tab=all&(?:amp;)?after=([^"]+)"', first)
    second = browser.get(f"/messages?after={after}").text
    assert re.findall(r">(第\d{3}条)</a>", second) == titles[-31:-61:-1]
    assert browser.get("/messages?after=nonsense", follow_redirects=False).status_code == 303


def test_a_page_with_errors_still_counts(city: City) -> None:
    case_id = city.submitted()
    told(city, "clerk", "一条")
    browser = city.client("clerk")
    revision = str(city.case(case_id).revision)
    answer = browser.post(f"/desk/{case_id}/accept", data={"revision": revision})
    assert answer.status_code == 422
    assert unread(answer.text) == "1"


def test_what_was_not_read_can_be_looked_at_alone(city: City) -> None:
    first, _ = told(city, "clerk", "已打开", "没读过的")
    browser = city.client("clerk")
    browser.get(f"/messages/{first}")
    shown = browser.get("/messages?tab=new").text
    assert "没读过的" in shown
    assert "已打开" not in shown
    browser.post("/messages")
    assert "没有未读的消息" in browser.get("/messages?tab=new").text
