"""The contract of a search engine: what watches find among what was changed. Every test runs with every engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer import relaxing, synonyms
from indexer.contract import PhysicalIndex, SearchIndex
from indexer.queries import Query
from indexer.query import read
from indexer.watching import watched
from newsstand.stories import load_stories
from tests.conftest import WIB
from tests.support.contract import put
from tests.support.indexes import a_document, current_index

pytest_plugins = ["tests.support.contract_fixtures"]


@pytest.mark.parametrize(
    ("text", "past", "found"),
    [
        ("Moskow", 0, (2, 1)),  # the latest change first
        ("Moskow", 1, (2,)),
        ("Moskow", 2, ()),
        ("ISIS Moskow", 0, (1,)),  # all words are required: no article with one of them
        ("NIIS", 0, (3, 1)),  # another name of ISIS
        ("Moskwo", 0, ()),  # no word is corrected
        ("-ISIS", 0, (2,)),
        ("source:tempo", 1, (3,)),
        ("penumpasan", 0, (1,)),
    ],
)
def test_a_watch_finds_what_was_changed_since_and_has_all_words(
    news: SearchIndex, text: str, past: int, found: tuple[int, ...]
) -> None:
    name = current_index(news).name
    assert list(news.changed(name, [watched(text, WIB)], past=past, limit=10)) == [found]


def test_many_watches_are_asked_at_once_and_answered_in_order(news: SearchIndex) -> None:
    roots = [watched(text, WIB) for text in ("Moskow", "beras", "tidakada") * 100]
    found = list(news.changed(current_index(news).name, roots, past=0, limit=1))
    assert found == [(2,), (3,), ()] * 100


def test_what_is_more_than_was_asked_for_comes_in_pages(news: SearchIndex) -> None:
    name, every = current_index(news).name, watched("ISIS OR beras OR Moskow", WIB)
    (first,) = news.changed(name, [every], past=0, limit=2)
    (second,) = news.changed(name, [every], past=0, limit=2, until=first[-1])
    assert (first, second) == ((3, 2), (1,))
    (found,) = news.changed(name, [every], past=1, limit=10_000)
    assert found == (3, 2)


QUERIES = (
    "NIIS",
    "yang",
    "di Jakarta",
    "beras OR gabah",
    "berit*",
    "source:newsstand",
    "after:2024 pasar",
    "pasar -(beras OR gabah)",
    "-pasar",
    "AS",
    "U-23",
    '"di pasar" OR "harga"',
)


@pytest.mark.parametrize("analysed", ["alike", "otherwise"])
def test_a_watch_finds_what_a_search_with_all_words_finds(
    index: SearchIndex, physical: PhysicalIndex, monkeypatch: pytest.MonkeyPatch, analysed: str
) -> None:
    """Watches are compiled to less than searches, which also rank. They must match the same articles."""
    monkeypatch.setattr(PhysicalIndex, "is_analysed_as_now", analysed == "alike")
    stories = load_stories()
    documents = [a_document(n, title=each.title, body=tuple(each.paragraphs)) for n, each in enumerate(stories, 1)]
    put(index, physical, *documents)
    seqs = {each.id: each.seq for each in documents}
    titles = [" ".join(each.title.split()[:2]) for each in stories]
    firsts = [(each.title.split()[0], each) for each in stories if each.paragraphs and each.title.split()[0].isalpha()]
    without = [f"{word} -{each.paragraphs[0].split()[0]}" for word, each in firsts]
    texts = (*titles, *(f'"{each}"' for each in titles), *without, *QUERIES)
    found = list(index.changed(physical.name, [watched(text, WIB) for text in texts], past=0, limit=1000))
    for text, got in zip(texts, found, strict=True):
        query = Query(read(text, WIB), limit=1000, as_typed=False, highlights=False)
        strict = index.search(replace(query, root=relaxing.strict(synonyms.joined(query.root)), as_typed=True))
        assert sorted(got) == sorted(seqs[hit.id] for hit in strict.hits), text
    assert sum(map(bool, found)) > len(stories)
