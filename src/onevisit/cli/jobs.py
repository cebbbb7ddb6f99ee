"""`onevisit jobs`: background work for whoever has the machine, and having it tried again."""

import json
import sys
import uuid
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Engine

from onevisit.cases.views.jobs import Job, Jobs, counted, overview, repeated
from onevisit.documents.format import cn_datetime
from onevisit.settings import Settings
from onevisit.store.session import engine_for, reading, writing

FINE, FAILED, UNKNOWN = 0, 1, 2
STATES = {"waiting": "等待", "running": "正在办", "failed": "失败"}


def jobs(failed: bool, retry: str | None, retry_all: bool, as_json: bool) -> int:
    """Prints what is not done; 1 when something failed and waits for a person, 2 for an unknown
    id. With `retry` or `retry_all` it is tried again by whichever node looks next."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        if (retry or retry_all) and not _repeat(engine, retry):
            sys.stderr.write("没有可以重试的任务。\n")
            return UNKNOWN if retry else FINE
        with reading(engine) as session:
            found = overview(session, datetime.now(UTC), failed=failed)
    finally:
        engine.dispose()
    sys.stdout.write(_json(found) if as_json else _text(found))
    return FAILED if any(each.failed for each in found.figures) else FINE


def _repeat(engine: Engine, retry: str | None) -> int:
    try:
        row_id = uuid.UUID(retry) if retry else None
    except ValueError:
        return 0
    with writing(engine) as session:
        return repeated(session, datetime.now(UTC), row_id)


def _json(found: Jobs) -> str:
    return json.dumps(asdict(found), ensure_ascii=False, indent=2, default=str) + "\n"


def _text(found: Jobs) -> str:
    lines = [
        f"{each.title}：等待 {counted(each.waiting)}，正在办 {each.running}，"
        f"失败 {counted(each.failed)}，已完成 {counted(each.done)}"
        + (f"，渠道未开通 {counted(each.off)}" if each.off else "")
        for each in found.figures
    ]
    return "\n".join([*lines, *(_line(row) for row in found.rows)]) + "\n"


def _line(row: Job) -> str:
    said = f"{row.id}  {STATES[row.state]}  第{row.attempts}次  {row.title}"
    if row.node:
        said += f"  {row.node}"
    if row.next_at:
        said += f"  下次 {cn_datetime(row.next_at)}"
    return said + (f"\n    {row.error}" if row.error else "")
