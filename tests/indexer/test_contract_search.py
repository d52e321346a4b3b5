"""The contract of a search engine: what a search finds. Every test runs with every engine."""

from __future__ import annotations

import pytest

from indexer.contract import Outcome, PhysicalIndex, SearchIndex
from indexer.queries import Sort
from indexer.schema import FACETS
from tests.conftest import an_article
from tests.support.contract import A, B, C, ask, put, titles
from tests.support.indexes import a_document

pytest_plugins = ["tests.support.contract_fixtures"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ISIS Moskow", {A}),
        ("isis moskow", {A}),
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
        ("agency:antara", {A, C}),  # C by its dateline
        ("agency:antaranews", {A, C}),
        ('agency:"Kantor Berita Antara"', {A, C}),
        ("agency:afp", {A}),  # a wire that the dateline credits beside ANTARA
        ('agency:"agence france-presse"', {A}),
        ("agency:AP", set()),
        ("agency:Reuters", set()),
        ("photo:Reuters", {A}),
        ("photo:reuters", {A}),
        ('photo:"Thomson Reuters"', {A}),
        ("photo:kurnia", {A}),  # a photographer, by a word of the name
        ('photo:"Rizal Kurnia"', {A}),
        ("photo:antara", set()),
        ("place:paris", {A}),
        ("place:perancis", {A}),  # the country, by another spelling
        ("place:france", {A}),
        ("place:ntb", {C}),
        ('place:"nusa tenggara barat"', {C}),
        ("place:indonesia", {C}),
        ('place:"Kota Mataram"', {C}),
        ("place:moscow", {B}),
        ("place:Moskwa", {B}),
        ("place:Rusia", {B}),
        ("section:dunia", {B}),
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
        ("after:2015-12-17 before:2015-12-18", {B}),  # on the article's own clock: 17 December, 23:00 WIT
        ("after:1500 before:9999", {A, B, C}),
        ("before:1500", set()),
        ("after:9999", set()),
        ("after:0001", {A, B, C}),  # before the first moment in UTC
        ("before:0001", set()),
        ("after:2016 before:2015", set()),
        ("", {A, B, C}),
        ("tidakadakatanya", set()),
        ("Moskow (ISIS OR salju) -beras", {A, B}),
        ("anti-ISIS", set()),
    ],
)
def test_a_query_finds_the_matching_articles(news: SearchIndex, text: str, found: set[str]) -> None:
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
    answer = ask(news, "ISIS Moskow", facets=tuple(FACETS)).as_json()
    (hit,) = answer["hits"]
    assert set(hit) == {
        *(
            "id",
            "score",
            "title",
            "source",
            "published_at",
            "url",
            "highlights",
            "family",
            "copies",
            "flags",
            "missing",
        ),
    }
    assert (hit["id"], hit["published_at"], hit["family"], hit["copies"]) == (an_article(1).id, "2015-12-18", None, 0)
    assert hit["score"] > 0
    assert answer["facets"] == {
        "source": {"newsstand": 1},
        "agency": {"ANTARA": 1, "AFP": 1},
        "photo": {"Reuters": 1},
        "place": {"Paris": 1},
        "section": {},
        "author": {"Nur Imansyah": 1},
        "month": {"2015-12": 1},
        "year": {"2015": 1},
    }


def test_facets_count_all_matches(news: SearchIndex) -> None:
    facets = ask(news, "", limit=1, facets=tuple(FACETS)).facets
    assert facets["source"] == {"newsstand": 2, "tempo": 1}
    assert facets["year"] == {"2015": 2, "2016": 1}
    assert facets["place"] == {"Paris": 1, "Moskow": 1, "Mataram": 1}
    assert facets["month"] == {"2015-12": 2, "2016-01": 1}
    assert facets["agency"] == {"ANTARA": 2, "AFP": 1}
    assert facets["section"] == {"Dunia": 1}
    assert ask(news, "", facets=("year",)).facets.keys() == {"year"}
    assert ask(news, "").facets == {}


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
