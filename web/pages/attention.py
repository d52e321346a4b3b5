"""Attention: up to five queries over time in one chart, their share of all articles, and the words that stand out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from archive.arrivals import sources_in
from indexer.attention import Attention, ChartPeriod, Curve, Interval
from web.charts import MOST_LINES, Caption, Line, Strip, line_chart
from web.choosing import Texts, chosen
from web.counting import Asked, answer_of, read_asked, words_of
from web.holdings import Holdings, Opened
from web.problems import PageError
from web.rendering import MenuEntry, page, wording_of
from web.sheets import csv_response
from web.wording import PageWords

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(20, "/attention", "attention")
SHORT = 32
"""Rows of the table up to which it is open at first."""
MOST_CELLS = 72
"""Numbers up to which the table is on the first view. A longer one is a link away: the first view stays small."""


@router.get("/attention")
def attention(
    request: Request,
    holdings: Opened,
    q: Texts = [],  # noqa: B006  FastAPI copies it
    since: Annotated[str, Query(alias="from")] = "",
    until: str = "",
    by: str = "",
    show: str = "count",
    source: Texts = [],  # noqa: B006
    split: str = "",
    words: str = "",
    numbers: str = "",
) -> Response:
    """The form, the chart with its table, and of one query the words that stand out."""
    t = wording_of(request)
    with holdings.archive.reading() as connection:
        known = sources_in(connection)
    asked = read_asked(
        *(t, holdings, list(known)), q=q, since=since, until=until, by=by, show=show, source=source, split=split
    )
    chosen("numbers", numbers, ["1"])
    if asked.roots:
        chosen("words", words, asked.roots)
    answer = answer_of(holdings, asked, list(known)) if asked.roots else None
    values: dict[str, Any] = {
        "asked": asked,
        "inputs": [*asked.queries, *[""] * (MOST_LINES - len(asked.queries))][:MOST_LINES],
        "known": sorted(known, key=lambda name: holdings.title_of(name).casefold()),
        "intervals": list(Interval),
        "title_of": holdings.title_of,
        "answer": answer,
        "words_of": words,
        "keyness": words_of(holdings, asked, words) if words and asked.roots else None,
    }
    if answer:
        values |= _shown(t, holdings, asked, answer)
        small = len(answer.periods) * len(answer.curves) <= MOST_CELLS
        values |= {"table": bool(numbers) or small, "open": bool(numbers) or len(answer.periods) <= SHORT}
    return page(request, "attention.html", values, status=400 if asked.problems else 200)


@router.get("/attention.csv")
def attention_csv(
    request: Request,
    holdings: Opened,
    q: Texts = [],  # noqa: B006
    since: Annotated[str, Query(alias="from")] = "",
    until: str = "",
    by: str = "",
    source: Texts = [],  # noqa: B006
    split: str = "",
) -> Response:
    """The numbers of the chart: a row for each period and curve."""
    with holdings.archive.reading() as connection:
        known = list(sources_in(connection))
    t = wording_of(request)
    asked = read_asked(t, holdings, known, q=q, since=since, until=until, by=by, source=source, split=split)
    _require(asked, t)
    answer = answer_of(holdings, asked, known)
    heading = "period first last whole curve count articles share source_days source_days_without_articles".split()
    return csv_response("attention", heading, _rows(answer))


@router.get("/attention/words.csv")
def words_csv(
    request: Request,
    holdings: Opened,
    q: str,
    since: Annotated[str, Query(alias="from")] = "",
    until: str = "",
    source: Texts = [],  # noqa: B006
) -> Response:
    """The words that stand out in a query."""
    t = wording_of(request)
    with holdings.archive.reading() as connection:
        known = list(sources_in(connection))
    asked = read_asked(t, holdings, known, q=[q], since=since, until=until, source=source)
    _require(asked, t)
    found = words_of(holdings, asked, q)
    heading = "word stories sampled articles ratio log_likelihood".split()
    rows = (
        (
            each.word,
            each.stories,
            found.sampled,
            each.articles,
            each.ratio and round(each.ratio, 3),
            round(each.score, 2),
        )
        for each in found.words
    )
    return csv_response("words", heading, rows)


def _require(asked: Asked, words: PageWords) -> None:
    if asked.problems or not asked.roots:
        raise PageError(
            400, "bad_request", detail=" ".join(asked.problems) or words("attention.no_query", most=MOST_LINES)
        )


# -- what the template shows ------------------------------------------------------------------------------------------


def _shown(t: PageWords, holdings: Holdings, asked: Asked, answer: Attention) -> dict[str, Any]:
    names = [holdings.title_of(curve.name) if asked.split else curve.name for curve in answer.curves]
    labels = [_label(t, period, answer.interval) for period in answer.periods]
    share = asked.show == "share"
    lines = [
        Line(name, curve.shares if share else curve.counts) for name, curve in zip(names, answer.curves, strict=True)
    ]
    number: Callable[[float], str] = t.value
    share_of: Callable[[float], str] = partial(percent, t)
    states = ["gap" if each.is_gap else "partial" if each.is_partial else "" for each in answer.coverage]
    strip = Strip(t("attention.strip"), [each.articles for each in answer.coverage], states, number)
    title = t(
        "attention.chart_share" if share else "attention.chart_count", interval=t(f"attention.by_{answer.interval}")
    )
    description = " ".join(_sentence(t, name, curve, labels) for name, curve in zip(names, answer.curves, strict=True))
    caption = Caption("attention", title, description)
    chart: Markup | None = line_chart(labels, lines, caption, share_of if share else number, strip) if lines else None
    return {
        "chart": chart,
        "caption": caption,
        "names": names,
        "labels": labels,
        "states": states,
        "rows": list(zip(answer.periods, labels, answer.coverage, states, range(len(labels)), strict=True)),
        "percent": share_of,
        "csv": asked.address("/attention.csv", show=""),
        "gaps": sum(state == "gap" for state in states),
        "partial": sum(state == "partial" for state in states),
        "search_address": lambda text, period: _search(asked, text, period),
        "words_csv": lambda text: f"/attention/words.csv?{_words_query(asked, text)}",
    }


def _label(t: PageWords, period: ChartPeriod, interval: Interval) -> str:
    match interval:
        case Interval.DAY:
            return t.day(period.first, short=True)
        case Interval.MONTH:
            return t.month(period.first.year, period.first.month, short=True)
        case _:
            return period.name(interval)


def _sentence(t: PageWords, name: str, curve: Curve, labels: Sequence[str]) -> str:
    """What a curve shows, for those who do not see it."""
    known = [(count, place) for place, count in enumerate(curve.counts) if count]
    if not known:
        return t("attention.nothing_of", name=name)
    most, place = max(known, key=lambda each: each[0])
    return t("attention.sentence", name=name, total=curve.total, most=most, period=labels[place])


def percent(t: PageWords, share: float) -> str:
    """A share as per cent, with as many digits as say something."""
    value = share * 100
    digits = 0 if value == 0 or value >= 10 else 1 if value >= 1 else 2 if value >= 0.1 else 3
    return f"{t.value(round(value, digits) if digits else round(value))} %"


def _rows(answer: Attention) -> Iterator[tuple[object, ...]]:
    for place, (period, name) in enumerate(zip(answer.periods, answer.names(), strict=True)):
        covered = answer.coverage[place]
        for curve in answer.curves:
            share = curve.shares[place]
            yield (
                *(name, period.first.isoformat(), period.last.isoformat(), "yes" if period.whole else "no", curve.name),
                *(curve.counts[place], curve.of[place], None if share is None else round(share, 8)),
                *(covered.source_days, covered.silent),
            )


def _search(asked: Asked, text: str, period: ChartPeriod) -> str:
    """The search for what was counted in one period. (Its `before` is the first day that it leaves out.)"""
    values: dict[str, Any] = {"q": text, "after": period.first.isoformat(), "source": list(asked.sources)}
    if period.last < date.max:
        values["before"] = (period.last + timedelta(days=1)).isoformat()
    return f"/?{urlencode({name: value for name, value in values.items() if value}, doseq=True)}"


def _words_query(asked: Asked, text: str) -> str:
    values = {"q": text, "from": asked.since_text, "until": asked.until_text, "source": list(asked.sources)}
    return urlencode({name: value for name, value in values.items() if value}, doseq=True)
