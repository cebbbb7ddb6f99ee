"""The studio's calendars: a year at a glance, the next one added from the State Council's notice,
and which last days rest on a year that has not been announced."""

import calendar as months
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InAddress
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_publish
from onevisit.cases.deadlines.foresee import Provisional, provisional
from onevisit.catalog import announcement, place_files
from onevisit.catalog.announcement import Arrangement, Unreadable
from onevisit.catalog.place_files import CALENDARS
from onevisit.definition.form import FieldError
from onevisit.definition.place import Calendar
from onevisit.definition.problem import DefinitionError
from onevisit.web import place_change
from onevisit.web.edge import BadForm, PostedForm, page, reading, redirect, site_of, text_of
from onevisit.web.notice import said
from onevisit.web.place_change import File, Wanted

router = APIRouter()
CalendarId = Annotated[str, InAddress(pattern="^[a-z][a-z0-9_]{0,62}$")]
Year = Annotated[int | None, Query(ge=1900, le=2999)]
SATURDAY = 5


@dataclass(frozen=True)
class Day:
    """One day of the year's view; `mark` is 休, 班 or nothing."""

    day: date
    mark: str
    weekend: bool
    changed: bool


@dataclass(frozen=True)
class Month:
    """One month by weeks from Monday on; None where another month's days stand."""

    number: int
    weeks: tuple[tuple[Day | None, ...], ...]


@router.get("/studio/calendars")
def calendars(request: Request) -> Response:
    """All calendars; the only one itself."""
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        texts = site.catalog.texts(ctx.session, site.home)[0]
    names = [PurePosixPath(path).stem for path in place_files.paths(texts, CALENDARS)]
    if len(names) == 1:
        return redirect(f"/studio/calendars/{names[0]}")
    return page(request, "studio/calendars.html", names=names, said=said(request))


@router.get("/studio/calendars/{calendar_id}")
def calendar(request: Request, calendar_id: CalendarId, year: Year = None) -> Response:
    """One year of a calendar, with the form to change it or to add the next one."""
    file = place_change.opened(request, f"{CALENDARS}/{calendar_id}.yaml")
    found = _calendar(file)
    wanted = year if year is not None and year in _years(found) else _today(request).year
    shown = min(max(wanted, found.first.year), found.last.year + 1)
    typed = {"year": str(shown), "notice": announcement.as_typed(found, shown), "basis": ""}
    return _drawn(request, file, shown, typed)


@router.post("/studio/calendars/{calendar_id}")
def change(request: Request, calendar_id: CalendarId, form: PostedForm) -> Response:
    """Another arrangement of one year, once it was read what that moves."""
    file = place_change.opened(request, f"{CALENDARS}/{calendar_id}.yaml")
    typed = {key: text_of(form, key) for key in ("year", "notice", "basis")}
    found = _calendar(file)
    if not typed["year"].isdigit() or int(typed["year"]) not in _years(found):
        raise BadForm(str(BadForm.__doc__))
    year = int(typed["year"])
    stale = place_change.overtaken(file, form)
    if stale or place_change.editing_again(form):
        return _drawn(request, file, year, typed, stale=stale)
    try:
        return _settled(request, file, year, typed, form)
    except Unreadable as error:
        return _drawn(request, file, year, typed, [FieldError("notice", str(error))])
    except DefinitionError as error:
        faults = [FieldError("notice", each) for each in place_change.faults_of(error)]
        return _drawn(request, file, year, typed, faults)


def _settled(
    request: Request, file: File, year: int, typed: dict[str, str], form: FormData
) -> Response:
    found, back = _calendar(file), f"/studio/calendars/{PurePosixPath(file.path).stem}?year={year}"
    days = announcement.read_notice(typed["notice"], year)
    if not typed["basis"]:
        error = FieldError("basis", "请写明依据哪份通知，例如 国办发明电〔2026〕8号")
        return _drawn(request, file, year, typed, [error], days)
    before = [each for each in found.source.split("；") if not each.startswith(f"{year} 年依据")]
    source = "；".join([*before, f"{year} 年依据{typed['basis']}"])
    after = announcement.with_year(file.text, found, year, days, source)
    what = f"{'增加' if year > found.last.year else '修改'} {year} 年的放假安排"
    return place_change.settle(request, Wanted(file, after, what, typed["basis"], form, back))


def _drawn(  # noqa: PLR0917 -- what the page of one year is about, each once
    request: Request,
    file: File,
    year: int,
    typed: dict[str, str],
    errors: Sequence[FieldError] = (),
    days: Arrangement | None = None,
    stale: str = "",
) -> Response:
    found = _calendar(file)
    return page(
        request,
        "studio/calendar.html",
        status=422 if errors else 409 if stale else 200,
        calendar=found,
        file=file,
        year=year,
        years=_years(found),
        known=year <= found.last.year,
        months=_months(found, year, days),
        typed=typed,
        waiting=_provisional(request, found),
        errors=errors,
        wrong={each.path: each.message for each in errors},
        stale=stale,
        said=said(request),
    )


def _provisional(request: Request, found: Calendar) -> list[Provisional]:
    """The open cases whose last days rest on a year that has not been announced."""
    with reading(request) as ctx:
        services = [
            each.definition.workflow.id
            for each in ctx.catalog.list(ctx.session)
            if each.definition.calendar.id == found.id
        ]
        return provisional(ctx, found.last, services)


def _months(found: Calendar, year: int, days: Arrangement | None) -> tuple[Month, ...]:
    """The year by months; what differs from the present arrangement is marked as changed."""
    now = frozenset(found.holidays), frozenset(found.workdays)
    then = (frozenset(days.holidays), frozenset(days.workdays)) if days else now
    view = months.Calendar()
    return tuple(
        Month(
            number,
            tuple(
                tuple(_day(day, now, then) if day.month == number else None for day in week)
                for week in view.monthdatescalendar(year, number)
            ),
        )
        for number in range(1, 13)
    )


def _day(
    day: date,
    now: tuple[Collection[date], Collection[date]],
    then: tuple[Collection[date], Collection[date]],
) -> Day:
    marks = ["休" if day in off else "班" if day in worked else "" for off, worked in (now, then)]
    return Day(day, marks[1], day.weekday() >= SATURDAY, marks[0] != marks[1])


def _years(found: Calendar) -> range:
    """The years that are arranged, and the next one."""
    return range(found.first.year, found.last.year + 2)


def _calendar(file: File) -> Calendar:
    value = file.value
    assert isinstance(value, Calendar)
    return value


def _today(request: Request) -> date:
    with reading(request) as ctx:
        return ctx.today
