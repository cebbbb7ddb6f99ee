"""A real PgBouncer in transaction mode before the PostgreSQL of this test run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

CONFIG = """
[databases]
* = host={server} user={user}
[pgbouncer]
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
listen_addr =
listen_port = 6432
unix_socket_dir = {home}
auth_type = any
logfile = {home}/log
pidfile = {home}/pid
"""


@contextmanager
def pooled(url: str, size: int) -> Iterator[str]:
    """The URL of the database at `url` through a pooler with so many connections."""
    place = make_url(url)
    owner = Path(str(place.query["host"]), "data").stat()
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "PgBouncer was not found: scripts/bootstrap --with-tests installs it"
    with tempfile.TemporaryDirectory(prefix="onevisit-pooler-", dir="/tmp") as home:
        config = Path(home, "config")
        words = {"server": place.query["host"], "user": place.username, "size": size, "home": home}
        config.write_text(CONFIG.format(**words))
        os.chown(home, owner.st_uid, owner.st_gid)
        root = os.geteuid() == 0
        with subprocess.Popen(
            [program, "-q", str(config)],
            user=owner.st_uid if root else None,
            group=owner.st_gid if root else None,
            extra_groups=[] if root else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            through = place.set(query={"host": home, "port": "6432"})
            try:
                _until_it_answers(home, process)
                yield through.render_as_string(hide_password=False)
            finally:
                process.kill()


def _until_it_answers(home: str, process: "subprocess.Popen[bytes]") -> None:
    """By its own console, so that nothing is connected to any database yet."""
    while True:
        assert process.poll() is None, Path(home, "log").read_text()
        try:
            psycopg.connect(host=home, port=6432, dbname="pgbouncer", user="onevisit").close()
        except psycopg.OperationalError:
            continue
        return
