"""`onevisit explain`: every counted day of a case's clocks, with the article it rests on."""

import json
import sys
import uuid
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, select

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.views import clock_words as words
from onevisit.cases.views.clock import ClockLine, Explanation, RegionClocks, explain
from onevisit.catalog.catalog import Catalog
from onevisit.definition.problem import Language, nearest_name
from onevisit.engine import CASE
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading
from onevisit.store.tables import Case

FOUND, UNKNOWN = 0, 2


def explain_case(case: str, item: str | None, language: Language, as_json: bool) -> int:
    """Prints the clocks of a case (its number or id), or of one of its items; 2 when unknown."""
    settings = Settings().prepared()
    engine = engine_for(settings.database_url, settings.keyring)
    try:
        with reading(engine) as session:
            catalog, files = Catalog(engine), FileStore(settings.files)
            ctx = Context(session, catalog, files, NOBODY, datetime.now(UTC))
            found = _found(ctx, case, item)
    finally:
        engine.dispose()
    if isinstance(found, str):
        sys.stderr.write(found + "\n")
        return UNKNOWN
    if as_json:
        text = json.dumps(as_data(found, language), ensure_ascii=False, indent=2) + "\n"
    else:
        text = "\n".join(_Lines(found, language).all()) + "\n"
    sys.stdout.write(text)
    return FOUND


def _found(ctx: Context, case: str, item: str | None) -> Explanation | str:
    """The explanation, or why there is none."""
    case_id = _case_id(ctx.session, case)
    try:
        dossier = load(ctx, case_id) if case_id is not None else None
    except NotFound:
        dossier = None
    if dossier is None or dossier.case.number is None:
        return f"没有编号或者标识为“{case}”的办件"
    if item is None:
        return explain(ctx, dossier)
    regions = _regions(dossier, item)
    if not regions:
        names = [CASE, *dossier.approvals]
        near = nearest_name(item, names)
        hint = f"；是否想写“{near}”？" if near else f"；可选：{'、'.join(names)}"
        return f"办件里没有“{item}”这个事项{hint}"
    return explain(ctx, dossier, regions)


def _case_id(session: Session, case: str) -> uuid.UUID | None:
    found = session.exec(select(Case.id).where(Case.number == case)).one_or_none()
    if found is not None:
        return found
    try:
        return uuid.UUID(case)
    except ValueError:
        return None


def _regions(dossier: Dossier, item: str) -> tuple[str, ...]:
    """The regions of an item, which may have one for each element of a list; or the region."""
    keys = [part.key for part in dossier.selection.parts if item in (part.key, part.item.id)]
    return (CASE,) if item == CASE else tuple(keys)


def as_data(found: Explanation, language: Language) -> dict[str, Any]:
    """The explanation as JSON values; dates ISO 8601."""
    return {
        "case": found.number,
        "service": found.service,
        "today": found.today.isoformat(),
        "calendar_known_until": found.known_until.isoformat(),
        "clocks": [
            _clock_data(region, line, language) for region in found.regions for line in region.lines
        ],
        "deadlines": [
            {key: _plain(value) for key, value in asdict(each).items()} for each in found.deadlines
        ],
    }


def _clock_data(region: RegionClocks, line: ClockLine, language: Language) -> dict[str, Any]:
    facts = ("kind", "days", "unit", "basis", "start", "due", "recorded", "closes", "provisional",
             "standing", "used", "left")  # fmt: skip
    return {
        "region": region.region,
        "title": region.title,
        **{name: _plain(getattr(line, name)) for name in facts},
        "because": words.because(line, language),
        "counted": [
            {
                "day": one.day.isoformat(),
                "number": one.number,
                "why": one.why,
                "text": words.day(line, one, language),
            }
            for one in line.lines
        ],
        "extensions": [
            {key: _plain(value) for key, value in asdict(each).items()} for each in line.granted
        ],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class _Lines:
    """The explanation as lines of text."""

    def __init__(self, found: Explanation, language: Language) -> None:
        self.found, self.language = found, language

    def say(self, chinese: str, english: str) -> str:
        return chinese if self.language == "zh" else english

    def all(self) -> list[str]:
        found = self.found
        lines = [
            f"{found.service} {found.number}",
            self.say(
                f"今天 {found.today}；放假安排已公布至 {found.known_until}，之后的日期为暂定",
                f"today {found.today}; holidays are announced until {found.known_until}, later "
                "days are provisional",
            ),
        ]
        for region in found.regions:
            lines += self._region(region)
        if found.deadlines:
            lines += ["", self.say("其他期限", "Other deadlines")]
        for each in found.deadlines:
            since = self.say(f"自 {each.start} 起", f"since {each.start}") if each.start else ""
            done = self.say(f"{each.done} 完成", f"done {each.done}") if each.done else ""
            note = self.say("暂定", "provisional") if each.provisional else ""
            more = "，".join(part for part in (since, done, note, each.basis) if part)
            lines.append(f"  {each.due} {each.title}（{more}）")
        return lines

    def _region(self, region: RegionClocks) -> list[str]:
        lines = ["", f"{region.title} · {region.department} · {region.state}"]
        if not region.lines:
            waits = "、".join(f"“{each}”" for each in region.waits)
            waiting = f"，等待{waits}的结果" if waits else ""
            lines.append(self.say(f"  还没有开始计时{waiting}", "  not started yet"))
        for line in region.lines:
            lines += self._clock(line)
        return lines

    def _clock(self, line: ClockLine) -> list[str]:
        language = self.language
        title, basis = words.kind(line, language), f"（{line.basis}）" if line.basis else ""
        lines = [f"  {title} {words.limit(line, language)}{basis}"]
        for each in line.granted:
            text = f"{each.on} {each.by}：{each.reasons}（{each.basis}）"
            granted = self.say(f"批准延长 {each.days} 日：", f"extended by {each.days} days: ")
            lines.append(f"    {granted}{text}")
        starts = self.say("起算", "starts")
        lines.append(f"    {starts} {line.start} {words.because(line, language)}")
        for one in line.lines:
            number = str(one.number) if one.number is not None else "·"
            weekday = words.weekday(one.day, language)
            lines.append(f"    {one.day} {weekday} {number:>4}  {words.day(line, one, language)}")
        last = self.say("最后一天", "last day")
        lines.append(f"    {last} {words.last_day(line, language)}")
        if line.recorded is not None:
            lines.append(
                self.say(
                    f"    登记的最后一天为 {line.recorded}：期限届满之后才变动的规则不再改变它",
                    f"    recorded is {line.recorded}: rules that came after it ended leave it",
                )
            )
        lines.append(f"    {words.standing(line, language)}")
        return lines
