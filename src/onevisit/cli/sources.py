"""`onevisit sources import`: fills the front database of shared records; the demo has some too."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, select

from onevisit.cases.shared_import import BadList, import_records
from onevisit.catalog.folder import load_folder
from onevisit.cli.serving import say
from onevisit.definition.place import SharedSource
from onevisit.definition.service import Definition
from onevisit.settings import Settings
from onevisit.store.migrate import upgrade
from onevisit.store.session import engine_for, writing
from onevisit.store.tables import Account

DONE, REFUSED = 0, 1
HOUSEHOLD = "户口簿（示例市演示区；户别：居民家庭户）,示例市演示区演示路一号"
DEMO = {
    "population": (
        "id_card,name,household_book,household_address,householder",
        f"居民身份证（有效期至2036年1月1日）,{{name}},{HOUSEHOLD},{{name}}",
    ),
    "social_insurance": (
        "account,contributions,first_month,social_card",
        "示例市演示纺织厂,累计缴费 312 个月（至2026年10月）,2000-09-01,99000020000901",
    ),
    "housing_fund_accounts": ("account", "990000102030"),
}
"""Of the first demo applicant, as a department's list would have it: columns, and one line. All of
it is invented; region 990000 does not exist."""


def import_file(source_id: str, file: Path, root: Path) -> int:
    """Imports a CSV file (UTF-8); 0 when all was taken over, else 1 with every faulty line."""
    sources = {
        each.id: each
        for service in load_folder(root).services
        for each in service.definition.directory.sources
    }
    if source_id not in sources:
        sys.stderr.write(f"没有共享来源“{source_id}”；现有：{'、'.join(sorted(sources))}\n")
        return REFUSED
    settings = Settings().prepared()
    upgrade(settings.database_url, settings.keyring)
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines, writing(engine) as session:
            found = import_records(session, sources[source_id], lines, datetime.now(UTC))
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"不能读取 {file}：{error}；请存为 UTF-8 编码的 CSV\n")
        return REFUSED
    except BadList as error:
        sys.stderr.write("名单有错，一条也没有导入：\n" + "\n".join(error.faults) + "\n")
        return REFUSED
    finally:
        engine.dispose()
    counts = f"新增 {found.new} 条，更新 {found.replaced} 条，{found.older} 条比已有的旧，没有动"
    say(f"{sources[source_id].title}：{counts}。")
    return DONE


def import_demo(session: Session, definitions: Sequence[Definition]) -> None:
    """Fictional records of the first demo applicant in each source that the services know."""
    account = session.exec(select(Account).where(Account.username == "applicant")).one()
    known = {each.id: each for d in definitions for each in d.directory.sources}
    for source_id, (columns, line) in DEMO.items():
        source = known.get(source_id)
        if source is not None and account.id_number:
            _import_line(session, source, account, columns, line)


def _import_line(
    session: Session, source: SharedSource, account: Account, columns: str, line: str
) -> None:
    rows = (
        f"holder,as_of,{columns}",
        f"{account.id_number},2026-11-01,{line.format(name=account.name)}",
    )
    import_records(session, source, rows, datetime.now(UTC))
