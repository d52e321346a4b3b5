"""Words that some write together and others apart: "cyber bullying" and cyberbullying, "kebunraya" and kebun raya.

The lexicon has the frequent ones ("kerja sama", kerjasama). Of all others the index itself is asked, where a search
finds little: two neighbours are joined if the index has them as one word, and a word that it does not know is taken
apart if an article has its parts side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise

from indexer.analysis.analyzer import exact_terms
from indexer.correction import Known
from indexer.nodes import And, Node, Or, Phrase, Synonyms, Weighted, Word
from indexer.synonyms import ANOTHER_NAME
from lexicon.words import STOP_WORDS

SHORTEST_PART = 3
"""Letters of the shortest part: shorter ones are prefixes and endings."""
MOST_TRIED = 3
"""Ways to take a word apart that are searched for, those of the most frequent parts first."""


def candidates(root: Node) -> Iterator[str]:
    """The words that neighbours of a query are when written together."""
    match root:
        case And(parts):
            for one, other in pairwise(parts):
                if together := _together(one, other):
                    yield together
            for part in parts:
                yield from candidates(part)
        case Or(parts):
            for part in parts:
                yield from candidates(part)
        case _:
            return


def joined(root: Node, known: Mapping[str, Known]) -> Node:
    """A query whose neighbours also find the word that they are together, if the index has it. `known` has all
    `candidates`."""
    match root:
        case And(parts):
            new = tuple(_sequence(tuple(joined(part, known) for part in parts), known))
            return new[0] if len(new) == 1 else And(new)
        case Or(parts):
            return Or(tuple(joined(part, known) for part in parts))
        case _:
            return root


def splits(word: str) -> tuple[tuple[str, str], ...]:
    """All ways to take a word apart; none of a word with anything but letters."""
    if not word.isalpha():
        return ()
    cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    halves = ((word[:at], word[at:]) for at in cuts)
    return tuple(each for each in halves if not STOP_WORDS.intersection(each))


def apart(words: Iterable[str], known: Mapping[str, Known], count: Callable[[Node], int]) -> dict[str, str]:
    """The words that an article has apart, and how: {"kebunraya": "kebun raya"}. `known` has the parts of all `splits`,
    and `count` returns how many articles a query finds."""
    found = {}
    for word in words:
        likely = [(min(known[one].exact, known[other].exact), f"{one} {other}") for one, other in splits(word)]
        likely = sorted((each for each in likely if each[0]), reverse=True)[:MOST_TRIED]
        if text := next((text for _, text in likely if count(Phrase(text))), None):
            found[word] = text
    return found


def _sequence(parts: tuple[Node, ...], known: Mapping[str, Known]) -> Iterator[Node]:
    at = 0
    while at < len(parts):
        together = _together(*parts[at : at + 2]) if at + 1 < len(parts) else None
        if together and known[together].articles:
            yield Synonyms(And(parts[at : at + 2]), (Weighted(Word(together), ANOTHER_NAME),))
            at += 2
        else:
            yield parts[at]
            at += 1


def _together(one: Node, other: Node) -> str | None:
    """Two neighbours as one word; None if one of them is no word, has anything but letters, or is short."""
    texts = []
    for part in (one, other):
        if not isinstance(part, Word) or part.within:
            return None
        terms = exact_terms(part.text)
        if len(terms) != 1 or not terms[0].isalpha() or len(terms[0]) < SHORTEST_PART or terms[0] in STOP_WORDS:
            return None
        texts.append(terms[0])
    return "".join(texts)
