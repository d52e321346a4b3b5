"""Watches: what is looked for, what each has found, and its Atom feed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from archive import watches as watching
from archive.feeds import atom, feed_of_watch
from archive.watches import SearchWatch
from web.holdings import Holdings, Opened
from web.problems import PageError
from web.rendering import MenuEntry, page

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(60, "/watches", "watches")
SHOWN = 100


@router.get("/watches")
def watches(request: Request, holdings: Opened) -> Response:
    """All watches, and how much each has found."""
    with holdings.archive.reading() as connection:
        known = watching.all_watches(connection)
        found = watching.count_hits(connection)
    return page(request, "watches.html", {"watches": known, "found": found, "zone": holdings.settings.zone})


@router.get("/watches/{watch_id}.atom")
def watch_feed(watch_id: int, holdings: Opened) -> Response:
    """What a watch has found, as Atom."""
    watch = _found(holdings, watch_id)
    with holdings.archive.reading() as connection:
        hits = watching.latest_hits(connection, watch_id, SHOWN)
    content = atom(feed_of_watch(holdings.archive.identity.archive_id, watch, hits))
    return Response(content, media_type="application/atom+xml")


@router.get("/watches/{watch_id}")
def watch(request: Request, watch_id: int, holdings: Opened) -> Response:
    """One watch, and the latest articles that it has found."""
    one = _found(holdings, watch_id)
    with holdings.archive.reading() as connection:
        hits = watching.latest_hits(connection, watch_id, SHOWN)
    values: dict[str, Any] = {
        "watch": one,
        "hits": hits,
        "title_of": holdings.title_of,
        "zone": holdings.settings.zone,
    }
    return page(request, "watch.html", values)


def _found(holdings: Holdings, watch_id: int) -> SearchWatch:
    if not 0 < watch_id < 2**31:
        raise PageError(404, "not_found")
    with holdings.archive.reading() as connection:
        watch = watching.find(connection, watch_id)
    if watch is None:
        raise PageError(404, "not_found")
    return watch
