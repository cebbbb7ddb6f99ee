"""`onevisit files tidy`: removes stored files that no row names."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from onevisit.cli.keys import DONE, on_database, refused
from onevisit.cli.serving import say
from onevisit.settings import Settings
from onevisit.store.file_rotation import tally_files
from onevisit.store.files import FileStore
from onevisit.store.orphans import orphans
from onevisit.store.session import reading
from onevisit.store.shelves import Unreachable

MEGABYTE = 2**20
WRONG_PLACE = (
    "数据库里没有一条记录指着任何文件，存储里却有 {count} 个：是不是连错了数据库或者文件存储？"
    "一个也没有动"
)


def tidy(*, remove: bool) -> int:
    """Prints how many there were and how large; refuses where the files cannot be reached, and to
    take a store for one of orphans whose database names no file."""

    def run(settings: Settings, engine: Engine) -> int:
        count = size = 0
        files = FileStore(settings.files)
        try:
            with reading(engine, one_moment=True) as session:
                strange = not tally_files(session)
                for key in orphans(session, files, datetime.now(UTC)):
                    count += 1
                    size += files.shelf.size(key) or 0
                    if remove and not strange:
                        files.delete(key)
        except Unreachable as error:
            return refused(f"{error}。清到一半也没有关系，下次接着清")
        if strange and count:
            return refused(WRONG_PLACE.format(count=count))
        done = "已经清掉" if remove else "加上 --remove 再运行一次就清掉"
        told = f"{count} 个没有记录指着的文件，共 {size / MEGABYTE:.1f} MB；{done}。"
        say(told if count else "每个文件都有记录指着，没有可以清的。")
        return DONE

    return on_database(run)
