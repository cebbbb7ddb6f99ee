"""A province at work: three nodes on one PostgreSQL, everybody at once, every
request to whichever node; one node is killed, the database crashes, another node joins, and nothing
is lost, there twice, or half.

ONEVISIT_NODES_ROUNDS=20 has it go on for longer: so often a node dies and the database crashes.
ONEVISIT_NODES_SEED=… begins with other chances; ONEVISIT_NODES_POOLER=1 puts a PgBouncer between.
"""

import hashlib
import os
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

import handed
from databases import administrator
from functional.city import City, populate, settings_in
from functional.crowd import Act, Work, check_rows, marking_of, possible_acts
from functional.node import Node, Nodes
from functional.served import PATIENCE, Balancer, Postgres, Served, environment
from onevisit.cases.checkpoints import Verifier
from onevisit.cases.outbox.claims import LEASE
from onevisit.cli.checkpointing import keys_of, outside_of
from onevisit.engine import Chart, Marking, fire
from onevisit.jobs import Sweeper
from onevisit.jobs.ways_out import ways_out
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Approval, Case, Document, LedgerEntry, Upload
from onevisit.store.turn_tables import Certificate
from onevisit.store.work_tables import Dispatch, Message
from pooler import pooled
from unit.jobs.sms_gateway import KEY, Gateway, sms_gateway

ROUNDS = int(os.environ.get("ONEVISIT_NODES_ROUNDS", "1"))
SEED = int(os.environ.get("ONEVISIT_NODES_SEED", "5"))
POOLER = os.environ.get("ONEVISIT_NODES_POOLER", "")
NODES, CASES, PEOPLE = 3, 2, 3
MATERIALS = ("floor_plan", "process_layout")


