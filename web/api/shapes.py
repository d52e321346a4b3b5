"""What the API answers, as types: the OpenAPI description is made of them, and every answer is checked against them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from indexer.attention import Interval
from indexer.keyness import NoWords
from indexer.suggestions import SuggestionKind


class Shape(BaseModel):
    """Every answer has exactly the members that are described, null where there is no value."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class ProblemDetails(Shape):
    """Problem details (RFC 9457)."""

    type: str = Field(description="about:blank: `status` says all.")
    title: str
    status: int
    detail: str = Field(description="What is wrong, where, and what to do.")


# -- search -----------------------------------------------------------------------------------------------------------


class CorrectedWord(Shape):
    """A word that no article has, and the words that were searched instead."""

    word: str
    instead: list[str]


class JoinedWord(Shape):
    """A word, and other names of the same thing that were searched too."""

    word: str
    others: list[str]


class SearchNotes(Shape):
    """What the search did beyond the words of the query."""

    with_all_words: int | None = Field(description="How many articles have all words; null if all hits have.")
    left_out: list[str]
    corrected: list[CorrectedWord]
    joined: list[JoinedWord]
    hints: list[str]
    sentences: list[str] = Field(description="All of it for people, in English.")


class FoundArticle(Shape):
    """A hit."""

    id: str
    score: float | None = Field(description="Null where hits are sorted by date.")
    title: str
    source: str
    published_at: str = Field(description="A day, or an instant with the offset that was printed.")
    url: str | None
    highlights: dict[str, list[str]] = Field(description="Escaped HTML with <em>…</em> around what matched, by field.")
    family: str | None
    copies: int = Field(description="Other articles of its family.")
    flags: list[str]
    missing: list[str] = Field(description="Words of the query that it lacks.")


class SearchAnswer(Shape):
    """A page of hits."""

    total: int
    hits: list[FoundArticle]
    facets: dict[str, dict[str, int]]
    next: str | None = Field(description="The `cursor` of the next page; null after the last.")
    notes: SearchNotes


class SuggestedQuery(Shape):
    """What a query that begins so may become."""

    kind: SuggestionKind
    text: str
    query: str
    articles: int | None = Field(description="About how many articles have it; null where that was not counted.")


class SuggestionList(Shape):
    """Suggestions, at most five of each kind."""

    suggestions: list[SuggestedQuery]


# -- counts -----------------------------------------------------------------------------------------------------------


class CountedPeriod(Shape):
    """A period, and what the archive has of it."""

    name: str = Field(description="2015-12-18, 2015-W51, 2015-12 or 2015 (ISO 8601).")
    first: date
    last: date
    whole: bool = Field(description="False if the range cuts it off, or it is not over.")
    articles: int = Field(description="All articles of the archive in the chosen sources.")
    source_days: int = Field(description="Days of its sources.")
    silent: int = Field(description="Of these, the days on which a source is unusually without an article.")


class CountedCurve(Shape):
    """A query, or a source: for each period its articles, those that they are a part of, and the share (0 to 1).

    All three are null where the archive has no article at all: then nothing can be said.
    """

    name: str
    total: int
    counts: list[int | None]
    of: list[int | None]
    shares: list[float | None]


class CountsAnswer(Shape):
    """Counts over time."""

    interval: Interval
    coarser: bool = Field(description="Whether the time was too long for the interval that was asked for.")
    periods: list[CountedPeriod]
    curves: list[CountedCurve]


class ToldWord(Shape):
    """A word that stands out."""

    word: str
    stories: int
    articles: int
    ratio: float | None = Field(description="How many times as frequent as elsewhere; null: it occurs nowhere else.")
    score: float = Field(description="Log-likelihood ratio (Dunning's G²).")


class WordsAnswer(Shape):
    """The words that stand out in what a query finds."""

    words: list[ToldWord]
    sampled: int = Field(description="Stories that were read.")
    found: int
    articles: int
    why_none: NoWords | None


# -- articles ---------------------------------------------------------------------------------------------------------


class DatelineAnswer(Shape):
    """Where a story was written, as printed, and what the gazetteer knows of it."""

    place: str | None
    outlet: str | None
    text: str
    canonical: str | None
    province: str | None
    country: str | None


class PictureCredit(Shape):
    """Who made a picture and whose it is."""

    text: str
    photographer: str | None
    agency: str | None
    handout_of: str | None


