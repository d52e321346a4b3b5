"""The contract of a search engine. Every test runs with every engine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from archive.records import Dateline, Image, PhotoCredit
from indexer.contract import (
    Deletion,
    IndexBusyError,
    NoIndexError,
    Outcome,
    PhysicalIndex,
    Query,
    Results,
    SearchIndex,
    Sort,
    UnavailableError,
)
from indexer.documents import Document
from indexer.query import read
from tests.conftest import an_article
from tests.support.indexes import MADE_FOR, NOW, a_document

WIB = timezone(timedelta(hours=7))

pytest_plugins = ["tests.support.elasticsearch.fixtures"]
Opener = Callable[[], SearchIndex]


@pytest.fixture
def index(another: Opener) -> SearchIndex:
    """An engine without any index."""
    return another()


@pytest.fixture
def physical(index: SearchIndex) -> PhysicalIndex:
    """An empty index behind the alias."""
    created = PhysicalIndex.new("news", MADE_FOR, NOW)
    index.create(created)
    index.swap(created.name, expected=None)
    return created


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


# -- indexes and alias ------------------------------------------------------------------------------------------------


def test_a_search_without_an_index_raises_an_error(index: SearchIndex) -> None:
    assert (index.current(), index.alias_target(), index.list()) == (None, None, ())
    with pytest.raises(NoIndexError):
        ask(index, "ISIS")


def test_an_index_stores_its_own_description(another: Opener, physical: PhysicalIndex) -> None:
    assert another().current() == physical
    assert physical.made_for == MADE_FOR
    assert physical.name.startswith("news-v1-20260102030405-")


def test_a_search_of_an_empty_index_finds_nothing(index: SearchIndex, physical: PhysicalIndex) -> None:
    assert ask(index, "ISIS").as_json()["total"] == 0
    assert titles(index, "") == []
    assert index.newest(physical.name) is None


def test_creating_an_index_twice_keeps_its_documents(index: SearchIndex, physical: PhysicalIndex) -> None:
    put(index, physical, a_document())
    index.create(physical)
    assert index.count(physical.name) == 1


def test_the_alias_moves_only_from_the_expected_index(index: SearchIndex, physical: PhysicalIndex) -> None:
    other = PhysicalIndex.new("news", MADE_FOR, NOW + timedelta(seconds=1))
    index.create(other)
    with pytest.raises(IndexBusyError):
        index.swap(other.name, expected=None)
    with pytest.raises(IndexBusyError):
        index.swap(other.name, expected=other.name)
    assert index.alias_target() == physical.name
    index.swap(other.name, expected=physical.name)
    assert index.current() == other


def test_the_alias_never_moves_to_a_missing_index(index: SearchIndex, physical: PhysicalIndex) -> None:
    with pytest.raises(UnavailableError):
        index.swap("news-v1-20260102030405-00000000", expected=physical.name)
    assert index.current() == physical


def test_the_searched_index_cannot_be_dropped_and_others_can(index: SearchIndex, physical: PhysicalIndex) -> None:
    other = PhysicalIndex.new("news", MADE_FOR, NOW + timedelta(seconds=1))
    index.create(other)
    with pytest.raises(IndexBusyError):
        index.drop(physical.name)
    index.drop(other.name)
    index.drop(other.name)
    assert index.list() == (physical,)


def test_a_searcher_follows_the_alias_when_the_old_index_is_dropped(
    index: SearchIndex, another: Opener, physical: PhysicalIndex
) -> None:
    put(index, physical, a_document(title="Lama"))
    reader = another()
    assert titles(reader, "") == ["Lama"]
    new = PhysicalIndex.new("news", MADE_FOR, NOW + timedelta(seconds=1))
    index.create(new)
    put(index, new, a_document(title="Baru"))
    index.swap(new.name, expected=physical.name)
    index.drop(physical.name)
    assert titles(reader, "") == ["Baru"]


def test_a_second_writer_is_refused_or_harmless(index: SearchIndex, another: Opener, physical: PhysicalIndex) -> None:
    """Either way, the latest accepted version stays, and the index can be written after both have closed."""
    with index.writer(physical.name) as first:
        accepted = [3]
        with contextlib.suppress(IndexBusyError), another().writer(physical.name) as second:
            accepted += [9 for result in second.apply([a_document(1, seq=9)]) if result.outcome is Outcome.DONE]
        first.apply([a_document(1, seq=3)])
    assert index.newest(physical.name) == (max(accepted), an_article(1).id)
    assert put(another(), physical, a_document(1, seq=10)) == [Outcome.DONE]


# -- versions ---------------------------------------------------------------------------------------------------------


def test_the_same_or_a_later_version_replaces_and_an_earlier_one_is_stale(
    index: SearchIndex, physical: PhysicalIndex
) -> None:
    assert put(index, physical, a_document(1, seq=5, title="Lima")) == [Outcome.DONE]
    assert put(index, physical, a_document(1, seq=4, title="Empat")) == [Outcome.STALE]
    assert titles(index, "") == ["Lima"]
    assert put(index, physical, a_document(1, seq=5, title="Lima lagi")) == [Outcome.DONE]
    assert put(index, physical, a_document(1, seq=9, title="Sembilan")) == [Outcome.DONE]
    assert (titles(index, ""), index.count(physical.name)) == (["Sembilan"], 1)
    assert index.newest(physical.name) == (9, an_article(1).id)


def test_a_batch_with_one_article_twice_leaves_its_latest_version(index: SearchIndex, physical: PhysicalIndex) -> None:
    batch = [a_document(1, seq=2, title="Dua"), a_document(1, seq=3, title="Tiga"), a_document(1, seq=1, title="Satu")]
    assert put(index, physical, *batch) == [Outcome.DONE, Outcome.DONE, Outcome.STALE]
    assert titles(index, "") == ["Tiga"]


def test_several_sends_before_one_commit_follow_the_same_rules(index: SearchIndex, physical: PhysicalIndex) -> None:
    """The latest version of each article stays, however much is sent before a commit."""
    one, two, three = (an_article(number).id for number in (1, 2, 3))
    sent: list[Document | Deletion] = [
        *(a_document(1, seq=2, title="Dua"), a_document(2, seq=3, title="Tiga"), a_document(3, seq=4, title="Empat")),
        *(a_document(1, seq=7, title="Tujuh"), Deletion(two, 8), a_document(3, seq=1, title="Satu")),
        *(
            Deletion(one, 5),
            a_document(2, seq=6, title="Enam"),
            Deletion(three, 9),
            a_document(3, seq=10, title="Sepuluh"),
        ),
    ]
    with index.writer(physical.name) as writer:
        outcomes = [writer.send([writer.prepare(item)])[0].outcome for item in sent]
        writer.commit()
        writer.commit()
    index.refresh(physical.name)
    done, stale = Outcome.DONE, Outcome.STALE
    assert outcomes == [done, done, done, done, done, stale, stale, stale, done, done]
    assert sorted(titles(index, "")) == ["Sepuluh", "Tujuh"]


def test_a_deleted_article_does_not_come_back_with_an_earlier_version(
    index: SearchIndex, physical: PhysicalIndex
) -> None:
    put(index, physical, a_document(1, seq=3))
    with index.writer(physical.name) as writer:
        assert writer.apply([Deletion(an_article(1).id, 7)])[0].outcome is Outcome.DONE
        assert writer.apply([a_document(1, seq=6)])[0].outcome is Outcome.STALE
    assert index.count(physical.name) == 0
    assert put(index, physical, a_document(1, seq=8)) == [Outcome.DONE]


def test_an_earlier_deletion_leaves_a_later_version(index: SearchIndex, physical: PhysicalIndex) -> None:
    put(index, physical, a_document(1, seq=9))
    assert put(index, physical, Deletion(an_article(1).id, 5), Deletion("unknown", 6)) == [Outcome.STALE, Outcome.DONE]
    assert index.count(physical.name) == 1


def test_a_refused_document_has_a_reason_and_others_are_indexed(index: SearchIndex, physical: PhysicalIndex) -> None:
    long = "http://www.newsstand.test/" + "x" * 40_000
    batch = [a_document(1), a_document(2, url=long), a_document(3)]
    with index.writer(physical.name) as writer:
        results = writer.apply(batch)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert results[1].id == batch[1].id
    assert "url" in (results[1].reason or "")
    assert index.count(physical.name) == 2


def test_applied_documents_are_visible_to_the_next_process_that_opens_the_index(
    index: SearchIndex, another: Opener, physical: PhysicalIndex
) -> None:
    put(index, physical, a_document(1, content_hash="a"), a_document(2, content_hash="b"))
    ids = [an_article(number).id for number in (1, 2, 3)]
    assert another().hashes(physical.name, ids) == {ids[0]: "a", ids[1]: "b"}


def test_an_empty_batch_does_nothing(index: SearchIndex, physical: PhysicalIndex) -> None:
    assert put(index, physical) == []


# -- searching --------------------------------------------------------------------------------------------------------

STORY = {
    "title": "Prancis dan Rusia bahas penumpasan ISIS",
    "body": ("Menteri Pertahanan bertolak ke Moskow.", "Jum’at kemarin ia <tiba> & berkata 'damai'."),
    "authors": ("Nur Imansyah",),
    "agency": "ANTARA",
    "dateline": Dateline("Paris", "CB", "Paris (CB) -", canonical="Paris", country="Prancis"),
    "images": (Image(None, "Pesawat Sukhoi di landasan", PhotoCredit("Reuters/Kemhan", agency="Reuters")),),
    "published_at": date(2015, 12, 18),
    "published_precision": "day",
}
OTHERS: tuple[dict[str, Any], ...] = (
    {
        "title": "Moskow diguyur salju",
        "body": ("Kota itu dingin.",),
        "published_at": datetime(2015, 12, 17, 23, tzinfo=WIB),
    },
    {
        "title": "Harga beras naik",
        "body": ("Bukan tentang ISIS, tetapi tentang pasar.", "Menteri ke pasar."),
        "source": "tempo",
        "dateline": Dateline("Mataram, NTB", "ANTARA News", "…", canonical="Mataram"),
        "published_at": datetime(2016, 1, 1, 0, 0, tzinfo=WIB),
        "flags": ("body-incomplete", "layout-unknown"),
    },
)


@pytest.fixture
def news(index: SearchIndex, physical: PhysicalIndex) -> SearchIndex:
    """Three articles: one about ISIS and Moskow, one about Moskow, one that mentions ISIS."""
    put(index, physical, *(a_document(number, **fields) for number, fields in enumerate((STORY, *OTHERS), start=1)))
    return index


A, B, C = STORY["title"], OTHERS[0]["title"], OTHERS[1]["title"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+ISIS +Moskow", {A}),
        ("+isis +moskow", {A}),
        ("ISIS OR Moskow", {A, B, C}),
        ("ISIS -Moskow", {C}),
        ("-ISIS", {B}),
        ("menumpas", set()),  # "umpas": the stemmer's mistake, the same in both engines
        ("ditumpas", {A}),
        ('"Menteri Pertahanan"', {A}),
        ('"menteri ke"', {C}),
        ('"Moskow Jumat"', set()),  # a phrase does not match across paragraphs
        ("Jumat", {A}),
        ("Jum'at", {A}),
        ("bukan", {C}),  # a stop word, found in the exact subfield
        ("Sukhoi", {A}),
        ("source:tempo", {C}),
        ("source:TEMPO", {C}),
        ("agency:antara", {A}),
        ("photo:Reuters", {A}),
        ("agency:Reuters", set()),
        ("place:paris", {A}),
        ('place:"Mataram, NTB"', {C}),
        ("place:Mataram", {C}),
        ('author:"Nur Imansyah"', {A}),
        ("author:imansyah", {A}),
        ('author:"Imansyah Nur"', set()),
        ("family:x", set()),
        ("flag:body-incomplete", {C}),
        ("flag:Layout-Unknown", {C}),
        ("-flag:body-incomplete", {A, B}),
        ("ISIS -flag:layout-unknown", {A}),
        ("flag:body-incomplete OR Sukhoi", {A, C}),
        ("flag:only-modified", set()),
        ("flag:body", set()),  # a flag is matched whole
        ("after:2015-12-18", {A, C}),
        ("after:2015 before:2016", {A, B}),
        ("before:2015-12-18", {B}),
        ("after:2016-01-01", {C}),
        ("after:1500 before:9999", {A, B, C}),
        ("before:1500", set()),
        ("after:9999", set()),
        ("after:0001", {A, B, C}),  # before the first moment in UTC
        ("before:0001", set()),
        ("after:2016 before:2015", set()),
        ("", {A, B, C}),
        ("tidakadakatanya", set()),
        ("Moskow (ISIS OR salju) -beras", {A, B}),
    ],
)
def test_a_query_finds_the_articles_with_all_words(news: SearchIndex, text: str, found: set[str]) -> None:
    results = ask(news, text, as_typed=True)
    assert {hit.title for hit in results.hits} == found
    assert results.total == len(found)


def test_a_match_in_the_title_ranks_higher_and_a_newer_article_does_not(news: SearchIndex) -> None:
    assert titles(news, "ISIS")[0] == A
    assert titles(news, "Moskow")[0] == B
    assert titles(news, "ISIS OR Moskow")[0] == A


def test_hits_are_sorted_by_date_on_request(news: SearchIndex) -> None:
    assert titles(news, "ISIS OR Moskow", sort=Sort.NEWEST) == [C, A, B]
    assert titles(news, "ISIS OR Moskow", sort=Sort.OLDEST) == [B, A, C]
    assert titles(news, "") == [C, A, B]


def test_limit_and_offset_select_a_page_and_the_total_stays(news: SearchIndex) -> None:
    page = ask(news, "", limit=1, offset=1)
    assert ([hit.title for hit in page.hits], page.total) == ([A], 3)


def test_highlights_are_escaped_html_with_the_matches_marked(news: SearchIndex) -> None:
    (hit,) = ask(news, "ISIS Jumat damai Sukhoi").hits
    assert hit.highlights == {
        "title": ("Prancis dan Rusia bahas penumpasan <em>ISIS</em>",),
        "body": ("<em>Jum’at</em> kemarin ia &lt;tiba&gt; &amp; berkata &#x27;<em>damai</em>&#x27;.",),
        "captions": ("Pesawat <em>Sukhoi</em> di landasan",),
    }
    (phrase,) = ask(news, '"pertahanan bertolak" -salju').hits
    assert phrase.highlights == {"body": ("Menteri <em>Pertahanan bertolak</em> ke Moskow.",)}


def test_a_hit_has_the_flags_of_its_article(news: SearchIndex) -> None:
    assert {hit.title: hit.flags for hit in ask(news, "").hits} == {
        A: (),
        B: (),
        C: ("body-incomplete", "layout-unknown"),
    }


def test_the_json_of_a_search_has_the_fields_of_the_contract(news: SearchIndex) -> None:
    answer = ask(news, "+ISIS +Moskow").as_json()
    (hit,) = answer["hits"]
    assert set(hit) == {
        *("id", "score", "title", "source", "published_at", "url", "highlights", "family", "copies", "flags"),
        "missing",
    }
    assert (hit["id"], hit["published_at"], hit["family"], hit["copies"]) == (an_article(1).id, "2015-12-18", None, 0)
    assert hit["score"] > 0
    assert answer["facets"] == {
        "source": {"newsstand": 1},
        "agency": {"ANTARA": 1},
        "place": {"Paris": 1},
        "year": {"2015": 1},
    }


def test_facets_count_all_matches(news: SearchIndex) -> None:
    facets = ask(news, "", limit=1).facets
    assert facets["source"] == {"newsstand": 2, "tempo": 1}
    assert facets["year"] == {"2015": 2, "2016": 1}
    assert facets["place"] == {"Paris": 1, "Mataram": 1}


def test_an_explanation_is_returned_only_on_request(news: SearchIndex) -> None:
    assert ask(news, "ISIS", explain=True).hits[0].as_json()["explanation"]
    assert "explanation" not in ask(news, "ISIS").hits[0].as_json()


def test_text_with_unusual_characters_is_indexed_and_found(index: SearchIndex, physical: PhysicalIndex) -> None:
    odd = a_document(1, title="NUL\x00dan \ud800 setengah", body=("x" * 1000, "İSTANBUL 日本", ""), tags=("", "a\x00b"))
    assert put(index, physical, odd) == [Outcome.DONE]
    for text in ("setengah", "istanbul", "日", "x" * 255):
        assert ask(index, text).total == 1, text
    assert ask(index, "setengah").hits[0].title == "NUL\x00dan \ufffd setengah"


def test_a_long_body_is_searched_to_its_end(index: SearchIndex, physical: PhysicalIndex) -> None:
    put(index, physical, a_document(1, body=("kata " * 200_000 + "terakhirsekali",)))
    (hit,) = ask(index, "terakhirsekali").hits
    assert hit.highlights["body"][0].endswith("<em>terakhirsekali</em>")
    assert len(hit.highlights["body"][0]) < 400
