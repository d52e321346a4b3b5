"""An article as its page shows it: values with where each was found, citations, and comparisons of two texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise

from archive.articles import StoredArticle
from archive.differences import FieldChange, Piece, compared, differences, is_silent, shortened
from archive.edits import kinds_between
from archive.export.columns import ExportedArticle
from archive.families.differences import Differences
from archive.records import Article, MentionedDate
from archive.versions import Version
from web.searching import SearchState
from web.wording import PageWords

MOST_PARAGRAPHS = 3_000
MOST_COMPARED = 400_000
"""Characters of two texts that are compared side by side; of longer ones, so much of each beginning."""
SNIPPET = 280
"""Characters of a text that are shown where only the owner sees it whole."""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A value of an article: the name of its field in the wording ("fields.NAME"), the value, where it was found and
    which other place agrees, and the searches that its parts lead to."""

    name: str
    value: str
    found: str | None = None
    agrees: str | None = None
    links: tuple[tuple[str, SearchState], ...] = ()


def rows_of(article: Article, words: PageWords) -> Iterator[ValueRow]:
    """The values of an article that it has, in the order of its page."""
    line = article.dateline
    place = (
        ", ".join(part for part in (line.canonical or line.place, line.province, line.country) if part) if line else ""
    )
    known: tuple[tuple[str, str, str | None, str], ...] = (
        ("published", "published_at", words.time(article.published_at, weekday=True), ""),
        ("printed", "", article.published_printed, ""),
        ("modified", "modified_at", words.time(article.modified_at, weekday=True) if article.modified_at else None, ""),
        ("authors", "authors", ", ".join(article.authors), "author"),
        ("editors", "editors", ", ".join(article.editors), ""),
        ("agency", "agency", article.agency, "agency"),
        ("credit", "credit", article.credit, ""),
        ("dateline", "dateline", line.text if line else None, ""),
        ("place", "", place, "place"),
        ("section", "section", article.section, "section"),
        ("tags", "tags", ", ".join(article.tags), ""),
        ("language", "language", article.language, ""),
    )
    parts: Mapping[str, Sequence[str]] = {
        "author": article.authors,
        "agency": [article.agency] if article.agency else [],
        "place": [line.canonical or line.place or ""] if line and (line.canonical or line.place) else [],
        "section": [article.section] if article.section else [],
    }
    for name, key, value, facet in known:
        if not value:
            continue
        found, _, agrees = article.provenance.get(key, "").partition("+")
        links = tuple((part, SearchState(filters={facet: (part,)})) for part in parts.get(facet, ()))
        yield ValueRow(name, value, found or None, agrees or None, links)


def body_of(article: Article, *, full_text: bool) -> tuple[Sequence[str], bool]:
    """The paragraphs to show, and whether there are more."""
    if full_text:
        return article.body[:MOST_PARAGRAPHS], len(article.body) > MOST_PARAGRAPHS
    text = " ".join(article.body)
    return ([f"{text[:SNIPPET].rsplit(' ', 1)[0]} …"], True) if len(text) > SNIPPET else (article.body, False)


def search_of_day(mentioned: MentionedDate) -> SearchState | None:
    """The search for what was published on a day that a text mentions; None if it mentions no single day."""
    if mentioned.end or not re.fullmatch(r"\d{4}-\d\d-\d\d", mentioned.date[:10], re.ASCII):
        return None
    try:
        day = date.fromisoformat(mentioned.date[:10])
    except ValueError:
        return None
    if day == date.max:
        return None
    return SearchState(after=day.isoformat(), before=date.fromordinal(day.toordinal() + 1).isoformat())


# -- versions and copies ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What changed from one version to another: kinds, whether silently, and the fields."""

    before: Version
    after: Version
    kinds: tuple[str, ...]
    silent: bool
    fields: Sequence[FieldChange]


def change_between(one: Version, other: Version) -> VersionChange:
    """The change between two versions, long unchanged passages left out."""
    found = kinds_between(one, other)
    fields = [
        FieldChange(each.field, tuple(shortened(each.pieces))) for each in differences(one.article, other.article)
    ]
    kinds = tuple(map(str, found))
    return VersionChange(one, other, kinds, "reread" not in kinds and is_silent(found), fields)


def steps(versions: Sequence[Version]) -> list[tuple[Version, tuple[str, ...]]]:
    """Each version with the kinds of change that made it; the first with none."""
    made = [(other, tuple(map(str, kinds_between(one, other)))) for one, other in pairwise(versions)]
    return [*((each, ()) for each in versions[:1]), *made]


def side_by_side(one: Article, other: Article) -> tuple[list[list[Piece]], list[list[Piece]]]:
    """The texts of two articles, each as paragraphs of pieces: those that both have, and those of its own."""
    texts = ["\n".join(each.body)[:MOST_COMPARED] for each in (one, other)]
    pieces = compared(*texts)
    left = [piece for piece in pieces if piece.sign != "+"]
    right = [piece for piece in pieces if piece.sign != "-"]
    return _paragraphs(left), _paragraphs(right)


def _paragraphs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    found: list[list[Piece]] = [[]]
    for piece in pieces:
        for number, text in enumerate(piece.text.split("\n")):
            if number:
                found.append([])
            if text:
                found[-1].append(Piece(piece.sign, text))
    return [each for each in found if each]


def differences_in_words(found: Differences, words: PageWords) -> str:
    """How a copy differs from the first publisher's text, as a phrase."""
    parts = []
    inside = found.cut - found.cut_at_end
    if found.cut_at_end:
        parts.append(words("copies.cut_at_end", n=found.cut_at_end, of=found.of))
    if inside:
        parts.append(words("copies.cut_inside", n=inside, of=found.of))
    if found.own_lede:
        parts.append(words("copies.own_lede"))
    if found.added:
        key = "copies.added_quoted" if found.added_quotations else "copies.added"
        parts.append(words.many(key, found.added, quoted=found.added_quotations))
    if found.own_title:
        parts.append(words("copies.own_title"))
    if found.credit_dropped:
        parts.append(words("copies.credit_dropped", agency=found.credit_dropped))
    return ", ".join(parts) or words("copies.word_for_word")


# -- citations --------------------------------------------------------------------------------------------------------


def exported(stored: StoredArticle) -> ExportedArticle:
    """The article as exports take it."""
    article = stored.article
    return ExportedArticle(
        article, stored.version, str(stored.status), article.content_hash, stored.first_saved, stored.seq
    )


def citation(stored: StoredArticle, publisher: str, words: PageWords, zone: tzinfo) -> str:
    """The line by which a text cites an article: who, what, where, when, its address, and the version kept here."""
    article = stored.article
    who = ", ".join(article.authors) or article.agency
    title = article.title.rstrip(".")
    parts = [
        *([f"{who}."] if who else []),
        f"“{title}.”",
        f"{publisher}, {words.time(article.published_at)}.",
        *([f"{article.url}."] if article.url else []),
        words(
            "article.kept_as", id=article.id, version=stored.version, seen=words.day(stored.last_seen.astimezone(zone))
        ),
    ]
    return " ".join(parts)