@dataclass
class Province(Work):
    """Everybody at work through the balancer. `known` is what was answered as done or perhaps done;
    `files` what was answered as handed in, by its hash."""

    balancer: Balancer = field(default_factory=lambda: Balancer([]))
    known: list[Act] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Do what somebody can do, until nobody can do anything or all is over."""
        with httpx.Client(timeout=PATIENCE) as client:
            while not self.over.is_set() and (acts := self._waiting(client)):
                with self.counted:
                    act = self.rng.choice(acts)
                    self.sent += 1
                    self.counted.notify_all()
                self._do(client, act)

    def _waiting(self, client: httpx.Client) -> list[Act]:
        """What could be done now; whoever looks while the database is down asks a node instead."""
        while True:
            try:
                return [act for each in self.cases for act in possible_acts(self.city, each)]
            except DBAPIError:
                self.until(client, "GET", "/my", "applicant", 200)

    def until(
        self,
        client: httpx.Client,
        method: str,
        path: str,
        username: str,
        *wanted: int,
        **sent: object,
    ) -> int:
        """Ask one node after the other until one answers; a clear 503 is no answer yet."""
        cookie = f"onevisit={self.city.cookies[username]}"
        while not self.over.is_set():
            try:
                answer = self.balancer.ask(client, method, path, cookie=cookie, **sent)
            except httpx.TransportError:
                status = 0
            else:
                status = answer.status_code
                if answer.headers.get("location", "").startswith("/sign-in"):
                    self.faults.append(f"{method} {path} by {username}: signed out")
                    return 0
                if status in wanted:
                    return status
                if status != 503:
                    told = re.findall(r'"invalid-feedback[^>]*>(.*?)<', answer.text)
                    self.faults.append(f"{method} {path} by {username}: {status} {told}")
                    return status
            with self.counted:  # tell whoever waits for this, and look again in a moment
                self.counted.notify_all()
                self.counted.wait(timeout=0.1)
        return 0

    def _do(self, client: httpx.Client, act: Act) -> None:
        for each in act.pages:
            self.until(client, "GET", each, act.username, 200, 303)
        self.known.append(act)
        status = self.until(client, "POST", act.address, act.username, 303, 409, data=act.data)
        if status == 303:
            self.done.append(act)
        with self.counted:
            self.counted.notify_all()

    def hand_in(self, case_id: UUID) -> None:
        """Files for a draft, one after the other, each of another size."""
        rng = random.Random(SEED)
        with httpx.Client(timeout=PATIENCE) as client:
            for number in range(8 * ROUNDS):
                content = handed.pdf(
                    tail=b"/Number %d%b" % (number, b" " * rng.randint(1, 200_000))
                )
                material = MATERIALS[number % len(MATERIALS)]
                sent = {"file": (f"演示材料{number}.pdf", content, "application/pdf")}
                path = f"/my/{case_id}/materials/{material}"
                if self.until(client, "POST", path, "applicant", 303, files=sent) == 303:
                    self.files.append(hashlib.sha256(content).hexdigest())

    def after(self, number: int) -> None:
        """Wait until so many more acts are under way, or none is left to be begun."""
        with self.counted:
            mark = self.sent + number
            assert self.counted.wait_for(
                lambda: self.sent >= mark or self.faults or not self.busy(), PATIENCE
            )

    def busy(self) -> bool:
        """Whether somebody is still at work."""
        return any(each.is_alive() for each in self.threads)

    threads: list[threading.Thread] = field(default_factory=list)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """Who receives the notices."""
    with sms_gateway() as found:
        yield found


@pytest.fixture
def database(postgres_server, postgres_url: str) -> Iterator[Postgres]:  # type: ignore[no-untyped-def]  # conftest's own class
    """The server of this run, whose commits of this database last as they do in a city."""
    name = postgres_url.partition("@/")[2].partition("?")[0]
    with psycopg.connect(
        host=str(postgres_server.home), user="onevisit", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')  # type: ignore[arg-type]  # made here
        connection.execute("CHECKPOINT")  # what other tests have prepared lasts too
    yield Postgres(postgres_server.home)
    postgres_server.administrator.close()  # which did not outlive the server's crash
    administrator.cache_clear()


@pytest.fixture
def province(
    database: Postgres, postgres_url: str, tmp_path: Path, gateway: Gateway
) -> Iterator[Province]:
    """A city on its own database, three nodes, everybody signed in, complete drafts."""
    with pooled(postgres_url, 8) if POOLER else nullcontext(postgres_url) as address:
        yield from _province(postgres_url, address, tmp_path, gateway)


def _province(
    postgres_url: str, address: str, tmp_path: Path, gateway: Gateway
) -> Iterator[Province]:
    """As `province`, whose nodes reach the database at `address`."""
    more = {"sms_url": gateway.url, "sms_key": KEY, "database_pooler": POOLER or "0"}
    told = environment(tmp_path / "city", address, **more)
    settings = settings_in(tmp_path / "city").model_copy(update={"database_url": postgres_url})
    populate(settings)
    settings = _as_told(settings, told)
    city = City(settings)
    with writing(city.engine) as session:
        for account in session.exec(select(Account)).all():
            account.phone = "19900000001"
    cases = [city.filled() for _ in range(CASES)]
    through = {"database_url": address, "database_pooler": bool(POOLER)}
    nodes: list[Node | Served] = [Node(settings.model_copy(update=through)) for _ in range(NODES)]
    balancer = Balancer(nodes, random.Random(SEED))
    work = Province(city, Nodes([]), cases, random.Random(SEED), balancer=balancer, told=told)
    work.sign_in()
    for node in nodes:
        node.start()
    yield work
    work.over.set()
    for node in work.balancer.nodes:
        if node.runs:
            node.kill()
    city.app.state.site.engine.dispose()
    city.engine.dispose()


def _as_told(settings: Settings, told: dict[str, str]) -> Settings:
    """The settings of the tests' own hands, as the nodes have them."""
    from pydantic import SecretStr

    return settings.model_copy(
        update={
            "public_url": told["ONEVISIT_PUBLIC_URL"],
            "sms_url": told["ONEVISIT_SMS_URL"],
            "sms_key": SecretStr(told["ONEVISIT_SMS_KEY"]),
            "log_requests": False,
        }
    )


