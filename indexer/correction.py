"""Correction of words that the index does not know: what is like them, and which of it is searched instead.

A word is like another if one or two letters are changed, inserted, dropped or swapped with their neighbour
(Damerau-Levenshtein distance 1 or 2). The nearest word is searched, and of equally near ones those that most articles
have; or the two words that it is if a space was forgotten (`indexer.compounds`). Never corrected are a word that any
article has, however rare it is, a word of the lexicon, and one with digits.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from indexer.analysis.analyzer import GAP, exact_tokens, stemmed_term
from indexer.nodes import And, Node, Or, Phrase, Synonyms, Word
from indexer.notes import Correction
from lexicon.words import NAMES, QUESTION_WORDS, ROOTS, STOP_WORDS

SHORTEST = 4
"""Letters of the shortest word that is corrected. Shorter ones are like too many others."""
TWO_LETTERS = 6
"""Letters of the shortest word in which two letters may be wrong."""
MOST = 3
"""Words that are searched instead of one, if they are equally near to it."""
SHORT_STEM = 3
"""Letters of a stem that is no evidence that the word exists: "mentri" is not a form of "tri"."""


@dataclass(frozen=True, slots=True)
class Known:
    """The number of articles that have a word exactly, and that have its stem; 0 if its stem is no term of its own."""

    exact: int
    stemmed: int

    @property
    def articles(self) -> int:
        """The number of articles that the word finds, at most."""
        return max(self.exact, self.stemmed)


class Vocabulary(Protocol):
    """The words of an index."""

    def known(self, words: Iterable[str]) -> Mapping[str, Known]:
        """How many articles have each of these exact terms, in the field of a text in which most have it."""
        ...

    def similar(self, words: Mapping[str, int]) -> Mapping[str, Mapping[str, int]]:
        """The exact terms near to each of these, at most at the given distance, with the number of their articles."""
        ...


Apart = Callable[[Iterable[str]], Mapping[str, str]]
"""Returns which of these words some article has as two words, and those two."""


def correct(
    root: Node, vocabulary: Vocabulary, known: Mapping[str, Known], apart: Apart
) -> tuple[Node, tuple[Correction, ...]]:
    """A query with its unknown free words replaced by known ones, and what was replaced. `known` has all free words.

    A word with one wrong letter is more likely than two words without their space, and two words more likely than two
    wrong letters.
    """
    unknown = {term for term, count in known.items() if is_unknown(term, count)}
    asked = {term: furthest for term in sorted(unknown) if (furthest := _furthest(term))}
    if not asked:
        return root, ()
    found = {term: best(term, near) for term, near in vocabulary.similar(asked).items()}
    far = [term for term in asked if not found.get(term) or distance(term, found[term][0]) > 1]
    found |= {term: (text,) for term, text in apart(far).items()}
    corrections = tuple(Correction(term, instead) for term, instead in found.items() if instead)
    replacing = {each.word: each.instead for each in corrections}
    return (_replaced(root, replacing), corrections) if corrections else (root, ())


def is_unknown(term: str, count: Known) -> bool:
    """Whether no article has this word, or another form of it, and it is no word that we know to be right."""
    if count.exact or term in QUESTION_WORDS or term in STOP_WORDS or term in ROOTS or term in NAMES:
        return False
    stem = stemmed_term(term)
    return not count.stemmed or stem == GAP or len(stem) <= SHORT_STEM


def best(word: str, near: Mapping[str, int]) -> tuple[str, ...]:
    """The nearest of these words, most articles first; at most MOST."""
    distances = {each: distance(word, each) for each in near}
    nearest = min(distances.values(), default=0)
    equal = [each for each, away in distances.items() if away == nearest]
    return tuple(sorted(equal, key=lambda each: (-near[each], each))[:MOST])


def edits(word: str) -> Iterator[str]:
    """All words at distance 1, in letters of the English alphabet. Some come more than once."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield from (head + letter + tail for letter in string.ascii_lowercase)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in string.ascii_lowercase)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


def distance(one: str, other: str) -> int:
    """The number of letters to change, insert, drop or swap with a neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [at]
        for to, target in enumerate(other, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != target))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == target:
                cost = min(cost, earlier[to - 2] + 1)
            row.append(cost)
    return row[-1]


def _furthest(term: str) -> int:
    """The distance at which a word is looked for; 0 for one that is not corrected."""
    if len(term) < SHORTEST or not term.isalpha():
        return 0
    return 2 if len(term) >= TWO_LETTERS else 1


def _replaced(node: Node, instead: Mapping[str, tuple[str, ...]]) -> Node:
    """A query with words replaced in its free parts."""
    match node:
        case Or(parts):
            return Or(tuple(_replaced(part, instead) for part in parts))
        case And(parts):
            return And(tuple(_replaced(part, instead) for part in parts))
        case Word(text):
            return _replaced_word(text, instead)
        case _:
            return node


def _replaced_word(text: str, instead: Mapping[str, tuple[str, ...]]) -> Node:
    tokens = exact_tokens(text)
    if len(tokens) == 1 and tokens[0].text in instead:
        words = tuple(map(_as_node, instead[tokens[0].text]))
        return words[0] if len(words) == 1 else Or(words)
    for token in reversed(tokens):
        if token.text in instead:
            text = text[: token.start] + instead[token.text][0] + text[token.end :]
    return Word(text)


def _as_node(text: str) -> Node:
    return Synonyms(Phrase(text), ()) if " " in text else Word(text)
