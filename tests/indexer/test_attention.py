"""Counts over time, and the words that stand out. Every test of an index runs with every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from math import log

import pytest

from indexer.attention import Attention, Interval, Span, attention, periods_of
from indexer.contract import NoIndexError, PhysicalIndex, SearchIndex
from indexer.documents import Document
from indexer.keyness import FEWEST_STORIES, NoWords, keyness, log_likelihood
from indexer.nodes import All, Node
from indexer.query import read
from indexer.watching import with_all_words
from tests.conftest import WIB
from tests.support.contract import A, B, C, put
from tests.support.indexes import a_document

pytest_plugins = ["tests.support.contract_fixtures"]

TODAY = date(2016, 2, 1)


def asked(text: str) -> Node:
    """The query that attention counts."""
    return with_all_words(read(text, WIB))


def counted(index: SearchIndex, *queries: str, **changes: object) -> Attention:
    """The attention to queries, of both sources of the three articles."""
    fields: dict[str, object] = {"today": TODAY, "sources": ("newsstand", "tempo")}
    return attention(index, {query: asked(query) for query in queries}, Span(**fields | changes))  # type: ignore[arg-type]  # fields of the tests


def test_articles_are_counted_by_the_day_that_their_page_prints(news: SearchIndex) -> None:
    """An article of 00:30 in Jayapura is one of that day there, and one without a clock is one of its day."""
    days = news.per_day([All(), asked("ISIS"), asked("moskow salju"), asked("belum ada")])
    assert days == (
        {date(2015, 12, 17): 1, date(2015, 12, 18): 1, date(2016, 1, 1): 1},
        {date(2015, 12, 18): 1, date(2016, 1, 1): 1},
        {date(2015, 12, 17): 1},  # not of every article that has one of the words
        {},
    )


def test_texts_are_read_by_id(news: SearchIndex) -> None:
    """Texts of articles that are not in the index are missing, and nothing else is."""
    three = [a_document(number).id for number in (1, 2, 3)]
    found = news.texts([*three, "no such id"])
    assert {name: title for name, (title, _) in found.items()} == dict(zip(three, (A, B, C), strict=True))
    assert found[three[1]][1] == ("Kota itu dingin.",)
    assert news.texts([]) == {}


def test_without_an_index_nothing_is_counted(index: SearchIndex) -> None:
    """No index is an error with a remedy, and not a chart of zeros."""
    with pytest.raises(NoIndexError, match="kliping index follow"):
        index.per_day([All()])


def test_a_day_without_articles_is_no_silence(news: SearchIndex) -> None:
    """Where the archive has nothing, a count is None. Where it has articles of which none matches, it is 0."""
    answer = counted(news, "ISIS", "salju", since=date(2015, 12, 16), until=date(2015, 12, 18))
    assert answer.names() == ("2015-12-16", "2015-12-17", "2015-12-18")
    assert [curve.counts for curve in answer.curves] == [(None, 0, 1), (None, 1, 0)]
    assert [curve.shares for curve in answer.curves] == [(None, 0.0, 1.0), (None, 1.0, 0.0)]
    assert [each.is_gap for each in answer.coverage] == [True, False, False]


def test_a_curve_for_each_source_is_a_share_of_that_source(news: SearchIndex) -> None:
    """The share of a source's curve is that of its own articles."""
    answer = counted(news, "ISIS", curves_for=("newsstand", "tempo"), interval=Interval.MONTH)
    assert answer.names() == ("2015-12", "2016-01")
    assert {curve.name: (curve.counts, curve.of) for curve in answer.curves} == {
        "newsstand": ((1, None), (2, None)),
        "tempo": ((None, 1), (None, 1)),
    }
    assert answer.periods[0].first == date(2015, 12, 1)  # no range was asked for, so none cuts the month off
    assert answer.periods[0].whole


def test_a_query_is_counted_in_the_chosen_sources_alone(news: SearchIndex) -> None:
    """Counts and all articles are those of the chosen sources."""
    answer = counted(news, "ISIS", sources=("tempo",), since=date(2015, 12, 1), interval=Interval.MONTH)
    assert (answer.curves[0].counts, answer.curves[0].of) == ((None, 1), (None, 1))


def test_a_long_time_is_shown_in_longer_periods(news: SearchIndex) -> None:
    """A chart of a hundred years by day has too many points; the answer says that it took another interval."""
    answer = counted(news, "ISIS", since=date(1916, 1, 1), until=date(2016, 1, 1), interval=Interval.DAY)
    assert (answer.interval, answer.coarser, len(answer.periods)) == (Interval.YEAR, True, 101)
    assert sum(each.articles for each in answer.coverage) == 3


# -- coverage ---------------------------------------------------------------------------------------------------------


def daily(source: str, first: date, days: int, without: range = range(0), start: int = 100) -> list[Document]:
    """One article of a source a day."""
    moments = [datetime(first.year, first.month, first.day, 9, tzinfo=WIB) + timedelta(days=n) for n in range(days)]
    return [
        a_document(start + number, source=source, published_at=at)
        for number, at in enumerate(moments)
        if number not in without
    ]


