"""The API's counts over time, and the words that stand out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from archive.arrivals import sources_in
from indexer.attention import Interval
from web.api.conditional import ConditionalRoute
from web.api.parameters import DAY, DayText, Values, Words
from web.api.shapes import CountedCurve, CountedPeriod, CountsAnswer, ToldWord, WordsAnswer
from web.charts import MOST_LINES
from web.counting import Asked, answer_of, read_asked, words_of
from web.holdings import Holdings, Opened
from web.problems import PageError, words_for
from web.wording import PageWords

router = APIRouter(route_class=ConditionalRoute, tags=["counts"])
_FROM = Query(alias="from", pattern=DAY, description="A year, a month or a day, inclusive.")


@router.get("/counts")
def counts(
    request: Request,
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
    known = _sources(holdings)
    by, split = str(interval or ""), "1" if by_source else ""
    t = words_for(request)
    asked = read_asked(t, holdings, known, q=q, since=since, until=until, by=by, source=source, split=split)
    _require(asked, t)
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
    request: Request,
    holdings: Opened,
    q: Words,
    since: Annotated[str, _FROM] = "",
    until: DayText = "",
    source: Values = [],  # noqa: B006  FastAPI copies it
) -> WordsAnswer:
    """The words that stand out in the articles with all words of a query, against the rest of the archive."""
    known = _sources(holdings)
    t = words_for(request)
    asked = read_asked(t, holdings, known, q=[q], since=since, until=until, source=source)
    _require(asked, t)
    (text,) = asked.roots
    found = words_of(holdings, asked, text)
    return WordsAnswer(
        words=[ToldWord.model_validate(each) for each in found.words],
        sampled=found.sampled,
        found=found.found,
        articles=found.articles,
        why_none=found.why_none,
    )


def _sources(holdings: Holdings) -> list[str]:
    with holdings.archive.reading() as connection:
        return list(sources_in(connection))


def _require(asked: Asked, words: PageWords) -> None:
    if asked.problems or not asked.roots:
        sentence = " ".join(asked.problems) or words("attention.no_query", most=MOST_LINES)
        raise PageError(400, "bad_request", detail=sentence)
