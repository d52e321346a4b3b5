"""Suggestions as one types, and related articles. Every test runs with every engine."""

from __future__ import annotations

from typing import Any

import pytest

from archive.records import Dateline, Image, PhotoCredit
from indexer.contract import NoIndexError, PhysicalIndex, SearchIndex
from indexer.documents import Document
from indexer.queries import Query
from indexer.query import read
from indexer.related import related, telling_words
from indexer.suggestions import SuggestionKind, suggest
from tests.conftest import WIB, an_article
from tests.support.contract import ask, put
from tests.support.indexes import Filler, a_document

pytest_plugins = ["tests.support.contract_fixtures"]

MOSCOW = Dateline("Moscow", "ANTARA/Reuters", "Moscow (ANTARA/Reuters) -", "Moskow", None, "Rusia")
MANADO = Dateline("Manado", "ANTARA", "Manado (ANTARA) -", "Manado", "Sulawesi Utara", "Indonesia")
ARTICLES: tuple[dict[str, Any], ...] = (
    {
        "title": "Menteri pertahanan bertemu di Moskow",
        "body": ("Menteri pertahanan Prancis membahas serangan udara terhadap kelompok bersenjata.", "Isi."),
        "authors": ("Nur Imansyah", "Sri Mulia"),
        "dateline": MOSCOW,
    },
    {
        "title": "Serangan udara di Suriah berlanjut",
        "body": ("Menteri pertahanan Prancis mengumumkan serangan udara terhadap kelompok bersenjata itu.",),
        "authors": ("Imam Nurdin",),
        "agency": "AFP",
        "dateline": MOSCOW,
    },
    {
        "title": 'Harga "menyan" naik di Manado',
        "body": ("Pedagang menjual menyan lebih mahal.", "Menyan dijual di pasar."),
        "authors": ("Sri Mulia",),
        "dateline": MANADO,
    },
    {
        "title": "Pasar Manado ramai menjelang Natal",
        "body": ("Pedagang di pasar menyan dan rempah melayani pembeli.",),
        "images": (Image(None, "Pasar", PhotoCredit("ANTARA/Sri", "Sri Rahayu", "ANTARA")),),
        "dateline": MANADO,
    },
    {"title": "Gempa mengguncang Ternate", "body": ("Tidak ada korban.",)},
)


def _five() -> list[Document]:
    return [a_document(number, **fields) for number, fields in enumerate(ARTICLES, start=1)]


@pytest.fixture(scope="module")
def five(fill: Filler) -> SearchIndex:
    """Five articles, to be read: two about a war, two about a market, one about an earthquake."""
    return fill(_five())


@pytest.fixture
def growing(index: SearchIndex, physical: PhysicalIndex) -> SearchIndex:
    """The same five, in an index that may be changed."""
    put(index, physical, *_five())
    return index


def texts(index: SearchIndex, typed: str, kind: SuggestionKind, each: int = 5) -> list[tuple[str, int | None]]:
    """The suggestions of one kind, and how many articles each has."""
    return [(found.text, found.articles) for found in suggest(index, typed, each) if found.kind is kind]


