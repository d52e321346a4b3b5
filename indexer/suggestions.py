"""Suggestions while a person types: agencies, places, names, titles and frequent words of the searched index.

What is suggested is in the index, so a search for it finds something. Both engines answer from the same four
questions: the beginning of a word in authors, titles and texts, and how many articles have each agency and place of the
lexicon that begins so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from indexer.analysis.analyzer import exact_terms
from indexer.contract import SearchIndex
from indexer.nodes import And, Node, Or, Term
from indexer.queries import Query, Sort
from indexer.values import agency_names, place_names
from lexicon.words import STOP_WORDS

SHORTEST = 2
"""Letters that are needed. One letter begins too many words."""
EACH = 5
"""Suggestions of each kind."""
_WORDS = 60
"""Words that begin so and are looked for in titles and names, the most frequent ones."""


class SuggestionKind(StrEnum):
    """What a suggestion is."""

    AGENCY = "agency"
    PLACE = "place"
    AUTHOR = "author"
    TITLE = "title"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` is to be shown, and `query` to be searched for (in the query syntax). `articles` is about how many
    articles have it; None where that was not counted: for titles, and for several words."""

    kind: SuggestionKind
    text: str
    query: str
    articles: int | None

    def as_json(self) -> dict[str, Any]:
        """The object that `kliping search --suggest --json` prints."""
        return asdict(self) | {"kind": str(self.kind)}


def suggest(index: SearchIndex, typed: str, each: int = EACH) -> tuple[Suggestion, ...]:
    """Suggestions for what was typed so far, at most `each` of every kind, those of the most articles first.

    The last word may be unfinished; the words before it are complete. Titles and words are those of the newest articles
    where there are many. Empty for fewer than SHORTEST letters. Raises NoIndexError.
    """
    words = exact_terms(typed)
    if len("".join(words)) < SHORTEST:
        return ()
    *complete, beginning = words
    in_titles = index.vocabulary("title", beginning, _WORDS)
    titles = _titles(index, complete, [word for word, _ in in_titles], 3 * each)
    found = (
        _known(index, SuggestionKind.AGENCY, "agencies", agency_names(typed)),
        _known(index, SuggestionKind.PLACE, "places", place_names(typed)),
        _authors(index, complete, beginning),
        (Suggestion(SuggestionKind.TITLE, title, _quoted(title, always=True), None) for title in titles),
        _completed(titles, complete, beginning) if complete else _words(index, beginning, in_titles),
    )
    return tuple(suggestion for kind in found for suggestion in islice(kind, each))


def _known(index: SearchIndex, kind: SuggestionKind, field: str, names: tuple[str, ...]) -> Iterator[Suggestion]:
    """The names that the index has, most articles first."""
    counted = zip(index.frequencies(field, names) if names else (), names, strict=True)
    for articles, name in sorted(counted, key=lambda found: -found[0]):
        if articles:
            yield Suggestion(kind, name, f"{kind}:{_quoted(name)}", articles)


def _authors(index: SearchIndex, complete: list[str], beginning: str) -> Iterator[Suggestion]:
    """Names of which one word begins so, and which have the other words too."""
    begun = index.vocabulary("authors", beginning, _WORDS)
    if not begun:
        return
    scope = _scope("authors", complete, [word for word, _ in begun])
    counted = index.search(Query(scope, limit=1, highlights=False, facets=("author",), as_typed=True)).facets.get(
        "author", {}
    )
    for name, articles in counted.items():  # the other authors of the same articles are among them
        words = exact_terms(name)
        if any(word.startswith(beginning) for word in words) and set(complete) <= set(words):
            yield Suggestion(SuggestionKind.AUTHOR, name, f"author:{_quoted(name)}", articles)


def _titles(index: SearchIndex, complete: list[str], begun: list[str], count: int) -> tuple[str, ...]:
    """The newest titles with all complete words and one of the others, each once."""
    if not begun:
        return ()
    hits = index.search(
        Query(_scope("title", complete, begun), Sort.NEWEST, limit=count, highlights=False, as_typed=True)
    ).hits
    return tuple(dict.fromkeys(hit.title for hit in hits))


def _completed(titles: tuple[str, ...], complete: list[str], beginning: str) -> Iterator[Suggestion]:
    """What was typed with its last word finished, by words of titles that have the others."""
    counted = Counter(word for title in titles for word in set(exact_terms(title)) if word.startswith(beginning))
    for word, _ in counted.most_common():
        text = " ".join((*complete, word))
        yield Suggestion(SuggestionKind.WORD, text, text, None)


def _words(index: SearchIndex, beginning: str, in_titles: tuple[tuple[str, int], ...]) -> Iterator[Suggestion]:
    """Frequent words that begin so."""
    counted = dict(in_titles)
    for word, articles in index.vocabulary("body", beginning, _WORDS):
        counted[word] = max(articles, counted.get(word, 0))
    for word in sorted(counted, key=lambda word: (-counted[word], word)):
        if word not in STOP_WORDS:
            yield Suggestion(SuggestionKind.WORD, word, word, counted[word])


def _scope(field: str, complete: list[str], begun: list[str]) -> Node:
    return And((*(Term(field, word) for word in complete), Or(tuple(Term(field, word) for word in begun))))


def _quoted(text: str, *, always: bool = False) -> str:
    """A value in the query syntax, which has no way to write a quotation mark inside a phrase."""
    plain = text.translate(_QUOTATION_MARKS)
    return f'"{plain}"' if always or not plain.isalnum() else plain


_QUOTATION_MARKS = str.maketrans(dict.fromkeys('"“”„', " "))
