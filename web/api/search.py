"""The API's searches: hits, suggestions, export, and feeds of any query."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from archive.feeds import AtomFeed, FeedEntry, atom, urn
from indexer.queries import Hit, Sort
from indexer.schema import FACETS
from indexer.suggestions import suggest
from web.access import OwnerReading
from web.api.conditional import ConditionalRoute
from web.api.parameters import Cursor, State, refusing
from web.api.shapes import JsonFeed, SearchAnswer, SuggestionList
from web.exporting import MEDIA_TYPES, make_export
from web.holdings import Holdings, Opened
from web.searching import LONGEST_CURSOR, SearchState
from web.untrusted import web_link

router = APIRouter(route_class=ConditionalRoute, tags=["search"])
PAGE = 20
MOST = 100
FEED_ITEMS = 50
BEGINNING = 300
"""Characters of a text in a feed."""


_JSON_FEED = {"application/feed+json": {"schema": {"$ref": "#/components/schemas/JsonFeed"}}}


class ExportForm(StrEnum):
    """The formats of `kliping archive export`."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL_JSON = "csl-json"
    WARC = "warc"


@router.get("/search")
def search(
    request: Request,
    holdings: Opened,
    state: State,
    sort: Sort = Sort.RELEVANCE,
    limit: Annotated[int, Query(ge=1, le=MOST)] = PAGE,
    cursor: Cursor = "",
    copies: Annotated[bool, Query(description="Whether each copy of a story is a hit of its own.")] = False,
    facets: Annotated[bool, Query(description="Whether to count how many matches have each value.")] = False,
) -> SearchAnswer:
    """Search as the search page does; with `cursor`, the next page of the same search.

    Without words, the newest articles. By relevance pages end after some 2,000 articles; by date they never do.
    """
    with refusing(request):
        asked = state.changed(sort=sort, copies=copies, cursor=cursor)
        options = {"limit": limit, "facets": tuple(FACETS) if facets else ()}
        found = holdings.index.search(asked.query(holdings.settings.zone, datetime.now(UTC), **options)).as_json()
    if found["next"] and len(found["next"]) > LONGEST_CURSOR:
        found["next"] = None
        found["notes"]["sentences"].append("Pages by relevance end here. Go on by date (sort=newest), or export.")
    return SearchAnswer.model_validate(found)


@router.get("/suggestions")
def suggestions(holdings: Opened, q: Annotated[str, Query(max_length=200)] = "") -> SuggestionList:
    """What a query that begins so may become."""
    found = suggest(holdings.index, q) if q.strip() else ()
    return SuggestionList.model_validate({"suggestions": [each.as_json() for each in found]})


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"description": "The file.", "content": {each: {} for each in sorted(set(MEDIA_TYPES.values()))}}},
)
def export(
    request: Request,
    holdings: Opened,
    _: OwnerReading,
    state: State,
    format: ExportForm = ExportForm.JSONL,
) -> Response:
    """All articles that a search finds, as `kliping archive export` writes them, streamed.

    Every article has all words of the query. `X-Kliping-Stamp` identifies what was exported, and `X-Kliping-Articles`
    says how many articles follow. A file of unknown length is whole if the transfer ends in order; if something fails
    in the middle, the connection is cut.
    """
    with refusing(request):
        return make_export(holdings, state, str(format)).response()


@router.get(
    "/feed.atom",
    response_class=Response,
    responses={200: {"description": "The feed.", "content": {"application/atom+xml": {}}}},
)
def atom_feed(request: Request, holdings: Opened, state: State) -> Response:
    """The newest articles of a search, as an Atom feed (RFC 4287)."""
    hits, beginnings = _newest(request, holdings, state)
    archive_id = holdings.archive.identity.archive_id
    entries = [
        FeedEntry(
            urn(archive_id, "article", hit.id),
            hit.title,
            _moment(holdings, hit),
            hit.published_at if "T" in hit.published_at else None,
            holdings.title_of(hit.source),
            web_link(hit.url),
            beginnings[hit.id],
        )
        for hit in hits
    ]
    typed = state.as_typed(holdings.settings.zone)
    updated = max((entry.updated for entry in entries), default=datetime.fromtimestamp(0, UTC))
    feed = AtomFeed(urn(archive_id, "search", typed), f"Kliping: {typed}", updated, entries, own=str(request.url))
    return Response(atom(feed), media_type="application/atom+xml")


@router.get(
    "/feed.json",
    response_class=JSONResponse,
    responses={200: {"description": "The feed.", "content": _JSON_FEED}},
)
def json_feed(request: Request, holdings: Opened, state: State) -> Response:
    """The newest articles of a search, as a JSON Feed 1.1."""
    hits, beginnings = _newest(request, holdings, state)
    archive_id = holdings.archive.identity.archive_id
    items: list[dict[str, Any]] = []
    for hit in hits:
        item: dict[str, Any] = {
            "id": urn(archive_id, "article", hit.id),
            "title": hit.title,
            "content_text": beginnings[hit.id],
            "authors": [{"name": holdings.title_of(hit.source)}],
        }
        if url := web_link(hit.url):
            item["url"] = url
        if "T" in hit.published_at:
            item["date_published"] = hit.published_at
        items.append(item)
    feed = JsonFeed.model_validate(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"Kliping: {state.as_typed(holdings.settings.zone)}",
            "home_page_url": str(request.base_url).rstrip("/") + state.url(),
            "feed_url": str(request.url),
            "items": items,
        }
    )
    return JSONResponse(feed.model_dump(exclude_none=True), media_type="application/feed+json")


def _newest(request: Request, holdings: Holdings, state: SearchState) -> tuple[tuple[Hit, ...], dict[str, str]]:
    """The newest hits with all words, one of each story, and the beginnings of their texts."""
    with refusing(request):
        query = state.query(
            holdings.settings.zone, datetime.now(UTC), limit=FEED_ITEMS, highlights=False, as_typed=True, reference=None
        )
        hits = holdings.index.search(query).hits
    texts = holdings.index.texts([hit.id for hit in hits])
    beginnings = {}
    for hit in hits:
        first = next(iter(texts.get(hit.id, ("", ()))[1]), "")
        beginnings[hit.id] = first if len(first) <= BEGINNING else first[:BEGINNING].rsplit(" ", 1)[0] + " …"
    return hits, beginnings


def _moment(holdings: Holdings, hit: Hit) -> datetime:
    """When a hit was published; of which only the day is known, at its beginning in the user's zone."""
    if "T" in hit.published_at:
        return datetime.fromisoformat(hit.published_at)
    day = date.fromisoformat(hit.published_at)
    return datetime(day.year, day.month, day.day, tzinfo=holdings.settings.zone)
