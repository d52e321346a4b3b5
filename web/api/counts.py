"""The API's counts over time, and the words that stand out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from archive.arrivals import sources_in
from indexer.attention import Interval
from web.api.conditional import ConditionalRoute
from web.api.parameters import DAY, DayText, Values, Words
from web.api.shapes import CountedCurve, CountedPeriod, CountsAnswer, ToldWord, WordsAnswer
from web.charts import MOST_LINES
from web.counting import Asked, answer_of, read_asked, words_of
from web.holdings import Holdings, Opened
from web.problems import PageError
from web.wording import wording

router = APIRouter(route_class=ConditionalRoute, tags=["counts"])
_FROM = Query(alias="from", pattern=DAY, description="A year, a month or a day, inclusive.")


@router.get("/counts")
def counts(
    holdings: Opened,
    q: Annotated[list[Words], Query(min_length=1, max_length=MOST_LINES, description="One to five queries.")],
    interval: Annotated[Interval | None, Query(description="By default what suits the time.")] = None,
    since: Annotated[str, _FROM] = "",
    until: DayText = "",
    source: Values = [],  # noqa: B006  FastAPI copies it
    by_source: Annotated[bool, Query(description="A curve for each of the five largest sources of one query.")] = False,
) -> CountsAnswer:
    """How many articles have all words of each query, over time, and which share of all articles they are.

    `from` and `until` are inclusive.
    """
    asked = _asked(holdings, q, since, until, source, interval=interval, split=by_source)
    with holdings.archive.reading() as connection:
        known = list(sources_in(connection))
    answer = answer_of(holdings, asked, known)
    periods = [
        CountedPeriod(
            name=name,
            first=period.first,
            last=period.last,
            whole=period.whole,
            articles=covered.articles,
            source_days=covered.source_days,
            silent=covered.silent,
        )
        for name, period, covered in zip(answer.names(), answer.periods, answer.coverage, strict=True)
    ]
    curves = [
        CountedCurve(
            name=each.name, total=each.total, counts=list(each.counts), of=list(each.of), shares=list(each.shares)
        )
        for each in answer.curves
    ]
    return CountsAnswer(interval=answer.interval, coarser=answer.coarser, periods=periods, curves=curves)


@router.get("/words")
def words(
    holdings: Opened,
    q: Words,
    since: Annotated[str, _FROM] = "",
    until: DayText = "",
    source: Values = [],  # noqa: B006  FastAPI copies it
) -> WordsAnswer:
    """The words that stand out in the articles with all words of a query, against the rest of the archive."""
    asked = _asked(holdings, [q], since, until, source)
    (text,) = asked.roots
    found = words_of(holdings, asked, text)
    return WordsAnswer(
        words=[ToldWord.model_validate(each) for each in found.words],
        sampled=found.sampled,
        found=found.found,
        articles=found.articles,
        why_none=found.why_none,
    )


def _asked(
    holdings: Holdings,
    q: list[str],
    since: str,
    until: str,
    source: list[str],
    *,
    interval: Interval | None = None,
    split: bool = False,
) -> Asked:
    by, one_each = str(interval or ""), "1" if split else ""
    asked = read_asked(wording("en"), holdings, q, since, until, by, "count", source, one_each)
    if asked.problems or not asked.roots:
        sentence = " ".join(asked.problems) or wording("en")("attention.no_query", most=MOST_LINES)
        raise PageError(400, "bad_request", detail=sentence)
    return asked
