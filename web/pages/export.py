"""Export of a search: CSV, JSON Lines, Parquet, a bibliography, or the kept pages as WARC."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from indexer.query import BadQueryError
from web.access import OwnerReading
from web.choosing import page_state
from web.exporting import make_export
from web.holdings import Opened
from web.problems import PageError, unreadable, words_for
from web.searching import SearchState

router = APIRouter(include_in_schema=False)


@router.get("/export")
def export(
    request: Request,
    holdings: Opened,
    _: OwnerReading,
    state: Annotated[SearchState, Depends(page_state)],
    format: str = "csv",
) -> Response:
    """The file of a search, to download."""
    try:
        return make_export(holdings, state, format).response()
    except BadQueryError as error:
        raise PageError(400, "bad_request", detail=unreadable(words_for(request), error)) from error
