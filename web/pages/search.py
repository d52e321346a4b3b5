"""The search page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from indexer.nodes import All
from indexer.queries import Query
from indexer.query import read
from web.holdings import Opened
from web.rendering import MenuEntry, page

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(10, "/", "search")


@router.get("/")
def search(request: Request, holdings: Opened, q: str = "") -> Response:
    """The search box, and the newest articles or what was found."""
    root = read(q, holdings.settings.zone) if q.strip() else All()
    found = holdings.index.search(Query(root, limit=20, folds=True))
    return page(request, "search.html", {"q": q, "found": found, "title_of": holdings.title_of})
