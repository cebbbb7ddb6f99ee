"""`onevisit erase`: which cases have been kept for long enough, and deleting what is personal in
them (个人信息保护法第十九条、第四十七条)."""

import sys
from datetime import UTC, datetime
from functools import partial

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY
from onevisit.cases.privacy import erase as erasing
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import cn_date
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing

FINE, NOT_ALL = 0, 1


def erase(*, do: bool, now: datetime | None = None) -> int:
    """Prints what is due, each with its rule; with `do` deletes it, each case in a transaction of
    its own. 1 when some could not be deleted."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    make = partial(
        Context,
        catalog=Catalog(engine),
        files=FileStore(settings.files),
        actor=NOBODY,
        now=now or datetime.now(UTC),
    )
    counted = refused = 0
    after = None
    try:
        while True:
            with reading(engine) as session:
                found, after = erasing.due(make(session), after)
            for each in found:
                counted += 1
                told = "到期"
                if do:
                    with writing(engine) as session:
                        because = erasing.erase(make(session), each)
                    refused += because is not None
                    told = f"没有清除：{because}" if because else "已清除"
                line = f"{each.number}  {cn_date(each.ended)}结束  {told}  {each.rule.basis}\n"
                sys.stdout.write(line)
            if after is None:
                break
        with reading(engine) as session:
            away = erasing.archived_due(make(session))
    finally:
        engine.dispose()
    what = "已处理" if do else "到期（加 --do 清除；先备份，清除后不能恢复）"
    sys.stdout.write(f"{what}：{counted} 件\n")
    if away:
        sys.stdout.write(
            f"另有已归档的到期办件，先用 onevisit archive back 调回：{'、'.join(away)}\n"
        )
    return NOT_ALL if refused else FINE
