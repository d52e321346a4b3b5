"""The search page, and suggestions while one types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from archive.finding import SHORTEST, NoSuchArticleError, find, find_all
from archive.tables import articles
from archive.versions import LostVersionError
from indexer.contract import NoIndexError, SearchError
from indexer.notes import Notes
from indexer.paging import BadCursorError
from indexer.queries import Query, Results, Sort
from indexer.query import BadQueryError
from indexer.query_words import QUERY_WORDS
from indexer.sentences import Sentence
from indexer.suggestions import suggest
from indexer.watching import with_all_words
from web.choosing import page_state
from web.hits import shown_hits
from web.holdings import Holdings, Opened
from web.problems import PageError
from web.rendering import MenuEntry, page, wording_of
from web.searching import COUNTED, FILTERS, LONGEST_CURSOR, SearchState
from web.timeline import is_short, months_of, timeline
from web.wording import PageWords

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(10, "/", "search")
FIRST_VALUES = 8
"""Values of a facet that are shown at once; the others are behind a fold."""
NEWEST = 20
"""Articles that are listed from the archive while the search is down."""
LONGEST_TYPED = 100
MOST_MONTHS_BY_DAY = 2
_MAY_BE_ONE_ARTICLE = re.compile(rf"\s*(?:https?://\S+|(?:urn:sha256:)?[0-9a-f]{{{SHORTEST},}})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say beside the hits, and a search to offer (None: none)."""

    sentence: str
    state: SearchState | None = None
    label: str = ""
    language: str = ""
    """Of the sentence, if it is not the page's."""


@router.get("/")
def search(request: Request, holdings: Opened, state: Annotated[SearchState, Depends(page_state)]) -> Response:
    """The search box, and the newest articles or what was found."""
    zone = holdings.settings.zone
    words = wording_of(request)
    known: dict[str, Any] = {"state": state, "query_words": QUERY_WORDS, "filters": FILTERS, "sorts": list(Sort)}
    try:
        query = state.query(zone, datetime.now(zone), facets=COUNTED)
        found = holdings.index.search(query)
    except BadQueryError as error:
        return _without_hits(request, known, 400, _unreadable(error, words), error=error)
    except BadCursorError:
        again = Advice(words("search.bad_cursor"), state.changed(), words("search.from_the_start"))
        return _without_hits(request, known, 400, again)
    except PageError as error:
        if error.key not in ("bad_date", "many_clauses"):
            raise
        return _without_hits(request, known, error.status, Advice(words(f"problems.{error.key}", **error.values)))
    except NoIndexError:
        return _search_down(request, holdings, known, Advice(words("problems.no_index")))
    except SearchError as error:
        return _search_down(request, holdings, known, Advice(words("problems.search_down", detail=str(error))))
    return page(request, "search.html", known | _results(holdings, state, query, found, words))


def _tried(state: SearchState, hint: Sentence, zone: tzinfo) -> SearchState | None:
    """The search that a hint offers: what it says, in place of what it names where that is only a part."""
    if hint.tried is None:
        return None
    text = hint.tried
    whole = state.as_typed(zone)
    if hint.kind == "unknown-value-meant":
        text = whole.replace(str(hint.values["value"]), hint.tried)
    elif hint.kind == "wrong-way":
        text = whole.replace(f"{hint.values['after']} {hint.values['before']}", hint.tried)
    return SearchState(words=text, sort=state.sort, copies=state.copies)


def _results(holdings: Holdings, state: SearchState, query: Query, found: Results, words: PageWords) -> dict[str, Any]:
    try:
        with holdings.archive.reading() as connection:
            hits = shown_hits(connection, found.hits)
            the_one = _the_one(connection, state)
    except SQLAlchemyError:  # the index has enough for a page; an article's page tells what the archive lacks
        hits, the_one = shown_hits(None, found.hits), None
    more = found.next if found.next and len(found.next) <= LONGEST_CURSOR else None
    return {
        "found": found,
        "hits": hits,
        "the_one": the_one,
        "order": query.order,
        "advice": list(_advice(state, found.notes, words, holdings.settings.zone)),
        "timeline": timeline(state, found.facets, _days(holdings, query, found)),
        "next": state.changed(cursor=more) if more else None,
        "too_deep": found.next is not None and more is None,
        "typed": state.as_typed(holdings.settings.zone),
        "title_of": holdings.title_of,
        "first_values": FIRST_VALUES,
    }


