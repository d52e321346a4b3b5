"""Stop words, the names that must not be stemmed, and words that tell a person's name from other text."""

from __future__ import annotations

import lexicon
from lexicon.places import PLACES

STOP_WORDS: frozenset[str] = frozenset(lexicon.words_of("stopwords.txt"))
"""Function words that are not indexed; "antara" is not among them, because it is also the agency."""
QUESTION_WORDS: frozenset[str] = frozenset(lexicon.words_of("question_words.txt"))
"""Words that ask: indexed, but never required of an answer."""
NAMES: frozenset[str] = frozenset(lexicon.words_of("names.txt")) | {
    name for name in PLACES if name.isalpha() and len(name) > 2
}
"""Names of one word in lower case: the list, and every place of one word."""
NOT_IN_NAMES: frozenset[str] = frozenset(lexicon.words_of("not_in_names.txt"))
"""Words that no person's name contains: of menus, headlines, desks and institutions."""
GIVEN_NAMES: frozenset[str] = frozenset(lexicon.words_of("given_names.txt"))
"""Common words of people's names; a name in lower case, or one that is also a place, needs one of them."""
