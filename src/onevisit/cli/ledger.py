"""`onevisit ledger`: signed checkpoints, and finding whatever was changed behind our back."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from onevisit.cases.checkpoints import BadKey, Finding, RolledBack, Verifier
from onevisit.cli.checkpointing import keys_of, maker, outside_of
from onevisit.documents import BadSeal
from onevisit.documents.format import BEIJING
from onevisit.settings import Settings
from onevisit.store.session import engine_for, reading

WHOLE, CHANGED, UNABLE = 0, 1, 2
MOST = 1000
"""Findings that are listed; whoever has more has one cause for all of them."""


def verify(case: str | None, since: str | None, as_json: bool) -> int:
    """Prints everything that is not as it was written; 1 when there is anything, 2 when it could
    not be found out (no such case, an unusable key)."""
    try:
        moment = datetime.fromisoformat(since).replace(tzinfo=BEIJING) if since else None
    except ValueError:
        return _unable(f"--since 应当是日期，如 2026-11-01，现在是 {since}")
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        look = partial(reading, engine, one_moment=True)
        verifier = Verifier(
            look, keys_of(settings), outside_of(settings), datetime.now(UTC), progress=_progress
        )
        if case is not None and not verifier.knows(case):
            return _unable(f"没有编号或者标识为“{case}”的办件")
        found = list(islice(verifier.one(case) if case else verifier.all(moment), MOST + 1))
        _progress("")
    except BadKey as error:
        return _unable(str(error))
    finally:
        engine.dispose()
    sys.stdout.write(_json(found, verifier) if as_json else _text(found, verifier))
    return CHANGED if any(each.wrong for each in found) else WHOLE


def checkpoint(lost: str | None) -> int:
    """Makes a checkpoint now; 1 when the database is behind its checkpoints, 2 without a key."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        made = maker(settings, engine).run(datetime.now(UTC), lost or "")
    except RolledBack as error:
        sys.stderr.write(f"{error}\n")
        return CHANGED
    except (BadKey, BadSeal) as error:
        return _unable(str(error))
    finally:
        engine.dispose()
    numbers = "、".join(map(str, made))
    said = f"已作检查点 {numbers}，存于 {outside_of(settings).folder}" if made else "没有新的留痕"
    sys.stdout.write(f"{said}。\n")
    return WHOLE


def key() -> int:
    """Prints the names of the trusted keys, to be noted down elsewhere; 2 when one is unusable."""
    settings = Settings().prepared()
    try:
        keys_of(settings).signer()
        names = keys_of(settings).trusted()
    except BadKey as error:
        return _unable(str(error))
    sys.stdout.write("".join(f"{name}\n" for name in names))
    return WHOLE


def _progress(text: str) -> None:
    """One line that is written over and over, where a person is watching."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def _unable(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return UNABLE


def _json(found: list[Finding], verifier: Verifier) -> str:
    told = {
        "whole": not any(each.wrong for each in found),
        "cases": verifier.cases,
        "checkpoints": verifier.checkpoints,
        "findings": [asdict(each) | {"sentence": each.sentence} for each in found[:MOST]],
        "more": len(found) > MOST,
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _text(found: list[Finding], verifier: Verifier) -> str:
    return "\n".join(_lines(found, verifier)) + "\n"


def _lines(found: list[Finding], verifier: Verifier) -> Iterator[str]:
    for each in found[:MOST]:
        yield ("✗ " if each.wrong else "· ") + each.sentence
    if len(found) > MOST:
        yield f"……只列出前 {MOST} 条"
    looked = f"核对了 {verifier.cases} 件办件、{verifier.checkpoints} 个检查点"
    wrong = sum(each.wrong for each in found[:MOST])
    yield f"✗ {looked}，发现 {wrong} 处不符。" if wrong else f"✓ {looked}，没有发现改动。"
