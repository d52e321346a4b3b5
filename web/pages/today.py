"""What came in on a day: new articles by source and section, the stories that most sources carried, and changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from archive import arrivals
from archive.differences import EditKind
from indexer.queries import Sort
from web.asking import BadAskingError, day_of
from web.holdings import Opened
from web.problems import PageError
from web.rendering import MenuEntry, page, wording_of
from web.searching import SearchState

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(30, "/today", "today")
MOST_SECTIONS = 12
MOST_CHANGES = 60
MOST_NEWEST = 20


@router.get("/today")
def today(request: Request, holdings: Opened, day: str = "") -> Response:
    """What the archive saved on a day, from midnight to midnight in the user's zone; today if none is given."""
    zone = holdings.settings.zone
    now = datetime.now(zone)
    try:
        chosen = day_of(day, zone, "day") or now.date()
    except BadAskingError as error:
        raise PageError(400, "bad_request", detail=error.said(wording_of(request))) from error
    if chosen >= date.max - timedelta(days=1) or chosen <= date.min + timedelta(days=1):
        raise PageError(400, "bad_request", detail=wording_of(request)("today.no_day"))
    since = datetime(chosen.year, chosen.month, chosen.day, tzinfo=zone)
    following = chosen + timedelta(days=1)
    until = datetime(following.year, following.month, following.day, tzinfo=zone)
    with holdings.archive.reading() as connection:
        came = arrivals.arrivals(connection, since, until)
        newest = arrivals.newest(connection, since, until, MOST_NEWEST)
        stories = arrivals.most_carried(connection, since, until)
        changes, complete = arrivals.changes_of(connection, since, until)
    ours = [change for change in changes if not change.readers_differ]
    values: dict[str, Any] = {
        "day": chosen,
        "now": now if chosen == now.date() else None,
        "before": chosen - timedelta(days=1),
        "after": following if following <= now.date() else None,
        "came": came,
        "by_source": sorted(came.by_source.items(), key=lambda each: (-each[1], each[0])),
        "sections": {name: list(each.items())[:MOST_SECTIONS] for name, each in came.sections.items()},
        "newest": newest,
        "stories": stories,
        "backup": holdings.operations.backup() if chosen == now.date() else [],
        "search": lambda source, section="": SearchState(filters=_filters(source, section), sort=Sort.NEWEST).url(),
        "changes": [(change, _kinds(change.kinds)) for change in ours[:MOST_CHANGES]],
        "changed": len(ours),
        "by_readers": len(changes) - len(ours),
        "complete": complete,
        "title_of": holdings.title_of,
        "zone": zone,
    }
    return page(request, "today.html", values)


def _filters(source: str, section: str) -> Mapping[str, tuple[str, ...]]:
    return {"source": (source,)} | ({"section": (section,)} if section else {})


def _kinds(kinds: tuple[EditKind, ...]) -> list[str]:
    return [str(kind) for kind in kinds]
