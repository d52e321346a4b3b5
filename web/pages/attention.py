"""Attention: up to five queries over time in one chart, their share of all articles, and the words that stand out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from indexer import attention as counting
from indexer.attention import Attention, Curve, Interval, Period, Span
from indexer.keyness import Keyness, keyness
from indexer.nodes import All, Node
from indexer.queries import Query as SearchQuery
from indexer.watching import with_all_words
from web.asking import BadAskingError, day_of, query_of, sources_in, within
from web.charts import MOST_LINES, Caption, Line, Strip, line_chart
from web.holdings import Holdings, Opened
from web.problems import PageError
from web.rendering import MenuEntry, page, wording_of
from web.sheets import csv_response
from web.wording import PageWords

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(20, "/attention", "attention")
SHORT = 32
"""Rows of the table up to which it is open at first."""

Texts = Annotated[list[str], Query()]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of the address, as given, and what they mean. `problems` are sentences about those that mean
    nothing, by parameter."""

    queries: tuple[str, ...]
    since_text: str
    until_text: str
    by: str
    show: str
    sources: tuple[str, ...]
    split: bool
    roots: Mapping[str, Node]
    since: date | None
    until: date | None
    problems: tuple[str, ...]

    @property
    def interval(self) -> Interval | None:
        """The length of a period; None: what suits the time."""
        return Interval(self.by) if self.by in list(Interval) else None

    def address(self, path: str = "/attention", **changes: Any) -> str:
        """The address of this state, or of one with changes."""
        values: dict[str, Any] = {
            "q": list(self.queries),
            "from": self.since_text,
            "until": self.until_text,
            "by": self.by,
            "show": self.show,
            "source": list(self.sources),
            "split": "1" if self.split else "",
        }
        return f"{path}?{urlencode({name: value for name, value in (values | changes).items() if value}, doseq=True)}"


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
) -> Response:
    """The form, the chart with its table, and of one query the words that stand out."""
    asked = _asked(wording_of(request), holdings, q, since, until, by, show, source, split)
    t = wording_of(request)
    with holdings.archive.reading() as connection:
        known = sources_in(connection)
    answer = _answer(holdings, asked, list(known)) if asked.roots else None
    chosen = words if words in asked.roots else ""
    values: dict[str, Any] = {
        "asked": asked,
        "inputs": [*asked.queries, *[""] * (MOST_LINES - len(asked.queries))][:MOST_LINES],
        "known": sorted(known, key=lambda name: holdings.title_of(name).casefold()),
        "intervals": list(Interval),
        "title_of": holdings.title_of,
        "answer": answer,
        "words_of": chosen,
        "keyness": _words(holdings, asked, chosen) if chosen else None,
    }
    if answer:
        values |= _shown(t, holdings, asked, answer)
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
    asked = _asked(wording_of(request), holdings, q, since, until, by, "count", source, split)
    _require(asked, wording_of(request))
    with holdings.archive.reading() as connection:
        known = list(sources_in(connection))
    answer = _answer(holdings, asked, known)
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
    asked = _asked(wording_of(request), holdings, [q], since, until, "", "count", source, "")
    _require(asked, wording_of(request))
    found = _words(holdings, asked, q)
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


def _asked(
    words: PageWords,
    holdings: Holdings,
    q: list[str],
    since: str,
    until: str,
    by: str,
    show: str,
    source: list[str],
    split: str,
) -> Asked:
    zone = holdings.settings.zone
    queries = tuple(dict.fromkeys(text.strip() for text in q if text.strip()))
    problems = [words("attention.too_many", most=MOST_LINES)] if len(queries) > MOST_LINES else []
    roots: dict[str, Node] = {}
    for text in queries[:MOST_LINES]:
        try:
            root = query_of(text, zone)
            if isinstance(root, All):
                raise BadAskingError("q", "sentences.no-words")
            roots[text] = with_all_words(root)
        except BadAskingError as error:
            problems.append(f"{text[:60]} – {error.said(words)}")
    days: list[date | None] = []
    for name, text, last in (("from", since, False), ("until", until, True)):
        try:
            days.append(day_of(text, zone, name, last=last))
        except BadAskingError as error:
            problems.append(error.said(words))
            days.append(None)
    if days[0] and days[1] and days[0] > days[1]:
        problems.append(words("attention.wrong_way"))
        days = [None, None]
    return Asked(
        queries[:MOST_LINES],
        since,
        until,
        by if by in list(Interval) else "",
        "share" if show == "share" else "count",
        tuple(dict.fromkeys(name for name in source if name)),
        bool(split) and len(queries) == 1,
        {} if problems else roots,
        days[0],
        days[1],
        tuple(problems),
    )


def _answer(holdings: Holdings, asked: Asked, known: Sequence[str]) -> Attention:
    sources = [name for name in known if name in asked.sources] if asked.sources else list(known)
    span = Span(
        today=datetime.now(holdings.settings.zone).date(),
        sources=sources,
        running=holdings.operations.running(),
        interval=asked.interval,
        since=asked.since,
        until=asked.until,
        curves_for=_largest(holdings, asked, sources) if asked.split else (),
    )
    return counting.attention(holdings.index, asked.roots, span)


def _largest(holdings: Holdings, asked: Asked, sources: Sequence[str]) -> tuple[str, ...]:
    """The sources with most articles that match, as many as a chart has lines."""
    (root,) = asked.roots.values()
    scope = within(root, holdings.settings.zone, asked.since, asked.until, asked.sources)
    counted = holdings.index.search(SearchQuery(scope, limit=1, highlights=False, facets=("source",), as_typed=True))
    return tuple(name for name in counted.facets["source"] if name in sources)[:MOST_LINES]


def _words(holdings: Holdings, asked: Asked, text: str) -> Keyness:
    scope = within(asked.roots[text], holdings.settings.zone, asked.since, asked.until, asked.sources)
    return keyness(holdings.index, scope)


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
        "open": len(labels) <= SHORT,
        "percent": share_of,
        "csv": asked.address("/attention.csv"),
        "gaps": sum(state == "gap" for state in states),
        "partial": sum(state == "partial" for state in states),
        "search_address": lambda text, period: _search(asked, text, period),
        "words_csv": lambda text: f"/attention/words.csv?{_words_query(asked, text)}",
    }


def _label(t: PageWords, period: Period, interval: Interval) -> str:
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


def _search(asked: Asked, text: str, period: Period) -> str:
    """The search for what was counted in one period. (Its `before` is the first day that it leaves out.)"""
    values: dict[str, Any] = {"q": text, "after": period.first.isoformat(), "source": list(asked.sources)}
    if period.last < date.max:
        values["before"] = (period.last + timedelta(days=1)).isoformat()
    return f"/?{urlencode({name: value for name, value in values.items() if value}, doseq=True)}"


def _words_query(asked: Asked, text: str) -> str:
    values = {"q": text, "from": asked.since_text, "until": asked.until_text, "source": list(asked.sources)}
    return urlencode({name: value for name, value in values.items() if value}, doseq=True)
