"""Synonyms: the words of a query are joined with other names of the same thing, and with other ways to print it.

A pure function from query to query, so that both engines answer alike. Only words side by side and outside quotation
marks are joined, and what is joined is one unit: `Synonyms`. Its other names count less than what was typed.
Abbreviations such as AS and RI are told by their capitals, in the query as in the index, and a name of several words is
found as a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from indexer.analysis.analyzer import exact_terms, exact_tokens, stemmed_term
from indexer.analysis.characters import ABBREVIATIONS
from indexer.nodes import And, Node, Or, Phrase, Synonyms, Weighted, Word, text_clauses
from indexer.notes import Joined
from indexer.relaxing import name_of
from lexicon.calendar import MONTHS
from lexicon.synonyms import GROUPS, SPELLINGS
from lexicon.words import STOP_WORDS

ANOTHER_NAME = 0.3
"""How much another name of the same thing counts: one that is rare must not rank above what was typed."""
BESIDES = 0.15
"""How much a name counts that is found only one way round."""
SHORTEST = 3
"""Letters of an abbreviation that is joined in lower case, too."""

_CURRENCIES = frozenset(["rp", "usd", "idr"])
_COUNTED_IN = frozenset(["persen", "ribu", "juta", "miliar", "milyar", "triliun"])
_DAYS = frozenset(map(str, range(1, 32)))
_NUMBERED = re.compile(r"([A-Za-z]{1,7})-?([0-9]{1,4})")
Terms = tuple[str, ...]


def joined(root: Node) -> Node:
    """The query with its words joined with their synonyms."""
    match root:
        case And(parts):
            return _all(tuple(_sequence(parts)))
        case Or(parts):
            return Or(tuple(map(joined, parts)))
        case Word() | Phrase() if not root.within:
            return next(_sequence((root,)))
        case _:
            return root


def notes(root: Node) -> tuple[Joined, ...]:
    """What was joined in a query that `joined` returned, for people."""
    match root:
        case And(parts) | Or(parts):
            return tuple(each for part in parts for each in notes(part))
        case Synonyms(typed, others):
            name = name_of(typed)
            new = dict.fromkeys(clause.text for other in others for clause in text_clauses(other.part))
            typed_terms = tuple(exact_terms(name))
            found = tuple(each for each in new if not _is_within(typed_terms, tuple(exact_terms(each))))
            return (Joined(name, found),) if found else ()
        case _:
            return ()


def rules() -> Iterator[str]:
    """The synonyms as rules of Elasticsearch's `synonym_graph`, for the search bar of Kibana."""
    for group in GROUPS:
        names, besides = [tuple(filter(_has_no_stop_word, each)) for each in (group.names, group.besides)]
        if besides:
            yield f"{', '.join(names)} => {', '.join((*names, *besides))}"
        elif len(names) > 1:
            yield ", ".join(names)
    yield from (", ".join(spellings) for spellings in SPELLINGS)
    yield from (f"{lower} => {lower}, {capitals}" for lower, capitals in _told_by_capitals().items())


def _has_no_stop_word(name: str) -> bool:
    """Lucene's stop filter would break the graph of a name that has one."""
    return not STOP_WORDS.intersection(exact_terms(name))


def _sequence(parts: Sequence[Node]) -> Iterator[Node]:
    """The parts of an And, each run of words that has synonyms as one part."""
    at = 0
    while at < len(parts):
        part = parts[at]
        if not isinstance(part, Word) or part.within:
            yield _any_case(part) if isinstance(part, Phrase) and not part.within else joined(part)
            at += 1
            continue
        run = [part.text]
        for following in parts[at + 1 : at + _longest()]:
            if not isinstance(following, Word) or following.within:
                break
            run.append(following.text)
        taken, node = _unit(run)
        yield node
        at += taken


def _unit(run: Sequence[str]) -> tuple[int, Node]:
    """The first words of a run that are one unit, as a node, and how many they are."""
    for length in range(len(run), 0, -1):
        words = run[:length]
        others = _others(words)
        if others:
            return length, Synonyms(_typed(words), others)
    if len(run) > 1 and _belong_together(*run[:2]):
        return 2, Synonyms(Phrase(" ".join(run[:2])), ())
    return 1, _printed_ways(run[0])


def _typed(words: Sequence[str]) -> Node:
    nodes = tuple(_printed_ways(word) for word in words)
    return nodes[0] if len(nodes) == 1 else And(nodes)


