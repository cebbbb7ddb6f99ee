"""`onevisit keys search`: another key for the hashes by which people are found, while they are."""

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine

from onevisit.cli.keys import DONE, SETTLED, on_database, refused
from onevisit.cli.serving import say
from onevisit.settings import Settings
from onevisit.store.key_tables import note_search
from onevisit.store.keys_file import replace_by
from onevisit.store.search_rotation import left, rehash
from onevisit.store.session import reading, writing

NONE = "密钥文件里只有一把检索密钥；先 onevisit keys search add"


def add(*, use_now: bool) -> int:
    """Adds a search key, by which rows are found from now on; `use_now`: it hashes as well."""

    def run(settings: Settings, _: Engine) -> int:
        ring = settings.keyring.ring
        if ring.other is not None:
            return refused("已经有两把检索密钥；先 onevisit keys search rotate，再 search retire")
        new = os.urandom(32)
        search, other = (new, ring.search) if use_now else (ring.search, new)
        replace_by(settings.keys_path, replace(ring, search=search, other=other))
        say("新的检索密钥" + ("已经启用。" if use_now else "已加入，还没有启用。"))
        say("两把都能找到人。请把密钥文件另存一份。")
        if use_now:
            say("要把旧的散列也换过来：onevisit keys search rotate")
        return DONE

    return on_database(run, changes=True)


def use() -> int:
    """Has the other search key hash from now on; the one before still finds."""

    def run(settings: Settings, _: Engine) -> int:
        ring = settings.keyring.ring
        if ring.other is None:
            return refused(NONE)
        replace_by(settings.keys_path, replace(ring, search=ring.other, other=ring.search))
        say("从现在起用另一把检索密钥；原来的一把照样能找到人。")
        return DONE

    return on_database(run, changes=True)


def rotate() -> int:
    """Makes every hash with the key in use; may be interrupted and run again."""

    def run(settings: Settings, engine: Engine) -> int:
        done: Counter[str] = Counter()
        for batch in rehash(partial(reading, engine), partial(writing, engine), settings.keyring):
            done[batch.table] += batch.done
            say(f"  {batch.table}：{done[batch.table]}")
        say(f"已换成现在的检索密钥：{done.total()} 行。")
        return DONE

    return on_database(run)


def retire() -> int:
    """Takes the search key out that nothing is found by any more."""

    def run(settings: Settings, engine: Engine) -> int:
        ring = settings.keyring.ring
        if ring.other is None:
            return refused(NONE)
        changed = datetime.fromtimestamp(settings.keys_path.stat().st_mtime, UTC)
        if datetime.now(UTC) - changed < SETTLED:
            return refused("密钥文件改动还不到一小时，可能还有请求在用旧密钥；请过一小时再来")
        rows = left(partial(reading, engine), settings.keyring)
        if rows:
            return refused(
                f"还有 {rows} 行要靠另一把检索密钥才能找到；先 onevisit keys search rotate"
            )
        with writing(engine) as session:
            note_search(session, settings.keyring)
        replace_by(settings.keys_path, replace(ring, other=None))
        say("已移出另一把检索密钥。以前的备份还要靠它：和那些备份一起保存旧的密钥文件。")
        return DONE

    return on_database(run, changes=True)
