"""Counts over time as an address asks for them: for the page and for the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from indexer import attention as counting
from indexer.attention import Attention, Interval, Span
from indexer.keyness import Keyness, keyness
from indexer.nodes import All, Node
from indexer.queries import Query
from indexer.watching import with_all_words
from web.asking import BadAskingError, day_of, query_of, within
from web.charts import MOST_LINES
from web.holdings import Holdings
from web.problems import refused_value
from web.wording import PageWords

SHOWN = ("count", "share")


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
        return Interval(self.by) if self.by else None

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


def read_asked(
    words: PageWords,
    holdings: Holdings,
    known: Sequence[str],
    *,
    q: list[str],
    since: str = "",
    until: str = "",
    by: str = "",
    show: str = "count",
    source: list[str],
    split: str = "",
) -> Asked:
    """Read the parameters. `known` are the sources that have articles."""
    zone = holdings.settings.zone
    queries = tuple(dict.fromkeys(text.strip() for text in q if text.strip()))
    sources = tuple(dict.fromkeys(name for name in source if name))
    problems = [words("attention.too_many", most=MOST_LINES)] if len(queries) > MOST_LINES else []
    closed: list[tuple[str, str, Iterable[str]]] = [
        ("by", by, Interval),
        ("show", show, SHOWN),
        ("split", split, ("1",)),
    ]
    for name, value, values in [*closed, *(("source", each, known) for each in sources)]:
        if value and value not in list(values):
            problems.append(words("problems.unknown_value", **refused_value(name, value, values)))
    if split and len(queries) > 1:
        problems.append(words("attention.split_one"))
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
        by,
        show or "count",
        sources,
        bool(split),
        {} if problems else roots,
        days[0],
        days[1],
        tuple(problems),
    )


def answer_of(holdings: Holdings, asked: Asked, known: Sequence[str]) -> Attention:
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
    counted = holdings.index.search(Query(scope, limit=1, highlights=False, facets=("source",), as_typed=True))
    return tuple(name for name in counted.facets["source"] if name in sources)[:MOST_LINES]


def words_of(holdings: Holdings, asked: Asked, text: str) -> Keyness:
    scope = within(asked.roots[text], holdings.settings.zone, asked.since, asked.until, asked.sources)
    return keyness(holdings.index, scope)
