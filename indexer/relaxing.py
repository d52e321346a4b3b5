"""From the words of a query to what is searched: first all words, then fewer (decision 23).

Only free words are relaxed: words side by side, and brackets that have nothing but text. Phrases, `+word`, `-word`,
fields and dates always count. Function words ("yang", "di", "siapa") are never required beside other words; articles
that have them rank a little higher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from indexer.analysis.analyzer import GAP, exact_terms, exact_tokens, stemmed_term
from indexer.nodes import And, Beginning, Constant, Node, Or, Phrase, Preferring, Some, Synonyms, Weighted, Word
from lexicon.words import QUESTION_WORDS

PAIR_WEIGHT = 0.05
"""How much two words count that stand next to each other, as they do in the query: a phrase scores for both."""
PAIR_FIELDS = ("title", "lede")
"""Where two words that stand next to each other count. In whole bodies it takes twice the time of the search."""
MOST_PAIRS = 6
"""Pairs of a query that count. Of a longer query, most stand next to each other in no other text."""
NEARLY_ALL = 0.75
"""The share of the words that an article must have where other articles have them all."""
SENTENCE = 5
"""Words of a query that is a sentence or a headline: the article that it asks for may say some of it otherwise. So may
one that answers a question, however short."""
WHOLE_SENTENCE = 8.0
"""What an article's score gains that has all words of a sentence, where others need not have them."""
FEW_ARTICLES = 20_000
"""Articles that a relaxed search may look at. Where the words have more, the most frequent ones only rank."""

Frequency = Callable[[Node], int]
"""Returns how many articles a word has, at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parts of an And: those that always count, the free words, and the function words beside them."""

    fixed: tuple[Node, ...]
    words: tuple[Node, ...]
    function_words: tuple[Node, ...]
    pairs: tuple[Phrase, ...]
    """Neighbours among the words, in the order typed."""

    @property
    def preferred(self) -> tuple[Node, ...]:
        """What ranks an article higher and is not required."""
        return (*self.function_words, *(Weighted(pair, PAIR_WEIGHT) for pair in self.pairs))


def strict(root: Node) -> Node:
    """What is searched first: every word is required, except function words beside other words."""
    if isinstance(root, Or):
        return Or(tuple(map(strict, root.parts)))
    wanted = _wanted(root)
    return _preferring(_all((*wanted.fixed, *wanted.words)), wanted.preferred)


def relaxed(root: Node, frequency: Frequency, *, nearly_all: bool) -> Node | None:
    """The same query with fewer words required, or None if it has no words to do without.

    With `nearly_all` NEARLY_ALL of the words are required, else one; of a SENTENCE always one, and an article with all
    of its words gains WHOLE_SENTENCE. Words that many articles have only rank. Articles with more of the words, and
    rarer ones, rank higher.
    """
    if isinstance(root, Or):
        parts = [relaxed(part, frequency, nearly_all=nearly_all) for part in root.parts]
        if not any(parts):
            return None
        return Or(tuple(part or strict(whole) for part, whole in zip(parts, root.parts, strict=True)))
    wanted = _wanted(root)
    words = wanted.words if len(wanted.words) > 1 else tuple(_single(wanted.words))
    is_long = is_sentence(root)
    minimum = ceil(NEARLY_ALL * len(words)) if nearly_all and not is_long else 1
    if minimum >= len(words):
        return None
    rare = _rare(words, frequency)
    others = [word for word in words if word not in rare]
    required: tuple[Node, ...]
    if minimum == 1:
        required = (Some(rare, 1),)
    elif minimum <= len(others):
        required = (Some(words, minimum),)
    else:  # the first clause says no more than the second, and is read faster
        required = (Some(rare, minimum - len(others)), Some(words, minimum)) if others else (Some(words, minimum),)
        others = []
    whole = (Constant(_all(words), WHOLE_SENTENCE),) if is_long and nearly_all else ()
    return _preferring(_all((*wanted.fixed, *required)), (*others, *wanted.preferred, *whole))


