"""The words of an archive: in how many articles each occurs, and how often it is printed with a capital."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.analysis import words

SENTENCE_ENDS = re.compile(r"[.!?:\"“”()\n]")
MOSTLY = 0.7
"""A word is a name if at least this share of its occurrences within a sentence has a capital."""
CUT_SHORT = 4
"""A word that occurs so many times less than itself with one more letter is taken for a slip of the source."""


@dataclass(slots=True)
class PrintedWords:
    """Counts by word in lower case. Only words of the letters a to z, outside the beginnings of sentences."""

    articles: Counter[str] = field(default_factory=Counter)
    lower: Counter[str] = field(default_factory=Counter)
    capital: Counter[str] = field(default_factory=Counter)

    def add(self, title: str, body: str) -> None:
        """Count an article. Titles have capitals of their own, so their case tells nothing."""
        seen = {word.lower() for word in words.find(title) if _plain(word)}
        end = 0
        for start, stop in words.spans(body):
            word, between = body[start:stop], body[end:start]
            first, end = end == 0 or SENTENCE_ENDS.search(between) is not None, stop
            if not _plain(word):
                continue
            folded = word.lower()
            seen.add(folded)
            if not first:
                (self.lower if word == folded else self.capital)[folded] += 1
        self.articles.update(seen)

    def is_name(self, word: str) -> bool:
        """Whether a word is mostly printed with a capital."""
        capital = self.capital[word]
        return capital > 0 and capital >= MOSTLY * (capital + self.lower[word])

    def cut_short(self) -> frozenset[str]:
        """Words that lack their last letter, as some exports print them ("keuanga")."""
        longer: Counter[str] = Counter()
        for word, count in self.articles.items():
            longer[word[:-1]] = max(longer[word[:-1]], count)
        return frozenset(word for word, count in self.articles.items() if longer[word] >= CUT_SHORT * count)


def of_articles(articles: Iterable[tuple[str, str]]) -> PrintedWords:
    """The vocabulary of titles and bodies."""
    vocabulary = PrintedWords()
    for title, body in articles:
        vocabulary.add(title, body)
    return vocabulary


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The titles and bodies of JSON lines, as `kliping` and its corpora write them. A body may be in paragraphs."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            body = record.get("body") or ""
            yield record.get("title") or "", body if isinstance(body, str) else "\n".join(body)


def _plain(word: str) -> bool:
    return word.isascii() and word.isalpha()
