"""Pages and streams of a search. The tests of the contract run with every engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from indexer import schema
from indexer.contract import NeedsReindexError, PhysicalIndex, SearchIndex
from indexer.documents import order_of
from indexer.nodes import All, Word
from indexer.paging import MOST_SHOWN, BadCursorError, Found, Pager
from indexer.queries import Query, Results, Sort
from indexer.query import read
from tests.conftest import WIB, an_article
from tests.support.contract import ask, put
from tests.support.indexes import MADE_FOR, NOW, Filler, a_document
from tests.support.memory import peak, reset_peak

pytest_plugins = ["tests.support.contract_fixtures"]

MANY = 25_000


def ids(results: Results) -> list[str]:
    """The ids of the hits, in order."""
    return [hit.id for hit in results.hits]


def pages(index: SearchIndex, text: str, *, sort: Sort, limit: int, folds: bool = False) -> Iterator[Results]:
    """All pages of a search, one after the other."""
    page = ask(index, text, sort=sort, limit=limit, folds=folds)
    yield page
    while page.next is not None:
        page = ask(index, text, sort=sort, limit=limit, folds=folds, after=page.next)
        yield page


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_neither_skip_nor_repeat_an_article_while_others_come_in_and_some_are_corrected(
    index: SearchIndex, physical: PhysicalIndex, sort: Sort
) -> None:
    """Twenty articles a day have one time, so most pages end between articles that the date does not tell apart."""
    day = {number: date(2015, 12, 1) + timedelta(days=number // 20) for number in range(200)}
    put(index, physical, *(a_document(number, seq=number, published_at=day[number]) for number in range(1, 61)))
    there = {an_article(number).id for number in range(1, 61)}
    shown: list[str] = []
    seq = 100
    for number, page in enumerate(pages(index, "berita", sort=sort, limit=7)):
        shown += ids(page)
        seq += 10
        new = range(61 + 3 * number, 64 + 3 * number)
        put(
            index,
            physical,
            *(a_document(each, seq=seq + each, published_at=day[each % 60], body=("Berita. " * 9,)) for each in new),
            *(a_document(each, seq=seq + each, published_at=day[each], title="Ralat berita") for each in (5, 25, 45)),
        )
    assert len(shown) == len(set(shown))
    assert there <= set(shown)


@pytest.fixture(scope="module")
def ten(fill: Filler) -> SearchIndex:
    """Ten articles of three days, to be read."""
    return fill(a_document(number, published_at=date(2015, 12, 1 + number % 3)) for number in range(1, 11))


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("limit", [1, 3, 5, 9])
def test_pages_of_any_size_give_the_hits_of_one_search_and_its_total(ten: SearchIndex, sort: Sort, limit: int) -> None:
    whole = ask(ten, "berita", sort=sort, limit=99)
    found = list(pages(ten, "berita", sort=sort, limit=limit))
    assert [each for page in found for each in ids(page)] == ids(whole)
    assert {page.total for page in found} == {10}
    assert whole.next is None


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("there_have_all", [0, 3])
def test_pages_of_fewer_words_go_on_with_fewer_words_when_enough_articles_come_in_that_have_all(
    index: SearchIndex, physical: PhysicalIndex, sort: Sort, there_have_all: int
) -> None:
    """One of five words is enough where no article has all, and four where fewer than ten have."""
    query = "beras jagung kedelai gandum sagu"
    put(index, physical, *(a_document(number, body=("Beras, jagung, kedelai, gandum.",)) for number in range(1, 31)))
    put(index, physical, *(a_document(n, body=(query,)) for n in range(31, 31 + there_have_all)))
    there = {an_article(number).id for number in range(1, 31 + there_have_all)}
    shown: list[str] = []
    for page in pages(index, query, sort=sort, limit=10):
        shown += ids(page)
        if len(shown) == 10:
            put(index, physical, *(a_document(n, body=(query,)) for n in range(40, 60)))
    assert len(shown) == len(set(shown))
    assert there <= set(shown)


def test_hits_of_one_moment_have_the_same_order_in_both_directions(index: SearchIndex, physical: PhysicalIndex) -> None:
    put(index, physical, *(a_document(number, published_at=date(2015, 12, 1)) for number in range(1, 30)))
    newest, oldest = (ids(ask(index, "", sort=sort, limit=99)) for sort in (Sort.NEWEST, Sort.OLDEST))
    assert newest == oldest[::-1]


def test_an_offset_skips_hits_and_the_next_page_follows_them(index: SearchIndex, physical: PhysicalIndex) -> None:
    put(index, physical, *(a_document(number) for number in range(1, 11)))
    for text in ("", "berita"):
        whole = ids(ask(index, text, limit=99))
        page = ask(index, text, limit=2, offset=3)
        assert ids(page) == whole[3:5]
        assert ids(ask(index, text, limit=99, after=page.next)) == whole[5:]


def test_a_cursor_of_another_search_is_refused_and_the_size_of_a_page_may_change(
    index: SearchIndex, physical: PhysicalIndex
) -> None:
    put(index, physical, *(a_document(number) for number in range(1, 6)))
    cursor = ask(index, "berita", sort=Sort.NEWEST, limit=2).next
    assert len(ask(index, "berita", sort=Sort.NEWEST, limit=9, after=cursor).hits) == 3
    for text, sort in (("judul", Sort.NEWEST), ("berita", Sort.OLDEST), ("berita", Sort.RELEVANCE)):
        with pytest.raises(BadCursorError, match="another search"):
            ask(index, text, sort=sort, after=cursor)


def test_an_index_of_an_earlier_schema_is_searched_by_date_and_a_page_of_it_needs_a_reindex(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        added = ("order", "agencies", "photographers", "local_time", "month")
        older = [replace(each, facet=None) if each.name == "authors" else each for each in schema.FIELDS]
        for module in ("embedded.index", "embedded.documents", "elastic.mapping"):
            before.setattr(f"indexer.{module}.FIELDS", tuple(each for each in older if each.name not in added))
        physical = PhysicalIndex.new("news", MADE_FOR, NOW)
        index.create(physical)
        index.swap(physical.name, expected=None)
    articles = (a_document(number, authors=("Nur Imansyah",), agency="ANTARA") for number in range(1, 6))
    put(index, physical, *articles)
    page = ask(index, "agency:antara author:nur photo:x OR after:2024", limit=2, facets=tuple(schema.FACETS))
    assert (ids(page), page.next) == ([an_article(5).id, an_article(4).id], None)
    assert page.facets["source"] == {"newsstand": 5}
    assert not page.facets.get("author")
    root = read("", WIB)
    pager: Pager[None] = Pager(Query(root, limit=1))
    list(pager.take([Found("a", 1, None), Found("b", 2, None)]))
    with pytest.raises(NeedsReindexError, match="kliping reindex"):
        index.search(Query(root, after=pager.next))


# -- streams ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", list(Sort))
def test_a_stream_is_of_one_moment_and_its_end_has_the_next_cursor(
    index: SearchIndex, physical: PhysicalIndex, monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    """Hits are read in blocks. The blocks here are small, so that each search has several."""
    monkeypatch.setattr("indexer.embedded.search.BLOCK", 3)
    monkeypatch.setattr("indexer.elastic.search.WINDOW", 2)
    monkeypatch.setattr("indexer.elastic.search.PAGE", 3)
    put(index, physical, *(a_document(number, published_at=date(2015, 12, 1)) for number in range(1, 21)))
    root = read("berita", WIB)
    whole = [hit.id for hit in index.stream(Query(root, sort, limit=99)).hits]
    stream = index.stream(Query(root, sort, limit=15))
    first = next(stream.hits).id
    put(index, physical, *(a_document(number, published_at=date(2015, 12, 1)) for number in range(21, 41)))
    assert [first, *(hit.id for hit in stream.hits)] == whole[:15]
    assert stream.answer.total == 20
    rest = index.search(Query(root, sort, limit=99, after=stream.next))
    assert set(whole[15:]) <= set(ids(rest))
    assert not set(whole[:15]) & set(ids(rest))


@pytest.fixture(scope="module")
def many(fill: Filler) -> SearchIndex:
    """25,000 small articles, to be read; as a tuple of hits they would take more than 30 MB."""
    return fill(a_document(number, body=("Beras.",)) for number in range(MANY))


@pytest.mark.large
@pytest.mark.parametrize("sort", list(Sort))
def test_a_stream_of_many_hits_is_complete_and_takes_little_memory(many: SearchIndex, sort: Sort) -> None:
    stream = many.stream(Query(Word("beras"), sort, limit=10**9))
    next(stream.hits)
    reset_peak()
    before = peak()
    seen = {hash(hit.id) for hit in stream.hits}
    assert len(seen) == MANY - 1
    assert (stream.answer.total, stream.next) == (MANY, None)
    assert peak() - before < 25


# -- cursors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", ["", "x", "ZZZZ", "AQ", "Aé", "A" * 5_000, "AQAAAAAAAAA=", " "])
@pytest.mark.parametrize("root", [All(), Word("berita")])
def test_a_damaged_cursor_is_refused_in_a_sentence(cursor: str, root: All | Word) -> None:
    with pytest.raises(BadCursorError) as refused:
        Pager(Query(root, after=cursor))
    assert "is not a cursor. Give the `next` of the page before, unchanged." in str(refused.value)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("root", [All(), Word("berita")])
def test_a_cursor_that_lost_characters_is_refused(root: All | Word) -> None:
    """A terminal that wraps lines, or a mail, may cut it off: it must never be another place."""
    pager: Pager[None] = Pager(Query(root, limit=3))
    list(pager.take(Found(str(number), number, None) for number in range(5)))
    assert pager.next is not None
    for length in range(len(pager.next)):
        with pytest.raises(BadCursorError, match="is not a cursor"):
            Pager(Query(root, after=pager.next[:length]))
    with pytest.raises(BadCursorError, match="is not a cursor"):
        Pager(Query(root, after=pager.next.swapcase()))


def test_pages_by_relevance_end_where_a_cursor_would_be_too_long() -> None:
    def after(limit: int) -> str | None:
        pager: Pager[None] = Pager(Query(Word("a"), limit=limit))
        assert sum(1 for _ in pager.take(Found(str(number), None, None) for number in range(20_000))) == limit
        return pager.next

    longest = after(MOST_SHOWN)
    assert longest is not None
    assert len(longest) < 131_072
    assert after(MOST_SHOWN + 1) is None


def test_the_order_of_an_article_follows_its_time_and_fits_an_index() -> None:
    times = [NOW.replace(year=1), NOW.replace(year=1969), NOW, NOW + timedelta(seconds=1), NOW.replace(year=9999)]
    orders = [order_of(at, "a") for at in times]
    assert orders == sorted(set(orders))
    assert max(orders) < 2**63
    assert order_of(NOW, "a") == order_of(NOW, "a") != order_of(NOW, "b")


# -- copies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", list(Sort))
def test_copies_are_folded_under_the_first_of_their_family_and_a_page_is_still_full(
    index: SearchIndex, physical: PhysicalIndex, sort: Sort
) -> None:
    """Ten stories that four outlets ran each, and ten that one ran."""
    day = date(2015, 12, 1)
    documents = [
        replace(
            a_document(number, seq=number, published_at=day + timedelta(days=number)),
            family=f"cerita-{number % 10}" if number <= 40 else None,
            copies=3 if number <= 40 else 0,
        )
        for number in range(1, 51)
    ]
    put(index, physical, *documents)
    page = ask(index, "berita", sort=sort, limit=20, folds=True)
    assert (page.total, len(page.hits), page.next) == (50, 20, None)
    assert sorted(hit.family or hit.id for hit in page.hits) == sorted({each.family or each.id for each in documents})
    assert {hit.copies for hit in page.hits if hit.family} == {3}
    assert len(ask(index, "berita", sort=sort, limit=50).hits) == 50
    shown = [hit for page in pages(index, "berita", sort=sort, limit=8, folds=True) for hit in page.hits]
    assert len({hit.id for hit in shown}) == len(shown)
    assert {hit.family or hit.id for hit in shown} == {each.family or each.id for each in documents}
    if sort is Sort.RELEVANCE:
        assert len(shown) == 20
