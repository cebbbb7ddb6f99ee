"""`onevisit backup` and `onevisit restore`: everything that cannot be made again, of one moment,
taken while people work, and brought back into an empty place only."""

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from onevisit.cases.checkpoints import BadKey, Keys, Verifier
from onevisit.cli.checkpointing import keys_of, outside_of
from onevisit.settings import Settings
from onevisit.store import backup_database as database
from onevisit.store import backup_files as backups
from onevisit.store.backup_database import NotCopied
from onevisit.store.backup_files import CHECKPOINTS, FILES, Manifest, Torn, Writing
from onevisit.store.files import FileStore
from onevisit.store.migrate import is_known, upgrade
from onevisit.store.sealed_files import Altered
from onevisit.store.secret import KeysFault
from onevisit.store.session import engine_for, reading
from onevisit.store.shelves import Shelf, Unreachable

DONE, NOT_DONE = 0, 1
ATTEMPTS = 5
"""How often the moment is chosen anew when a file was removed just while it was copied."""
KEEP_ALSO = """备份里没有密钥和签章。请另外保管（放在别处、限制谁能读）：
  {keys}      个人信息的加密密钥；没有它，备份无法打开
  {checkpoint}      检查点的签名密钥
  {session}      会话密钥（丢了只是大家要重新登录）
  {seals}      各部门的电子签章
以及服务目录 workflows/ forms/ templates/ 和 ONEVISIT_… 各项设置。"""


def backup(target: Path) -> int:
    """Makes a backup in the new folder `target`; 1 when it could not be made, and then nothing
    stays under that name."""
    settings = Settings().prepared()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        return _refused(f"{target} 已经存在，里面有东西；请换一个名字")
    partial_name = target.with_name(target.name + ".partial")
    try:
        shutil.rmtree(partial_name, ignore_errors=True)
        manifest = _Backup(settings, Writing(partial_name)).make()
        if target.exists():
            target.rmdir()
        partial_name.rename(target)
    except (NotCopied, KeysFault, Unreachable, OSError) as error:
        shutil.rmtree(partial_name, ignore_errors=True)
        return _refused(f"没有备份成功，{target} 没有写下：{_words(error)}")
    _say(f"已备份到 {target}：{manifest.files} 个文件，{manifest.bytes} 字节，"
         f"数据库版本 {manifest.revision}，检查点 {manifest.checkpoint}。")  # fmt: skip
    for key in manifest.missing:
        _say(f"  注意：数据库提到的文件 {key} 已经不在，备份里也没有")
    _say(_keep_also(settings))
    return DONE


@dataclass
class _Backup:
    """One backup being made."""

    settings: Settings
    writing: Writing
    revision: str = ""
    checkpoint: int = 0
    missing: tuple[str, ...] = ()
    """What the database names and the files lack."""

    def make(self) -> Manifest:
        """Files first, for those that exist before the moment may be removed after it; then the
        moment; then the files that were added up to it. Files never change."""
        shelf, name = self.settings.shelf, database.NAMES[self._kind]
        self.writing.begin()
        self.writing.copy_store(shelf)
        path, before = self.writing.target / name, None
        for _ in range(ATTEMPTS):
            path.unlink(missing_ok=True)
            database.copy(self.settings.database_url, path, partial(self._seen, shelf))
            if not self.missing or self.missing == before:
                break
            before = self.missing  # removed just now, or long ago: the next moment tells
        self.writing.add(name)
        self._copy_checkpoints()
        manifest = Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            program=version("onevisit"),
            database=self._kind,
            revision=self.revision,
            files=self.writing.files,
            bytes=self.writing.bytes,
            keys=tuple(key.id for key in self.settings.keyring.ring.keys),
            checkpoint=self.checkpoint,
            missing=self.missing,
        )
        self.writing.finish(manifest)
        return manifest

    def _copy_checkpoints(self) -> None:
        """Those of the database's moment, and the public keys; newer ones are not of this backup"""
        outside = outside_of(self.settings)
        numbers = [each for each in outside.numbers() if each <= self.checkpoint]
        for path in (*map(outside.path, numbers), *sorted(outside.folder.glob("*.pub"))):
            self.writing.copy_file(path, f"{CHECKPOINTS}/{path.name}")

    @property
    def _kind(self) -> str:
        return database.kind_of(self.settings.database_url)

    def _seen(self, shelf: Shelf, connection: Connection) -> None:
        """What belongs to the moment of the copy."""
        self.writing.copy_store(shelf)
        self.revision = database.revision_of(connection)
        kept = self.writing.target / FILES
        stored = database.stored_files(connection)
        self.missing = tuple(key for key, _ in stored if not (kept / key).exists())
        if inspect(connection).has_table("checkpoints"):
            newest = connection.execute(text("SELECT max(number) FROM checkpoints"))
            self.checkpoint = newest.scalar_one() or 0


