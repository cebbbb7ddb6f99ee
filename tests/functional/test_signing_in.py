"""Sessions that the server ends, and wrong tries that wait: for each what a stranger can do with a
copied cookie or a list of passwords, and what its owner still can."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from httpx import Response
from sqlalchemy import func
from sqlmodel import select
from starlette.testclient import TestClient

from functional import city as cities
from functional.city import ORIGIN, PASSWORD, City, settings_in
from onevisit.cases import account as accounts
from onevisit.cases.signing_in import limits, sessions, sweep
from onevisit.cli import admins
from onevisit.store.admin_tables import AccountChange
from onevisit.store.session import reading, writing
from onevisit.store.sign_in_tables import Knock, SignIn
from onevisit.store.tables import Account
from onevisit.store.work_tables import Message
from onevisit.web.session_cookie import NAME

BEGAN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
OWN = "a sentence of my own"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@dataclass
class Hours:
    """A city whose door has a clock that tests turn."""

    city: City
    now: datetime = BEGAN

    def __post_init__(self) -> None:
        site = self.city.app.state.site
        door = replace(site.door, now=lambda: self.now)
        self.city.app.state.site = replace(site, door=door)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def browser(self, cookie: str = "") -> TestClient:
        """A browser that nobody has used, or that carries a copied cookie."""
        made = TestClient(
            self.city.app,
            base_url=ORIGIN,
            headers={"origin": ORIGIN, "user-agent": AGENT},
            follow_redirects=False,
        )
        if cookie:
            made.cookies.set(NAME, cookie, domain="testserver.local")
        return made

    def inside(self, username: str = "clerk") -> TestClient:
        """A browser in which somebody has just signed in."""
        made = self.browser()
        assert sign_in(made, username).status_code == 303
        return made

    def id_of(self, username: str) -> UUID:
        with reading(self.city.engine) as session:
            return session.exec(select(Account.id).where(Account.username == username)).one()


def sign_in(browser: TestClient, username: str = "clerk", password: str = PASSWORD) -> Response:
    answer: Response = browser.post("/sign-in", data={"username": username, "password": password})
    return answer


def is_out(browser: TestClient, page: str = "/desk") -> bool:
    answer = browser.get(page)
    return answer.headers.get("location", "").startswith("/sign-in?")


@pytest.fixture
def hours(city: City) -> Hours:
    return Hours(city)


@pytest.fixture
def anywhere(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hours]:
    """The same on either database."""
    folder = tmp_path_factory.mktemp("anywhere")
    settings = settings_in(folder).model_copy(update={"database_url": database_url})
    cities.populate(settings)
    found = Hours(City(settings))
    yield found
    found.city.app.state.site.engine.dispose()
    found.city.engine.dispose()


def test_a_copied_cookie_is_dead_after_signing_out(anywhere: Hours) -> None:
    browser = anywhere.inside()
    copied = anywhere.browser(browser.cookies[NAME])
    assert copied.get("/desk").status_code == 200
    browser.post("/sign-out")
    assert is_out(copied)
    assert is_out(browser)


def test_the_cookie_is_a_random_key_and_the_row_keeps_its_hash_alone(hours: Hours) -> None:
    browser = hours.inside()
    cookie = browser.cookies[NAME]
    assert len(cookie) == 43, "256 bits"
    with reading(hours.city.engine) as session:
        row = session.exec(select(SignIn)).one()
        assert row.token == sessions.digest(cookie) != cookie
        assert row.agent == "Chrome（Windows）"
    assert is_out(hours.browser(row.token)), "what the database knows opens nothing"


def test_a_cookie_that_somebody_planted_is_not_taken_over(hours: Hours) -> None:
    browser = hours.browser("planted-by-somebody-else")
    sign_in(browser)
    tokens = {each.value for each in browser.cookies.jar if each.name == NAME}
    assert any(len(each) == 43 for each in tokens)
    assert is_out(hours.browser("planted-by-somebody-else"))


def test_sessions_end_when_nobody_is_there_and_after_a_day_of_work(hours: Hours) -> None:
    browser = hours.inside()
    for _ in range(25):
        hours.later(minutes=28)
        assert browser.get("/desk").status_code == 200, "somebody is at work"
    hours.later(minutes=28)
    assert is_out(browser), "twelve hours are over"
    browser = hours.inside()
    hours.later(minutes=31)
    assert is_out(browser)
    kiosk = hours.inside("kiosk")
    hours.later(hours=11)
    assert kiosk.get("/kiosk").status_code == 200, "a kiosk waits for people"


def test_that_somebody_is_there_is_written_once_a_minute(hours: Hours) -> None:
    browser = hours.inside()

    def seen() -> datetime:
        with reading(hours.city.engine) as session:
            return session.exec(select(SignIn)).one().seen_at

    hours.later(seconds=50)
    browser.get("/desk")
    assert seen() == BEGAN
    hours.later(seconds=20)
    browser.get("/desk")
    assert seen() == BEGAN + timedelta(seconds=70)


def test_what_ends_sessions_ends_all_of_them_at_once(anywhere: Hours) -> None:
    def by_password(here: TestClient) -> None:
        data = {"present": PASSWORD, "password": OWN, "again": OWN}
        assert here.post("/sign-in/password", data=data).status_code == 303
        assert here.get("/desk").status_code == 200, "but for the one in which it was chosen"

    def by_others(here: TestClient) -> None:
        assert here.post("/me/sessions/end").status_code == 303
        assert here.get("/desk").status_code == 200

    ends: dict[str, Callable[[TestClient], None]] = {"clerk2": by_others, "clerk": by_password}
    for username, end in ends.items():
        here, elsewhere = anywhere.inside(username), anywhere.inside(username)
        end(here)
        assert is_out(elsewhere), end.__name__


@pytest.mark.parametrize("act", ["disable", "end-sessions", "reset"])
def test_an_administrator_ends_somebodys_sessions(hours: Hours, act: str) -> None:
    admin, clerk = hours.inside("admin"), hours.inside("clerk")
    address = f"/studio/accounts/{hours.id_of('clerk')}"
    assert admin.post(f"{address}/{act}", data={"revision": "1"}).status_code in (200, 303)
    assert is_out(clerk)
    with reading(hours.city.engine) as session:
        row = session.exec(select(SignIn).where(SignIn.account_id == hours.id_of("clerk"))).one()
        assert row.ended_at is not None


def test_the_command_line_shuts_somebody_out(
    hours: Hours, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONEVISIT_DATA", str(hours.city.settings.data))
    clerk = hours.inside()
    assert admins.disable("clerk") == 0
    assert "已停用，结束了 1 个登录" in capsys.readouterr().out
    assert is_out(clerk)
    assert sign_in(hours.browser()).status_code == 422
    assert admins.disable("nobody") == 1
    with reading(hours.city.engine) as session:
        change = session.exec(select(AccountChange)).one()
        assert (change.act, change.actor_id) == ("disable", None)


def test_one_of_ones_own_sessions_is_ended_and_nobody_elses(hours: Hours) -> None:
    here, elsewhere, other = hours.inside(), hours.inside(), hours.inside("clerk2")
    with reading(hours.city.engine) as session:
        rows = session.exec(select(SignIn).order_by(SignIn.id)).all()  # type: ignore[arg-type]  # SQLModel types a column as its value
        mine, second, theirs = (each.id for each in rows)
    assert "登录中" in here.get("/me/sessions").text
    assert here.post(f"/me/sessions/{theirs}/end").status_code == 404
    assert here.post(f"/me/sessions/{mine}/end").status_code == 404, "this one is signed out of"
    assert here.post(f"/me/sessions/{second}/end").status_code == 303
    assert is_out(elsewhere)
    assert other.get("/desk").status_code == 200
    page = here.get("/me/sessions").text
    assert "从别处结束" in page and "就是这里" in page and "登录中" not in page


def test_of_many_sessions_the_oldest_ends(hours: Hours) -> None:
    first = hours.inside()
    for _ in range(sessions.AT_ONCE - 1):
        hours.inside()
    assert first.get("/desk").status_code == 200
    hours.inside()
    assert is_out(first)


def test_the_password_is_asked_for_again_and_nothing_typed_is_lost(hours: Hours) -> None:
    admin = hours.inside("admin")
    hours.later(minutes=16)
    address = f"/studio/accounts/{hours.id_of('clerk')}/details"
    typed = {"revision": "1", "name": "演示改名", "phone": "", "email": ""}
    asked = admin.post(address, data=typed)
    assert asked.status_code == 401
    assert "再输入一次密码" in asked.text and "演示改名" not in asked.text.partition("<form")[0]
    kept = {"kept_for": address, "kept": "revision=1&name=%E6%BC%94%E7%A4%BA%E6%94%B9%E5%90%8D"}
    before = admin.cookies[NAME]
    wrong = admin.post("/sign-in/again", data={"password": "wrong", **kept})
    assert wrong.status_code == 422 and "密码不正确" in wrong.text and "revision=1" in wrong.text
    assert admin.post(address, data=typed).status_code == 401
    right = admin.post("/sign-in/again", data={"password": PASSWORD, **kept})
    assert right.status_code == 200 and 'value="演示改名"' in right.text
    assert admin.cookies[NAME] != before
    assert is_out(hours.browser(before), "/studio/accounts"), "another token after each proof"
    assert admin.post(address, data=typed).status_code == 303


def test_waits_grow_and_a_stranger_keeps_nobody_out(hours: Hours) -> None:
    """Whoever guesses waits; its owner goes on in the browser they have used before, and gets in
    elsewhere after the wait."""
    owner, stranger = hours.inside(), hours.browser()
    answers = [
        sign_in(stranger, password=f"guess {n}").status_code for n in range(limits.NAME.free)
    ]
    assert answers == [422] * limits.NAME.free
    refused = sign_in(stranger)
    assert refused.status_code == 429 and "30 秒后" in refused.text, "the right one is not tried"
    assert sign_in(hours.browser()).status_code == 429, "from anywhere that is strange"
    owner.post("/sign-out")
    assert sign_in(owner).status_code == 303, "this browser is known"
    hours.later(seconds=31)
    assert sign_in(hours.browser()).status_code == 303


def test_each_further_guess_waits_twice_as_long_up_to_a_limit() -> None:
    waits = [limits.wait_after(wrong, 5).total_seconds() for wrong in (1, 4, 5, 6, 7, 10, 500)]
    assert waits == [0, 0, 30, 60, 120, 900, 900]


def test_an_unknown_name_a_wrong_password_and_a_closed_account_are_answered_alike(
    hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(hours.city.engine) as session:
        row = session.exec(select(Account).where(Account.username == "clerk2")).one()
        row.disabled = True
    made: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            made.append("verify")
            return super().verify(hash, password)

    monkeypatch.setattr(accounts, "_hasher", Counting())
    pages = set()
    for username, password in (("nobody", PASSWORD), ("clerk", "wrong"), ("clerk2", PASSWORD)):
        made.clear()
        answer = sign_in(hours.browser(), username, password)
        assert made == ["verify"], username
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers
        pages.add(answer.text.replace(username, "…"))
    assert len(pages) == 1


def test_an_unknown_name_waits_like_a_known_one(hours: Hours) -> None:
    for _ in range(limits.NAME.free):
        assert sign_in(hours.browser(), "nobody", "x").status_code == 422
    assert sign_in(hours.browser(), "nobody", "x").status_code == 429


def test_one_address_guesses_at_many_names(hours: Hours) -> None:
    known = hours.inside()
    with writing(hours.city.engine) as session:
        place = hours.city.app.state.site.door.place(limits.ADDRESS, "testclient")
        for _ in range(limits.ADDRESS.free):
            limits.count(session, place, hours.now)
    assert sign_in(hours.browser(), "supervisor").status_code == 429
    known.post("/sign-out")
    assert sign_in(known).status_code == 303, "who works there goes on"


def test_many_guesses_at_once_get_no_more_tries(anywhere: Hours) -> None:
    """The try is taken before the password is looked at, on either database."""
    place = limits.place("key", limits.NAME, "clerk")
    with writing(anywhere.city.engine) as session:
        taken = [limits.take(session, [place], BEGAN) for _ in range(limits.NAME.free + 3)]
    assert [each is None for each in taken] == [True] * 5 + [False] * 3
    with writing(anywhere.city.engine) as session:
        limits.open_again(session, [place])
        assert limits.take(session, [place], BEGAN) is None


def test_wrong_tries_are_forgotten_little_by_little(hours: Hours) -> None:
    place = limits.place("key", limits.NAME, "clerk")
    with writing(hours.city.engine) as session:
        for _ in range(limits.NAME.free):
            limits.take(session, [place], BEGAN)
        later = BEGAN + 2 * limits.NAME.leak
        assert limits.take(session, [place], later) is None
        assert session.get_one(Knock, place.number).wrong == limits.NAME.free - 2 + 1


def test_the_owner_is_told_what_was_tried_meanwhile(hours: Hours) -> None:
    owner = hours.inside()
    for _ in range(3):
        sign_in(hours.browser(), password="guess")
    owner.post("/sign-out")
    sign_in(owner, password="a slip of the pen")
    sign_in(owner)
    with reading(hours.city.engine) as session:
        message = session.exec(select(Message)).one()
    assert message.title == "有人试过登录您的账号"
    assert "3 次输错密码" in message.body, "one's own slip is not among them"
    assert "输错密码 3 次" in owner.get("/me/sessions").text
    owner.post("/sign-out")
    sign_in(owner)
    with reading(hours.city.engine) as session:
        assert session.exec(select(func.count()).select_from(Message)).one() == 1, "told once"


def test_the_log_names_nobody(hours: Hours, capsys: pytest.CaptureFixture[str]) -> None:
    sign_in(hours.browser(), "clerk", "guess-me")
    sign_in(hours.browser(), "a-password-typed-as-a-name", "x")
    hours.inside("clerk")
    told = capsys.readouterr().err
    assert '"event": "sign_in_failed"' in told and '"event": "sign_in"' in told
    for secret in ("guess-me", "a-password-typed-as-a-name", PASSWORD, "演示", "clerk"):
        assert secret not in told


def test_old_hashes_are_made_anew(hours: Hours, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _hash_of(hours, "clerk")
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=4))
    browser = hours.inside()
    after = _hash_of(hours, "clerk")
    assert before != after and "t=4" in after
    assert browser.get("/desk").status_code == 200, "which ends no session"
    hours.inside()
    assert _hash_of(hours, "clerk") == after


def _hash_of(hours: Hours, username: str) -> str:
    with reading(hours.city.engine) as session:
        return session.get_one(Account, hours.id_of(username)).password_hash


def test_old_rows_are_swept_away(anywhere: Hours) -> None:
    anywhere.inside()
    sign_in(anywhere.browser(), password="guess")
    with writing(anywhere.city.engine) as session:
        assert not sweep.is_due(session, BEGAN + timedelta(hours=23))
        after = BEGAN + sessions.KEPT + timedelta(days=1)
        assert sweep.is_due(session, after)
        sweep.run(session, after)
        assert not sweep.is_due(session, after)
        assert session.exec(select(SignIn)).all() == session.exec(select(Knock)).all() == []


def test_over_https_the_cookie_belongs_to_this_host_alone(city: City) -> None:
    city.settings = city.settings.model_copy(update={"https_only": True})
    site = "https://testserver"
    browser = TestClient(city.app, base_url=site, headers={"origin": site}, follow_redirects=False)
    cookies = sign_in(browser).headers.get_list("set-cookie")
    [mine] = [each for each in cookies if each.startswith("__Host-onevisit=")]
    for said in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert said in mine
    assert "Domain" not in mine
    assert all(each.startswith("__Host-") for each in cookies)
    assert browser.get("/desk").status_code == 200


def test_a_moved_demonstration_clock_ends_no_session(city: City) -> None:
    city.settings = city.settings.model_copy(update={"demo_password": PASSWORD})
    browser = TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN})
    sign_in(browser)
    browser.post("/demo/clock", data={"by": "day"})
    assert browser.get("/desk", follow_redirects=False).status_code == 200
