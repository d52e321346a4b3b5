"""How a copy differs from the article that had the story first: what a desk cut, wrote anew or added. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.records import Article

SAME = 0.5
"""The share of a sentence's runs of three words that another text must have for the sentence to stand there, too."""
_RUN = 3
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_ENDS = re.compile(r'(?<=[.?!"”])\s+(?=[A-Z"“])')
_QUOTATION = re.compile(r'["“”]')
Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What a copy changed. `cut` are sentences that it lacks, `cut_at_end` those of them that end the first article,
    `added` its own sentences beside the lede, `added_quotations` those of them with quotation marks. `credit_dropped`
    is the agency that the first article credits and the copy does not."""

    cut: int = 0
    cut_at_end: int = 0
    of: int = 0
    own_lede: bool = False
    own_title: bool = False
    added: int = 0
    added_quotations: int = 0
    credit_dropped: str | None = None

    def in_words(self) -> str:
        """The differences as a phrase, such as "the last 6 of 14 sentences cut, lede of its own"."""
        return ", ".join(self._parts()) or "word for word"

    def _parts(self) -> Iterator[str]:
        inside = self.cut - self.cut_at_end
        if self.cut_at_end:
            yield f"the last {self.cut_at_end} of {self.of} sentences cut"
        if inside:
            yield f"{inside} of {self.of} sentences left out or reworded"
        if self.own_lede:
            yield "lede of its own"
        if self.added:
            quoted = f", {self.added_quotations} with quotations" if self.added_quotations else ""
            yield f"{self.added} sentences added{quoted}"
        if self.own_title:
            yield "headline of its own"
        if self.credit_dropped:
            yield f"credit of {self.credit_dropped} dropped"


def differences(first: Article, copy: Article) -> Differences:
    """How `copy` differs from `first`."""
    theirs, ours = list(map(_words, _sentences(first.body))), _sentences(copy.body)
    in_first, in_copy = _runs_of(theirs), _runs_of(map(_words, ours))
    lacking = [not _stands_in(words, in_copy) for words in theirs]
    own = [not _stands_in(_words(sentence), in_first) for sentence in ours]
    added = [sentence for sentence, is_own in zip(ours[1:], own[1:], strict=True) if is_own]
    return Differences(
        cut=sum(lacking),
        cut_at_end=_run_at_end(lacking),
        of=len(theirs),
        own_lede=bool(own and own[0]),
        own_title=_words(first.title) != _words(copy.title),
        added=len(added),
        added_quotations=sum(bool(_QUOTATION.search(sentence)) for sentence in added),
        credit_dropped=first.agency if first.agency and not copy.agency and first.source != copy.source else None,
    )


def _sentences(body: Sequence[str]) -> list[str]:
    return [sentence for paragraph in body for sentence in _SENTENCE_ENDS.split(paragraph) if _WORD.search(sentence)]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: Sequence[str]) -> list[Run]:
    if len(words) < _RUN:
        return [tuple(words)]
    return list(zip(*(words[at:] for at in range(_RUN)), strict=False))


def _runs_of(sentences: Iterator[list[str]] | list[list[str]]) -> set[Run]:
    return {run for words in sentences for run in _runs(words)}


def _stands_in(words: Sequence[str], known: set[Run]) -> bool:
    runs = _runs(words)
    return sum(run in known for run in runs) >= SAME * len(runs)


def _run_at_end(marks: Sequence[bool]) -> int:
    """How many marks are set at the end."""
    count = 0
    while count < len(marks) and marks[-1 - count]:
        count += 1
    return count
