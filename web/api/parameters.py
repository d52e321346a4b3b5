"""The parameters of the API that several of its routes have, with what they may be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from indexer.paging import BadCursorError
from indexer.queries import Sort
from indexer.query import BadQueryError
from web.asking import BadAskingError
from web.choosing import require_sources
from web.holdings import Opened
from web.problems import PageError, unreadable, words_for
from web.searching import LONGEST_CURSOR, LONGEST_QUERY, LONGEST_VALUE, MOST_VALUES, SearchState

DAY = "^([0-9]{4}(-[0-9]{1,2}){0,2})?$"

Words = Annotated[str, Query(max_length=LONGEST_QUERY, description="A query in the query syntax (docs/search.md).")]
_Value = Annotated[str, Query(max_length=LONGEST_VALUE)]
Values = Annotated[list[_Value], Query(max_length=MOST_VALUES, description="Any of these values.")]
DayText = Annotated[str, Query(pattern=DAY, description="A year, a month or a day: 2015, 2015-12, 2015-12-18.")]
ArticleId = Annotated[
    str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z:_-]{0,79}$", description="The whole id of an article.")
]


def search_state(
    holdings: Opened,
    q: Words = "",
    source: Values = [],  # noqa: B006  FastAPI copies it
    agency: Values = [],  # noqa: B006  FastAPI copies it
    photo: Values = [],  # noqa: B006  FastAPI copies it
    place: Values = [],  # noqa: B006  FastAPI copies it
    section: Values = [],  # noqa: B006  FastAPI copies it
    author: Values = [],  # noqa: B006  FastAPI copies it
    after: DayText = "",
    before: DayText = "",
    family: Annotated[str, Query(max_length=LONGEST_VALUE, description="The copies of one story.")] = "",
) -> SearchState:
    """The search that the parameters ask for: as on the search page. Raises PageError for an unknown source."""
    require_sources(holdings, source)
    filters = {"source": source, "agency": agency, "photo": photo, "place": place, "section": section, "author": author}
    chosen = {name: tuple(dict.fromkeys(filter(None, values))) for name, values in filters.items() if values}
    return SearchState(" ".join(q.split()), chosen, after, before, Sort.NEWEST, family)


State = Annotated[SearchState, Depends(search_state)]
Cursor = Annotated[str, Query(max_length=LONGEST_CURSOR, description="`next` of the page before, unchanged.")]


@contextmanager
def refusing(request: Request) -> Iterator[None]:
    """Answer 400 with a sentence to a query, a date or a cursor that cannot be read."""
    words = words_for(request)
    try:
        yield
    except BadQueryError as error:
        raise PageError(400, "bad_request", detail=f"q: {unreadable(words, error)}") from error
    except BadAskingError as error:
        raise PageError(400, "bad_request", detail=error.said(words)) from error
    except BadCursorError as error:
        said = str(error) if words.language == "en" else words("search.bad_cursor")
        raise PageError(400, "bad_request", detail=f"cursor: {said}") from error