def restore(source: Path) -> int:
    """Brings a backup back; 1 when it was refused (and nothing was changed) or when what came back
    is not whole."""
    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = settings.database_url or f"sqlite:///{settings.data / 'onevisit.db'}"
    try:
        manifest = backups.opened(source)
        _refuse_unless_fit(settings, url, manifest)
        settings = settings.prepared()
        _bring(settings, source, manifest)
        upgrade(settings.database_url, settings.keyring)
    except (Torn, NotCopied, KeysFault, Unreachable, OSError) as error:
        return _refused(f"没有恢复：{_words(error)}")
    _say(f"已恢复 {manifest.made_at} 的备份：{manifest.files} 个文件，"
         f"数据库从版本 {manifest.revision} 升级到当前版本。")  # fmt: skip
    return _examined(settings, manifest)


def _refuse_unless_fit(settings: Settings, url: str, manifest: Manifest) -> None:
    """Raises NotCopied for a place that is not empty, or that cannot hold or read this backup."""
    kind = database.kind_of(url)
    if manifest.database != kind:
        raise NotCopied(f"备份的数据库是 {manifest.database}，这里设置的是 {kind}")
    if not is_known(manifest.revision):
        raise NotCopied(
            f"备份来自更新的版本 {manifest.program}（数据库 {manifest.revision}），请先升级程序"
        )
    if not database.is_empty(url):
        raise NotCopied("数据库不是空的；只能恢复到空的数据库里，以免盖掉已有的数据")
    if next(settings.shelf.names(), None) is not None:
        where = settings.files_url or settings.data / "files"
        raise NotCopied(f"{where} 里已经有文件；只能恢复到空的文件存储里")
    _refuse_without_keys(settings, manifest.keys)


def _refuse_without_keys(settings: Settings, needed: Sequence[str]) -> None:
    given = settings.keys.get_secret_value() or settings.keys_path.exists()
    have = {key.id for key in settings.keyring.ring.keys} if given else set()
    lacking = [each for each in needed if each not in have]
    if lacking:
        raise NotCopied(
            f"缺少加密密钥 {'、'.join(lacking)}：请先把当时的密钥文件放到 {settings.keys_path}"
        )


def _bring(settings: Settings, source: Path, manifest: Manifest) -> None:
    """Files before rows: what is cut off here is a place without a database, not a database that
    names files which are not there."""
    outside, shelf = outside_of(settings), settings.shelf
    for _, name in backups.sums(source):
        folder, _, rest = name.partition("/")
        if folder == FILES:
            backups.put_stored(source / name, shelf, rest)
        elif folder == CHECKPOINTS and not (outside.folder / rest).exists():
            backups.put(source / name, outside.folder / rest)
    _believe(keys_of(settings), source)
    database.put_back(settings.database_url, source / database.NAMES[manifest.database])


def _believe(keys: Keys, source: Path) -> None:
    """Where no key of checkpoints is at hand, those of the backup are believed, and named."""
    if keys.trusted():
        return
    for path in sorted((source / CHECKPOINTS).glob("*.pub")):
        name = keys.trust(path.read_bytes())
        _say(f"这里没有检查点的密钥，暂且相信备份里的 {name}；请与当时记下的名称核对")


def _examined(settings: Settings, manifest: Manifest) -> int:
    """Whether every file is there as its row says, and the ledger is whole."""
    engine = engine_for(settings.database_url, settings.keyring)
    wrong: list[str] = []
    try:
        with engine.connect() as connection:
            named = database.stored_files(connection)
            wrong += _files_amiss(FileStore(settings.files), named, manifest.missing)
        look = partial(reading, engine, one_moment=True)
        keys, outside = keys_of(settings), outside_of(settings)
        with look() as session:  # the newest may have had no file yet
            outside.write_missing(session, list(keys.trusted().values()))
        verifier = Verifier(look, keys, outside, datetime.now(UTC))
        wrong += [each.sentence for each in verifier.all() if each.wrong]
    except BadKey as error:
        wrong.append(str(error))
    finally:
        engine.dispose()
    for each in wrong:
        _say(f"✗ {each}")
    looked = f"核对了全部文件、{verifier.cases} 件办件、{verifier.checkpoints} 个检查点"
    _say(f"✗ {looked}，发现 {len(wrong)} 处不符。" if wrong else f"✓ {looked}，没有发现改动。")
    return NOT_DONE if wrong else DONE


def _files_amiss(
    files: FileStore, named: Iterable[tuple[str, str]], missing: Sequence[str]
) -> Iterator[str]:
    """What is wrong with the files that rows name: each is opened and read to its end."""
    for key, sha256 in named:
        try:
            found = files.stored(key).sha256()
        except FileNotFoundError:
            if key not in missing:
                yield f"少了文件 {key}"
        except (Altered, KeysFault) as error:
            yield str(error)
        else:
            if sha256 and found != sha256:
                yield f"文件 {key} 与登记的不符"


def _keep_also(settings: Settings) -> str:
    return KEEP_ALSO.format(
        keys=settings.keys_path,
        checkpoint=keys_of(settings).file,
        session=settings.data / "session.key",
        seals=settings.seals or settings.data / "seals",
    )


def _words(error: Exception) -> str:
    """An error of the system in its own short words."""
    return f"{error.strerror}：{error.filename}" if isinstance(error, OSError) else str(error)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _refused(text: str) -> int:
    sys.stderr.write(text + "\n")
    return NOT_DONE
