"""The query syntax: what a person types, and the query it becomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.nodes import All, And, Beginning, DateRange, Node, Not, Or, Phrase, Term, Word
from indexer.queries import Query, Sort
from indexer.query import (
    FIELDS,
    BadQueryError,
    end_of,
    moment,
    read,
)
from indexer.wording import typed

WIB = timezone(timedelta(hours=7))
WRITE_DATES = "Write it like 2015-12-01, 2015-12 or 2015."
QUOTE_IT = "Quote it to search for the text itself."
STAR = "* stands for the end of a word (lhokseu*), and ? for nothing."
BEGINNING_NEEDS = "* needs one word with at least 3 letters before it. Write more of the word, or remove the *."
OR_NEEDS = "OR needs a word on both sides. Remove it, or quote it to search for the word itself."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", All()),
        ("  ", All()),
        ("ISIS Moskow", And((Word("ISIS"), Word("Moskow")))),
        ("ISIS AND Moskow", And((Word("ISIS"), Word("Moskow")))),
        ("ISIS +Moskow", And((Word("ISIS"), Phrase("Moskow")))),
        ("+(a OR b)", Or((Phrase("a"), Phrase("b")))),
        ("+source:antara", Term("source", "antara")),
        ("ISIS OR Moskow", Or((Word("ISIS"), Word("Moskow")))),
        ("a b OR c", Or((And((Word("a"), Word("b"))), Word("c")))),
        ("a (b OR c)", And((Word("a"), Or((Word("b"), Word("c")))))),
        ("a -b", And((Word("a"), Not(Phrase("b"))))),
        ("a NOT b", And((Word("a"), Not(Phrase("b"))))),
        ("-(a b)", Not(And((Phrase("a"), Phrase("b"))))),
        ("--a", Not(Phrase("a"))),
        ('"dua kata" tiga', And((Phrase("dua kata"), Word("tiga")))),
        ("“dua kata”", Phrase("dua kata")),
        ("title:gempa", Word("gempa", ("title",))),
        ('Title:"gempa bumi"', Phrase("gempa bumi", ("title",))),
        ("-title:gempa", Not(Phrase("gempa", ("title",)))),
        ("title:(gempa OR banjir)", Or((Word("gempa", ("title",)), Word("banjir", ("title",))))),
        ("source:antara", Term("source", "antara")),
        ("SOURCE:antara", Term("source", "antara")),
        ("agency:Reuters photo:Reuters", And((Term("agencies", "Reuters"), Term("photo_agencies", "Reuters")))),
        ('place:"New  York"', Term("places", "New York")),
        ('author:"Nur Imansyah"', Term("authors", "Nur Imansyah")),
        ("family:ab12", Term("family", "ab12")),
        ("-flag:body-incomplete", Not(Term("flags", "body-incomplete"))),
        ("-source:antara", Not(Term("source", "antara"))),
        ("source:(antara OR tempo)", Or((Term("source", "antara"), Term("source", "tempo")))),
        ("after:2015-12-01", DateRange(since=datetime(2015, 12, 1, tzinfo=WIB))),
        ("before:2016", DateRange(until=datetime(2016, 1, 1, tzinfo=WIB))),
        ("after:2015-12", DateRange(since=datetime(2015, 12, 1, tzinfo=WIB))),
        # other characters are not syntax
        ("C++", Word("C++")),
        ("50%", Word("50%")),
        ("a/b", Word("a/b")),
        ("anti-ISIS", Word("anti-ISIS")),
        ("Trump & Putin", And((Word("Trump"), Word("Putin")))),
        ("lhokseu*", Beginning("lhokseu")),
        ("ISIS -lhokseu*", And((Word("ISIS"), Not(Beginning("lhokseu"))))),
        ("C++*", Word("C++*")),
        ('"lhokseu*"', Phrase("lhokseu*")),
        ("[a TO b]", And((Word("[a"), Word("TO"), Word("b]")))),
        ("Prabowo: kita", And((Word("Prabowo:"), Word("kita")))),
        ("https://www.antaranews.com/berita/1", Word("https://www.antaranews.com/berita/1")),
        ("pukul 18:30", And((Word("pukul"), Word("18:30")))),
        ("skor 2:1", And((Word("skor"), Word("2:1")))),
        ('"title:gempa"', Phrase("title:gempa")),
        ("a - b", And((Word("a"), Word("b")))),
        ("a -() b", And((Word("a"), Word("b")))),
        ("a\0NOT\0b", And((Word("a"), Not(Phrase("b"))))),
        ('"NOT" -a', And((Phrase("NOT"), Not(Phrase("a"))))),
        ("a\\ ~2 ^3", And((Word("a\\"), Word("~2"), Word("^3")))),
        ("or and not", And((Word("or"), Word("and"), Word("not")))),
        ("w0 w1", And((Word("w0"), Word("w1")))),
        ("Jum'at", Word("Jum'at")),
    ],
)
def test_a_query_is_parsed_into_its_tree(text: str, expected: Node) -> None:
    assert read(text, WIB) == expected


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ('ISIS "Moskow', 5, "This quotation mark is never closed. Close it, or remove it."),
        ("a (b OR c", 2, "This bracket is never closed. Close it, or remove it."),
        ("a) b", 1, "This bracket closes nothing. Remove it."),
        ("a OR", 2, OR_NEEDS),
        ("OR a", 0, OR_NEEDS),
        ("a OR OR b", 5, OR_NEEDS),
        ("(a OR) b", 3, OR_NEEDS),
        ("a NOT", 2, "NOT needs a word after it. Remove it, or quote it to search for the word itself."),
        ("source: antara", 0, "source: has no value. Write it right after the colon, without a space."),
        ("source:() a", 0, "source: has no value. Write it right after the colon, without a space."),
        ("soure:antara", 0, f"There is no field soure. Did you mean source? {QUOTE_IT}"),
        ("ISIS judul:gempa", 5, f"There is no field judul. The fields are {', '.join(FIELDS)}. {QUOTE_IT}"),
        ('-foo:"dua kata"', 1, f"There is no field foo. The fields are {', '.join(FIELDS)}. {QUOTE_IT}"),
        ("on:2015-12-18", 0, f"There is no field on. The fields are {', '.join(FIELDS)}. {QUOTE_IT}"),
        (
            "ISIS after:kemarin",
            11,
            f"after: needs a date, and 'kemarin' is not a year, month or day. {WRITE_DATES}",
        ),
        (
            "before:2015-02-30",
            7,
            "before: needs a date, and '2015-02-30' is not in the calendar. Write it like 2015-12-01, 2015-12 or 2015.",
        ),
        ("NOT NOT a", 4, "NOT cannot follow NOT. Remove one of them, or quote NOT to search for it."),
        ("NOT -a", 4, "- cannot follow NOT. Remove one of them, or quote NOT to search for it."),
        ("source:(a place:b)", 0, "source: cannot contain place:. Write each field on its own."),
        ('a author:""', 9, "author: has no value. Write it between these quotation marks."),
        ("ISIS lh*", 5, BEGINNING_NEEDS),
        ("anti-IS*", 0, BEGINNING_NEEDS),
        ("!&", 0, "The query has signs but no words. Add a word to search for."),
        ("?", 0, "The query has signs but no words. Add a word to search for. " + STAR),
        ("* ?", 0, "The query has signs but no words. Add a word to search for. " + STAR),
        ("a" * 10_001, 0, "The query has 10001 characters, and the limit is 10000. Shorten it."),
        ("(" * 60 + "a" + ")" * 60, 50, "More than 50 brackets are open here. Remove some."),
    ],
)
def test_a_broken_query_raises_an_error_that_says_what_is_wrong_and_where(
    text: str, position: int, sentence: str
) -> None:
    with pytest.raises(BadQueryError) as refused:
        read(text, WIB)
    assert (refused.value.sentence, refused.value.position) == (sentence, position)


@given(
    st.lists(
        st.sampled_from(
            [*"abx\"()-+:\\~^[]{}/*?!“”'&|<>=,.@ \x00é😀\ud800", "OR ", "AND ", "NOT ", " source:", " after:", "2015"]
        ),
        max_size=25,
    ).map("".join)
)
def test_any_text_is_parsed_or_raises_an_error_with_a_position_inside_it(text: str) -> None:
    try:
        read(text, WIB)
    except BadQueryError as refused:
        assert 0 <= refused.position <= len(text)
        assert refused.sentence.endswith(".")


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2015", datetime(2015, 1, 1, tzinfo=WIB), datetime(2016, 1, 1, tzinfo=WIB)),
        ("2015-12", datetime(2015, 12, 1, tzinfo=WIB), datetime(2016, 1, 1, tzinfo=WIB)),
        ("2016-02-28", datetime(2016, 2, 28, tzinfo=WIB), datetime(2016, 2, 29, tzinfo=WIB)),
        ("2015-12-31", datetime(2015, 12, 31, tzinfo=WIB), datetime(2016, 1, 1, tzinfo=WIB)),
        *((text, moment(text, WIB), datetime.max.replace(tzinfo=WIB)) for text in ("9999", "9999-12", "9999-12-31")),
    ],
)
def test_a_year_month_or_day_has_a_first_moment_and_an_end(text: str, first: datetime, after: datetime) -> None:
    assert (moment(text, WIB), end_of(text, WIB)) == (first, after)


def test_a_query_without_words_to_rank_by_is_sorted_newest_first() -> None:
    for text in ("", "source:antara", "-ISIS", "after:2015"):
        assert Query(read(text, UTC)).order is Sort.NEWEST
    assert Query(read("ISIS source:antara", UTC)).order is Sort.RELEVANCE
    assert Query(read("ISIS", UTC), sort=Sort.OLDEST).order is Sort.OLDEST


@pytest.mark.parametrize(
    "text",
    [
        *("", "a b", "a OR b c", "a (b OR c) -d", '"dua kata" +tiga', "lhokseu* -lhok*", "title:gempa -title:banjir"),
        *('author:"Nur Imansyah"', "source:antara after:2015-12-01 before:2016-01-01", "-(a OR b)", '-"dua kata"'),
    ],
)
def test_a_query_in_words_is_read_as_the_same_query(text: str) -> None:
    assert read(typed(read(text, WIB)), WIB) == read(text, WIB)