def _days(holdings: Holdings, query: Query, found: Results) -> dict[date, int] | None:
    """The hits by day where they are spread over two months at most; None where they are not, or lack words."""
    months = months_of(found.facets)
    relaxed = found.notes.with_all is not None or found.notes.corrected
    if relaxed or not months or not is_short(months, MOST_MONTHS_BY_DAY):
        return None
    try:
        return holdings.index.per_day([with_all_words(query.root)])[0]
    except SearchError:  # an index that was built before it had days; months are shown then
        return None


def _without_hits(
    request: Request, known: dict[str, Any], status: int, *advice: Advice, error: BadQueryError | None = None
) -> Response:
    """The page with the box and what is wrong, the place of an error pointed at."""
    place = (error.query[: error.position], error.query[error.position :]) if error else None
    values = {"found": None, "hits": [], "advice": list(advice), "place": place, "the_one": None, "newest": []}
    return page(request, "search.html", known | values, status=status)


def _search_down(request: Request, holdings: Holdings, known: dict[str, Any], advice: Advice) -> Response:
    """The page while the index cannot be searched: it says so, and lists the newest articles of the archive."""
    newest = []
    try:
        with holdings.archive.reading() as connection:
            ids = connection.execute(select(articles.c.id).order_by(articles.c.published_on.desc()).limit(NEWEST))
            keys = [str(each) for each in ids.scalars()]
            stored = find_all(connection, keys)
            newest = [stored[key].article for key in keys if key in stored]
    except SQLAlchemyError:
        newest = []  # the sentence about the search says enough; an article's page tells of the archive
    values = {"found": None, "hits": [], "advice": [advice], "the_one": None, "newest": newest}
    headers = {"Retry-After": "30"}
    return page(request, "search.html", known | values | {"title_of": holdings.title_of}, status=503, headers=headers)


def _the_one(connection: Connection, state: SearchState) -> Any:
    """The article whose address or id was typed into the box, if the archive has it."""
    if not _MAY_BE_ONE_ARTICLE.fullmatch(state.words):
        return None
    try:
        return find(connection, state.words).article
    except (NoSuchArticleError, LostVersionError):
        return None


def _unreadable(error: BadQueryError, words: PageWords) -> Advice:
    return Advice(words(f"sentences.{error.sentence.kind}", **error.sentence.values))


def _advice(state: SearchState, notes: Notes, words: PageWords, zone: tzinfo) -> Iterator[Advice]:
    """What the search did beyond its words, each with the way to have it exactly; then what to try next."""
    for each in notes.corrected:
        instead = words("search.or").join(f"“{word}”" for word in each.instead)
        exactly = state.changed(words=_with_plus(state.words, each.word))
        yield Advice(words("search.corrected", word=each.word, instead=instead), exactly, f"+{each.word}")
    for joined in notes.joined:
        exact = f'"{joined.word}"' if " " in joined.word else f"+{joined.word}"
        others = ", ".join(f"“{other}”" for other in joined.others[:3])
        key = "search.joined_more" if len(joined.others) > 3 else "search.joined"
        sentence = words(key, word=joined.word, others=others, more=max(0, len(joined.others) - 3))
        yield Advice(sentence, state.changed(words=_replaced(state.words, joined.word, exact)), exact)
    if notes.with_all is not None:
        lacking = ", ".join(f"“{word}”" for word in notes.left_out)
        key = "search.none_has_all" if not notes.with_all else "search.few_have_all"
        yield Advice(words(key, n=notes.with_all, lacking=lacking or "–"))
    for hint in notes.hints:
        if isinstance(hint, Sentence):
            tried = _tried(state, hint, zone)
            yield Advice(words(f"sentences.{hint.kind}", **hint.values), tried, tried.words if tried else "")
        else:
            yield Advice(hint, language="en")


def _with_plus(text: str, word: str) -> str:
    return _replaced(text, word, f"+{word}")


def _replaced(text: str, word: str, by: str) -> str:
    """The query with a word of it written otherwise, wherever it stands as a word; by itself if it does not."""
    changed, count = re.subn(
        rf'(?<![\w"+:-]){re.escape(word)}(?![\w"*])', lambda _: by, text, count=1, flags=re.IGNORECASE
    )
    return changed if count else f"{text} {by}".strip()


@router.get("/suggest")
def suggestions(holdings: Opened, q: str = "") -> JSONResponse:
    """What a query that begins so may become, for the list below the box."""
    found = suggest(holdings.index, q[:LONGEST_TYPED]) if q.strip() else ()
    return JSONResponse([each.as_json() for each in found], headers={"Cache-Control": "private, max-age=60"})