def test_days_on_which_a_source_is_unusually_silent_are_told(index: SearchIndex, physical: PhysicalIndex) -> None:
    """The silence of a source that is crawled lasts until yesterday; that of one given up ends with its last article.

    Of a source with few articles nobody knows when it is silent."""
    first = date(2015, 12, 28)
    put(index, physical, *daily("antara", first, 21, without=range(7, 14)))
    put(index, physical, *daily("tempo", first, 14, start=200))
    put(index, physical, a_document(300, source="mingguan", published_at=datetime(2015, 12, 30, tzinfo=WIB)))
    span = Span(
        today=date(2016, 1, 22),
        sources=("antara", "tempo", "mingguan"),
        running=("antara",),
        since=first,
        until=date(2016, 1, 22),
        interval=Interval.WEEK,
    )
    answer = attention(index, {"judul": asked("judul")}, span)
    assert answer.names() == ("2015-W53", "2016-W01", "2016-W02", "2016-W03")
    assert [(each.source_days, each.silent) for each in answer.coverage] == [(14, 0), (14, 7), (7, 0), (4, 4)]
    assert [each.is_partial for each in answer.coverage] == [False, True, False, False]
    assert [each.is_gap for each in answer.coverage] == [False, False, False, True]
    assert [period.whole for period in answer.periods] == [True, True, True, False]


@pytest.mark.parametrize(
    ("first", "last", "interval", "expected"),
    [
        (date(2015, 12, 30), date(2016, 1, 5), Interval.WEEK, [("2015-W53", 30, 3, False), ("2016-W01", 4, 5, False)]),
        (date(2016, 2, 1), date(2016, 3, 1), Interval.MONTH, [("2016-02", 1, 29, True), ("2016-03", 1, 1, False)]),
        (
            date(2016, 2, 28),
            date(2016, 2, 29),
            Interval.DAY,
            [("2016-02-28", 28, 28, True), ("2016-02-29", 29, 29, True)],
        ),
        (date(1, 1, 1), date(1, 1, 2), Interval.WEEK, [("0001-W01", 1, 2, False)]),
        (date(9999, 12, 30), date(9999, 12, 31), Interval.MONTH, [("9999-12", 30, 31, False)]),
        (date(2016, 5, 5), date(2016, 5, 6), Interval.YEAR, [("2016", 5, 6, False)]),
    ],
)
def test_periods_cover_each_day_once(
    first: date, last: date, interval: Interval, expected: list[tuple[str, int, int, bool]]
) -> None:
    """Weeks begin on Monday and may belong to another year; a period that is cut off is not whole."""
    periods = list(periods_of(first, last, interval, date(2020, 1, 1)))
    assert [(each.name(interval), each.first.day, each.last.day, each.whole) for each in periods] == expected


# -- words that stand out ---------------------------------------------------------------------------------------------


def test_the_score_is_that_of_the_two_by_two_table() -> None:
    """Log-likelihood is twice the mutual information of the table, and 0 where nothing differs."""

    def entropy(*counts: int) -> float:
        return sum(count * log(count / sum(counts)) for count in counts if count)

    a, b, c, d = 30, 10, 70, 890
    expected = 2 * (entropy(a, b, c, d) - entropy(a + b, c + d) - entropy(a + c, b + d))
    assert log_likelihood(30, 100, 10, 900) == pytest.approx(expected)
    assert log_likelihood(10, 100, 90, 900) == pytest.approx(0)
    assert log_likelihood(0, 100, 0, 900) == 0


def stories(number: int, start: int, *words: str, source: str = "antara") -> list[Document]:
    """Articles with these words, on days that follow one another."""
    at = datetime(2015, 1, 1, 9, tzinfo=WIB)
    return [
        a_document(
            start + each, source=source, body=(" ".join(("Berita", *words)),), published_at=at + timedelta(days=each)
        )
        for each in range(number)
    ]


def test_words_stand_out_that_are_more_frequent_than_elsewhere(index: SearchIndex, physical: PhysicalIndex) -> None:
    """Without the query's own words, words of every article, rare ones, and what one publisher prints everywhere."""
    put(
        index,
        physical,
        *stories(15, 100, "gempa", "guncangan", "rusak"),
        *stories(15, 200, "gempa", "guncangan", "langganan", source="tempo"),
        *stories(3, 300, "gempa", "tsunami", source="tempo"),
        *stories(40, 400, "pasar", "rusak", source="tempo"),
        *stories(40, 500, "pasar"),
    )
    found = keyness(index, asked("gempa"))
    assert (found.found, found.sampled, found.articles, found.why_none) == (33, 33, 113, None)
    assert [(word.word, word.stories, word.articles, word.ratio) for word in found.words] == [
        ("guncangan", 30, 30, None)
    ]
    assert keyness(index, asked("pasar")).why_none is NoWords.ALIKE
    assert found.words[0].score == pytest.approx(log_likelihood(30, 33, 0, 80))


def test_an_abbreviation_stands_out_as_it_is_written(index: SearchIndex, physical: PhysicalIndex) -> None:
    """BI is the bank, and not the term that the index has of it."""
    put(index, physical, *stories(30, 100, "bunga", "BI"), *stories(60, 200, "pasar"))
    assert [word.word for word in keyness(index, asked("bunga")).words] == ["BI"]


def test_a_few_stories_have_no_words_that_stand_out(index: SearchIndex, physical: PhysicalIndex) -> None:
    """Copies of a story count once, and three hits say nothing about their words."""
    copies = [a_document(100 + number, body=("Gempa bumi mengguncang.",)) for number in range(FEWEST_STORIES)]
    put(index, physical, *(replace(each, family=copies[0].id, copies=len(copies) - 1) for each in copies))
    put(index, physical, *stories(40, 400, "pasar"))
    few = keyness(index, asked("pasar berita tsunami"))
    assert (few.words, few.why_none) == ((), NoWords.FEW)
    same = keyness(index, asked("mengguncang"))
    assert (same.sampled, same.words, same.why_none) == (1, (), NoWords.COPIES)
    assert keyness(index, All()).why_none is NoWords.ALL
