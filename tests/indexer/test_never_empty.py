"""A search is never silently empty: fewer words, corrected words, and what the answer says (decision 23)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from archive.records import Image, PhotoCredit
from indexer.contract import SearchIndex
from indexer.notes import Correction
from indexer.queries import Query, Results, Sort
from indexer.query import read
from tests.support.indexes import Filler, a_document, filled

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

WIB = timezone(timedelta(hours=7))
QUAKE = "Gempa guncang Bantul, warga mengungsi ke lapangan"
FLOOD = "Banjir merendam Bantul"
FIRE = "Kebakaran hutan di Riau meluas"
SPEECH = "Prabowo berpidato di Jakarta"
FILLER = tuple(f"Harga cabai {kind} stabil" for kind in ("merah", "rawit", "hijau", "keriting"))


@pytest.fixture(scope="module")
def news(fill: Filler) -> SearchIndex:
    """To be read: four stories of different things and four of chillies."""
    bodies = {
        QUAKE: ("Gempa terasa di Bantul dan Sleman. Menteri Sosial datang.",),
        FLOOD: ("Banjir setinggi lutut merendam tiga desa di Bantul.",),
        FIRE: ("Petugas memadamkan kebakaran hutan dari udara.",),
        SPEECH: ("Presiden Prabowo berpidato di Jakarta tentang kemakmuran.",),
    }
    documents = [a_document(at, title=title, body=body) for at, (title, body) in enumerate(bodies.items(), start=1)]
    documents += [a_document(10 + at, title=title, body=("Harga cabai stabil.",)) for at, title in enumerate(FILLER)]
    return fill(documents)


def ask(index: SearchIndex, text: str, **fields: Any) -> Results:
    """Search with a query as typed."""
    return index.search(Query(read(text, WIB), **fields))


def titles(results: Results) -> list[str]:
    """The titles of the hits, in order."""
    return [hit.title for hit in results.hits]


# -- fewer words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("gempa bantul tsunami", QUAKE),
        ("siapa presiden yang berpidato di Jakarta", SPEECH),
        ("di mana kebakaran hutan", FIRE),
        ("di manakah gempa?", QUAKE),
        ("apakah yang merendam tiga desa?", FLOOD),
        ("anti-banjir", FLOOD),
        ("tsunami (gempa OR longsor) helikopter", QUAKE),
        ("tsunami gempa OR gunung meletus", QUAKE),
    ],
)
def test_a_query_of_which_no_article_has_all_words_finds_those_that_have_some(
    news: SearchIndex, text: str, first: str
) -> None:
    assert titles(ask(news, text))[0] == first


def test_an_article_that_answers_a_question_may_lack_some_of_its_words(another: Callable[[], SearchIndex]) -> None:
    """Of other short queries, the articles with all words stand above (the next test)."""
    answer = a_document(1, title="Sutiyoso, gubernur DKI Jakarta", body=("Gubernur DKI Jakarta Sutiyoso datang.",))
    others = tuple(f"Kalimat ke{number} tentang hal lain." for number in range(200))
    beside = a_document(2, title="Kabar", body=(*others, "Seorang bernama Amir bertemu gubernur DKI di pasar lama."))
    rest = [a_document(10 + number, title=f"Harga cabai hari {number}", body=("Stabil.",)) for number in range(100)]
    index = filled(another(), [answer, beside, *rest])
    assert titles(ask(index, "siapa bernama gubernur DKI"))[0] == answer.title
    assert titles(ask(index, "bernama gubernur DKI"))[0] == beside.title


def test_articles_with_all_words_stand_above_those_with_some_whatever_their_scores(
    another: Callable[[], SearchIndex],
) -> None:
    """The words of the first stand far down in a long text, and some of them in the titles of the others."""
    long = tuple(f"Kalimat ke{number} tentang hal lain." for number in range(200))
    whole = a_document(1, title="Kabar", body=(*long, "Kota itu punya jembatan tua, pasar ikan dan museum."))
    parts = [
        a_document(number, title="Jembatan pasar ikan", body=("Jembatan pasar ikan.",) * 3) for number in range(2, 9)
    ]
    found = ask(filled(another(), [whole, *parts]), "jembatan pasar ikan museum")
    assert titles(found) == ["Kabar", *["Jembatan pasar ikan"] * 7]
    assert found.total == 8
    assert found.notes.with_all == 1
    assert found.notes.left_out == ("museum",)
    assert [hit.missing for hit in found.hits] == [(), *[("museum",)] * 7]
    assert found.notes.sentences() == (
        "1 article has all words. The others lack some of them: “museum”. "
        "Put + before each word that must occur, exactly so.",
    )


def test_pages_go_on_from_the_articles_with_all_words_to_the_others(news: SearchIndex) -> None:
    text = "harga cabai merah rawit"
    everything = ask(news, text)
    assert everything.notes.with_all == 0
    pages = [hit.id for offset in range(0, 8, 2) for hit in ask(news, text, limit=2, offset=offset).hits]
    assert pages == [hit.id for hit in everything.hits]
    assert ask(news, "bantul", limit=1).total == 2


def test_facets_and_total_count_all_articles_that_are_found(news: SearchIndex) -> None:
    found = ask(news, "banjir bantul lutut gempa", facets=("source",))
    assert (found.total, found.facets["source"]) == (2, {"newsstand": 2})


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])
def test_articles_with_all_words_stand_above_in_every_order(news: SearchIndex, sort: Sort) -> None:
    found = ask(news, "gempa bantul warga lapangan sosial banjir", sort=sort)
    assert found.notes.with_all == 0
    found = ask(news, "gempa bantul warga lapangan sosial", sort=sort)
    assert titles(found)[0] == QUAKE
    assert len(found.hits) > 1


@pytest.mark.parametrize(
    "text",
    [
        '"gempa tsunami"',
        '"gempa bantul tsunami"',
        "+gempa +tsunami",
        "gempa +tsunami",
        'bantul "tiga kota"',
        "gempa source:tempo",
        "gempa bantul after:2030",
        "gempa bantul tsunami -gempa -banjir",
        "+gempaa",
        "+menggempakan",  # another form of gempa
        "source:tempo",
    ],
)
def test_what_is_asked_for_exactly_is_never_relaxed(news: SearchIndex, text: str) -> None:
    assert ask(news, text).total == 0


def test_an_excluded_word_is_excluded_exactly_so(news: SearchIndex) -> None:
    assert titles(ask(news, "bantul -banjir")) == [QUAKE]
    assert set(titles(ask(news, "bantul -membanjiri"))) == {QUAKE, FLOOD}


def test_a_query_as_typed_is_not_relaxed_or_corrected(news: SearchIndex) -> None:
    assert ask(news, "gempa tsunami", as_typed=True).total == 0
    assert ask(news, "prabwo", as_typed=True).total == 0


def test_enough_articles_with_all_words_are_found_alone(news: SearchIndex) -> None:
    found = ask(news, "harga cabai", limit=4)
    assert (found.total, found.notes.with_all, found.notes.corrected) == (4, None, ())


# -- correction -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instead", "first"),
    [
        ("prabwo", ("prabowo",), SPEECH),  # a letter dropped
        ("Prabowoo", ("prabowo",), SPEECH),  # inserted
        ("pravowo", ("prabowo",), SPEECH),  # changed
        ("parbowo", ("prabowo",), SPEECH),  # swapped
        ("parbowoo", ("prabowo",), SPEECH),  # two slips
        ("prbwo", None, None),  # two slips in a short word
        ("gmpa", ("gempa",), QUAKE),
        ("kebkaran hutan", ("kebakaran",), FIRE),
        ("anti-kebakran", ("kebakaran",), FIRE),
        ("kmentr sosial", None, QUAKE),
    ],
)
def test_an_unknown_word_is_looked_for_with_one_or_two_letters_changed(
    news: SearchIndex, text: str, instead: tuple[str, ...] | None, first: str | None
) -> None:
    found = ask(news, text)
    assert titles(found)[:1] == ([first] if first else [])
    assert [each.instead for each in found.notes.corrected] == ([instead] if instead else [])


def test_a_correction_is_said_with_the_way_to_have_the_word_itself(news: SearchIndex) -> None:
    found = ask(news, "Prabwo")
    assert found.notes.corrected == (Correction("prabwo", ("prabowo",)),)
    assert found.notes.sentences() == (
        "No article has “prabwo”: searched for “prabowo” instead. +prabwo searches for it exactly.",
    )
    assert found.as_json()["notes"]["corrected"] == [{"word": "prabwo", "instead": ["prabowo"]}]
    assert found.hits[0].highlights["title"] == ("<em>Prabowo</em> berpidato di Jakarta",)


@pytest.mark.parametrize(
    "text",
    [
        *("gempa", "menggempakan", "Sleman", "2024x", "12345", "xyz", "qwertyuiop"),
        *("dimana gempa", "tanggal berapa gempa Sleman", "kemana warga mengungsi"),  # near "dimana" or not: right words
        *("berjalan-jalan ke Bantul", "pelabuhan Bantul"),  # the lexicon's
    ],
)
def test_known_words_numbers_and_what_is_like_nothing_are_not_corrected(news: SearchIndex, text: str) -> None:
    assert ask(news, text).notes.corrected == ()


def test_of_words_equally_near_the_one_that_most_articles_have_is_first(another: Callable[[], SearchIndex]) -> None:
    bodies = ["batik", "batik", "betik", "butik", "butik", "butik", "batil"]
    index = filled(another(), [a_document(at, title="", body=(body,)) for at, body in enumerate(bodies, start=1)])
    assert ask(index, "bbtik").notes.corrected[0].instead == ("butik", "batik", "betik")


WEATHER = "Satelit memantau peringatan dini di kebun raya"
BULLIED = "Influencer mengaku kena cyberbullying"


@pytest.fixture(scope="module")
def spaced(fill: Filler) -> SearchIndex:
    """To be read: a story with two words that others write as one, and one the other way round."""
    return fill([a_document(at, title=title, body=("Baru.",)) for at, title in enumerate((WEATHER, BULLIED), start=1)])


def test_a_word_is_found_by_its_parts_if_a_space_was_forgotten(spaced: SearchIndex) -> None:
    for text in ("kebunraya", "Kebunraya satelit"):
        found = ask(spaced, text)
        assert titles(found) == [WEATHER], text
        assert found.notes.corrected == (Correction("kebunraya", ("kebun raya",)),)
    assert ask(spaced, "kebunraya").hits[0].highlights["title"] == (
        "Satelit memantau peringatan dini di <em>kebun raya</em>",
    )
    assert not ask(spaced, "peringatankebun").hits  # both are words, and stand in no story side by side
    assert not ask(spaced, "+kebunraya").hits


def test_neighbours_are_found_as_the_one_word_that_they_are(spaced: SearchIndex) -> None:
    for text in ("cyber bullying", "influencer cyber bullying", "(cyber bullying) OR durian"):
        found = ask(spaced, text)
        assert titles(found) == [BULLIED], text
        assert "“cyber bullying” is also searched as “cyberbullying”" in " ".join(found.notes.sentences())
        assert not found.notes.left_out
    assert not ask(spaced, '"cyber bullying"').hits


def test_compounds_are_paged_as_they_were_found(spaced: SearchIndex) -> None:
    first = ask(spaced, "cyber bullying OR kebunraya", limit=1)
    second = ask(spaced, "cyber bullying OR kebunraya", limit=1, after=first.next)
    assert {*titles(first), *titles(second)} == {BULLIED, WEATHER}


def test_all_who_are_credited_are_found(another: Callable[[], SearchIndex]) -> None:
    story = a_document(1, title="Panen", body=("Baru.",), authors=("Sri Lestari",), editors=("Budi",), agency="Reuters")
    index = filled(another(), [story, a_document(2, title="Panen raya Sri", body=("Baru.",))])
    for text in ("Sri Lestari", '"Sri Lestari"', "panen lestari", "Budi", "panen reuters", "Reuters"):
        assert titles(ask(index, text))[:1] == ["Panen"], text
    assert ask(index, "Lestari").hits[0].highlights == {"credits": ("Sri <em>Lestari</em>",)}


def test_a_photo_credit_is_found(another: Callable[[], SearchIndex]) -> None:
    credit = PhotoCredit("Foto: Teresia May/AP", photographer="Teresia May", agency="Associated Press")
    picture = Image("http://www.newsstand.test/1.jpg", "Sukhoi di landasan", credit)
    index = filled(another(), [a_document(1, title="Pesawat", body=("Baru.",), images=(picture,)), a_document(2)])
    for text in ("Teresia May", '"Teresia May"', "pesawat teresia", "Associated Press"):
        assert titles(ask(index, text))[:1] == ["Pesawat"], text
    assert ask(index, "Teresia").hits[0].highlights == {"credits": ("Foto: <em>Teresia</em> May/AP",)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("keba*", {FIRE}),
        ("KEBA*", {FIRE}),
        ("ban*", {QUAKE, FLOOD}),
        ("ban* -banj*", {QUAKE}),
        ("gem* ban*", {QUAKE}),
        ("zzz*", set()),
    ],
)
def test_a_star_stands_for_any_end_of_a_word(news: SearchIndex, text: str, found: set[str]) -> None:
    results = ask(news, text)
    assert {hit.title for hit in results.hits} == found
    if "keba" in text.lower():
        assert results.hits[0].highlights["title"] == ("<em>Kebakaran</em> hutan di Riau meluas",)


def test_a_word_of_the_title_is_searched_in_titles_alone(news: SearchIndex) -> None:
    assert set(titles(ask(news, "title:bantul"))) == {QUAKE, FLOOD}
    assert titles(ask(news, "title:mengungsilah")) == [QUAKE]
    assert titles(ask(news, 'title:"merendam bantul" lutut')) == [FLOOD]
    assert titles(ask(news, "bantul -title:banjir")) == [QUAKE]
    assert ask(news, "title:sleman").total == 0


# -- what to try next -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("tsunami or longsor", "OR must be in capitals to join words: tsunami OR longsor"),
        ("banjir not bantul", "NOT must be in capitals to join words: banjir NOT bantul"),
        ("geng*pa", "“geng*pa” is searched without its signs: * stands only for the end of a word"),
        ("source:newstand", "No article in the index has source:newstand. Did you mean source:newsstand?"),
        ("gempa source:tribun", "No article in the index has source:tribun. There is newsstand."),
        ("agency:Reuters", "No article in the index has agency:Reuters."),
        ("author:Sudirman", "Names of people are found by their words: leave some out."),
        ("flag:body-incomplet", "Did you mean flag:body-incomplete?"),
        (
            "gempa after:2016 before:2015",
            "The range of dates is empty: after:2016-01-01 is later than before:2015-01-01. "
            "The other way round: after:2015-01-01 before:2016-01-01",
        ),
        ("gempa after:2015 before:2015", "because before: excludes its day"),
        ("gempa after:2030", "Without after:2030-01-01, 1 article is found."),
        ("bantul -gempa -banjir", "Without -gempa, 1 article is found."),
        ('"banjir gempa"', "Try other words, or fewer conditions."),
        ('"lutut banjir"', '1 article has the words of "lutut banjir" apart: lutut banjir'),
        ("tsunamigunung", "or the beginning of a word: tsunamigun*"),
        ("bantul title:lutut", "Without title:lutut, 2 articles are found."),
        ("xyz", "Try other words, or fewer conditions."),
    ],
)
def test_a_near_miss_gets_a_hint(news: SearchIndex, text: str, hint: str) -> None:
    found = ask(news, text)
    assert any(hint in each for each in found.notes.hints), found.notes.hints
    assert found.total == 0 or "or" in text or "not" in text


def test_an_empty_result_always_says_what_to_try_next(news: SearchIndex) -> None:
    for text in (
        "qq",
        "-gempa -banjir -hutan -prabowo -harga",
        "+a +b",
        "author:x OR author:y",
        "family:x",
        "zzz*",
        '"a"',
    ):
        found = ask(news, text)
        assert (found.total, bool(found.notes.hints)) == (0, True), text


def test_an_empty_index_says_so(another: Callable[[], SearchIndex]) -> None:
    assert "The index has no articles yet." in ask(filled(another(), []), "gempa").notes.hints[0]


# -- why a hit stands where it does -----------------------------------------------------------------------------------


def test_an_explanation_says_what_each_field_has_of_the_query_and_what_is_missing(news: SearchIndex) -> None:
    hit = ask(news, "bantul menteri kementerian tsunami", explain=True).hits[0]
    assert hit.title == QUAKE
    assert hit.explanation["sentences"] == [
        "title has “bantul” exactly (an exact word counts 4, another form 3).",
        "lede (the first 50 words) has “bantul” exactly; “menteri” exactly; “kementerian” as “menteri” "
        "(an exact word counts 1.75, another form 1.25).",
        "body has “bantul” exactly; “menteri” exactly; “kementerian” as “menteri” "
        "(an exact word counts 1.4, another form 1).",
        "It has 3 of 4 words; “tsunami” is missing.",
    ]
    assert hit.explanation["engine"]
    (phrase,) = ask(news, '"prabowo berpidato" jak*', explain=True).hits
    assert phrase.explanation["sentences"][0] == (
        "title has “prabowo berpidato” exactly; “jak*” as “jakarta” (an exact word counts 4, another form 3)."
    )
    (other,) = ask(news, "memadamkannya", explain=True).hits
    assert "body has “memadamkannya” as “memadamkan”" in other.explanation["sentences"][1]


def test_a_recent_article_ranks_a_little_higher_at_the_time_of_the_search(another: Callable[[], SearchIndex]) -> None:
    now = datetime(2026, 1, 10, tzinfo=WIB)
    ages = (2000, 300, 40, 3, 1000)
    documents = [
        a_document(at, title="Gempa", body=(f"Gempa {age} hari lalu.",), published_at=now - timedelta(days=age))
        for at, age in enumerate(ages, start=1)
    ]
    documents.append(a_document(9, title="Kota", body=("Gempa.",), published_at=now))
    found = ask(filled(another(), documents), "gempa", reference=now, explain=True)
    assert [hit.published_at[:10] for hit in found.hits][:3] == ["2026-01-07", "2025-12-01", "2025-03-16"]
    assert found.hits[-1].title == "Kota"
    assert found.hits[0].explanation["sentences"][-1] == "It is recent, which adds 0.9 to its score."
