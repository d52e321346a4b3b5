"""Words and names in Kibana's search bar: what `docs/kibana.md` promises of them, with Kibana's exact requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch

from indexer.contract import PhysicalIndex, Provenance
from indexer.elastic.index import ElasticIndex
from tests.kibana.test_kibana_bar import DOCS, Part, both, words
from tests.support.indexes import a_document

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

TITLES = {
    "isis": "ISIS di Moskow",
    "niis": "NIIS di Moskwa",
    "as": "Presiden AS di Manila",
    "usa": "Amerika Serikat di Manila",
    "roda": "Montir ganti as roda di Manila",
    "kpk": "KPK tahan bupati",
    "komisi": "Komisi Pemberantasan Korupsi tahan wali kota",
    "ministry": "Kementerian bagikan benih",
    "fish": "Ikan teri kering",
    "innocent": "Terdakwa tidak bersalah",
    "guilty": "Terdakwa bersalah",
    "rp10": "Anggaran Rp10 triliun",
    "rp2": "Anggaran Rp2 triliun untuk 10 desa",
}
ALIAS = "news-words"


@pytest.fixture(scope="module")
def client(elasticsearch_server: str) -> Iterator[Elasticsearch]:
    """A client of a server with the articles in an index behind an alias."""
    index = ElasticIndex(elasticsearch_server, ALIAS)
    physical = PhysicalIndex.new(ALIAS, Provenance(3, "lexicon", "archive", "epoch"), datetime.now(UTC))
    index.create(physical)
    try:
        with index.writer(physical.name) as writer:
            writer.apply([a_document(at, title=title, body=()) for at, title in enumerate(TITLES.values(), start=1)])
        index.refresh(physical.name)
        index.swap(physical.name, expected=None)
        yield index.client
    finally:
        index.client.indices.delete(index=physical.name)


def phrase(text: str) -> Part:
    return words(text, "phrase")


def within(field: str, text: str) -> Part:
    return {"bool": {"should": [{"match_phrase": {field: text}}], "minimum_should_match": 1}}


BAR: dict[str, tuple[Part, str]] = {
    "ISIS and Moskow": (both(words("ISIS"), words("Moskow")), "isis niis"),
    "AS and Manila": (both(words("AS"), words("Manila")), "as usa"),
    '"KPK"': (phrase("KPK"), "kpk komisi"),
    'title.exact : "KPK" or body.exact : "KPK"': (
        {"bool": {"should": [within("title.exact", "KPK"), within("body.exact", "KPK")], "minimum_should_match": 1}},
        "kpk",
    ),
    '"Amerika Serikat"': (phrase("Amerika Serikat"), "as usa"),
    "menteri": (words("menteri"), "ministry"),
    '"tidak bersalah"': (phrase("tidak bersalah"), "innocent"),
}
"""The text in the bar, the query that Kibana sends for it, and the articles found."""


@pytest.mark.parametrize("text", BAR)
def test_the_bar_finds_the_words_that_the_page_promises(client: Elasticsearch, text: str) -> None:
    part, expected = BAR[text]
    assert found(client, part) == set(expected.split())
    assert f"`{text}`" in DOCS


def test_an_abbreviation_in_lower_case_is_the_word(client: Elasticsearch) -> None:
    assert found(client, both(words("as"), words("Manila"))) == {"roda"}


def test_an_amount_needs_quotation_marks(client: Elasticsearch) -> None:
    assert found(client, words("Rp10")) == {"rp10", "rp2"}
    assert found(client, phrase("Rp10")) == {"rp10"}


def found(client: Elasticsearch, part: Part) -> set[str]:
    """The names of the articles that the bar finds."""
    names = {title: name for name, title in TITLES.items()}
    hits = client.search(index=ALIAS, query={"bool": {"filter": [part]}}, size=100)["hits"]["hits"]
    return {names[hit["_source"]["title"]] for hit in hits}