def test_a_node_dies_the_database_crashes_a_node_joins_and_all_is_as_it_was_done(
    province: Province, database: Postgres, gateway: Gateway
) -> None:
    draft_id = province.city.filled()
    tasks: list[Callable[[], None]] = [province.work] * PEOPLE
    tasks.append(lambda: province.hand_in(draft_id))
    province.threads += [threading.Thread(target=_kept(province, task)) for task in tasks]
    for thread in province.threads:
        thread.start()
    for _ in range(ROUNDS):
        fail(province, database)
    for thread in province.threads:
        thread.join(PATIENCE)
    assert province.faults == []
    assert province.finished()
    assert province.balancer.clear > 0, "nobody met the database while it was down"
    for node in province.balancer.nodes:
        if node.runs:
            node.ask_to_end()
            assert node.ended() == 0
    the_rest(province)
    check(province, draft_id, gateway)


def _kept(province: Province, task: Callable[[], None]) -> Callable[[], None]:
    """A task whose fault is the test's."""

    def run() -> None:
        try:
            task()
        except BaseException as error:
            province.faults.append(f"{type(error).__name__}: {error}")
            raise
        finally:
            with province.counted:
                province.counted.notify_all()

    return run


def fail(province: Province, database: Postgres) -> None:
    """One node is killed and another joins; the database crashes and is started again."""
    nodes, rng = province.balancer.nodes, province.balancer.rng
    province.after(rng.randint(2, 6))
    dead = rng.choice([each for each in nodes if each.runs])
    dead.kill()
    joining = Served(province.told)
    joining.start()
    province.after(rng.randint(2, 6))
    met = province.balancer.clear
    database.crash()
    with province.counted:
        assert province.counted.wait_for(
            lambda: province.balancer.clear > met or not province.busy(), PATIENCE
        )
    database.start()
    joining.ready()
    nodes.append(joining)
    nodes.remove(dead)


def the_rest(province: Province) -> None:
    """What the nodes left when they ended, and what the dead one held, once its claims are over."""
    settings = province.city.settings
    sweeper = Sweeper(
        province.city.engine, FileStore(settings.files), settings.press.make, ways_out(settings)
    )
    while sweeper.sweep(datetime.now(UTC) + LEASE):
        pass


def check(province: Province, draft_id: UUID, gateway: Gateway) -> None:
    """Every invariant of everything that there is."""
    city = province.city
    check_rows(city)
    with reading(city.engine) as session:
        check_acts(session, province)
        for case_id in province.cases:
            check_replay(city, session, session.get_one(Case, case_id))
        check_certificates(session)
        check_papers(session, city)
        check_uploads(session, province, draft_id)
        check_notices(session, gateway)
    check_checkpoints(city)


def check_acts(session: Session, province: Province) -> None:
    """What was answered as done is there once; what was perhaps done, at most once."""
    counted = Counter(
        (entry.case_id, entry.region, entry.act, entry.from_state)
        for entry in session.exec(select(LedgerEntry))
        if entry.from_state != entry.to_state
    )
    for act in province.known:
        assert counted[act.case_id, act.region, act.event, act.source] <= 1, act
    for act in province.done:
        assert counted[act.case_id, act.region, act.event, act.source] == 1, act
    assert max(counted.values()) == 1, "no move of any region happened twice"


def check_replay(city: City, session: Session, case: Case) -> None:
    """The acts of the ledger, played once more through the engine, lead to the same rows."""
    chart, stands = marking_of(city, session, case)
    statement = select(LedgerEntry).where(LedgerEntry.case_id == case.id)
    entries = session.exec(statement.order_by(col(LedgerEntry.seq))).all()
    chains = {
        region: [
            each for each in entries if each.region == region and each.from_state != each.to_state
        ]
        for region in chart.regions
    }
    assert played(chart, chains) == stands


