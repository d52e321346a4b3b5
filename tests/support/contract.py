"""What the tests of the contract share: three articles, and questions to an index (fixtures: `contract_fixtures`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

from archive.records import Dateline, Image, PhotoCredit
from indexer.contract import Deletion, Outcome, PhysicalIndex, SearchIndex
from indexer.documents import Document
from indexer.queries import Query, Results
from indexer.query import read
from tests.conftest import WIB

Opener = Callable[[], SearchIndex]
WIT = timezone(timedelta(hours=9))


def put(index: SearchIndex, physical: PhysicalIndex, *items: Document | Deletion) -> list[Outcome]:
    """Apply a batch with a new writer."""
    with index.writer(physical.name) as writer:
        outcomes = [result.outcome for result in writer.apply(items)]
    index.refresh(physical.name)
    return outcomes


def ask(index: SearchIndex, text: str, **fields: Any) -> Results:
    """Search with a query in the query syntax."""
    return index.search(Query(read(text, WIB), **fields))


def titles(index: SearchIndex, text: str, **fields: Any) -> list[str]:
    """The titles of the hits, in order."""
    return [hit.title for hit in ask(index, text, **fields).hits]


STORY = {
    "title": "Prancis dan Rusia bahas penumpasan ISIS",
    "body": ("Menteri Pertahanan bertolak ke Moskow.", "Jum’at kemarin ia <tiba> & berkata 'damai'."),
    "authors": ("Nur Imansyah",),
    "agency": "ANTARA",
    "dateline": Dateline("Paris", "ANTARA News/AFP", "Paris (ANTARA News/AFP) -", canonical="Paris", country="Prancis"),
    "images": (Image(None, "Pesawat Sukhoi di landasan", PhotoCredit("Reuters/Rizal", "Rizal Kurnia", "Reuters")),),
    "published_at": date(2015, 12, 18),
    "published_precision": "day",
}
OTHERS: tuple[dict[str, Any], ...] = (
    {
        "title": "Moskow diguyur salju",
        "body": ("Kota itu dingin.",),
        "section": "Dunia",
        "dateline": Dateline("Moscow", None, "MOSCOW -", canonical="Moskow", country="Rusia"),
        "published_at": datetime(2015, 12, 17, 23, tzinfo=WIT),
    },
    {
        "title": "Harga beras naik",
        "body": ("Bukan tentang ISIS, tetapi tentang pasar.", "Menteri ke pasar."),
        "source": "tempo",
        "dateline": Dateline("Mataram, NTB", "ANTARA News", "…", "Mataram", "Nusa Tenggara Barat", "Indonesia"),
        "published_at": datetime(2016, 1, 1, 0, 0, tzinfo=WIB),
        "flags": ("body-incomplete", "layout-unknown"),
    },
)


A, B, C = STORY["title"], OTHERS[0]["title"], OTHERS[1]["title"]