# -- suggestions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind", "expected"),
    [
        ("reu", SuggestionKind.AGENCY, [("Reuters", 2)]),
        ("associated", SuggestionKind.AGENCY, []),  # a known agency that no article has
        ("france", SuggestionKind.AGENCY, [("AFP", 1)]),  # Agence France-Presse, by a later word
        ("mosc", SuggestionKind.PLACE, [("Moskow", 2)]),
        ("MOSK", SuggestionKind.PLACE, [("Moskow", 2)]),
        ("sulawesi u", SuggestionKind.PLACE, [("Sulawesi Utara", 2)]),
        ("sulut", SuggestionKind.PLACE, [("Sulawesi Utara", 2)]),
        ("ru", SuggestionKind.PLACE, [("Rusia", 2)]),
        ("iman", SuggestionKind.AUTHOR, [("Nur Imansyah", 1)]),
        ("nur", SuggestionKind.AUTHOR, [("Imam Nurdin", 1), ("Nur Imansyah", 1)]),
        ("sri mu", SuggestionKind.AUTHOR, [("Sri Mulia", 2)]),
        ("nur mu", SuggestionKind.AUTHOR, []),  # two authors of one article
        ("menj", SuggestionKind.WORD, [("menjelang", 1), ("menjual", 1)]),
        ("ment", SuggestionKind.WORD, [("menteri", 2)]),  # in one title and two texts
        ("serangan ud", SuggestionKind.WORD, [("serangan udara", None)]),
        ("serangan terna", SuggestionKind.WORD, []),
        ("terha", SuggestionKind.WORD, []),  # a stop word
        ("gempa ter", SuggestionKind.TITLE, [("Gempa mengguncang Ternate", None)]),
        ("pas", SuggestionKind.TITLE, [("Pasar Manado ramai menjelang Natal", None)]),
        ("gempa pas", SuggestionKind.TITLE, []),
        ("m", SuggestionKind.TITLE, []),
        ("", SuggestionKind.WORD, []),
        ("?!", SuggestionKind.PLACE, []),
    ],
)
def test_what_begins_so_is_suggested_if_articles_have_it(
    five: SearchIndex, typed: str, kind: SuggestionKind, expected: list[tuple[str, int | None]]
) -> None:
    found = texts(five, typed, kind)
    assert sorted(found, key=str) == sorted(expected, key=str)
    counts = [articles for _, articles in found if articles is not None]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("typed", ["mosk", "sri", "men", "harga men", "ma", "ant", "serangan ud", "sulawesi u"])
def test_a_search_for_a_suggestion_finds_as_many_articles_as_it_says(five: SearchIndex, typed: str) -> None:
    suggestions = suggest(five, typed)
    assert suggestions
    for each in suggestions:
        total = five.search(Query(read(each.query, WIB))).total
        assert total == each.articles if each.articles is not None else total >= 1, each


def test_each_kind_has_at_most_so_many_suggestions(five: SearchIndex) -> None:
    assert len(texts(five, "men", SuggestionKind.WORD, each=2)) == 2
    assert len(texts(five, "ma", SuggestionKind.PLACE, each=1)) == 1


def test_suggestions_without_an_index_raise_an_error(index: SearchIndex) -> None:
    with pytest.raises(NoIndexError):
        suggest(index, "moskow")


# -- related ----------------------------------------------------------------------------------------------------------


def test_related_articles_share_the_telling_words_and_exclude_the_article_itself(five: SearchIndex) -> None:
    ids = [an_article(number).id for number in range(1, 6)]
    assert [hit.id for hit in related(five, ids[0])] == [ids[1]]
    assert [hit.id for hit in related(five, ids[1])] == [ids[0]]
    assert [hit.id for hit in related(five, ids[2])] == [ids[3]]
    assert related(five, ids[4]) == ()
    assert related(five, "unknown") == ()


def test_a_copy_of_a_story_is_its_most_related_article(growing: SearchIndex, physical: PhysicalIndex) -> None:
    copy = ARTICLES[0] | {"title": "Bertemu di Moskow, menteri pertahanan bahas serangan", "source": "tempo"}
    put(growing, physical, a_document(6, **copy), *(a_document(number) for number in range(10, 40)))
    assert related(growing, an_article(1).id, limit=1)[0].id == an_article(6).id


def test_telling_words_are_rare_words_that_other_articles_have_too(
    growing: SearchIndex, physical: PhysicalIndex
) -> None:
    put(growing, physical, *(a_document(number, body=("Pasar ramai.",)) for number in range(10, 30)))
    title, body = "Pasar menyan ramai 2015 di Xyzabc", ("Pedagang menyan yang melayani pembeli.",)
    weighed = telling_words(growing, title, body)
    words = [word for word, _ in weighed]
    assert weighed[0] == ("menyan", 1.0)
    assert [weight for _, weight in weighed] == sorted((weight for _, weight in weighed), reverse=True)
    assert not {"2015", "di", "yang", "xyzabc"} & set(words)
    assert words.index("ramai") > words.index("menyan")


@pytest.mark.parametrize("title", ["", "—", "12 15", "dan di yang"])
def test_an_article_without_telling_words_has_no_related_ones(
    growing: SearchIndex, physical: PhysicalIndex, title: str
) -> None:
    put(growing, physical, a_document(7, title=title, body=()))
    assert ask(growing, "").total == 6
    assert related(growing, an_article(7).id) == ()