def played(chart: Chart, chains: dict[str, list[LedgerEntry]]) -> Marking:
    """The marking after all entries, each fired as soon as its region stands where it began."""
    marking = chart.initial
    while waiting := {region: chain[0] for region, chain in chains.items() if chain}:
        region, entry = next(
            (region, entry)
            for region, entry in waiting.items()
            if entry.actor_role != "automatic" and _may(chart, marking, region, entry)
        )
        after = fire(chart, marking, region, entry.act)
        for move in after.moves:
            said = chains[move.region].pop(0)
            assert (said.act, said.to_state) == (move.event, move.target)
        marking = after.marking
    return marking


def _may(chart: Chart, marking: Marking, region: str, entry: LedgerEntry) -> bool:
    return marking[region] == entry.from_state and any(
        move.event == entry.act and move.by != "automatic" and move.may_fire(marking)
        for move in chart.tables[region].moves[marking[region]]
    )


def check_certificates(session: Session) -> None:
    """None without the decision of its item and of all items of its case."""
    certificates = session.exec(select(Certificate)).all()
    assert len(certificates) >= CASES
    for certificate in certificates:
        rows = session.exec(select(Approval).where(Approval.case_id == certificate.case_id)).all()
        assert all(row.decided_at and row.decided_by for row in rows)
        [own] = [row for row in rows if row.region == certificate.region]
        assert own.state == "approved"
    concluded = session.exec(select(Case).where(col(Case.concluded_at).is_not(None))).all()
    kinds = [
        Counter(
            session.exec(select(Certificate.item_id).where(Certificate.case_id == case.id)).all()
        )
        for case in concluded
    ]
    assert len(kinds) == CASES and all(each == kinds[0] for each in kinds)
    assert set(kinds[0].values()) == {1}


def check_papers(session: Session, city: City) -> None:
    """Every paper once, made, and whole."""
    files = FileStore(city.settings.files)
    rows = session.exec(select(Document)).all()
    kinds = Counter((row.kind, row.region) for row in rows if row.kind != "inspection")
    assert set(kinds.values()) == {CASES}
    for row in rows:
        assert row.state == "made", row.error
        content = files.stored(row.pdf_key or "").read()
        assert hashlib.sha256(content).hexdigest() == row.sha256


def check_uploads(session: Session, province: Province, draft_id: UUID) -> None:
    """Every file that a row names is whole; what was answered as handed in is there once."""
    files = FileStore(province.city.settings.files)
    rows = session.exec(select(Upload)).all()
    for row in rows:
        content = files.stored(row.storage_key).read()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (row.size, row.sha256)
    there = Counter(row.sha256 for row in rows if row.case_id == draft_id)
    assert province.files
    for each in province.files:
        assert there[each] == 1


def check_notices(session: Session, gateway: Gateway) -> None:
    """Everybody is told of everything once, and the receiver has each notice once."""
    keys = Counter(session.exec(select(Message.key)).all())
    assert set(keys.values()) == {1}
    rows = session.exec(select(Dispatch).where(Dispatch.channel == "sms")).all()
    assert {row.state for row in rows} == {"sent"}
    assert len(rows) == len(keys)
    assert gateway.accepted.keys() == {str(row.id) for row in rows}


def check_checkpoints(city: City) -> None:
    """What was written is what the signed checkpoints in and outside the database say."""
    settings = city.settings
    verifier = Verifier(
        lambda: reading(city.engine, one_moment=True), keys_of(settings), outside_of(settings),
        datetime.now(UTC),
    )  # fmt: skip
    assert [each.sentence for each in verifier.all(None) if each.wrong] == []
    assert verifier.checkpoints > 0