class ArticlePicture(Shape):
    """A picture of an article."""

    url: str | None
    caption: str | None
    credit: PictureCredit | None


class DateInText(Shape):
    """A date that the text speaks of."""

    text: str
    date: str
    end: str | None


class ArticleAnswer(Shape):
    """An article: what we believe of it, and its place in the archive."""

    id: str
    source: str
    url: str | None
    title: str
    lede: str | None = Field(description="Null if only snippets are shown.")
    body: list[str] | None = Field(description="The paragraphs; null if only snippets are shown.")
    published_at: str
    published_precision: str
    published_printed: str | None
    published_from: str | None
    modified_at: str | None
    dateline: DatelineAnswer | None
    authors: list[str]
    editors: list[str]
    agency: str | None
    credit: str | None
    images: list[ArticlePicture]
    mentioned_dates: list[DateInText]
    section: str | None
    tags: list[str]
    language: str | None
    corrects: str | None = Field(description="The address of the story that it corrects.")
    flags: list[str]
    provenance: dict[str, str]
    version: int
    seq: int
    family: str | None
    status: str
    gone_since: datetime | None
    first_saved: datetime
    last_saved: datetime
    last_seen: datetime
    corrects_id: str | None
    corrected_by: list[str]


class ArticleVersion(Shape):
    """A version. `changed` is what the publisher changed from the one before."""

    version: int
    cause: str
    first_seen: datetime | None
    fetched_at: datetime | None
    saved_at: datetime
    content_hash: str
    run: str
    reader: str
    title: str
    published_at: str
    body: list[str] | None
    changed: list[str]


class VersionsAnswer(Shape):
    """All versions that can be read, the oldest first, and the numbers of those that are lost."""

    id: str
    versions: list[ArticleVersion]
    lost: list[int]


class FamilyMember(Shape):
    """An article of a family."""

    id: str
    source: str
    url: str | None
    title: str
    published_at: str
    agency: str | None
    status: str
    differences: str | None = Field(description="From the first one, in words; null for that itself.")


class FamilyAnswer(Shape):
    """Copies of one story, the earliest first."""

    id: str
    agency: str | None
    members: list[FamilyMember]


# -- operation --------------------------------------------------------------------------------------------------------


class SourceAnswer(Shape):
    """A source that has articles or is switched on."""

    name: str
    title: str
    articles: int
    first_day: date | None
    last_day: date | None
    on: bool
    health: Literal["unknown", "learning", "good", "attention"]


class SourcesAnswer(Shape):
    """The sources."""

    sources: list[SourceAnswer]


class RunInList(Shape):
    """A run in a line. `outcomes` counts how its addresses ended."""

    id: str
    source: str
    kind: str
    started_at: datetime
    ended_at: datetime | None
    verdict: Literal["good", "attention", "failed"] | None
    reason: str | None
    outcomes: dict[str, int]


class RunsAnswer(Shape):
    """A page of runs, the newest first."""

    runs: list[RunInList]
    next: str | None


class HostInLedger(Shape):
    """What a run asked of a host."""

    host: str
    requests: int
    bytes: int
    not_modified: int
    refused: int
    forbidden: int
    waits: int
    waited_seconds: float
    shortest_interval: float | None
    crawl_delay: float | None


class ProblemOfRun(Shape):
    """How one address ended that gave no article."""

    address: str
    outcome: str
    detail: str | None
    article_id: str | None


class RunAnswer(RunInList):
    """The report of a run. `outcomes` and `unfinished` sum to `taken_up`."""

    listed: int
    taken_up: int
    unfinished: int
    hosts: list[HostInLedger]
    problems: list[ProblemOfRun]


# -- JSON Feed --------------------------------------------------------------------------------------------------------


class FeedAuthor(Shape):
    """Who published an item."""

    name: str


class JsonFeedItem(Shape):
    """An item of a JSON Feed 1.1. It has the members that have a value."""

    id: str
    url: str | None = None
    title: str
    content_text: str
    date_published: str | None = None
    authors: list[FeedAuthor]


class JsonFeed(Shape):
    """A JSON Feed (jsonfeed.org, version 1.1)."""

    version: str
    title: str
    home_page_url: str
    feed_url: str
    items: list[JsonFeedItem]
