"""Export of a search: CSV, JSON Lines, Parquet, a bibliography, or the kept pages as WARC."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from web.access import OwnerReading
from web.exporting import make_export
from web.holdings import Opened
from web.searching import SearchState

router = APIRouter(include_in_schema=False)


@router.get("/export")
def export(request: Request, holdings: Opened, _: OwnerReading, format: str = "csv") -> Response:
    """The file of a search, to download."""
    return make_export(holdings, SearchState.of(request.query_params), format).response()