def _others(words: Sequence[str]) -> tuple[Weighted, ...]:
    """The other names of some words of a query, with their weights."""
    text = " ".join(words)
    terms = tuple(exact_terms(text))
    if not terms:
        return ()
    if len(text) < SHORTEST and not text.isupper():
        return ()
    found: dict[Terms, Weighted] = {}
    for name, weight in _names().get(terms, ()):
        found.setdefault(tuple(exact_terms(name)), Weighted(_name(name), weight))
    if len(terms) == 1:
        for spelling in _spellings().get(stemmed_term(terms[0]), ()):
            if stemmed_term(spelling) != stemmed_term(terms[0]):
                found.setdefault((spelling,), Weighted(Word(spelling), ANOTHER_NAME))
    return tuple(found.values())


def _name(name: str) -> Node:
    """A name as it is searched. One of several words that is printed in several ways ("Covid-19") is found in each."""
    terms = exact_terms(name)
    return Word(name) if len(terms) == 1 else Phrase(name)


def _printed_ways(text: str) -> Node:
    """A word of a query in all ways in which newspapers print it."""
    terms = exact_terms(text)
    if len(terms) == 1 and (abbreviation := _told_by_capitals().get(terms[0])):
        return Synonyms(Or((Word(text), Word(abbreviation))), ())
    if len(terms) > 1 and (terms[0] in _CURRENCIES or terms[-1] == "persen"):
        return Synonyms(Phrase(text), ())
    if numbered := _NUMBERED.fullmatch(text):
        apart, together = Phrase(f"{numbered[1]}-{numbered[2]}"), Word("".join(numbered.groups()))
        return Synonyms(Or((apart, together) if "-" in text else (together, apart)), ())
    return Word(text)


def _belong_together(one: str, other: str) -> bool:
    """Whether two words of a query are one: an amount or share ("10 triliun", "20 persen"), a day ("17 Agustus"), or a
    clock time after "pukul"."""
    first, second = exact_terms(one), exact_terms(other)
    if exact_terms(f"{one} {other}") != [*first, *second]:
        return True
    if first[-1:] and first[-1] in _CURRENCIES:
        return second[0][:1].isdigit()
    if not first or not first[-1][:1].isdigit() or len(second) != 1:
        return False
    return second[0] in _COUNTED_IN or (second[0] in MONTHS and first[-1] in _DAYS)


def _any_case(phrase: Phrase) -> Node:
    """A phrase, and the same with its abbreviations in capitals, so that "presiden ri" finds Presiden RI."""
    text = phrase.text
    tokens = exact_tokens(text)
    if len(tokens) > 1:
        for token in reversed(tokens):
            if abbreviation := _in_lower_case().get(token.text):
                text = text[: token.start] + abbreviation + text[token.end :]
    return phrase if text == phrase.text else Or((phrase, Phrase(text)))


def _is_within(inner: Terms, outer: Terms) -> bool:
    return any(outer[at : at + len(inner)] == inner for at in range(len(outer) - len(inner) + 1))


def _all(parts: tuple[Node, ...]) -> Node:
    return parts[0] if len(parts) == 1 else And(parts)


# -- the tables, by term ----------------------------------------------------------------------------------------------


@cache
def _names() -> dict[Terms, tuple[tuple[str, float], ...]]:
    """The other names of each name, with their weights, by its exact terms."""
    found: dict[Terms, dict[str, float]] = {}
    for group in GROUPS:
        for name in group.names:
            terms = tuple(exact_terms(name))
            others = found.setdefault(terms, {})
            for other, weight in [(other, ANOTHER_NAME) for other in group.names] + [
                (other, BESIDES) for other in group.besides
            ]:
                if tuple(exact_terms(other)) != terms:
                    others.setdefault(other, weight)
    return {terms: tuple(others.items()) for terms, others in found.items()}


@cache
def _longest() -> int:
    """Words of the longest name."""
    return max(len(name.split()) for group in GROUPS for name in group.names)


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """The spellings of a word, by the stem of each."""
    return {stemmed_term(exact_terms(each)[0]): spellings for spellings in SPELLINGS for each in spellings}


@cache
def _in_lower_case() -> dict[str, str]:
    """The abbreviations in capitals, by their letters in lower case."""
    return {each.text.lower(): each.text for each in ABBREVIATIONS.values()}


@cache
def _told_by_capitals() -> dict[str, str]:
    """The same, without those whose letters in lower case are another word."""
    return {each.text.lower(): each.text for each in ABBREVIATIONS.values() if not each.is_word}
