"""Stop words, the stems of words and names, and words that tell a person's name from other text."""

from __future__ import annotations

import lexicon
from lexicon.places import PLACES

STOP_WORDS: frozenset[str] = frozenset(lexicon.words_of("stopwords.txt"))
"""Function words that are not stemmed and have no term; "antara" is not among them, because it is also the agency, nor
are the words that negate."""
QUESTION_WORDS: frozenset[str] = frozenset(lexicon.words_of("question_words.txt"))
"""Words that ask: indexed, but never required of an answer."""
GIVEN_NAMES: frozenset[str] = frozenset(lexicon.words_of("given_names.txt"))
"""Common words of people's names; a name in lower case, or one that is also a place, needs one of them."""
LISTED_NAMES: frozenset[str] = frozenset(lexicon.words_of("names.txt")) | {
    name for name in PLACES if name.isalpha() and len(name) > 2
}
"""Names of one word in lower case: the list, and every place of one word."""
NAMES: frozenset[str] = LISTED_NAMES | frozenset(lexicon.words_of("names_in_print.txt"))
"""Names that are not stemmed."""
ROOTS: dict[str, str] = {
    word: root for root, words, *_ in lexicon.rows("stems.tsv") for word in words.split() if word not in NAMES
}
"""The root of each word that the stemmer would not lead to it."""
RESIDUES: dict[str, str] = {
    residue: root for root, residues, *_ in lexicon.rows("residues.tsv") for residue in residues.split()
}
"""The root that a result of the stemmer stands for: it makes *ukul* of "memukul" and "pemukulan"."""
FREQUENT: frozenset[str] = frozenset(lexicon.words_of("own_stems.txt"))
"""Frequent words that are their own stem and no root of the tables. Elasticsearch need not look them up there."""
NOT_IN_NAMES: frozenset[str] = frozenset(lexicon.words_of("not_in_names.txt"))
"""Words that no person's name contains: of menus, headlines, desks and institutions."""
