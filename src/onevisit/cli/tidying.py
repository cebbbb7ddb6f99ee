"""`onevisit files tidy`: removes stored files that no row names."""

from datetime import UTC, datetime

from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.orphans import orphans
from onevisit.store.session import engine_for, reading
from onevisit.store.shelves import Unreachable

MEGABYTE = 2**20


def tidy(*, only_look: bool) -> int:
    """Prints how many there were and how large; 0, or 1 where the files cannot be reached."""
    settings = Settings()
    files = FileStore(settings.files)
    engine = engine_for(settings.database_url, settings.keyring)
    count = size = 0
    try:
        with reading(engine, one_moment=True) as session:
            for key in orphans(session, files, datetime.now(UTC)):
                count += 1
                size += files.shelf.size(key) or 0
                if not only_look:
                    files.delete(key)
    except Unreachable as error:
        print(f"✗ {error}；已经清掉 {count} 个，剩下的下次再清")
        return 1
    finally:
        engine.dispose()
    done = "可以清掉（去掉 --only-look 再运行一次）" if only_look else "已经清掉"
    told = f"{count} 个没有记录指着的文件，共 {size / MEGABYTE:.1f} MB，{done}。"
    print(told if count else "✓ 每个文件都有记录指着，没有可以清掉的。")
    return 0
