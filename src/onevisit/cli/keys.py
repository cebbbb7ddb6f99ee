"""`onevisit keys`: which keys there are and what they hold, a new one, going over to it."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlmodel import col, delete

from onevisit.cli.serving import say
from onevisit.documents.format import cn_datetime
from onevisit.settings import Settings
from onevisit.store.file_rotation import left_under, reseal_files, tally_files
from onevisit.store.files import FileStore
from onevisit.store.key_tables import KeptKey, check_keys, note_key
from onevisit.store.keys_file import make_once, replace_by
from onevisit.store.rotation import reseal, tally
from onevisit.store.secret import CIPHERS, Key, Ring
from onevisit.store.session import engine_for, reading, writing

DONE, REFUSED = 0, 1
SETTLED = timedelta(hours=1)
"""How long after the file changed a request may still be under way that seals with the key before,
or a node that has not been given the file yet."""


def list_keys() -> int:
    """Prints every key: which one writes, since when there is it, how many values it holds."""
    return on_database(_list)


def create() -> int:
    """Makes the key file where ONEVISIT_KEYS_FILE says, for a database that holds nothing yet."""
    path = Settings().keys_path
    if path.exists():
        return refused(f"{path} 已经有了，没有改动")
    make_once(path, datetime.now(UTC))
    say(f"已生成 {path}。请马上另存一份到安全的地方：丢了它，加密的内容谁也打不开。")
    return DONE


def add(cipher: str, *, use_now: bool) -> int:
    """Adds a key; it seals from now on, or once `use` says so."""
    if cipher not in CIPHERS:
        return refused(f"没有“{cipher}”这种算法；可以用 {'、'.join(CIPHERS)}")

    def run(settings: Settings, engine: Engine) -> int:
        key = Key.new(datetime.now(UTC), cipher)
        ring = settings.keyring.ring.with_key(key, writing=use_now)
        _put(settings, engine, ring)
        say(f"新密钥 {key.id}（{cipher}）" + ("已经启用。" if use_now else "已加入，还没有启用。"))
        say("请把密钥文件另存一份。运行中的服务会自己换用，不用重启。")
        if use_now:
            say("要把旧内容也换成新密钥：onevisit keys rotate")
        return DONE

    return on_database(run, changes=True)


def use(key_id: str) -> int:
    """Has a key that was added before seal from now on."""

    def run(settings: Settings, engine: Engine) -> int:
        ring = settings.keyring.ring
        if key_id not in {key.id for key in ring.keys}:
            return refused(f"密钥文件里没有 {key_id}")
        _put(settings, engine, replace(ring, writing=key_id))
        say(f"从现在起用密钥 {key_id} 加密。")
        return DONE

    return on_database(run, changes=True)


def rotate() -> int:
    """Seals everything with the writing key; may be interrupted and run again."""

    def run(settings: Settings, engine: Engine) -> int:
        done: Counter[str] = Counter()
        steps = reseal(partial(reading, engine), partial(writing, engine), settings.keyring)
        for batch in steps:
            done[batch.table] += batch.done
            say(f"  {batch.table}：{done[batch.table]}")
        moved = _files(settings, engine)
        say(
            f"已换成密钥 {settings.keyring.ring.writing}：{done.total()} 个值，"
            f"{moved['sealed']} 个文件。"
        )
        if moved["missing"]:
            say(f"另有 {moved['missing']} 个文件不在存储里（已按保存期限清除，或者丢失），没有动。")
        return REFUSED if moved["altered"] else DONE

    return on_database(run)


def retire(key_id: str) -> int:
    """Takes a key out of the file, once nothing is sealed with it any more."""

    def run(settings: Settings, engine: Engine) -> int:
        ring, now = settings.keyring.ring, datetime.now(UTC)
        if key_id not in {key.id for key in ring.keys}:
            return refused(f"密钥文件里没有 {key_id}")
        if key_id == ring.writing:
            return refused(f"{key_id} 正在使用；先 onevisit keys add 换一把")
        changed = datetime.fromtimestamp(settings.keys_path.stat().st_mtime, UTC)
        if now - changed < SETTLED:
            return refused("密钥文件改动还不到一小时，可能还有请求在用旧密钥；请过一小时再来")
        with reading(engine) as session:
            left = tally(session)[key_id]
            files = left_under(session, FileStore(settings.files), key_id)
        if left or files:
            return refused(
                f"还有 {left} 个值、{files} 个文件是用 {key_id} 加密的；先 onevisit keys rotate，"
                "换下来的旧文件十分钟后由后台删掉"
            )
        with writing(engine) as session:
            session.exec(delete(KeptKey).where(col(KeptKey.id) == key_id))
        keys = tuple(key for key in ring.keys if key.id != key_id)
        replace_by(settings.keys_path, replace(ring, keys=keys))
        say(
            f"已停用并移出 {key_id}。用它加密的旧备份还要靠它打开：和那些备份一起保存旧的密钥文件。"
        )
        return DONE

    return on_database(run, changes=True)


def on_database(act: Callable[[Settings, Engine], int], *, changes: bool = False) -> int:
    settings = Settings().prepared()
    if changes and settings.keys.get_secret_value():
        return refused("密钥来自环境变量 ONEVISIT_KEYS，不能在这里改；请改用 ONEVISIT_KEYS_FILE")
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        check_keys(engine, settings.keyring)
        return act(settings, engine)
    finally:
        engine.dispose()


def _list(settings: Settings, engine: Engine) -> int:
    with reading(engine) as session:
        counts, files = tally(session), tally_files(session)
    ring = settings.keyring.ring
    for key in ring.keys:
        role = "加密中" if key.id == ring.writing else "只解密"
        age = (datetime.now(UTC) - key.made).days
        made = cn_datetime(key.made)
        say(f"{key.id}  {role}  {key.cipher}  {made}生成（{age} 天）  {counts[key.id]} 个值"
            f"  {files[key.id]} 个文件")  # fmt: skip
    if files[""]:
        say(f"没有加密的旧文件 {files['']} 个：onevisit keys rotate 会把它们加密")
    return DONE


def _files(settings: Settings, engine: Engine) -> Counter[str]:
    """Brings all files under the writing key, says so now and then, and names what is not right."""
    became: Counter[str] = Counter()
    transactions = partial(reading, engine), partial(writing, engine)
    files, to = FileStore(settings.files), settings.keyring.ring.writing
    for each in reseal_files(*transactions, files, to, datetime.now(UTC)):
        became[each.became] += 1
        if each.became == "altered":
            refused(f"文件 {each.key} 与登记的不符或者打不开，没有动；请查明，从备份恢复")
        if became["sealed"] % 200 == 1 and each.became == "sealed":
            say(f"  文件：{became['sealed']}")
    return became


def _put(settings: Settings, engine: Engine, ring: Ring) -> None:
    """The file first: a value is never sealed with a key that is not safely there."""
    replace_by(settings.keys_path, ring)
    with writing(engine) as session:
        note_key(session, settings.keyring)


def refused(why: str) -> int:
    sys.stderr.write(why + "\n")
    return REFUSED
