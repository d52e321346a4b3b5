"""Kibana's search bar finds what `docs/kibana.md` promises: Kibana's exact requests, against a real Elasticsearch.

Kibana translates the bar's KQL itself. These are its translations (elastic/kibana, kbn-es-query: `functions/is.ts`,
`ast.test.ts`, `build_es_query.test.ts`): words without a field are one `multi_match`, and all of it is a filter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from archive.articles import published_on
from indexer.contract import PhysicalIndex, Provenance
from indexer.documents import document
from indexer.elastic.index import ElasticIndex
from kibana.objects import SEARCHES, TIME_FIELD, saved_objects
from tests.conftest import an_article

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

WIB = timezone(timedelta(hours=7))
DOCS = (Path(__file__).parents[2] / "docs/kibana.md").read_text(encoding="utf-8")
Part = dict[str, Any]

ARTICLES: tuple[Part, ...] = (
    {"title": "ISIS terdesak di Suriah", "body": ("Menhan Prancis berkunjung ke Moskow.",)},
    {"title": "ISIS mengaku", "body": ("Sebuah pernyataan.",)},
    {"title": "Salju pertama di Moskow", "body": ("Taman kota memutih.",)},
    {"title": "Strategi ISIS Moskow dibahas", "body": ("ISIS dan Moskow, Moskow dan ISIS.",), "agency": "Reuters"},
    {"title": "Harga beras naik", "body": ("Pasar di Kendari ramai.",), "agency": "Reuters"},
)
"""One a day from 17 December 2015 on, numbered from 1."""


@pytest.fixture(scope="module")
def client(elasticsearch_server: str) -> Iterator[Elasticsearch]:
    """A client of a server with the articles in an index behind `news`."""
    index = ElasticIndex(elasticsearch_server, "news")
    physical = PhysicalIndex.new("news", Provenance(1, "lexicon", "archive", "epoch"), datetime.now(UTC))
    index.create(physical)
    try:
        with index.writer(physical.name) as writer:
            for number, fields in enumerate(ARTICLES, 1):
                at = datetime(2015, 12, 16 + number, 10, tzinfo=WIB)
                article = an_article(number, published_at=at, **fields)
                moment = published_on(article, WIB)
                each = document(article, seq=number, status="live", content_hash="hash", published_on=moment)
                writer.apply([each])
        index.refresh(physical.name)
        index.swap(physical.name, expected=None)
        yield index.client
    finally:
        index.client.indices.delete(index=physical.name)


def words(text: str, kind: str = "best_fields") -> Part:
    return {"multi_match": {"type": kind, "query": text, "lenient": True}}


def value(field: str, text: str) -> Part:
    return {"bool": {"should": [{"term": {field: {"value": text}}}], "minimum_should_match": 1}}


def both(*parts: Part) -> Part:
    return {"bool": {"filter": list(parts)}}


BAR: dict[str, tuple[Part, list[int]]] = {
    "ISIS Moskow": (words("ISIS Moskow"), [4, 3, 2, 1]),
    "ISIS and Moskow": (both(words("ISIS"), words("Moskow")), [4, 1]),
    '"ISIS Moskow"': (words("ISIS Moskow", "phrase"), [4]),
    "ISIS and not Moskow": (both(words("ISIS"), {"bool": {"must_not": words("Moskow")}}), [2]),
    "agencies : Reuters and ISIS": (both(value("agencies", "Reuters"), words("ISIS")), [4]),
    "agency : reuters": (value("agency", "reuters"), []),
    "agency.folded : reuters": (value("agency.folded", "reuters"), [5, 4]),
    'published_at >= "2015-12-01"': (
        {"bool": {"should": [{"range": {TIME_FIELD: {"gte": "2015-12-01", "time_zone": "Asia/Jakarta"}}}]}},
        [5, 4, 3, 2, 1],
    ),
    "": ({"match_all": {}}, [5, 4, 3, 2, 1]),
}
"""The text in the bar, the query that Kibana sends for it, and the articles found, in order."""


def found(client: Elasticsearch, part: Part) -> tuple[list[int], list[float | None]]:
    """The numbers and scores of the articles that Discover lists, newest first, within twenty years."""
    period = {"format": "strict_date_optional_time", "gte": "2006-11-23T00:00:00Z", "lte": "2026-11-24T00:00:00Z"}
    query = {"bool": {"must": [], "filter": [part, {"range": {TIME_FIELD: period}}], "should": [], "must_not": []}}
    sort = [
        {TIME_FIELD: {"order": "desc", "format": "strict_date_optional_time", "unmapped_type": "boolean"}},
        {"_doc": {"order": "desc", "unmapped_type": "boolean"}},
    ]
    hits = client.search(index="news", query=query, sort=sort, size=500, stored_fields=["*"], source=True)["hits"][
        "hits"
    ]
    return [hit["_source"]["seq"] for hit in hits], [hit["_score"] for hit in hits]


@pytest.mark.parametrize("text", BAR)
def test_the_bar_finds_what_the_page_promises_newest_first_and_unscored(client: Elasticsearch, text: str) -> None:
    part, expected = BAR[text]
    assert found(client, part) == (expected, [None] * len(expected))
    assert not text or f"`{text}`" in DOCS


def test_each_saved_search_finds_what_its_kql_finds(client: Elasticsearch) -> None:
    queries = [
        json.loads(each["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]
        for each in saved_objects()
        if each["type"] == "search"
    ]
    assert [found(client, BAR[kql][0])[0] for kql in queries] == [[5, 4, 3, 2, 1], [4, 1]]
    assert len(queries) == len(SEARCHES)


def test_the_charts_count_days_and_values_as_printed(client: Elasticsearch) -> None:
    """The aggregations that Lens sends for its columns."""
    days = {"date_histogram": {"field": TIME_FIELD, "calendar_interval": "1d", "time_zone": "Asia/Jakarta"}}
    days["date_histogram"]["min_doc_count"] = 1
    split = {"terms": {"field": "source", "size": 10, "order": {"_count": "desc"}}, "aggs": {"days": days}}
    agencies = {"terms": {"field": "agencies", "size": 15, "order": {"_count": "desc"}}}
    answer = client.search(index="news", size=0, aggs={"split": split, "agencies": agencies})["aggregations"]
    (source,) = answer["split"]["buckets"]
    assert [bucket["key_as_string"][:10] for bucket in source["days"]["buckets"]] == [
        f"2015-12-{day}" for day in range(17, 22)
    ]
    assert [(bucket["key"], bucket["doc_count"]) for bucket in answer["agencies"]["buckets"]] == [("Reuters", 2)]
