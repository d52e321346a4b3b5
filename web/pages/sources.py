"""Sources: what each has, how it fares, its days in a year at a glance, and what its hosts were asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from archive import hosts, runs
from archive.arrivals import sources_in
from archive.coverage import CoverageState, DayCoverage, coverage
from archive.health.report import source_health
from archive.politeness import traffic_since
from archive.published_days import first_and_last_days
from sources import BadSourceError, Source, load, names
from web.charts import CalendarDay, Caption, year_calendar
from web.choosing import chosen, unknown_value
from web.holdings import Holdings, Opened
from web.pages.runs import took
from web.problems import PageError
from web.rendering import MenuEntry, page, wording_of
from web.wording import PageWords

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(40, "/sources", "sources")
LEDGER_DAYS = 30
RUNS = 10


@router.get("/sources")
def sources(request: Request, holdings: Opened) -> Response:
    """All sources that have articles or are switched on."""
    with holdings.archive.reading() as connection:
        articles = sources_in(connection)
        days = first_and_last_days(connection)
    crawls = {each["source"]: each for each in holdings.operations.crawls()}
    running = holdings.operations.running()
    now = datetime.now(UTC)
    shown = sorted({*articles, *running}, key=lambda name: holdings.title_of(name).casefold())
    values: dict[str, Any] = {
        "shown": shown,
        "articles": articles,
        "days": {name: edges and tuple(map(date.fromisoformat, edges)) for name, edges in days.items()},
        "running": running,
        "crawls": crawls,
        "health": {name: source_health(holdings.archive, name, now) for name in running},
        "others": len(set(names()) - set(shown)),
        "title_of": holdings.title_of,
        "moment": datetime.fromisoformat,
        "zone": holdings.settings.zone,
    }
    return page(request, "sources.html", values)


@router.get("/sources/{name}")
def source(request: Request, name: str, holdings: Opened, year: str = "") -> Response:
    """One source: its facts, its health, a year of its days, its runs, and the ledger of its hosts."""
    found = _file_of(name)
    with holdings.archive.reading() as connection:
        articles = sources_in(connection).get(name, 0)
        edges = first_and_last_days(connection).get(name)
        now = datetime.now(UTC)
        ledger = [each for _, each in traffic_since(connection, now - timedelta(days=LEDGER_DAYS), name)]
        conditions = {each.host: each.in_words(now, holdings.settings.zone) for each in hosts.load_all(connection)}
    if found is None and not articles:
        raise PageError(404, "not_found")
    running = name in holdings.operations.running()
    values: dict[str, Any] = {
        "name": name,
        "title": holdings.title_of(name),
        "source": found,
        "articles": articles,
        "running": running,
        "crawl": next((each for each in holdings.operations.crawls() if each["source"] == name), None),
        "health": source_health(holdings.archive, name, now),
        "ledger": ledger,
        "ledger_days": LEDGER_DAYS,
        "conditions": conditions,
        "runs": runs.summaries(holdings.archive, name, RUNS, now),
        "took": took,
        "moment": datetime.fromisoformat,
        "zone": holdings.settings.zone,
        "calendar": None,
    }
    if year and not edges:
        raise unknown_value("year", year, [])
    if edges:
        values |= _calendar(wording_of(request), holdings, name, found, edges, year, running=running)
    return page(request, "source.html", values)


def _file_of(name: str) -> Source | None:
    try:
        return load(name) if name in names() else None
    except BadSourceError:
        return None


def _calendar(
    t: PageWords,
    holdings: Holdings,
    name: str,
    found: Source | None,
    edges: tuple[str, str],
    year: str,
    *,
    running: bool,
) -> dict[str, Any]:
    """The calendar of a year, its months as a table, and the years that there are."""
    zone = ZoneInfo(found.zone) if found else holdings.settings.zone
    today = datetime.now(zone).date()
    first, last = (date.fromisoformat(edge) for edge in edges)
    until = max(last, today - timedelta(days=1)) if running else last
    years = list(range(first.year, until.year + 1))
    shown = int(chosen("year", year, years) or until.year)
    span = max(first, date(shown, 1, 1)), min(until, date(shown, 12, 31))
    days = coverage(holdings.archive, name, *span, zone)
    busy = sorted(day.collected for day in days if day.collected)
    usual = busy[(len(busy) - 1) * 9 // 10] if busy else 1
    cells = {day.day: CalendarDay(level_of(day, usual), _says(t, day)) for day in days}
    gaps = sum(day.state is CoverageState.GAP for day in days)
    description = t("sources.calendar_says", articles=sum(day.collected for day in days), days=len(days), gaps=gaps)
    caption = Caption("calendar", t("sources.calendar_of", year=str(shown)), description)
    return {
        "calendar": year_calendar(shown, cells, t.short_months, caption),
        "caption": caption,
        "year": shown,
        "years": years,
        "months": [
            (month, *_counted(list(of_month))) for month, of_month in groupby(days, key=lambda day: day.day.month)
        ],
    }


def level_of(day: DayCoverage, usual: int) -> str:
    """From "0" to "4", which is as many as on a busy day; or "gap"."""
    if day.state is CoverageState.GAP:
        return "gap"
    return str(min(4, -(-4 * day.collected // max(1, usual))))


def _says(t: PageWords, day: DayCoverage) -> str:
    said = f"{t.day(day.day, short=True)}: {t.many('sources.articles_n', day.collected)}"
    if day.expected is not None:
        said += f" / {t.value(day.expected)}"
    return f"{said} ({t('sources.gap')})" if day.state is CoverageState.GAP else said


def _counted(days: list[DayCoverage]) -> tuple[int, int, int]:
    """Articles, days with articles, and gaps."""
    return (
        sum(day.collected for day in days),
        sum(day.collected > 0 for day in days),
        sum(day.state is CoverageState.GAP for day in days),
    )