def is_sentence(root: Node) -> bool:
    """Whether an article may well be what a query asks for without some of its words: it is long, or a question."""
    if isinstance(root, Or):
        return False
    wanted = _wanted(root)
    return len(wanted.words) >= SENTENCE or any(map(_asks, wanted.function_words))


def _asks(part: Node) -> bool:
    """Whether a part of a query is a word that asks."""
    return isinstance(part, Word) and bool(QUESTION_WORDS.intersection(exact_terms(part.text)))


def free_words(root: Node) -> Iterator[Node]:
    """The words of a query that may be relaxed or corrected, in the order typed, with its function words."""
    if isinstance(root, Or):
        for part in root.parts:
            yield from free_words(part)
    else:
        yield from filter(is_free, _parts(root))


def is_free(part: Node) -> bool:
    """Whether a part may be relaxed: a word, or brackets that have words and nothing but text."""
    if isinstance(part, And | Or):
        return any(map(is_free, part.parts)) and all(isinstance(each, Phrase) or is_free(each) for each in part.parts)
    return isinstance(part, Synonyms) or (isinstance(part, Word) and not part.within)


def is_function_word(part: Node) -> bool:
    """Whether a part is a word that tells nothing about an article: a stop word, or one that asks."""
    if not isinstance(part, Word):
        return False
    return all(stemmed_term(term) == GAP or term in QUESTION_WORDS for term in exact_terms(part.text))


def name_of(part: Node) -> str:
    """A free part of a query as a person knows it: the word, or the first word of alternatives."""
    match part:
        case Word(text) | Phrase(text):
            return text
        case Or(parts):
            return name_of(parts[0])
        case Synonyms(typed):
            return name_of(typed)
        case And(parts):
            return " ".join(map(name_of, parts))
        case _:
            return ""


def _wanted(node: Node) -> Wanted:
    parts = _parts(node)
    free = [part for part in parts if is_free(part)]
    words = [part for part in free if not is_function_word(part)]
    fixed = tuple(part for part in parts if not is_free(part))
    if not words and not any(isinstance(part, Phrase | Beginning) for part in fixed):
        words = free  # there is nothing else to search for
    pairs = [
        Phrase(name_of(word), PAIR_FIELDS)
        for word in words
        if isinstance(word, Synonyms) and isinstance(word.typed, And)
    ]
    pairs += [
        Phrase(f"{name_of(one)} {name_of(other)}", PAIR_FIELDS)
        for one, other in pairwise(parts)
        if isinstance(one, Word | Synonyms) and isinstance(other, Word | Synonyms) and one in words and other in words
    ]
    function_words = tuple(part for part in free if part not in words)
    return Wanted(fixed, tuple(dict.fromkeys(words)), function_words, tuple(dict.fromkeys(pairs))[:MOST_PAIRS])


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, And) else (node,)


def _single(words: Iterable[Node]) -> Iterator[Node]:
    """The words of a text like "anti-ISIS"."""
    for word in words:
        if isinstance(word, Word):
            yield from (Word(word.text[token.start : token.end]) for token in exact_tokens(word.text))
        else:
            yield word


def _rare(words: Sequence[Node], frequency: Frequency) -> tuple[Node, ...]:
    """The rarest of the words, at least one, with FEW_ARTICLES together."""
    kept: list[Node] = []
    left = FEW_ARTICLES
    for word in sorted(words, key=frequency):
        left -= frequency(word)
        if kept and left < 0:
            break
        kept.append(word)
    return tuple(word for word in words if word in kept)


def _all(parts: tuple[Node, ...]) -> Node:
    return parts[0] if len(parts) == 1 else And(parts)


def _preferring(part: Node, preferred: tuple[Node, ...]) -> Node:
    return Preferring(part, preferred) if preferred else part
