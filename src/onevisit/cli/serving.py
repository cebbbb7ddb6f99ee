"""Starts the server and keeps its database and services in order."""

import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from onevisit.cases.deadlines import recompute
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder
from onevisit.cli import checkpointing
from onevisit.cli.reports import print_problems
from onevisit.documents import Workshop
from onevisit.jobs import Sweeper
from onevisit.jobs.ways_out import ways_out
from onevisit.settings import Settings
from onevisit.store.columns import new_id
from onevisit.store.files import FileStore
from onevisit.store.key_tables import check_keys
from onevisit.store.migrate import is_current, upgrade
from onevisit.store.session import engine_for, reading, writing
from onevisit.web.app import create_app
from onevisit.web.warm import warm


def say(text: str) -> None:
    """One line of progress for whoever started the command."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def migrate() -> None:
    """Brings the configured database to the newest version."""
    settings = Settings().prepared()
    upgrade(settings.database_url, settings.keyring)
    engine = engine_for(settings.database_url, settings.keyring)
    check_keys(engine, settings.keyring)
    engine.dispose()
    say("数据库已是最新版本。")


def publish(root: Path) -> int:
    """Publishes the service folder, and reckons open cases anew when a calendar or the rules of a
    place changed; 1 when some file was refused."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    since, began = new_id(), datetime.now(UTC)
    folder = publish_folder(engine, root)
    files = FileStore(settings.files)
    recompute.run_all(partial(writing, engine), Catalog(engine), files, datetime.now(UTC))
    with reading(engine) as session:
        _print_moved(recompute.report(session, since, began))
    engine.dispose()
    return 1 if folder.refused else 0


def _print_moved(moved: Sequence[recompute.Moved]) -> None:
    """Every last day that moved, by case; nothing when none did."""
    if moved:
        cases = len({each.case_id for each in moved})
        say(f"日历或者辖区规则有变动：{cases} 件办件、{len(moved)} 个时限变动")
    for each in moved:
        say(f"  {each.number}  {each.title}  {each.old} → {each.new}")


def publish_folder(engine: Engine, root: Path) -> Folder:
    """Publishes what can be read and prints what was refused, with file, line and column."""
    with writing(engine) as session:
        folder = Catalog(engine).publish_folder(session, root, datetime.now(UTC))
    for service in folder.services:
        workflow = service.definition.workflow
        say(f"已发布：{workflow.title}（{workflow.id} {workflow.version}，{service.short_hash}）")
    for refusal in folder.refused:
        say(f"未发布：{refusal.path}，原因见下：")
        print_problems(refusal.problems, dict(refusal.texts))
    return folder


def serve(host: str | None, port: int | None) -> None:
    """Serves until interrupted; refuses a database that is not at the newest version."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    current = _once_reachable(engine)
    if current:
        check_keys(engine, settings.keyring)
    engine.dispose()
    if not current:
        say("数据库不是当前版本，请先运行：onevisit migrate")
        raise SystemExit(1)
    with Server(settings, host or settings.host, settings.port if port is None else port) as server:
        say(f"服务地址：{server.address}")
        server.wait()


UNREACHABLE = 60.0
"""Seconds for which a node that begins waits for a database that is just being started."""


def _once_reachable(engine: Engine) -> bool:
    """Whether the database is at the newest version, as soon as it answers."""
    give_up, told = time.monotonic() + UNREACHABLE, False
    while True:
        try:
            return is_current(engine)
        except OperationalError as error:
            if time.monotonic() > give_up:
                say(f"数据库连不上，没有启动：{error.orig}")
                raise SystemExit(1) from None
        if not told:
            say(f"数据库连不上，等它恢复，最多 {UNREACHABLE:.0f} 秒。")
            told = True
        time.sleep(0.5)


OPEN_REQUESTS = 30
"""Seconds that what is being answered has to its end, once no more is taken in."""


class _Draining(uvicorn.Server):
    """Asked to end, it first says on /readyz that it is ending, goes on for `seconds` so that
    whoever hands out requests notices, then takes no more and answers what it has begun.

    Asked a second time, it waits no longer.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, seconds: float) -> None:
        super().__init__(config)
        self._app, self._seconds = app, seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end."""
        if self._seconds and not getattr(self._app.state, "ending", False):
            self._app.state.ending = True
            later = threading.Timer(self._seconds, self._end)
            later.daemon = True
            later.start()
        else:
            self._app.state.ending = True
            self._end()

    def _end(self) -> None:
        self.should_exit = True


@dataclass
class Server:
    """The web application and the sweep beside it, from `with` to the end of its block."""

    settings: Settings
    host: str
    port: int

    def __enter__(self) -> "Server":
        self._socket = uvicorn.Config("", self.host, self.port).bind_socket()
        # asyncio does so only for sockets that it opened itself; otherwise each page waits 40 ms
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.address = f"http://{self.host}:{self._socket.getsockname()[1]}"
        settings = self.settings  # papers say where they are verified: here, unless it is set
        if not settings.public_url:
            settings = settings.model_copy(update={"public_url": self.address})
        app = create_app(settings)
        warm(app)
        config = uvicorn.Config(
            app,
            host=self.host,
            port=self.port,
            log_level="warning",
            log_config=None,  # what the server says goes through logs.py
            timeout_graceful_shutdown=OPEN_REQUESTS,
            proxy_headers=bool(self.settings.trusted_proxies),
            forwarded_allow_ips=self.settings.trusted_proxies or None,
        )
        self._server = _Draining(config, app, settings.drain_seconds)
        files = FileStore(self.settings.files)
        limits = self.settings.database_limits
        self._engine = engine_for(self.settings.database_url, self.settings.keyring, limits)
        ways = ways_out(self.settings)
        clock = app.state.site.clock
        self._sweeper = Sweeper(self._engine, files, app.state.site.printing, ways, clock)
        self._sweeper.checkpoint = checkpointing.due(self.settings, self._engine)
        self._workshop: Workshop | None = app.state.workshop
        app.state.last_look = self._sweeper.last_look
        self._sweeper.start()
        return self

    def wait(self) -> None:
        """Serves in this thread until interrupted."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Asks the server to finish what it answers and return from `wait()`."""
        self._server.should_exit = True

    def __exit__(self, *_: object) -> None:
        self._sweeper.stop()
        if self._workshop is not None:
            self._workshop.close()
        self._engine.dispose()
        self._socket.close()
